package org.rump4j.rumpuser.real;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.rumpuser.BlockIoCalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.FileCalls;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.contract.IdleKernel;

/** Files that only an operating system has: devices, pipes, symbolic links. */
class RealHostFilesTest {
    private static final long NOSEEK = FileCalls.IOV_NOSEEK;

    @TempDir
    Path folder;

    private final ByteArrayOutputStream debug = new ByteArrayOutputStream();
    private RealHost host;

    @BeforeEach
    void boot() throws ErrnoException {
        host = RealHost.builder().debug(debug).build();
        host.init(Rumpuser.VERSION, new IdleKernel());
    }

    // Devices

    @Test
    void aDeviceWithoutASizeIsRefusedWithAMessage() {
        assumeTrue(Files.exists(Path.of("/dev/null")));
        assertErrno(Errno.EOPNOTSUPP, () -> host.getfileinfo("/dev/null"));
        assertTrue(debug.toString(StandardCharsets.UTF_8).contains("/dev/null"));
    }

    @Test
    void aDeviceThatIsFullSaysSo() throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/full")));
        int fd = host.open("/dev/full", FileCalls.OPEN_RDWR);
        assertErrno(Errno.ENOSPC, () -> host.iovwrite(fd, iov(new byte[4]), 0));
        assertErrno(Errno.ENOSPC, () -> host.iovwrite(fd, iov(new byte[4], new byte[4]), 0));
        assertErrno(Errno.ENOSPC, () -> host.iovwrite(fd, iov(new byte[4]), NOSEEK));
        assertEquals(Errno.ENOSPC, bio(fd, BlockIoCalls.BIO_WRITE).error);
        host.close(fd);
    }

    @Test
    void aSynchronousWriteWhoseFlushFailsHasFailed() throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/null")));
        int fd = host.open("/dev/null", FileCalls.OPEN_RDWR);
        assertEquals(new Done(4, null), bio(fd, BlockIoCalls.BIO_WRITE));
        // A device without a medium cannot be flushed: fsync(2) gives EINVAL.
        assertEquals(new Done(0, Errno.EINVAL), bio(fd, BlockIoCalls.BIO_WRITE | BlockIoCalls.BIO_SYNC));
        assertErrno(Errno.EINVAL, () -> host.syncfd(fd, FileCalls.SYNCFD_WRITE, 0, 0));
        host.close(fd);
    }

    // Pipes

    @Test
    void aPipeIsReadAsItComesAndHasNoOffsets() throws Exception {
        Path pipe = folder.resolve("pipe");
        assumeTrue(run("mkfifo", pipe.toString()), "there is no mkfifo");
        assertEquals(FileCalls.FileType.OTHER, host.getfileinfo(pipe.toString()).type());
        int fd = host.open(pipe.toString(), FileCalls.OPEN_RDWR);
        assertEquals(5, host.iovwrite(fd, iov(new byte[] {1, 2}, new byte[] {3, 4, 5}), NOSEEK));
        byte[] a = new byte[2];
        byte[] b = new byte[8];
        assertEquals(5, host.iovread(fd, iov(a, b), NOSEEK));
        assertArrayEquals(new byte[] {1, 2}, a);
        assertArrayEquals(new byte[] {3, 4, 5, 0, 0, 0, 0, 0}, b);
        assertErrno(Errno.ESPIPE, () -> host.iovread(fd, iov(new byte[1]), 0));
        assertErrno(Errno.ESPIPE, () -> host.iovwrite(fd, iov(new byte[1]), 0));
        host.close(fd);
    }

    // Symbolic links

    @Test
    void linksAreFollowed() throws Exception {
        Path file = Files.write(folder.resolve("file"), new byte[7]);
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        assertEquals(new FileCalls.FileInfo(7, FileCalls.FileType.REG), host.getfileinfo(link.toString()));
    }

    @Test
    void aCircleOfLinksIsFoundOut() throws Exception {
        Path link = folder.resolve("link");
        Files.createSymbolicLink(link, link);
        assertErrno(Errno.ELOOP, () -> host.getfileinfo(link.toString()));
        assertErrno(Errno.ELOOP, () -> host.open(link.toString(), FileCalls.OPEN_RDONLY));
    }

    @Test
    void creatingGoesThroughALinkThatLeadsNowhere() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("target"));
        assertErrno(Errno.ENOENT, () -> host.open(link.toString(), FileCalls.OPEN_RDWR));
        assertErrno(
                Errno.EEXIST,
                () -> host.open(link.toString(), FileCalls.OPEN_RDWR | FileCalls.OPEN_CREATE | FileCalls.OPEN_EXCL));
        host.close(host.open(link.toString(), FileCalls.OPEN_RDWR | FileCalls.OPEN_CREATE));
        assertTrue(Files.isRegularFile(folder.resolve("target")));
    }

    // Directories

    @Test
    void aDirectoryCanBeOpenedButNotReadAsAFile() throws Exception {
        int fd = host.open(folder.toString(), FileCalls.OPEN_RDONLY);
        assertErrno(Errno.EISDIR, () -> host.iovread(fd, iov(new byte[4]), 0));
        host.close(fd);
    }

    // Block I/O

    @Test
    void callersWaitWhileTooMuchIsUnderWay() throws Exception {
        int requests = 1000;
        int fd = host.open(Files.write(folder.resolve("disk"), new byte[16]).toString(), FileCalls.OPEN_RDONLY);
        Object gate = new Object();
        AtomicInteger done = new AtomicInteger();
        AtomicInteger asked = new AtomicInteger();
        Thread asking = Thread.ofPlatform().unstarted(() -> {
            MemorySegment buffer = Arena.ofAuto().allocate(4);
            for (int i = 0; i < requests; i++) {
                host.bio(fd, BlockIoCalls.BIO_READ, buffer, 0, (_, _) -> {
                    synchronized (gate) {
                        done.incrementAndGet();
                    }
                });
                asked.incrementAndGet();
            }
        });
        synchronized (gate) {
            asking.start();
            while (asking.getState() != Thread.State.WAITING) {
                Thread.sleep(1);
            }
            assertTrue(asked.get() < requests);
            assertEquals(0, done.get());
        }
        asking.join();
        while (done.get() < requests) {
            Thread.sleep(1);
        }
        host.close(fd);
    }

    private record Done(long count, @Nullable Errno error) {}

    private Done bio(int fd, int op) throws InterruptedException {
        BlockingQueue<Done> outcome = new LinkedBlockingQueue<>();
        host.bio(fd, op, Arena.ofAuto().allocate(4), 0, (count, error) -> outcome.add(new Done(count, error)));
        return outcome.take();
    }

    private static void assertErrno(Errno expected, Executable call) {
        assertEquals(expected, assertThrows(ErrnoException.class, call).errno());
    }

    private static MemorySegment[] iov(byte[]... arrays) {
        MemorySegment[] iov = new MemorySegment[arrays.length];
        for (int i = 0; i < arrays.length; i++) {
            iov[i] = MemorySegment.ofArray(arrays[i]);
        }
        return iov;
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
