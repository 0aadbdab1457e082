package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Block devices that the host lends, written as files. */
class BlockDeviceWriteTest {
    private static final String DEVICE = "/dev/lent";
    private static final int BYTES = 300_000;

    @TempDir
    private Path dir;

    private Path host;
    private TestKernel kernel;
    private Syscalls sys;

    @BeforeEach
    void boot() throws Exception {
        host = dir.resolve("disk");
        Files.write(host, FileWriterTest.pattern(1, BYTES));
        kernel = TestKernel.boot();
        sys = kernel.handle().syscalls();
        kernel.handle().lwproc().rfork(Lwproc.RFCFDG);
        kernel.handle().etfs().register(DEVICE, host.toString(), Etfs.Type.BLK, 0, BYTES / 512 * 512, false);
    }

    @AfterEach
    void halt() {
        if (kernel.handle().isUp()) {
            kernel.handle().lwproc().releaselwp();
        }
        kernel.close();
    }

    @Test
    void anyBytesCanBeWritten() throws Exception {
        byte[] expected = Files.readAllBytes(host);
        int fd = sys.open(DEVICE, Fcntl.O_RDWR, 0);
        for (int[] piece : new int[][] {{3, 10}, {65_530, 20}, {100_000, 150_000}}) {
            byte[] data = FileWriterTest.pattern(piece[0], piece[1]);
            assertEquals(data.length, sys.pwrite(fd, data, piece[0]));
            System.arraycopy(data, 0, expected, piece[0], piece[1]);
        }
        byte[] found = new byte[BYTES / 512 * 512];
        assertEquals(found.length, sys.pread(fd, found, 0));
        assertArrayEquals(Arrays.copyOf(expected, found.length), found);
        sys.fsync(fd);
        assertArrayEquals(expected, Files.readAllBytes(host));
    }

    @Test
    void theLastCloseWritesBack() throws Exception {
        int fd = sys.open(DEVICE, Fcntl.O_WRONLY, 0);
        sys.pwrite(fd, new byte[] {1, 2, 3}, 1000);
        sys.close(fd);
        assertArrayEquals(new byte[] {1, 2, 3}, Arrays.copyOfRange(Files.readAllBytes(host), 1000, 1003));
    }

    @Test
    void syncWritesBack() throws Exception {
        int fd = sys.open(DEVICE, Fcntl.O_WRONLY, 0);
        sys.pwrite(fd, new byte[] {1, 2, 3}, 1000);
        sys.sync();
        assertArrayEquals(new byte[] {1, 2, 3}, Arrays.copyOfRange(Files.readAllBytes(host), 1000, 1003));
        sys.close(fd);
    }

    @Test
    void haltingWritesBackWhatIsOpen() throws Exception {
        int fd = sys.open(DEVICE, Fcntl.O_WRONLY, 0);
        sys.pwrite(fd, new byte[] {1, 2, 3}, 1000);
        halt();
        assertArrayEquals(new byte[] {1, 2, 3}, Arrays.copyOfRange(Files.readAllBytes(host), 1000, 1003));
    }

    @Test
    void whoReadsByAnotherOpenFileSeesWhatIsWritten() throws Exception {
        int reader = sys.open(DEVICE, Fcntl.O_RDONLY, 0);
        int writer = sys.open(DEVICE, Fcntl.O_WRONLY, 0);
        sys.pwrite(writer, new byte[] {9, 8, 7}, 511);
        byte[] found = new byte[3];
        sys.pread(reader, found, 511);
        assertArrayEquals(new byte[] {9, 8, 7}, found);
    }

    @Test
    void theEndOfTheDeviceEndsWriting() throws Exception {
        int fd = sys.open(DEVICE, Fcntl.O_RDWR, 0);
        int size = BYTES / 512 * 512;
        assertEquals(10, sys.pwrite(fd, MemorySegment.ofArray(new byte[100]), size - 10));
        assertEquals(
                Errno.ENOSPC,
                assertThrows(ErrnoException.class, () -> sys.pwrite(fd, new byte[1], size))
                        .errno());
        sys.fsync(fd);
        assertEquals(BYTES, Files.size(host));
    }
}
