package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Something goes wrong after a part has been written: that part counts, and whoever writes the rest is told what is wrong. */
class ShortWriteTest {
    private static final int PIECE = 64 << 10;

    @TempDir
    private Path dir;

    private final FaultyHost faults = new FaultyHost();
    private TestKernel kernel;
    private Syscalls sys;

    @BeforeEach
    void boot() throws Exception {
        kernel = TestKernel.builder().host(faults::wrap).boot();
        sys = kernel.handle().syscalls();
    }

    @AfterEach
    void halt() {
        kernel.close();
    }

    private interface Body {
        void run() throws Exception;
    }

    private static void fails(Errno errno, Body body) {
        assertEquals(errno, assertThrows(ErrnoException.class, body::run).errno());
    }

    private static MemorySegment gone() {
        try (Arena arena = Arena.ofConfined()) {
            return arena.allocate(100);
        }
    }

    @Test
    void beforeMemoryThatIsGone() throws Exception {
        int fd = sys.open("/file", Fcntl.O_RDWR | Fcntl.O_CREAT, 0600);
        byte[] data = FileWriterTest.pattern(1, 1000);
        assertEquals(1000, sys.writev(fd, MemorySegment.ofArray(data), gone()));
        assertEquals(1000, sys.lseek(fd, 0, Fcntl.SEEK_CUR));
        assertEquals(1000, sys.fstat(fd).size());
        fails(Errno.EFAULT, () -> sys.write(fd, gone()));
        sys.ftruncate(fd, 2000);
        byte[] buf = new byte[2000];
        assertEquals(2000, sys.pread(fd, buf, 0));
        assertArrayEquals(Arrays.copyOf(data, 2000), buf);
    }

    @Test
    void nothingOfAFileIsThereBecauseNothingCouldBeWrittenBehindIt() throws Exception {
        int fd = sys.open("/file", Fcntl.O_RDWR | Fcntl.O_CREAT, 0600);
        fails(Errno.EFAULT, () -> sys.pwrite(fd, gone(), 1000));
        assertEquals(0, sys.fstat(fd).size());
    }

    @ParameterizedTest
    @EnumSource(names = {"REG", "CHR"})
    void beforeWhatTheHostCannotWrite(Etfs.Type type) throws Exception {
        Path file = Files.write(dir.resolve("file"), new byte[4 * PIECE]);
        kernel.handle().etfs().register("/lent", file.toString(), type);
        int fd = sys.open("/lent", Fcntl.O_RDWR, 0);
        byte[] data = FileWriterTest.pattern(1, 3 * PIECE);
        faults.failAfter("iovwrite", 1, Errno.EDQUOT);
        assertEquals(PIECE, sys.write(fd, data));
        assertEquals(PIECE, sys.lseek(fd, 0, Fcntl.SEEK_CUR));
        fails(Errno.EDQUOT, () -> sys.write(fd, data));
        assertEquals(PIECE, sys.lseek(fd, 0, Fcntl.SEEK_CUR));
        assertArrayEquals(Arrays.copyOf(Arrays.copyOf(data, PIECE), 4 * PIECE), Files.readAllBytes(file));
    }

    @Test
    void upToTheLastBlockThatItsFileSystemCanMap() throws Exception {
        int most = TinyFs.MAX_BLOCKS * TinyFs.BLOCK;
        try (TinyMachine tiny = new TinyMachine(new RecordingDisk(TinyFs.image(4 << 20)), "16m", 0)) {
            int fd = tiny.open(1);
            byte[] data = FileWriterTest.pattern(1, most + 5000);
            assertEquals(most, tiny.sys.write(fd, data));
            fails(Errno.EFBIG, () -> tiny.sys.write(fd, new byte[1]));
            assertEquals(most, tiny.sys.fstat(fd).size());
            assertArrayEquals(Arrays.copyOf(data, most), tiny.read(1));
        }
    }
}
