package org.rump4j.fs.ext2fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rump.Fcntl;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Files that were in use without a name when the power went, and what a superblock says of the state of its file system. */
class OrphanTest {
    private static final String PLAIN = "^has_journal";
    private static final String JOURNAL = "has_journal";

    @TempDir
    Path temp;

    /** An image with files {@code a}, {@code b} and {@code c}, which are inodes 12 to 14. */
    private Path image(String feature, String... commands) throws Exception {
        Path image = temp.resolve("image");
        Tools.mke2fs(image, "16M", "-t", "ext4", "-O", feature);
        Path data = Files.write(temp.resolve("data"), "contents ".repeat(5000).getBytes(StandardCharsets.UTF_8));
        List<String> all = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            all.add("write " + data + " " + name);
        }
        all.addAll(List.of(commands));
        Tools.debugfs(image, all.toArray(String[]::new));
        return image;
    }

    private static String orphan(String name, int ino, int next) {
        return "unlink " + name + "\nset_inode_field <" + ino + "> links_count 0\nset_inode_field <" + ino + "> dtime @"
                + next;
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, JOURNAL})
    void filesWithoutNamesAreFreedByMounting(String feature) throws Exception {
        Path image = image(feature, orphan("a", 12, 14), orphan("c", 14, 0), "set_super_value last_orphan 12");
        try (MountedImage mounted = new MountedImage(image, 0)) {
            assertTrue(mounted.console().contains("2 files without names have been freed, 0 truncated"));
            assertFalse(mounted.list("").containsKey("a"));
            assertTrue(mounted.list("").containsKey("b"));
        }
        Tools.run("e2fsck", "-fn", image.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, JOURNAL})
    void whatWasBeingTruncatedIsTruncatedByMounting(String feature) throws Exception {
        Path image = image(
                feature, "set_inode_field b size 1500", "set_inode_field b dtime @0", "set_super_value last_orphan 13");
        try (MountedImage mounted = new MountedImage(image, 0)) {
            assertTrue(mounted.console().contains("0 files without names have been freed, 1 truncated"));
            assertEquals(1500, mounted.read("/b").length);
        }
        Tools.run("e2fsck", "-fn", image.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "^has_journal, 14, 12, leads to inode 12",
        "has_journal, 14, 12, leads to inode 12",
        "has_journal, 3000000, 0, leads to inode 3000000",
        "has_journal, 8, 0, leads to inode 8",
        "has_journal, 2, 0, leads to inode 2",
        "has_journal, 900, 0, inode 900 is not in use"
    })
    void aListThatMakesNoSenseIsLeftToACheck(String feature, int second, int third, String message) throws Exception {
        Path image = image(feature, orphan("a", 12, second), orphan("c", 14, third), "set_super_value last_orphan 12");
        byte[] before = Files.readAllBytes(image);
        try (MountedImage mounted = new MountedImage(image, 0)) {
            assertTrue(mounted.console().contains("mounted read-only"), mounted.console());
            assertTrue(mounted.console().contains(message), mounted.console());
            assertEquals(45_000, mounted.read("/b").length);
        }
        assertArrayEquals(before, Files.readAllBytes(image));
    }

    @Test
    void aFileWithoutANameIsInTheListWhileItIsOpen() throws Exception {
        Path image = image(JOURNAL);
        RecordedDisk disk = new RecordedDisk(Files.readAllBytes(image));
        try (CrashMachine machine = new CrashMachine()) {
            machine.mount(disk);
            List<Integer> open = new ArrayList<>();
            for (String name : List.of("a", "b", "c")) {
                open.add(machine.sys.open(CrashMachine.ROOT + "/" + name, Fcntl.O_RDWR, 0));
                machine.sys.unlink(CrashMachine.ROOT + "/" + name);
            }
            machine.sys.sync();
            assertEquals(List.of("<14>", "<13>", "<12>"), orphans(disk));
            machine.sys.close(open.get(1));
            machine.sys.sync();
            assertEquals(List.of("<14>", "<12>"), orphans(disk));
            machine.sys.close(open.get(2));
            machine.sys.sync();
            assertEquals(List.of("<12>"), orphans(disk));
            machine.sys.close(open.get(0));
            machine.sys.sync();
            assertEquals(List.of(), orphans(disk));
        }
    }

    @Test
    void filesWithoutNamesInAFileOfThemAreFreedByMounting() throws Exception {
        // The file is inode 12 here.
        Path image = image("orphan_file", orphan("a", 13, 0), orphan("c", 15, 0), "feature orphan_present");
        long ino = number(dump(image), "Orphan file inode:");
        String blocks = Tools.run("debugfs", "-R", "bmap <" + ino + "> 0", image.toString());
        long blkno = Long.parseLong(blocks.strip().lines().toList().getLast().strip());
        MemorySegment all = MemorySegment.ofArray(Files.readAllBytes(image));
        int shift = 10 + SuperblockLayout.LOG_BLOCK_SIZE.get(all, SuperblockLayout.DEVICE_OFFSET);
        MemorySegment block = all.asSlice(blkno << shift, 1L << shift);
        new Fields.Le32(0).set(block, 0, 15);
        new Fields.Le32(0).set(block, 40, 13);
        int tail = (1 << shift) - 8;
        String stat = Tools.run("debugfs", "-R", "stat <" + ino + ">", image.toString());
        int generation = (int) number(stat, "Generation:");
        int crc = Crc32c.updateLe32(Crc32c.updateLe32(seed(all), (int) ino), generation);
        crc = Crc32c.updateLe32(Crc32c.updateLe32(crc, (int) blkno), 0);
        new Fields.Le32(4).set(block, tail, Crc32c.update(crc, block, 0, tail));
        Files.write(image, all.toArray(ValueLayout.JAVA_BYTE));
        Path judged = Files.copy(image, temp.resolve("judged"));
        assertTrue(Tools.run("e2fsck", "-fy", judged.toString()).contains("Clearing orphaned inode 13"));
        try (MountedImage mounted = new MountedImage(image, 0)) {
            assertTrue(mounted.console().contains("2 files without names have been freed"), mounted.console());
        }
        Tools.run("e2fsck", "-fn", image.toString());
        assertFalse(dump(image).contains("orphan_present"));
        Files.write(image, damaged(all, blkno << shift));
        try (MountedImage mounted = new MountedImage(image, 0)) {
            assertTrue(mounted.console().contains("mounted read-only"), mounted.console());
        }
    }

    private static int seed(MemorySegment image) {
        byte[] uuid = SuperblockLayout.UUID.get(image, SuperblockLayout.DEVICE_OFFSET);
        return Crc32c.update(Crc32c.INITIAL, uuid);
    }

    private static byte[] damaged(MemorySegment image, long at) {
        byte[] bytes = image.toArray(ValueLayout.JAVA_BYTE);
        bytes[(int) at]++;
        return bytes;
    }

    private static String dump(Path image) throws Exception {
        return Tools.run("dumpe2fs", "-h", image.toString());
    }

    /** The list on a disk, as dumpe2fs and debugfs follow it. */
    private List<String> orphans(RecordedDisk disk) throws Exception {
        Path image = Files.write(temp.resolve("now"), disk.log().end());
        List<String> all = new ArrayList<>();
        long next = number(dump(image), "First orphan inode:");
        while (next != 0 && all.size() < 10) {
            all.add("<" + next + ">");
            next = number(Tools.run("debugfs", "-R", "stat <" + next + ">", image.toString()), "dtime: 0x");
        }
        return all;
    }

    /** The number behind a label; 0 where there is none. */
    private static long number(String text, String label) {
        int at = text.indexOf(label);
        if (at < 0) {
            return 0;
        }
        String rest = text.substring(at + label.length()).strip().split("[^0-9a-f]", 2)[0];
        return Long.parseLong(rest, label.endsWith("0x") ? 16 : 10);
    }

    // States

    private static String state(Path image) throws Exception {
        String text = dump(image);
        int at = text.indexOf("Filesystem state:");
        return text.substring(at + "Filesystem state:".length(), text.indexOf('\n', at))
                .strip();
    }

    @ParameterizedTest
    @CsvSource({"^has_journal, 1", "has_journal, 1", "^has_journal, 2", "has_journal, 2"})
    void whatMakesNoSenseIsWrittenDown(String feature, int errors) throws Exception {
        // The directory d leads to an inode that is not in use.
        Path image = image(
                feature, "mkdir d", "link a d/x", "set_super_value errors " + errors, "set_inode_field <13> mode 0");
        assertEquals("clean", state(image));
        try (MountedImage mounted = new MountedImage(image, 0)) {
            mounted.sys.mkdir(MountedImage.ROOT + "/before", 0755);
            mounted.sys.sync();
            assertThrows(ErrnoException.class, () -> mounted.read("/b"));
            if (errors == 1) {
                mounted.sys.mkdir(MountedImage.ROOT + "/after", 0755);
            } else {
                ErrnoException e =
                        assertThrows(ErrnoException.class, () -> mounted.sys.mkdir(MountedImage.ROOT + "/after", 0755));
                assertEquals(Errno.EROFS, e.errno());
            }
        }
        assertTrue(state(image).contains("with errors"), state(image));
        try (MountedImage mounted = new MountedImage(image, 0)) {
            assertTrue(mounted.console().contains("should be checked"), mounted.console());
            assertTrue(mounted.list("").containsKey("before"));
            assertEquals(errors == 1, mounted.list("").containsKey("after"));
        }
    }

    @Test
    void aCheckThatIsDueIsAskedFor() throws Exception {
        Path image = image(JOURNAL);
        Tools.run("tune2fs", "-c", "3", "-C", "3", image.toString());
        try (MountedImage mounted = new MountedImage(image, 0)) {
            mounted.sys.mkdir(MountedImage.ROOT + "/d", 0755);
            assertTrue(mounted.console().contains("mounted 3 times"), mounted.console());
        }
        assertTrue(dump(image).matches("(?s).*Mount count: +4\n.*"));
        Tools.run("tune2fs", "-c", "-1", "-i", "1d", "-T", "20200101", image.toString());
        try (MountedImage mounted = new MountedImage(image, 0)) {
            assertTrue(mounted.console().contains("not been checked for long"), mounted.console());
        }
    }
}
