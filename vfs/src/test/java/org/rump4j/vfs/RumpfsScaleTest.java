package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** The file system in memory holds a lot, takes no more memory than the kernel has, and gives all of it back. */
class RumpfsScaleTest {
    private static final int MAX_BYTES_PER_FILE = 512;

    private static long used(TestKernel kernel) throws Exception {
        return kernel.inside(_ -> kernel.kernel().kmem().usedBytes());
    }

    private static void makeAndRemove(int dirs, int filesEach, String memory) throws Exception {
        try (TestKernel kernel =
                TestKernel.builder().environment("RUMP_MEMLIMIT", memory).boot()) {
            Syscalls sys = kernel.handle().syscalls();
            long before = used(kernel);
            for (int d = 0; d < dirs; d++) {
                sys.mkdir("/d" + d, 0755);
                for (int f = 0; f < filesEach; f++) {
                    sys.close(sys.open("/d" + d + "/file" + f, Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_EXCL, 0644));
                }
            }
            long files = (long) dirs * filesEach;
            assertTrue(used(kernel) - before <= files * MAX_BYTES_PER_FILE, () -> "too much memory");
            for (int d = 0; d < dirs; d++) {
                int fd = sys.open("/d" + d, Fcntl.O_RDONLY, 0);
                int entries = 0;
                for (List<Dirent> some = sys.getdents(fd); !some.isEmpty(); some = sys.getdents(fd)) {
                    entries += some.size();
                }
                sys.close(fd);
                assertEquals(filesEach + 2, entries);
                for (int f = 0; f < filesEach; f++) {
                    sys.unlink("/d" + d + "/file" + f);
                }
                sys.rmdir("/d" + d);
            }
            assertEquals(before, used(kernel));
        }
    }

    @Test
    void aHundredThousandFilesComeAndGo() throws Exception {
        makeAndRemove(10, 10_000, "64m");
    }

    @Test
    @Tag("nightly")
    void aMillionFilesComeAndGo() throws Exception {
        makeAndRemove(10, 100_000, "512m");
    }

    @Test
    void theKernelsMemoryIsTheLimit() throws Exception {
        try (TestKernel kernel =
                TestKernel.builder().environment("RUMP_MEMLIMIT", "2m").boot()) {
            Syscalls sys = kernel.handle().syscalls();
            long before = used(kernel);
            int fd = sys.open("/f", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
            MemorySegment buf = MemorySegment.ofArray(new byte[100_000]);
            ErrnoException full = assertThrows(ErrnoException.class, () -> {
                for (int i = 0; i < 100; i++) {
                    sys.write(fd, buf);
                }
            });
            assertEquals(Errno.ENOSPC, full.errno());
            long size = sys.fstat(fd).size();
            assertTrue(size > 1_500_000 && size < 2 << 20, () -> size + " bytes");
            ErrnoException noNode = assertThrows(ErrnoException.class, () -> {
                for (int i = 0; i < 10_000; i++) {
                    sys.mkdir("/d" + i, 0755);
                }
            });
            assertEquals(Errno.ENOSPC, noNode.errno());
            sys.ftruncate(fd, 0);
            sys.mkdir("/there-is-room-again", 0755);
            sys.rmdir("/there-is-room-again");
            sys.close(fd);
            sys.unlink("/f");
            for (int i = 0; ; i++) {
                try {
                    sys.rmdir("/d" + i);
                } catch (ErrnoException e) {
                    assertEquals(Errno.ENOENT, e.errno());
                    break;
                }
            }
            assertEquals(before, used(kernel));
        }
    }

    @Test
    void theLongestFileIsAHoleThatCanBeSearched() throws Exception {
        try (TestKernel kernel = TestKernel.boot()) {
            Syscalls sys = kernel.handle().syscalls();
            int fd = sys.open("/f", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
            sys.ftruncate(fd, Long.MAX_VALUE);
            assertEquals(
                    Errno.ENXIO,
                    assertThrows(ErrnoException.class, () -> sys.lseek(fd, 0, Fcntl.SEEK_DATA))
                            .errno());
            assertEquals(0, sys.lseek(fd, 0, Fcntl.SEEK_HOLE));
            assertEquals(1, sys.pwrite(fd, new byte[1], Long.MAX_VALUE - 1));
            long data = sys.lseek(fd, 0, Fcntl.SEEK_DATA);
            assertTrue(data > Long.MAX_VALUE - (1 << 17));
            assertEquals(Long.MAX_VALUE, sys.lseek(fd, data, Fcntl.SEEK_HOLE));
            assertEquals(2, sys.pread(fd, new byte[10], Long.MAX_VALUE - 2));
        }
    }

    @Test
    void aDirectoryHasAsManySubdirectoriesAsLinksCanBeCounted() throws Exception {
        try (TestKernel kernel = TestKernel.boot()) {
            Syscalls sys = kernel.handle().syscalls();
            sys.mkdir("/d", 0755);
            ErrnoException e = assertThrows(ErrnoException.class, () -> {
                for (int i = 0; i < 40_000; i++) {
                    sys.mkdir("/d/" + i, 0755);
                }
            });
            assertEquals(Errno.EMLINK, e.errno());
            sys.mkdir("/e", 0755);
            sys.mkdir("/e/x", 0755);
            assertEquals(
                    Errno.EMLINK,
                    assertThrows(ErrnoException.class, () -> sys.rename("/e/x", "/d/x"))
                            .errno());
            sys.close(sys.open("/d/file", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644));
            sys.rmdir("/d/0");
            sys.rename("/e/x", "/d/x");
        }
    }
}
