package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** What the kernel makes of a host whose files shrink, fail and vanish. */
class HostFaultsTest {
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
        assertEquals(Set.of(), faults.open, "files of the host that were not closed");
        assertEquals(0, faults.memory.get(), "memory of the host that was not given back");
    }

    private interface Body {
        void run() throws Exception;
    }

    private static ErrnoException fails(Errno errno, Body body) {
        ErrnoException e = assertThrows(ErrnoException.class, body::run);
        assertEquals(errno, e.errno(), e::toString);
        return e;
    }

    private Path lend(int bytes, Etfs.Type type) throws Exception {
        Path file = Files.write(dir.resolve("file"), FakeDisk.bytes(0, bytes));
        kernel.handle().etfs().register("/lent", file.toString(), type);
        return file;
    }

    private static void cut(Path file, long size) throws Exception {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }

    @Test
    void aDiskThatHasBecomeShorterIsAnError() throws Exception {
        Path file = lend(1 << 20, Etfs.Type.BLK);
        int fd = sys.open("/lent", Fcntl.O_RDONLY, 0);
        cut(file, 100_000);
        byte[] buf = new byte[1000];
        assertEquals(1000, sys.pread(fd, buf, 50_000));
        assertArrayEquals(FakeDisk.bytes(50_000, 1000), buf);
        ErrnoException e = fails(Errno.EIO, () -> sys.pread(fd, buf, 200_000));
        assertTrue(e.getMessage().contains("shorter"), e::getMessage);
        fails(Errno.EIO, () -> sys.pread(fd, new byte[60_000], 80_000));
        assertEquals(1 << 20, sys.fstat(fd).size());
    }

    @Test
    void aRawDiskThatHasBecomeShorterIsAnError() throws Exception {
        Path file = lend(1 << 20, Etfs.Type.CHR);
        int fd = sys.open("/lent", Fcntl.O_RDONLY, 0);
        cut(file, 1024);
        assertEquals(1024, sys.pread(fd, new byte[1024], 0));
        fails(Errno.EIO, () -> sys.pread(fd, new byte[1024], 512));
    }

    @Test
    void aFileThatHasBecomeShorterEndsThere() throws Exception {
        Path file = lend(10_000, Etfs.Type.REG);
        int fd = sys.open("/lent", Fcntl.O_RDONLY, 0);
        assertEquals(10_000, sys.read(fd, new byte[20_000]));
        cut(file, 10);
        assertEquals(10, sys.fstat(fd).size());
        assertEquals(5, sys.pread(fd, new byte[100], 5));
        assertEquals(0, sys.pread(fd, new byte[100], 5000));
    }

    @Test
    void aDiskThatFailsFailsItsReaderAndNobodyElse() throws Exception {
        Path file = lend(1 << 20, Etfs.Type.BLK);
        sys.mkdir("/d", 0755);
        int fd = sys.open("/lent", Fcntl.O_RDWR, 0);
        faults.fail("iovread", Errno.EIO);
        fails(Errno.EIO, () -> sys.read(fd, new byte[10]));
        assertEquals(0, sys.lseek(fd, 0, Fcntl.SEEK_CUR));
        sys.stat("/d");
        faults.heal();
        assertEquals(10, sys.read(fd, new byte[10]));
        faults.fail("iovwrite", Errno.ENOSPC);
        assertEquals(512, sys.pwrite(fd, new byte[512], 0));
        fails(Errno.ENOSPC, () -> sys.fsync(fd));
        faults.heal();
        sys.fsync(fd);
        assertEquals(512, sys.pwrite(fd, new byte[512], 512));
        faults.fail("syncfd", Errno.EIO);
        fails(Errno.EIO, () -> sys.fsync(fd));
        faults.heal();
        sys.fsync(fd);
        assertArrayEquals(new byte[1024], Arrays.copyOf(Files.readAllBytes(file), 1024));
    }

    @Test
    void readingAheadThatFailsIsNobodysError() throws Exception {
        lend(4 << 20, Etfs.Type.BLK);
        faults.slowReads = true;
        faults.fail("bio", Errno.EIO);
        int fd = sys.open("/lent", Fcntl.O_RDONLY, 0);
        byte[] buf = new byte[100_000];
        for (int at = 0; at + buf.length <= 4 << 20; at += buf.length) {
            assertEquals(buf.length, sys.read(fd, buf));
            assertArrayEquals(FakeDisk.bytes(at, buf.length), buf);
        }
        assertTrue(faults.bios.get() > 0);
    }

    @Test
    void aSlowDiskIsReadAhead() throws Exception {
        lend(4 << 20, Etfs.Type.BLK);
        faults.slowReads = true;
        int fd = sys.open("/lent", Fcntl.O_RDONLY, 0);
        byte[] buf = new byte[100_000];
        for (int at = 0; at + buf.length <= 4 << 20; at += buf.length) {
            assertEquals(buf.length, sys.read(fd, buf));
            assertArrayEquals(FakeDisk.bytes(at, buf.length), buf);
        }
        assertTrue(faults.bios.get() > 10, faults.bios + " reads ahead");
    }

    @Test
    void aFileOfTheHostThatCannotBeOpenedIsAnErrorOfItsUser() throws Exception {
        lend(1 << 20, Etfs.Type.BLK);
        faults.fail("open", Errno.EMFILE);
        fails(Errno.EMFILE, () -> sys.open("/lent", Fcntl.O_RDONLY, 0));
        faults.heal();
        sys.close(sys.open("/lent", Fcntl.O_RDONLY, 0));
        kernel.handle().etfs().remove("/lent");
    }

    @Test
    void aFileOfTheHostThatHasGoneIsAnErrorOfItsUser() throws Exception {
        Path file = lend(1000, Etfs.Type.REG);
        Files.delete(file);
        fails(Errno.ENOENT, () -> sys.stat("/lent"));
        fails(Errno.ENOENT, () -> sys.open("/lent", Fcntl.O_RDONLY, 0));
        sys.mkdir("/d", 0755);
        kernel.handle().etfs().remove("/lent");
    }

    @Test
    void whatIsNotLentAnyMoreIsClosedOnTheHost() throws Exception {
        lend(1000, Etfs.Type.REG);
        int fd = sys.open("/lent", Fcntl.O_RDONLY, 0);
        sys.read(fd, new byte[10]);
        sys.close(fd);
        kernel.handle().etfs().remove("/lent");
        assertEquals(Set.of(), faults.open);
    }

    @Test
    void aDiskIsOpenedOnceForWritingWhereTheFirstOnlyReads() throws Exception {
        Path file = lend(1 << 20, Etfs.Type.BLK);
        int reader = sys.open("/lent", Fcntl.O_RDONLY, 0);
        byte[] buf = new byte[512];
        sys.read(reader, buf);
        int writer = sys.open("/lent", Fcntl.O_RDWR, 0);
        assertEquals(512, sys.pwrite(writer, new byte[512], 0));
        assertEquals(512, sys.pread(reader, buf, 0));
        assertArrayEquals(new byte[512], buf);
        sys.fsync(writer);
        assertEquals(0, Files.readAllBytes(file)[100]);
        sys.close(writer);
        assertEquals(512, sys.pread(reader, buf, 512));
    }

    @Test
    void aDiskIsClosedOnTheHostWhenWhatWasStartedIsOver() throws Exception {
        lend(4 << 20, Etfs.Type.BLK);
        faults.slowReads = true;
        faults.holdsBios = true;
        int reader = sys.open("/lent", Fcntl.O_RDONLY, 0);
        for (int at = 0; faults.heldBack() == 0; at += FilePages.CHUNK_BYTES) {
            sys.pread(reader, new byte[FilePages.CHUNK_BYTES], at);
        }
        CompletableFuture<Integer> writer = CompletableFuture.supplyAsync(() -> {
            try {
                return sys.open("/lent", Fcntl.O_RDWR, 0);
            } catch (ErrnoException e) {
                throw new AssertionError(e);
            }
        });
        while (faults.open.size() < 2) {
            Thread.sleep(1);
        }
        Thread.sleep(50);
        assertEquals(2, faults.open.size(), "reads are under way by the first opening");
        assertFalse(writer.isDone());
        faults.holdsBios = false;
        faults.finishHeld();
        writer.get();
        assertEquals(1, faults.open.size());
        byte[] buf = new byte[1 << 20];
        assertEquals(buf.length, sys.pread(reader, buf, 0));
        assertArrayEquals(FakeDisk.bytes(0, buf.length), buf);
    }

    @Test
    void aDiskThatIsOpenForWritingIsNotMounted() throws Exception {
        kernel.close();
        DiskFs fs = new DiskFs();
        kernel = TestKernel.builder().host(faults::wrap).type(fs).boot();
        sys = kernel.handle().syscalls();
        lend(1 << 20, Etfs.Type.BLK);
        sys.mkdir("/m", 0755);
        MountArgs args = new MountArgs.Device("/lent");
        int fd = sys.open("/lent", Fcntl.O_RDWR, 0);
        fails(Errno.EBUSY, () -> sys.mount("diskfs", "/m", 0, args));
        sys.close(fd);
        sys.mount("diskfs", "/m", 0, args);
        fails(Errno.EBUSY, () -> sys.open("/lent", Fcntl.O_RDWR, 0));
        sys.close(sys.open("/lent", Fcntl.O_RDONLY, 0));
        fails(Errno.EBUSY, () -> kernel.handle().etfs().remove("/lent"));
        sys.unmount("/m", 0);
        sys.close(sys.open("/lent", Fcntl.O_RDWR, 0));
        kernel.handle().etfs().remove("/lent");
    }

    @Test
    void aMountThatFailsClosesTheDisk() throws Exception {
        lend(1 << 20, Etfs.Type.BLK);
        sys.mkdir("/m", 0755);
        sys.mknod("/chr", 0020600, 0);
        for (String fspec : new String[] {"/lent", "/m", "/none", "/chr"}) {
            assertThrows(ErrnoException.class, () -> sys.mount("tmpfs", "/m", 0, new MountArgs.Device(fspec)), fspec);
        }
        fails(Errno.EFTYPE, () -> kernel.handle().probe("/lent"));
        fails(Errno.ENOTBLK, () -> kernel.handle().probe("/m"));
        assertEquals(Set.of(), faults.open);
    }

    @Test
    void aFileThatIsMappedForReadingIsNoPlaceToReadInto() throws Exception {
        lend(1000, Etfs.Type.REG);
        int fd = sys.open("/lent", Fcntl.O_RDONLY, 0);
        MemorySegment readOnly = MemorySegment.ofArray(new byte[10]).asReadOnly();
        fails(Errno.EFAULT, () -> sys.read(fd, readOnly));
        sys.stat("/");
    }
}
