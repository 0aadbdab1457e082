package org.rump4j.fs.ext2fs.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Large directories, whose names are found by their hash values. */
@ExtendWith(Images.class)
class DirectoriesTest {
    private static final String EXT2 = "sparse_super,large_file,filetype,dir_index,ext_attr";
    private static final String EXT4 = EXT2 + ",extent,flex_bg,dir_nlink,extra_isize,64bit,metadata_csum";

    private static final LargeDirectory HUNDRED_THOUSAND =
            new LargeDirectory("100000-entries", EXT4, 4096, "32M", 100_000, 20, "half_md4", false);

    static Stream<LargeDirectory> directories() {
        return Stream.of(
                HUNDRED_THOUSAND,
                new LargeDirectory("legacy-signed", EXT2, 1024, "16M", 9_000, 30, "legacy", false),
                new LargeDirectory("legacy-unsigned", EXT2, 1024, "16M", 9_000, 30, "legacy", true),
                new LargeDirectory("half_md4-signed", EXT2, 1024, "16M", 9_000, 30, "half_md4", false),
                new LargeDirectory("half_md4-unsigned", EXT4, 1024, "16M", 9_000, 30, "half_md4", true),
                new LargeDirectory("tea-signed", EXT4, 1024, "16M", 9_000, 30, "tea", false),
                new LargeDirectory("tea-unsigned", EXT2, 1024, "16M", 9_000, 30, "tea", true),
                new LargeDirectory("longest-names", EXT4, 1024, "24M", 40_000, 255, "half_md4", false),
                new LargeDirectory("not-indexed", EXT4.replace(",dir_index", ""), 4096, "16M", 2_000, 20, "tea", false),
                new LargeDirectory("blocks-of-64k", EXT2, 65536, "64M", 20_000, 100, "half_md4", false));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("directories")
    void everyNameIsListedOnceAndFound(LargeDirectory directory, Images.Shelf images) throws Exception {
        Path image = images.made(directory.name(), directory::make);
        Map<String, Long> expected = directory.contents(image);
        assertEquals(directory.entries() + 2, expected.size());
        try (Machine machine = new Machine()) {
            Syscalls sys = machine.sys();
            machine.mountReadOnly(image);
            sys.chdir(LargeDirectory.PATH);
            Map<String, Long> listed = new TreeMap<>();
            for (Dirent entry : list(sys)) {
                assertEquals(null, listed.put(entry.name(), entry.fileno()), entry::name);
            }
            assertEquals(expected, listed);
            for (Map.Entry<String, Long> entry : expected.entrySet()) {
                assertEquals(entry.getValue(), sys.lstat(entry.getKey()).ino(), entry::getKey);
            }
            for (int i = 0; i < 1000; i++) {
                String missing = directory.entry(directory.entries() + i);
                ErrnoException e = assertThrows(ErrnoException.class, () -> sys.lstat(missing));
                assertEquals(Errno.ENOENT, e.errno());
            }
            machine.unmount();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void namesAreFoundThroughAnIndexOfSeveralLevels(int levels, Images.Shelf images) throws Exception {
        IndexedDirectory directory = new IndexedDirectory(levels);
        Path image = images.made("index-" + levels, directory::make);
        try (Machine machine = new Machine()) {
            Syscalls sys = machine.sys();
            machine.mountReadOnly(image);
            sys.chdir(LargeDirectory.PATH);
            Set<String> listed = new HashSet<>();
            list(sys).forEach(entry -> listed.add(entry.name()));
            for (String name : directory.names()) {
                assertTrue(listed.remove(name), name);
                assertTrue(sys.lstat(name).isRegular(), name);
            }
            assertEquals(Set.of(".", ".."), listed);
            for (int i = 0; i < 1000; i++) {
                String missing = "missing-" + i;
                assertEquals(
                        Errno.ENOENT,
                        assertThrows(ErrnoException.class, () -> sys.lstat(missing))
                                .errno());
            }
            machine.unmount();
        }
    }

    @Test
    void listingGoesOnWhereItWasAfterASeek(Images.Shelf images) throws Exception {
        Path image = images.made(HUNDRED_THOUSAND.name(), HUNDRED_THOUSAND::make);
        try (Machine machine = new Machine()) {
            Syscalls sys = machine.sys();
            machine.mountReadOnly(image);
            int fd = sys.open(LargeDirectory.PATH, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY, 0);
            List<Long> positions = new ArrayList<>();
            List<List<Dirent>> pieces = new ArrayList<>();
            while (true) {
                positions.add(sys.lseek(fd, 0, Fcntl.SEEK_CUR));
                List<Dirent> piece = sys.getdents(fd);
                if (piece.isEmpty()) {
                    break;
                }
                pieces.add(piece);
            }
            assertEquals(positions.size(), new HashSet<>(positions).size());
            Random random = new Random(1);
            for (int i = 0; i < 300; i++) {
                int which = random.nextInt(pieces.size());
                sys.lseek(fd, positions.get(which), Fcntl.SEEK_SET);
                assertEquals(pieces.get(which), sys.getdents(fd));
                assertEquals(positions.get(which + 1), sys.lseek(fd, 0, Fcntl.SEEK_CUR));
            }
            sys.close(fd);
            machine.unmount();
        }
    }

    @Test
    void listingsAndLookupsAtTheSameTimeSeeTheSame(Images.Shelf images) throws Exception {
        LargeDirectory directory = HUNDRED_THOUSAND;
        Path image = images.made(directory.name(), directory::make);
        Map<String, Long> expected = directory.contents(image);
        try (Machine machine = new Machine()) {
            Syscalls sys = machine.sys();
            machine.mountReadOnly(image);
            sys.chdir(LargeDirectory.PATH);
            machine.inParallel(8, number -> {
                if (number % 2 == 0) {
                    Set<String> names = new HashSet<>();
                    list(sys).forEach(entry -> names.add(entry.name()));
                    assertEquals(expected.keySet(), names);
                } else {
                    Random random = new Random(number);
                    for (int i = 0; i < 5_000; i++) {
                        String name = directory.entry(random.nextInt(directory.entries()));
                        assertEquals(expected.get(name), sys.lstat(name).ino());
                    }
                }
            });
            machine.unmount();
        }
    }

    @Test
    void aDirectoryCannotBeMovedToWhereItNeverWas(Images.Shelf images) throws Exception {
        LargeDirectory directory = HUNDRED_THOUSAND;
        Path image = images.made(directory.name(), directory::make);
        try (Machine machine = new Machine()) {
            Syscalls sys = machine.sys();
            machine.mountReadOnly(image);
            int fd = sys.open(LargeDirectory.PATH, Fcntl.O_RDONLY, 0);
            Random random = new Random(2);
            for (int i = 0; i < 2_000; i++) {
                long position = i % 2 == 0 ? random.nextLong() >>> 1 : random.nextLong(8L << 20);
                sys.lseek(fd, position, Fcntl.SEEK_SET);
                try {
                    for (Dirent entry : sys.getdents(fd)) {
                        assertTrue(entry.fileno() > 0);
                        assertNotEquals("", entry.name());
                    }
                } catch (ErrnoException e) {
                    assertTrue(e.errno() == Errno.EINVAL || e.errno() == Errno.EIO, e::toString);
                }
            }
            sys.close(fd);
            machine.unmount();
        }
    }

    private static List<Dirent> list(Syscalls sys) throws ErrnoException {
        int fd = sys.open(".", Fcntl.O_RDONLY | Fcntl.O_DIRECTORY, 0);
        List<Dirent> all = new ArrayList<>();
        List<Dirent> some = sys.getdents(fd);
        while (!some.isEmpty()) {
            all.addAll(some);
            some = sys.getdents(fd);
        }
        sys.close(fd);
        return all;
    }
}
