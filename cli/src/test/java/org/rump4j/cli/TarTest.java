package org.rump4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;

/** {@code rump4j tar}: the host's tar reads what it writes, and the other way round. */
final class TarTest {
    private static final String LONG = "n".repeat(150);

    @TempDir
    private Path dir;

    private Path tree;
    private Path image;

    @BeforeEach
    void plant() throws Exception {
        Tools.require("mke2fs", "e2fsck", "tar", "diff", "find");
        tree = Files.createDirectory(dir.resolve("tree"));
        byte[] bytes = new byte[1_500_000];
        new Random(1).nextBytes(bytes);
        Files.write(tree.resolve("big"), bytes);
        Files.createDirectories(tree.resolve("d" + LONG + "/e" + LONG));
        Files.writeString(tree.resolve("d" + LONG + "/e" + LONG + "/f" + LONG), "deep\n");
        Files.writeString(tree.resolve(LONG), "long\n");
        Files.createSymbolicLink(tree.resolve("link"), Path.of(LONG + "/" + LONG));
        Files.createLink(tree.resolve("again"), tree.resolve("big"));
        Files.createLink(tree.resolve("d" + LONG + "/long again"), tree.resolve(LONG));
        Tools.run(
                "sh",
                "-c",
                "cd \"$1\" && touch \"$(printf 'caf\\351')\" 'two\nlines' && echo x >\"$(printf '%0120d\\351' 0)\" && mkfifo fifo && chmod 4711 big"
                        + " && truncate -s 3000000 sparse && printf end >>sparse && truncate -s 9000000 sparse && truncate -s 70000 hole"
                        + " && touch -d '2001-09-09 01:46:40.123456789Z' big && touch -d '1960-01-01 00:00:00.25Z' sparse && touch -d @-1 hole",
                "sh",
                tree.toString());
        image = Tools.emptyImage(dir, "disk.img", "32M", "-I", "256");
    }

    private String in(String path) {
        return image + ":" + path;
    }

    private Path out(String directory) throws Exception {
        Path out = dir.resolve("out");
        Tools.run("rm", "-rf", out.toString());
        Shell.out("cp", "-a", in(directory), out.toString());
        return out;
    }

    @Test
    void archivesOfTheHostsTarAreRead() throws Exception {
        Path archive = dir.resolve("archive");
        String[][] formats = {
            {"--format=posix"},
            {"--format=posix", "-S", "-z"},
            {"--format=posix", "-S", "--sparse-version=0.1"},
            {"--format=posix", "-S", "--sparse-version=0.0"},
            {"--format=gnu"},
            {"--format=gnu", "-S"},
        };
        for (String[] format : formats) {
            List<String> command = new ArrayList<>(List.of("tar", "-C", tree.toString()));
            command.addAll(List.of(format));
            command.addAll(List.of("-cf", archive.toString(), "."));
            Tools.run(command.toArray(String[]::new));
            Shell.out("mkdir", in("/there"));
            Shell.out("tar", "-xf", archive.toString(), in("/there"));
            Tools.check(image);
            if (format[0].endsWith("gnu")) {
                // It has no fractions of seconds.
                Tools.run(
                        "diff",
                        "-r",
                        "--no-dereference",
                        "--exclude=fifo",
                        tree.toString(),
                        out("/there").toString());
            } else {
                Tools.assertSameTree(tree, out("/there"));
            }
            if (format.length > 1) {
                String blocks = Tools.run(Tools.path("debugfs"), "-R", "stat /there/sparse", image.toString());
                assertTrue(blocks.contains("Size: 9000000") && !blocks.contains("Blockcount: 17"), blocks);
            }
            Shell.out("rm", "-r", in("/there"));
        }
    }

    @Test
    void theHostsTarReadsWhatIsArchived() throws Exception {
        Shell.out("cp", "-a", tree.toString(), in("/there"));
        for (String options : List.of("-cf", "-czf")) {
            Path archive = dir.resolve("archive");
            Shell.out("tar", options, archive.toString(), in("/there"));
            Path out = Files.createDirectory(dir.resolve("out" + options));
            Tools.run("tar", "-C", out.toString(), "-xpf", archive.toString());
            Tools.assertSameTree(tree, out);
            assertEquals(
                    Files.getAttribute(out.resolve("big"), "unix:ino"),
                    Files.getAttribute(out.resolve("again"), "unix:ino"));
            String names = Tools.run("tar", "--quoting-style=literal", "-tf", archive.toString());
            assertEquals(names, Shell.out("tar", "-tf", archive.toString()));
            if (options.equals("-cf")) {
                assertTrue(Files.size(archive) < 2_000_000, "holes are stored");
            }
        }
    }

    @Test
    void throughStandardStreamsNothingIsLost() throws Exception {
        Shell.out("cp", "-a", tree.toString(), in("/there"));
        Path archive = dir.resolve("archive");
        Shell.out("tar", "-cf", archive.toString(), in("/there"));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(Files.readAllBytes(archive));
        Shell.out("mkdir", in("/again"));
        assertEquals(
                new Shell.Result(0, "", ""),
                Shell.piped().reading(bytes.toByteArray()).run("tar", "-x", in("/again")));
        Tools.assertSameTree(tree, out("/again"));
        Tools.check(image);
    }

    @Test
    void devicesAndLargeNumbersAreKept() throws Exception {
        Shell.out("mkdir", in("/d"));
        Shell.out("mknod", "-m", "640", in("/d/console"), "c", "5", "1");
        Shell.out("mknod", in("/d/disk"), "b", "259", "70000");
        Shell.out("chown", "3000000000:4000000000", in("/d/disk"));
        Path archive = dir.resolve("archive");
        Shell.out("tar", "-cf", archive.toString(), in("/d"));
        Shell.out("mkdir", in("/e"));
        Shell.out("tar", "-xf", archive.toString(), in("/e"));
        String format = "%p %u %g %r %m";
        assertEquals(
                Shell.out("stat", "-f", format, in("/d/console"), in("/d/disk")),
                Shell.out("stat", "-f", format, in("/e/console"), in("/e/disk")));
        String listing = Tools.run("tar", "--numeric-owner", "-tvf", archive.toString());
        assertTrue(listing.contains("3000000000/4000000000") && listing.contains("259,70000"), listing);
        assertTrue(Shell.out("tar", "-tvf", archive.toString()).contains("3000000000/4000000000   259,70000 "));
    }

    private static TarEntry entry(String name, char type, String link) {
        return new TarEntry(name, type, 0644, 0, 0, 0, Timespec.ZERO, link, SysStat.makedev(0, 0), List.of());
    }

    private Shell.Result extract(TarEntry... entries) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarWriter writer = new TarWriter(bytes)) {
            for (TarEntry entry : entries) {
                writer.begin(entry);
                writer.end();
            }
        }
        return Shell.piped().reading(bytes.toByteArray()).run("tar", "-x", in("/target"));
    }

    @Test
    void nothingGetsOutOfTheTarget() throws Exception {
        Shell.out("mkdir", in("/target"), in("/outside"));
        Shell.piped().reading("untouched\n").run("put", in("/outside/file"));
        Shell.Result result = extract(
                entry("../outside/up", TarEntry.FILE, ""),
                entry("a/../../outside/up", TarEntry.FILE, ""),
                entry("/outside/absolute", TarEntry.FILE, ""),
                entry("absolute-link", TarEntry.SYMLINK, "/outside"),
                entry("absolute-link/through", TarEntry.FILE, ""),
                entry("absolute-link/through/deeper", TarEntry.DIRECTORY, ""),
                entry("relative-link", TarEntry.SYMLINK, "../outside"),
                entry("relative-link/file", TarEntry.FILE, ""),
                entry("to-file", TarEntry.SYMLINK, "/outside/file"),
                entry("to-file", TarEntry.FILE, ""),
                entry("stolen", TarEntry.LINK, "../outside/file"),
                entry("stolen-through", TarEntry.LINK, "relative-link/file"),
                entry("good", TarEntry.FILE, ""));
        assertEquals(Run.FAILED, result.status());
        assertEquals(7, result.err().lines().count(), result.err());
        assertEquals("file\n", Shell.out("ls", "-A", in("/outside")));
        assertEquals("untouched\n", Shell.out("cat", in("/outside/file")));
        assertEquals("1\n", Shell.out("stat", "-f", "%l", in("/outside/file")));
        assertEquals("absolute-link\ngood\noutside\nrelative-link\nto-file\n", Shell.out("ls", "-A", in("/target")));
        assertEquals("absolute\n", Shell.out("ls", in("/target/outside")));
        Tools.check(image);
    }

    @Test
    void whatIsThereIsReplacedUnlessItIsToBeKept() throws Exception {
        Shell.out("mkdir", in("/target"), in("/target/d"));
        Shell.piped().reading("old\n").run("put", in("/target/file"));
        extract(entry("d", TarEntry.DIRECTORY, ""), entry("file", TarEntry.FILE, ""));
        assertEquals("", Shell.out("cat", in("/target/file")));
        Shell.Result result = extract(entry("d", TarEntry.FILE, ""));
        assertEquals("rump4j: tar: d: Is a directory\n", result.err());
    }

    @Test
    void damagedArchivesAreErrorsAndNothingElse() throws Exception {
        Path archive = dir.resolve("archive");
        Tools.run("tar", "-C", tree.toString(), "--format=posix", "-S", "-cf", archive.toString(), ".");
        byte[] whole = Files.readAllBytes(archive);
        long seed = 1;
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            byte[] bytes = whole.clone();
            for (int n = 0; n < 8; n++) {
                // Headers are at the beginning and, of the big file, behind it.
                int at = random.nextInt(random.nextBoolean() ? 20_000 : bytes.length);
                bytes[at] = (byte) random.nextInt();
            }
            TarReader reader = new TarReader(new ByteArrayInputStream(bytes, 0, random.nextInt(bytes.length)));
            try {
                for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                    long end = 0;
                    for (TarEntry.Range range : entry.data()) {
                        assertTrue(
                                range.offset() >= end && range.offset() + range.length() <= entry.size(),
                                "seed " + seed);
                        end = range.offset() + range.length();
                    }
                }
            } catch (IOException e) {
                assertTrue(e.getMessage() != null, "seed " + seed);
            }
        }
        Files.write(archive, Arrays.copyOf(whole, 700_000));
        Shell.Result result = Shell.piped().run("tar", "-tf", archive.toString());
        assertEquals(Run.FAILED, result.status());
        assertEquals(
                "rump4j: tar: " + archive + ": Input/output error (the archive ends in the middle)\n", result.err());
    }

    @Test
    void whatIsAskedForMustMakeSense() {
        assertEquals(Run.USAGE, Shell.piped().run("tar", in("/")).status());
        assertEquals(Run.USAGE, Shell.piped().run("tar", "-cx", in("/")).status());
        assertEquals(Run.USAGE, Shell.piped().run("tar", "-c").status());
        assertEquals(Run.USAGE, Shell.piped().run("tar", "-x").status());
        assertEquals(
                "rump4j: tar: " + dir + "/none: No such file or directory\n",
                Shell.piped().run("tar", "-tf", dir + "/none").err());
    }

    @Test
    void aMemberIsWhatWasWritten() throws Exception {
        TarEntry written = new TarEntry(
                "name",
                TarEntry.FILE,
                07777,
                -2,
                5,
                3,
                new Timespec(-5, 999_999_999),
                "",
                0,
                List.of(new TarEntry.Range(0, 3)));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarWriter writer = new TarWriter(bytes)) {
            writer.begin(written);
            writer.write(new byte[] {1, 2, 3}, 3);
            writer.end();
        }
        assertEquals(0, bytes.size() % 10240);
        TarReader reader = new TarReader(new ByteArrayInputStream(bytes.toByteArray()));
        assertEquals(written, reader.next());
        byte[] data = new byte[3];
        reader.read(data, 3);
        assertArrayEquals(new byte[] {1, 2, 3}, data);
        assertEquals(null, reader.next());
    }

    private Path sparse(String name, long size, long... blocks) throws Exception {
        Path file = dir.resolve(name);
        try (SeekableByteChannel out =
                Files.newByteChannel(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long block : blocks) {
                out.position(block).write(block(block));
            }
        }
        Tools.run("truncate", "-s", Long.toString(size), file.toString());
        return file;
    }

    private static ByteBuffer block(long seed) {
        byte[] bytes = new byte[4096];
        new Random(seed).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    /** The image has no room for more than the blocks, nor may the copy have: what is not one of them is a hole. */
    private void assertSparse(String path, long size, long... blocks) throws Exception {
        Path copy = dir.resolve("copy");
        Files.deleteIfExists(copy);
        Tools.check(image);
        Shell.out("cp", in(path), copy.toString());
        assertEquals(size, Files.size(copy));
        long used = 512
                * Long.parseLong(Tools.run("stat", "-c", "%b", copy.toString()).strip());
        assertTrue(used < 4096L * blocks.length + 65_536, used + " bytes");
        try (SeekableByteChannel in = Files.newByteChannel(copy)) {
            for (long at : blocks) {
                ByteBuffer bytes = ByteBuffer.allocate(4096);
                assertEquals(4096, in.position(at).read(bytes));
                assertEquals(block(at), bytes.flip(), "at " + at);
            }
        }
        Shell.out("rm", in(path));
    }

    private Path archived(Path file, String... options) throws Exception {
        Path archive = dir.resolve("archive");
        List<String> command = new ArrayList<>(List.of("tar", "-C", dir.toString(), "-S"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cf", archive.toString(), file.getFileName().toString()));
        Tools.run(command.toArray(String[]::new));
        return archive;
    }

    @Test
    void holesOfManyGigabytesAreReadInEachFormat() throws Exception {
        long size = 3L << 30;
        long[] blocks = {0, 1 << 20, 1L << 31, size - 4096};
        Path file = sparse("sparse", size, blocks);
        for (String version : List.of("0.0", "0.1", "1.0")) {
            Path archive = archived(file, "--format=posix", "--sparse-version=" + version);
            assertTrue(Files.size(archive) < 100_000);
            Shell.out("tar", "-xf", archive.toString(), in("/"));
            assertSparse("/sparse", size, blocks);
        }
        long larger = 9L << 30;
        // More than the four ranges that a header has room for, and than the 25 that it has with what follows it.
        long[] more = new long[30];
        for (int i = 0; i < more.length; i++) {
            more[i] = i * (300L << 20);
        }
        Path archive = archived(sparse("larger", larger, more), "--format=gnu");
        assertTrue(Files.size(archive) < 200_000);
        Shell.out("tar", "-xf", archive.toString(), in("/"));
        assertSparse("/larger", larger, more);
    }

    @Test
    void aMapOfHolesMayFillItsLastBlock() throws Exception {
        long[] blocks = new long[79];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = (i + 1) * 65_536L;
        }
        long size = 80 * 65_536;
        Path archive = archived(sparse("exact", size, blocks), "--format=posix");
        // Behind the extended header and its data; what is stored of the file is the map and the blocks.
        byte[] header = Arrays.copyOfRange(Files.readAllBytes(archive), 1024, 1536);
        assertEquals(TarEntry.FILE, header[TarHeader.TYPE.offset()]);
        String stored = new String(header, TarHeader.SIZE.offset(), 11, StandardCharsets.US_ASCII);
        assumeTrue(Integer.parseInt(stored, 8) == 1024 + 79 * 4096, "this file system keeps other holes");
        Shell.out("tar", "-xf", archive.toString(), in("/"));
        assertSparse("/exact", size, blocks);
    }

    private static byte[] twoMembers() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarWriter writer = new TarWriter(bytes)) {
            writer.begin(entry("first", TarEntry.FILE, ""));
            writer.begin(entry("second", TarEntry.FILE, ""));
        }
        return bytes.toByteArray();
    }

    @Test
    void anArchiveThatIsCutInAHeaderIsNotWhole() throws Exception {
        byte[] cut = Arrays.copyOf(twoMembers(), 512 + 300);
        assertEquals(
                new Shell.Result(
                        Run.FAILED,
                        "first\n",
                        "rump4j: tar: (standard input): Input/output error (the archive ends in the middle)\n"),
                Shell.piped().reading(cut).run("tar", "-t"));
        assertEquals(
                Run.FAILED, Shell.piped().reading(cut).run("tar", "-x", in("/")).status());
        assertEquals("first\nlost+found\n", Shell.out("ls", in("/")));
    }

    @Test
    void whatIsShorterThanAHeaderIsNoArchive() throws Exception {
        for (int length : new int[] {0, 1, 2, 511}) {
            assertEquals(
                    "rump4j: tar: (standard input): Input/output error (no tar archive)\n",
                    Shell.piped()
                            .reading(Arrays.copyOf(twoMembers(), length))
                            .run("tar", "-t")
                            .err());
        }
        assertEquals(
                new Shell.Result(0, "", ""),
                Shell.piped().reading(new byte[1024]).run("tar", "-t"));
    }

    private static byte[] header(char type, long size) {
        byte[] header = new byte[TarHeader.BYTES];
        put(header, TarHeader.NAME, "name");
        put(header, TarHeader.SIZE, "%011o".formatted(size));
        put(header, TarHeader.MAGIC, "ustar");
        header[TarHeader.TYPE.offset()] = (byte) type;
        put(header, TarHeader.CHECKSUM, "%06o".formatted(TarHeader.checksum(header)));
        return header;
    }

    private static void put(byte[] header, TarHeader field, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, field.offset(), bytes.length);
    }

    /** In a process of its own, which has not much memory. */
    private static String listed(Path archive) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx24m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.rump4j.cli.Rump4j",
                        "tar",
                        "-tf",
                        archive.toString())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return out + process.waitFor();
    }

    @Test
    void headersThatSayTheyAreHugeTakeNoMemory() throws Exception {
        Path archive = dir.resolve("archive");
        byte[] zeros = new byte[1 << 20];
        for (char type : new char[] {TarHeader.GNU_NAME, TarHeader.PAX}) {
            try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(archive))) {
                out.write(header(type, 1 << 30));
                for (int i = 0; i < 64; i++) {
                    out.write(zeros);
                }
            }
            assertEquals(
                    "rump4j: tar: " + archive + ": Input/output error (an extended header of 1073741824 bytes)\n1",
                    listed(archive));
        }
    }

    @Test
    void anyNumberOfExtendedHeadersTakesNoMemory() throws Exception {
        Path archive = dir.resolve("archive");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(archive))) {
            for (int i = 0; i < 64; i++) {
                byte[] record = new byte[1 << 20];
                byte[] key = "1048576 key%02d=".formatted(i).getBytes(StandardCharsets.US_ASCII);
                System.arraycopy(key, 0, record, 0, key.length);
                record[record.length - 1] = '\n';
                out.write(header(i % 2 == 0 ? TarHeader.PAX : TarHeader.PAX_GLOBAL, record.length));
                out.write(record);
            }
            out.write(header(TarEntry.FILE, 0));
        }
        assertEquals("name\n0", listed(archive));
    }

    @Test
    void timesAreKeptToTheNanosecond() throws Exception {
        Path file = Files.writeString(dir.resolve("file"), "x");
        Tools.run("touch", "-d", "2001-09-09 01:46:40.123456789Z", file.toString());
        Shell.out("tar", "-xf", archived(file, "--format=posix").toString(), in("/"));
        assertEquals("1000000000.123456789\n", Shell.out("stat", "-f", "%Fm", in("/file")));
        Path archive = dir.resolve("ours");
        Shell.out("tar", "-cf", archive.toString(), in("/file"));
        String listing = Tools.run("tar", "--utc", "--full-time", "-tvf", archive.toString());
        assertTrue(listing.contains(" 2001-09-09 01:46:40.123456789 "), listing);
    }

    @Test
    void aLongNameNeedNotBeUtf8() throws Exception {
        String escaped = "\\351\\377".repeat(100);
        Tools.run(
                "sh",
                "-c",
                "cd \"$1\" && mkdir names && echo x >names/\"$(printf '" + escaped + "')\"",
                "sh",
                dir.toString());
        String expected = Tools.run("printf", "names/\nnames/" + escaped + "\n");
        for (String format : List.of("--format=posix", "--format=gnu")) {
            Path archive = archived(dir.resolve("names"), format);
            assertEquals(expected, Shell.out("tar", "-tf", archive.toString()));
            Shell.out("tar", "-xf", archive.toString(), in("/"));
            Path ours = dir.resolve("ours");
            Shell.out("tar", "-cf", ours.toString(), in("/names"));
            assertEquals(
                    expected.replace("names/", "./"),
                    Tools.run("tar", "--quoting-style=literal", "-tf", ours.toString()));
            Shell.out("rm", "-r", in("/names"));
        }
    }

    private Path treeOfNames() throws Exception {
        Path archive = dir.resolve("archive");
        try (TarWriter writer = new TarWriter(Files.newOutputStream(archive))) {
            for (String name : List.of("./a/", "./a/one", "./a/b/two.txt", "./ab", "/c/three.txt", "d[1]")) {
                writer.begin(entry(name, name.endsWith("/") ? TarEntry.DIRECTORY : TarEntry.FILE, ""));
            }
        }
        return archive;
    }

    @Test
    void membersThatAreNamedAreTaken() throws Exception {
        String archive = treeOfNames().toString();
        assertEquals("./a/\n./a/one\n./a/b/two.txt\n", Shell.out("tar", "-tf", archive, "a"));
        assertEquals("./a/b/two.txt\n./ab\n", Shell.out("tar", "-tf", archive, "ab", "./a/b/"));
        assertEquals("./a/b/two.txt\n/c/three.txt\n", Shell.out("tar", "-tf", archive, "*.txt"));
        assertEquals("/c/three.txt\nd[1]\n", Shell.out("tar", "-tf", archive, "/c", "d\\[1]"));
        assertEquals(6, Shell.out("tar", "-tf", archive, ".").lines().count());
        Shell.out("mkdir", in("/e"));
        Shell.out("tar", "-xf", archive, in("/e"), "a/b", "c/three.txt");
        assertEquals(
                "/e\n/e/a\n/e/a/b\n/e/a/b/two.txt\n/e/c\n/e/c/three.txt\n",
                Shell.out("find", in("/e")).replace(image + ":", ""));
        Tools.check(image);
    }

    @Test
    void aMemberThatIsNotThereIsAnError() throws Exception {
        String archive = treeOfNames().toString();
        assertEquals(
                new Shell.Result(
                        Run.FAILED,
                        "./ab\n",
                        "rump4j: tar: one: not found in the archive\nrump4j: tar: d[1]: not found in the archive\n"),
                Shell.piped().run("tar", "-tf", archive, "one", "ab", "d[1]"));
        assertEquals(
                new Shell.Result(Run.FAILED, "", "rump4j: tar: a/none: not found in the archive\n"),
                Shell.piped().run("tar", "-xf", archive, in("/"), "a/none", "ab"));
        assertEquals("ab\nlost+found\n", Shell.out("ls", in("/")));
    }
}
