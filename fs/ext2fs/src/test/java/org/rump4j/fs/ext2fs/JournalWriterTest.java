package org.rump4j.fs.ext2fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.PathCodec;
import org.rump4j.rump.SysMount;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** What is written to journals, as e2fsprogs reads it. */
class JournalWriterTest {
    private static final String ROOT = CrashMachine.ROOT;

    @TempDir
    Path temp;

    private Path image(String options) throws Exception {
        Path image = temp.resolve("image");
        Tools.mke2fs(image, "8M", options.split(" ", -1));
        return image;
    }

    private String dump(Path image) throws Exception {
        return Tools.run("dumpe2fs", "-h", image.toString());
    }

    /** What an image has when the power goes, and nothing that was not flushed has been written. */
    private Path cut(RecordedDisk disk) throws Exception {
        WriteLog log = disk.log();
        return Files.write(temp.resolve("cut"), log.left(log.size(), WriteLog.Loss.EVERYTHING, 1024, new Random(0)));
    }

    @ParameterizedTest
    @CsvSource({
        "-t ext3 -b 1024 -J size=1, ''",
        "'-t ext4 -b 1024 -J size=1 -O ^metadata_csum,^64bit', ''",
        "'-t ext4 -b 1024 -J size=1 -O ^metadata_csum,64bit', ''",
        "'-t ext4 -b 1024 -J size=1 -O ^metadata_csum,^64bit', -c -v 2",
        "'-t ext4 -b 1024 -J size=1 -O ^metadata_csum,64bit', -c -v 2",
        "'-t ext4 -b 1024 -J size=1 -O ^metadata_csum,^64bit', -c -v 3",
        "'-t ext4 -b 1024 -J size=1 -O metadata_csum,^64bit', ''",
        "-t ext4 -b 1024 -J size=1, -c -v 2",
        "-t ext4 -b 1024 -J size=1, ''"
    })
    void everyKindIsPlayedBackByOthers(String options, String journal) throws Exception {
        Path image = image(options);
        if (!journal.isEmpty()) {
            Tools.debugfs(image, "journal_open " + journal, "journal_close");
        }
        RecordedDisk disk = new RecordedDisk(Files.readAllBytes(image));
        // Blocks of symbolic links that begin like the journal's own.
        byte[] begin = {(byte) 0xC0, 0x3B, 0x39, (byte) 0x98};
        String target = PathCodec.decode(begin) + "x".repeat(100);
        byte[] left;
        try (CrashMachine machine = new CrashMachine()) {
            machine.mount(disk);
            machine.sys.mkdir(ROOT + "/d", 0755);
            machine.sys.sync();
            for (int i = 0; i < 130; i++) {
                machine.sys.mkdir(ROOT + "/d/" + i, 0755);
            }
            machine.sys.symlink(target, ROOT + "/d/link");
            machine.sys.sync();
            Path cut = cut(disk);
            left = Files.readAllBytes(cut);
            assertFalse(contains(left, target), "it is in its place, the journal is not needed");
            assertTrue(dump(cut).contains("needs_recovery"));
            String log = Tools.run("debugfs", "-R", "logdump", cut.toString());
            assertTrue(log.contains("type 2 (commit block)"), log);
            Tools.run("e2fsck", "-p", cut.toString());
            Tools.run("e2fsck", "-fn", cut.toString());
            assertFalse(dump(cut).contains("needs_recovery"));
            String names = Tools.run("debugfs", "-R", "ls -p /d", cut.toString());
            assertTrue(names.contains("/129/") && names.contains("/link/"), names);
            assertTrue(contains(Files.readAllBytes(cut), target));
        }
        for (int flags : new int[] {SysMount.MNT_RDONLY, 0}) {
            try (CrashMachine machine = new CrashMachine()) {
                machine.mount(new RecordedDisk(left), flags);
                assertEquals(target, machine.sys.readlink(ROOT + "/d/link"));
            }
        }
        Path after = Files.write(temp.resolve("after"), disk.log().end());
        assertFalse(dump(after).contains("needs_recovery"));
        Tools.run("e2fsck", "-fn", after.toString());
    }

    private static boolean contains(byte[] image, String path) throws ErrnoException {
        String all = new String(image, StandardCharsets.ISO_8859_1);
        return all.contains(new String(PathCodec.encode(path), StandardCharsets.ISO_8859_1));
    }

    @Test
    void aReaderLooksThroughAJournalThatIsInUse() throws Exception {
        RecordedDisk disk = new RecordedDisk(Files.readAllBytes(image("-t ext4 -b 1024 -J size=1")));
        byte[] cut;
        try (CrashMachine machine = new CrashMachine()) {
            machine.mount(disk);
            machine.sys.mkdir(ROOT + "/d", 0755);
            machine.sys.sync();
            cut = Files.readAllBytes(cut(disk));
        }
        RecordedDisk left = new RecordedDisk(cut);
        try (CrashMachine machine = new CrashMachine()) {
            machine.mount(left, SysMount.MNT_RDONLY);
            assertTrue(machine.tree("").containsKey("/d"));
            assertEquals(0, left.position());
            machine.unmount();
            machine.mount(left);
            assertTrue(machine.console().contains("the journal is played back: 1 transactions"), machine.console());
            machine.sys.rmdir(ROOT + "/d");
        }
    }

    @Test
    void moreThanAJournalHoldsIsCommittedInParts() throws Exception {
        RecordedDisk disk = new RecordedDisk(Files.readAllBytes(image("-t ext4 -b 1024 -J size=1 -N 3000")));
        try (CrashMachine machine = new CrashMachine()) {
            machine.mount(disk);
            for (int i = 0; i < 2000; i++) {
                machine.sys.mkdir(ROOT + "/" + i, 0755);
            }
            machine.sys.sync();
        }
        Path after = Files.write(temp.resolve("after"), disk.log().end());
        Tools.run("e2fsck", "-fn", after.toString());
    }

    @Test
    void whatIsMountedToBeReadAndThenToBeWrittenIsInOrder() throws Exception {
        RecordedDisk disk = new RecordedDisk(Files.readAllBytes(image("-t ext4 -b 1024 -J size=1")));
        try (CrashMachine machine = new CrashMachine()) {
            machine.mount(disk);
            for (int i = 0; i < 5; i++) {
                machine.sys.mkdir(ROOT + "/" + i, 0755);
                machine.remount(SysMount.MNT_RDONLY);
                Path now = Files.write(temp.resolve("now"), disk.log().end());
                Tools.run("e2fsck", "-fn", now.toString());
                machine.remount(0);
            }
        }
    }

    @Test
    void aMountThatChangesNothingWritesNothing() throws Exception {
        RecordedDisk disk = new RecordedDisk(Files.readAllBytes(image("-t ext4")));
        try (CrashMachine machine = new CrashMachine()) {
            machine.mount(disk, SysMount.MNT_NOATIME);
            machine.tree("");
            machine.sys.sync();
        }
        assertArrayEquals(Files.readAllBytes(temp.resolve("image")), disk.log().end());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-t ext4 -O fast_commit", "-t ext4 -E test_fs -J size=1"})
    void whatIsNotWrittenIsNamed(String options) throws Exception {
        Path image = image(options);
        String name = "fast_commit";
        if (!options.contains(name)) {
            // A journal that has something in it although it should not.
            Tools.debugfs(
                    image, "journal_open", "journal_write -b 9 /dev/zero", "journal_close", "feature ^needs_recovery");
            name = "checked first";
        }
        try (CrashMachine machine = new CrashMachine()) {
            machine.mount(new RecordedDisk(Files.readAllBytes(image)));
            assertTrue(machine.console().contains("mounted read-only")
                    && machine.console().contains(name));
            ErrnoException e = assertThrows(ErrnoException.class, () -> machine.sys.mkdir(ROOT + "/d", 0755));
            assertEquals(Errno.EROFS, e.errno());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void aDamagedJournalIsAnErrorOrIsPlayedBackAsFarAsItGoes(int seed) throws Exception {
        RecordedDisk disk = new RecordedDisk(Files.readAllBytes(image("-t ext3 -b 1024 -J size=1")));
        byte[] cut;
        try (CrashMachine machine = new CrashMachine()) {
            machine.mount(disk);
            machine.sys.mkdir(ROOT + "/d", 0755);
            machine.sys.sync();
            cut = Files.readAllBytes(cut(disk));
        }
        String where =
                Tools.run("debugfs", "-R", "bmap <8> 0", temp.resolve("image").toString());
        int first = Integer.parseInt(where.strip().lines().toList().getLast().strip());
        Random random = new Random(seed);
        for (int round = 0; round < 30; round++) {
            byte[] damaged = cut.clone();
            for (int i = 0; i < 1 + random.nextInt(8); i++) {
                int block = random.nextInt(4) == 0 ? 0 : random.nextInt(12);
                int at = random.nextInt(random.nextBoolean() ? 64 : 1024);
                damaged[(first + block) * 1024 + at] = (byte) random.nextInt();
            }
            try (CrashMachine machine = new CrashMachine()) {
                machine.mount(new RecordedDisk(damaged));
                machine.tree("");
                machine.sys.mkdir(ROOT + "/new", 0755);
                machine.sys.sync();
            } catch (ErrnoException e) {
                assertTrue(e.errno() != Errno.EFAULT, "seed " + seed + ", round " + round + ": " + e.getMessage());
            }
        }
    }

    @Test
    void aDiskThatFailsIsToldByFsyncAndNothingIsLostWhenItWorksAgain() throws Exception {
        FailingDisk disk = new FailingDisk(Files.readAllBytes(image("-t ext4 -b 1024 -J size=1")));
        try (CrashMachine machine = new CrashMachine()) {
            machine.mount(disk);
            for (int after = 0; after < 12; after++) {
                int fd = machine.sys.open(ROOT + "/f" + after, Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
                machine.sys.write(fd, new byte[3000]);
                disk.failAfter(after);
                ErrnoException e = null;
                try {
                    machine.sys.fsync(fd);
                } catch (ErrnoException failure) {
                    e = failure;
                }
                boolean failed = disk.hasFailed();
                disk.failAfter(Integer.MAX_VALUE);
                assertEquals(failed, e != null, "write " + after);
                machine.sys.fsync(fd);
                machine.sys.close(fd);
                WriteLog log = disk.recorded().log();
                Path cut = Files.write(
                        temp.resolve("cut"), log.left(log.size(), WriteLog.Loss.EVERYTHING, 1024, new Random(0)));
                Tools.run("e2fsck", "-p", cut.toString());
                Tools.run("e2fsck", "-fn", cut.toString());
                List<String> names = Tools.run("debugfs", "-R", "ls -p /", cut.toString())
                        .lines()
                        .toList();
                String name = "/f" + after + "/";
                assertTrue(names.stream().anyMatch(line -> line.contains(name)), name);
            }
        }
        Path after = Files.write(temp.resolve("after"), disk.recorded().log().end());
        Tools.run("e2fsck", "-fn", after.toString());
    }
}
