package org.rump4j.fs.ext2fs.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.fs.ext2fs.Ext2Maker;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.FilesystemMaker;
import org.rump4j.rump.Statvfs;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** New file systems, as {@code e2fsck} sees them and as {@code mke2fs} makes them. */
final class NewfsTest {
    @TempDir
    private Path dir;

    /** {@code SIZE [-t TYPE] OPTIONS}, in KiB. */
    private record Configuration(String type, long bytes, List<String> options) {
        static Configuration of(String words) {
            List<String> all = new ArrayList<>(List.of(words.split(" ")));
            long bytes = Long.parseLong(all.removeFirst()) << 10;
            String type = "ext2";
            if (!all.isEmpty() && all.getFirst().equals("-t")) {
                type = all.get(1);
                all.subList(0, 2).clear();
            }
            return new Configuration(type, bytes, all);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1024",
                "2880",
                "3072",
                "8193",
                "8300",
                "65536",
                "70000",
                "523264",
                "524288",
                "1048576",
                "4194304",
                "65536 -b 1024",
                "65536 -b 2048",
                "65536 -b 4096",
                "65536 -b 8192",
                "4194304 -b 16384",
                "4194304 -b 32768",
                "6000000 -b 65536",
                "20000 -i 1024",
                "20000 -i 65536",
                "20000 -N 300",
                "600000 -i 1024 -b 4096",
                "20000 -I 128",
                "20000 -I 512",
                "20000 -I 1024",
                "20000 -m 0",
                "20000 -m 49.5 -L rump4j",
                "20000 -O none",
                "20000 -O ^resize_inode",
                "20000 -O ^sparse_super,^resize_inode",
                "300000 -O ^sparse_super,^resize_inode -b 1024",
                "20000 -O ^dir_index,^filetype",
                "20000 -O uninit_bg",
                "1048576 -O uninit_bg",
                "1048576 -O flex_bg",
                "1048576 -O flex_bg,uninit_bg",
                "1048576 -O meta_bg,^resize_inode",
                "4194304 -O meta_bg,^resize_inode -b 1024",
                "1048576 -O extent",
                "1048576 -O metadata_csum",
                "20000 -O metadata_csum,metadata_csum_seed",
                "20000 -t ext4",
                "1048576 -t ext4",
                "10485760 -t ext4",
                "10485760 -t ext4 -b 1024",
                "10485760 -t ext4 -O ^flex_bg",
                "10485760 -t ext4 -O ^64bit",
                "10485760 -t ext4 -O ^metadata_csum,uninit_bg",
                "10485760 -t ext4 -O meta_bg,^resize_inode",
                "6000000 -t ext4 -b 65536",
                "2097152 -t ext4 -i 2048",
                "268435456 -t ext4"
            })
    void whatIsMadeIsWhatMke2fsMakes(String words) throws Exception {
        E2fsprogs.assumeInstalled();
        Configuration wanted = Configuration.of(words);
        Path ours = dir.resolve("ours");
        NewImage.make(ours, wanted.type, wanted.bytes, wanted.options);
        E2fsprogs.requireClean(ours);
        Path theirs = dir.resolve("theirs");
        List<String> options = new ArrayList<>(wanted.options);
        options.addAll(List.of("-t", wanted.type, "-U", NewImage.UUID, "-E"));
        options.add("hash_seed=" + NewImage.HASH_SEED + ",root_owner=0:0,lazy_itable_init=1");
        if (wanted.type.equals("ext4")) {
            options.addAll(List.of("-O", "^has_journal"));
        }
        E2fsprogs.mke2fs(theirs, options, (wanted.bytes >> 10) + "k");
        assertEquals(anatomy(theirs), anatomy(ours));
        Files.delete(ours);
        Files.delete(theirs);
    }

    /** What {@code dumpe2fs} says, but for checksums, and for what our inode tables need not be zeroed later. */
    private static String anatomy(Path image) {
        return E2fsprogs.run("dumpe2fs", image.toString())
                .require(0)
                .text()
                .lines()
                .filter(line -> !line.startsWith("Checksum:") && !line.startsWith("Lifetime writes:"))
                .map(line -> line.replaceAll(",? csum 0x[0-9a-f]+", "")
                        .replaceAll("(, )?ITABLE_ZEROED", "")
                        .replace("[]", "")
                        .stripTrailing())
                .collect(Collectors.joining("\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "64",
                "65",
                "100",
                "128",
                "255",
                "512",
                "64 -b 2048",
                "200 -b 4096",
                "4096 -t ext4",
                "64 -t ext4",
                "100 -I 128 -N 16",
                "4194304 -t ext4 -b 65536",
                "200000 -N 12"
            })
    void whatMke2fsMakesOtherwiseOrNotAtAllIsInOrder(String words) throws ErrnoException {
        E2fsprogs.assumeInstalled();
        Configuration wanted = Configuration.of(words);
        Path image = dir.resolve("image");
        NewImage.make(image, wanted.type, wanted.bytes, wanted.options);
        E2fsprogs.requireClean(image);
    }

    @Tag("nightly")
    @ParameterizedTest
    @ValueSource(strings = {"4294967296", "4294967296 -b 65536", "4294967296 -t ext4", "15000000000 -t ext4"})
    void terabytesAreInOrder(String words) throws ErrnoException {
        whatMke2fsMakesOtherwiseOrNotAtAllIsInOrder(words);
    }

    @Test
    void anySizeWithAnyOptionsIsInOrderOrRefusedWithAReason() throws Exception {
        E2fsprogs.assumeInstalled();
        boolean nightly = Boolean.getBoolean("rump4j.nightly");
        long seed = nightly ? System.nanoTime() : 1;
        Random random = new Random(seed);
        String[] features = {
            "dir_index",
            "filetype",
            "sparse_super",
            "large_file",
            "ext_attr",
            "resize_inode",
            "extent",
            "64bit",
            "flex_bg",
            "metadata_csum",
            "uninit_bg",
            "huge_file",
            "dir_nlink",
            "extra_isize",
            "meta_bg",
            "metadata_csum_seed",
            "large_dir"
        };
        int made = 0;
        int rounds = nightly ? 3000 : 60;
        for (int round = 0; round < rounds; round++) {
            long bytes = (long) Math.scalb(1 + random.nextDouble(), 15 + random.nextInt(22));
            List<String> options = new ArrayList<>();
            if (random.nextBoolean()) {
                options.addAll(List.of("-b", String.valueOf(1024 << random.nextInt(7))));
            }
            if (random.nextInt(4) == 0) {
                options.addAll(List.of("-I", String.valueOf(128 << random.nextInt(4))));
            }
            if (random.nextInt(3) == 0) {
                options.addAll(List.of("-i", String.valueOf(1024L << random.nextInt(12))));
            } else if (random.nextInt(3) == 0) {
                options.addAll(List.of("-N", String.valueOf(random.nextInt(1 << random.nextInt(20)) + 1)));
            }
            for (int i = random.nextInt(6); i > 0; i--) {
                String feature = features[random.nextInt(features.length)];
                options.addAll(List.of("-O", (random.nextInt(3) == 0 ? "^" : "") + feature));
            }
            String type = random.nextBoolean() ? "ext2" : "ext4";
            String words = "seed " + seed + " round " + round + ": " + type + " " + bytes + " " + options;
            Path image = dir.resolve("image");
            try {
                NewImage.make(image, type, bytes, options);
            } catch (ErrnoException e) {
                assertEquals(Errno.EINVAL, e.errno(), words);
                assertTrue(String.valueOf(e.detail()).startsWith("-"), () -> words + ": " + e.detail());
                continue;
            }
            made++;
            try {
                E2fsprogs.requireClean(image);
            } catch (IllegalStateException e) {
                throw new AssertionError(words, e);
            }
            Files.delete(image);
        }
        assertTrue(made > rounds / 3, "only " + made + " were made");
    }

    @Test
    void theSameIsMadeEachTime() throws Exception {
        for (String type : List.of("ext2", "ext4")) {
            NewImage.make(dir.resolve(type + 1), type, 20 << 20, List.of());
            NewImage.make(dir.resolve(type + 2), type, 20 << 20, List.of());
            assertEquals(-1, Files.mismatch(dir.resolve(type + 1), dir.resolve(type + 2)));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "20000 -O frobnicate|-O frobnicate: no such feature",
                "20000 -O has_journal|-O has_journal: journals are not made",
                "20000 -O bigalloc|-O bigalloc: file systems with this feature are not made",
                "20000 -O 64bit|-O 64bit: it needs extent",
                "20000 -O resize_inode,^sparse_super|-O resize_inode: it needs sparse_super",
                "20000 -t ext3|-t ext3: it is ext2 with a journal, and journals are not made: -t ext2",
                "20000 -b 1000|-b 1000: blocks have 1024, 2048, 4096, ... or 65536 bytes",
                "20000 -I 2048|-I 2048: inodes have 128, 256, ... bytes, up to those of a block (1024)",
                "20000 -i 12|-i 12: from 1024 to 67108864 bytes",
                "20000 -m 51|-m 51.0: more than 50 per cent",
                "20000 -L seventeen-letters|-L: the label has 17 bytes, there is room for 16",
                "20 -N 64|-s 20480: too small, such a file system needs 24576 bytes at least",
                "17179869188|-s 17592186048512: 4294967297 blocks of 4096 bytes are more than 32 bits can count: -b 8192, or"
                        + " -O 64bit,extent (as -t ext4 has)",
                "20000 -N 100000|-N 100000: 100000 inodes of 256 bytes leave no room for files: fewer inodes (-N), more bytes for each"
                        + " (-i), or smaller ones (-I)",
            })
    void whatCannotBeMadeIsRefusedInWordsThatHelp(String words, String detail) {
        Configuration wanted = Configuration.of(words);
        ErrnoException e = assertThrows(
                ErrnoException.class,
                () -> NewImage.make(dir.resolve("image"), wanted.type, wanted.bytes, wanted.options));
        assertEquals(Errno.EINVAL, e.errno());
        assertEquals(detail, e.detail());
    }

    @Test
    void theLeastSizeThatIsNamedIsEnough() throws Exception {
        E2fsprogs.assumeInstalled();
        for (int shift = 10; shift <= 16; shift++) {
            List<String> options = List.of("-b", String.valueOf(1 << shift));
            ErrnoException e =
                    assertThrows(ErrnoException.class, () -> NewImage.make(dir.resolve("none"), "ext2", 1024, options));
            long least = Long.parseLong(String.valueOf(e.detail()).replaceAll(".*needs ([0-9]+) bytes.*", "$1"));
            Path image = dir.resolve("image" + shift);
            NewImage.make(image, "ext2", least, options);
            E2fsprogs.requireClean(image);
            assertThrows(
                    ErrnoException.class,
                    () -> NewImage.make(dir.resolve("none"), "ext2", least - (1L << 10), options));
        }
    }

    @Test
    void ofTerabytesLittleIsWritten() throws ErrnoException {
        long[] written = {0};
        FilesystemMaker.Sink counting = new FilesystemMaker.Sink() {
            @Override
            public void write(MemorySegment from, long offset) {
                written[0] += from.byteSize();
            }

            @Override
            public void zero(long offset, long bytes) {
                // Of a file that is new.
            }
        };
        new Ext2Maker().plan(NewImage.wanted("ext4", 16L << 40, List.of())).write(counting);
        // Mostly copies of the descriptors, of 8 MiB each.
        assertTrue(written[0] < 256L << 20, () -> written[0] + " bytes");
        written[0] = 0;
        new Ext2Maker().plan(NewImage.wanted("ext4", 4L << 40, List.of())).write(counting);
        assertTrue(written[0] < 64L << 20, () -> written[0] + " bytes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "64",
                "1000",
                "20000",
                "20000 -O none",
                "20000 -O uninit_bg,flex_bg",
                "30000 -b 2048 -O meta_bg,^resize_inode",
                "40000 -b 65536",
                "20000 -t ext4",
                "40000 -t ext4 -b 4096 -i 4096",
            })
    void ourKernelFillsItToTheLastBlockAndItIsInOrder(String words) throws Exception {
        E2fsprogs.assumeInstalled();
        Configuration wanted = Configuration.of(words);
        Path image = dir.resolve("image");
        FilesystemMaker.Plan plan = NewImage.make(image, wanted.type, wanted.bytes, wanted.options);
        long filled = 0;
        try (Machine machine = new Machine()) {
            machine.mount(image, 0);
            Syscalls sys = machine.sys();
            byte[] chunk = new byte[5000];
            Arrays.fill(chunk, (byte) 'x');
            boolean full = false;
            for (int i = 0; !full; i++) {
                try {
                    int fd = sys.open(Machine.MOUNT + "/file" + i, Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
                    try {
                        for (int piece = 0; piece < 1 + i * 10; piece++) {
                            filled += sys.write(fd, chunk);
                        }
                    } finally {
                        sys.close(fd);
                    }
                } catch (ErrnoException e) {
                    assertEquals(Errno.ENOSPC, e.errno());
                    full = true;
                }
            }
            Statvfs left = sys.statvfs1(Machine.MOUNT, SysMount.ST_WAIT);
            machine.unmount();
            assertTrue(left.bfree() <= 2 || left.ffree() == 0, () -> left.bfree() + " blocks are left");
        }
        long room = plan.freeBlocks() * plan.blockBytes();
        assertTrue(filled <= room && (filled > room / 2 || wanted.bytes < 1 << 20), filled + " of " + room);
        E2fsprogs.requireClean(image);
    }
}
