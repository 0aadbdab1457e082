package org.rump4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code rump4j newfs}: what it makes, what it fills it with, and what it refuses. */
final class NewfsTest {
    private static final String UUID = "123e4567-e89b-12d3-a456-426614174000";

    @TempDir
    private Path dir;

    private String image(String name) {
        return dir.resolve(name).toString();
    }

    private static void requireClean(String image) throws Exception {
        Tools.require("e2fsck");
        Tools.run(Tools.path("e2fsck"), "-fn", image);
    }

    /** A tree with a file of each kind, which the tools of the host have made. */
    private Path tree() throws Exception {
        Path tree = Files.createDirectory(dir.resolve("tree"));
        Tools.run(
                "sh",
                "-c",
                "cd \"$1\" && mkdir -p a/b/c && seq 100000 >a/numbers && ln a/numbers a/b/same && ln -s numbers a/link"
                        + " && ln -s \"$(printf '%070d' 7)\" a/long && mkfifo a/b/fifo && chmod 4751 a/numbers && chmod 1777 a/b/c"
                        + " && truncate -s 5000000 sparse && printf end >>sparse && echo x >\"$(printf 'caf\\351')\" && : >empty"
                        + " && mkdir many && cd many && for i in $(seq 300); do echo $i >file$i; done"
                        + " && touch -d 2001-02-03T04:05:06.789 file7",
                "sh",
                tree.toString());
        return tree;
    }

    @Test
    void newfsMakesAFileSystemAndSaysWhatItIs() throws Exception {
        String image = image("disk.img");
        String said = Shell.out("newfs", "-s", "64m", "-U", UUID, "-L", "root", image);
        assertEquals(image + """
                : 64.0MB (65536 blocks), block size 1024
                \tusing 8 block groups of 8.0MB, 8192 blks, 2048 inodes of 256 bytes.
                \t60124 blocks and 16373 inodes are free, 3276 blocks are kept for the superuser.
                \tfeatures: ext_attr resize_inode dir_index filetype sparse_super large_file
                \tuuid: 123e4567-e89b-12d3-a456-426614174000
                superblock backups (for e2fsck -B 1024 -b #) at:
                8193, 24577, 40961, 57345
                """, said);
        assertEquals(64 << 20, Files.size(Path.of(image)));
        assertEquals("lost+found\n", Shell.out("ls", image));
        requireClean(image);
    }

    @Test
    void newfsWithoutASizeTakesThatOfTheFileThatIsThere() throws Exception {
        Path image = Files.write(dir.resolve("disk.img"), new byte[3 << 20]);
        Shell.out("newfs", "-q", image.toString());
        assertEquals(3 << 20, Files.size(image));
        requireClean(image.toString());
    }

    @Test
    void newfsShowsWhatItWouldMakeAndMakesNothing() {
        String image = image("disk.img");
        assertTrue(Shell.out("newfs", "-n", "-s", "4t", "-t", "ext4", image).contains("using 32768 block groups"));
        assertFalse(Files.exists(Path.of(image)));
    }

    @Test
    void newfsDoesNotMakeOverWhatIsThereUnlessItIsTold() throws Exception {
        String image = image("disk.img");
        Shell.out("newfs", "-q", "-s", "1m", image);
        Shell.Result again = Shell.piped().run("newfs", "-s", "1m", image);
        assertEquals(Run.FAILED, again.status());
        assertEquals(
                "rump4j: newfs: " + image + ": there is an ext2, ext3 or ext4 file system, which -f would make over\n",
                again.err());
        Path letter = Files.writeString(dir.resolve("letter"), "Dear Ada");
        assertTrue(Shell.piped()
                .run("newfs", "-s", "1m", letter.toString())
                .err()
                .contains("there is data that is no file system"));
        assertEquals("Dear Ada", Files.readString(letter));
        Shell.out("newfs", "-qf", "-s", "2m", "-t", "ext4", image);
        requireClean(image);
    }

    @Test
    void newfsSaysWhatCannotBeMade() {
        String image = image("disk.img");
        for (String[] wrong : new String[][] {
            {"-O frobnicate: no such feature", "-s", "1m", "-O", "frobnicate"},
            {"-s 20480: too small, such a file system needs 24576 bytes at least", "-s", "20k", "-N", "64"},
            {"-t xfs: what can be made is ext2, ext4, ext2fs, ext3", "-s", "1m", "-t", "xfs"},
            {"-t ext3: it is ext2 with a journal, and journals are not made: -t ext2", "-s", "1m", "-t", "ext3"},
            {"how large? -s SIZE, or -d TREE to fill it with"},
            {"--size 1x: not a size such as 64k, 64m or 1g", "-s", "1x"},
            {"-U 12: not a UUID such as 123e4567-e89b-12d3-a456-426614174000", "-s", "1m", "-U", "12"},
            {"-E stride=8: there is hash_seed and root_owner", "-s", "1m", "-E", "stride=8"},
        }) {
            String[] command = new String[wrong.length + 1];
            command[0] = "newfs";
            System.arraycopy(wrong, 1, command, 1, wrong.length - 1);
            command[wrong.length] = image;
            Shell.Result result = Shell.piped().run(command);
            assertEquals(Run.USAGE, result.status());
            assertEquals(
                    "rump4j: newfs: " + wrong[0],
                    result.err().lines().findFirst().orElse(""));
        }
        assertFalse(Files.exists(Path.of(image)));
    }

    @Test
    void aTreeThatAnImageIsFilledWithIsTheTreeThatComesOut() throws Exception {
        Tools.require("diff", "find", "mkfifo");
        Path tree = tree();
        for (String type : new String[] {"ext2", "ext4"}) {
            String image = image(type + ".img");
            Shell.out("newfs", "-q", "-t", type, "-d", tree.toString(), image);
            requireClean(image);
            Path copy = dir.resolve(type);
            Shell.out("cp", "-a", image, copy.toString());
            Files.delete(copy.resolve("lost+found"));
            // How many names a directory has is the file system's own business.
            String listing = "cd \"$1\" && find . -mindepth 1 \\( -type d -printf '%y %m %U %G %T@ %P\\n'"
                    + " -o -printf '%y %m %U %G %n %T@ %l %P\\n' \\) | LC_ALL=C sort";
            assertEquals(
                    Tools.run("sh", "-c", listing, "sh", tree.toString()),
                    Tools.run("sh", "-c", listing, "sh", copy.toString()));
            Tools.run("diff", "-r", "--no-dereference", "--exclude=fifo", tree.toString(), copy.toString());
            long blocks = Long.parseLong(
                    Tools.run("stat", "-c", "%b", copy.resolve("sparse").toString())
                            .strip());
            assertTrue(blocks < 100, blocks + " blocks");
        }
    }

    @Test
    void theSameTreeMakesTheSameBytesWhereTimeStands() throws Exception {
        Path tree = tree();
        Map<String, String> environment = Map.of("SOURCE_DATE_EPOCH", "1000000000");
        for (String type : new String[] {"ext2", "ext4"}) {
            for (String name : new String[] {"1", "2"}) {
                Shell.Result result = Shell.piped(environment)
                        .run("newfs", "-q", "-t", type, "-U", UUID, "-d", tree.toString(), image(type + name));
                assertEquals("", result.err());
            }
            assertEquals(-1, Files.mismatch(Path.of(image(type + 1)), Path.of(image(type + 2))), type);
        }
        requireClean(image("ext2" + 1));
    }

    @Test
    void whatDoesNotFitLeavesNoImage() throws Exception {
        Path tree = tree();
        String image = image("disk.img");
        Shell.Result result = Shell.piped().run("newfs", "-s", "200k", "-N", "1000", "-d", tree.toString(), image);
        assertEquals(Run.USAGE, result.status(), result::toString);
        result = Shell.piped().run("newfs", "-s", "500k", "-N", "400", "-d", tree.toString(), image);
        assertEquals(Run.FAILED, result.status());
        assertTrue(result.err().endsWith(": No space left on device\n"), result.err());
        assertEquals(1, result.err().lines().count());
        assertFalse(Files.exists(Path.of(image)));
    }

    @Test
    void aTreeThatIsNotThereIsSaid() {
        Shell.Result result = Shell.piped().run("newfs", "-d", image("none"), image("disk.img"));
        assertEquals(Run.FAILED, result.status());
        assertEquals("rump4j: newfs: " + image("none") + ": No such file or directory\n", result.err());
        assertFalse(Files.exists(Path.of(image("disk.img"))));
    }
}
