package org.rump4j.kern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.Pollfd;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Whatever callers hand in becomes an errno, and nothing else happens to the kernel. */
class BadArgumentTest {
    private OpenKernel k;
    private int[] pipe;

    @BeforeEach
    void boot() throws Exception {
        k = OpenKernel.boot();
        k.handle.lwproc().rfork(Lwproc.RFCFDG);
        pipe = k.sys.pipe2(0);
    }

    @AfterEach
    void halt() {
        assertTrue(k.handle.isUp());
        k.close();
    }

    @Test
    @NullUnmarked
    void nullIsABadAddress() {
        List<Executable> calls = List.of(
                () -> k.sys.read(pipe[0], (MemorySegment) null),
                () -> k.sys.write(pipe[1], (MemorySegment) null),
                () -> k.sys.pread(pipe[0], (MemorySegment) null, 0),
                () -> k.sys.pwrite(pipe[1], (MemorySegment) null, 0),
                () -> k.sys.readv(pipe[0], (MemorySegment[]) null),
                () -> k.sys.readv(pipe[0], new MemorySegment[1]),
                () -> k.sys.writev(pipe[1], new MemorySegment[2]),
                () -> k.sys.ioctl(pipe[0], Ioctl.FIONREAD, null),
                () -> k.sys.poll(0, (Pollfd[]) null),
                () -> k.sys.poll(0, new Pollfd[1]),
                () -> k.sys.open(null, 0, 0),
                () -> k.sys.stat(null),
                () -> k.sys.rename("a", null),
                () -> k.sys.mount(null, null, 0, null),
                () -> k.sys.setgroups((int[]) null),
                () -> k.sys.setrlimit(1, null),
                () -> k.sys.clockSettime(0, null),
                () -> k.sys.nanosleep(null),
                () -> k.sys.sysctl(null),
                () -> k.sys.sysctl("kern.hostname", null),
                () -> k.sys.sysctlQuery(null));
        for (Executable call : calls) {
            assertErrno(Errno.EFAULT, call);
        }
    }

    @Test
    void memoryThatIsGoneIsABadAddress() throws Exception {
        MemorySegment gone;
        try (Arena arena = Arena.ofConfined()) {
            gone = arena.allocate(64);
        }
        k.sys.write(pipe[1], new byte[8]);
        assertErrno(Errno.EFAULT, () -> k.sys.read(pipe[0], gone));
        assertErrno(Errno.EFAULT, () -> k.sys.write(pipe[1], gone));
        assertErrno(Errno.EFAULT, () -> k.sys.readv(pipe[0], gone, gone));
        assertErrno(Errno.EFAULT, () -> k.sys.ioctl(pipe[0], Ioctl.FIONREAD, gone));
        assertErrno(Errno.EFAULT, () -> k.sys.ioctl(pipe[0], Ioctl.FIONBIO, gone));
        assertEquals(8, k.sys.read(pipe[0], new byte[64]), "nothing was lost");
    }

    @Test
    void memoryThatCannotBeWrittenIsABadAddress() throws Exception {
        MemorySegment constant = MemorySegment.ofArray(new byte[8]).asReadOnly();
        assertEquals(8, k.sys.write(pipe[1], constant));
        assertErrno(Errno.EFAULT, () -> k.sys.read(pipe[0], constant));
        assertErrno(Errno.EFAULT, () -> k.sys.ioctl(pipe[0], Ioctl.FIONREAD, constant));
    }

    @Test
    void memoryOfAnotherThreadIsABadAddress() throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mine = arena.allocate(8);
            OtherThread.run(() -> {
                k.handle.lwproc().newlwp(k.kernel.procs().all().getLast().pid());
                assertErrno(Errno.EFAULT, () -> k.sys.write(pipe[1], mine));
                k.handle.lwproc().releaselwp();
            });
        }
    }

    /** A thread of its own, and its failure. */
    private static final class OtherThread {
        static void run(Executable body) throws Exception {
            Throwable[] thrown = {null};
            Thread thread = Thread.ofPlatform().start(() -> {
                try {
                    body.execute();
                } catch (Throwable t) {
                    thrown[0] = t;
                }
            });
            thread.join();
            if (thrown[0] != null) {
                throw new AssertionError(thrown[0]);
            }
        }
    }

    @Test
    void dataOfARequestMustBeAsMuchAsItSays() {
        assertErrno(Errno.EFAULT, () -> k.sys.ioctl(pipe[0], Ioctl.FIONREAD, MemorySegment.ofArray(new byte[3])));
        assertErrno(Errno.EFAULT, () -> k.sys.ioctl(pipe[0], Ioctl.FIONBIO, MemorySegment.NULL));
    }

    @Test
    void errorsCarryNoStackTraceAndTellTheirErrno() {
        try {
            k.sys.close(99);
        } catch (ErrnoException e) {
            assertEquals(Errno.EBADF, e.errno());
            assertEquals(0, e.getStackTrace().length);
        }
    }

    @Test
    void withoutTheFileSystemFactionCallsOnFilesAreNotThere() throws Exception {
        assertErrno(Errno.ENOSYS, () -> k.sys.open("/x", 0, 0));
        assertErrno(Errno.ENOSYS, () -> k.sys.mkdir("/x", 0));
        assertErrno(Errno.ENOSYS, () -> k.sys.stat("/x"));
        assertErrno(Errno.ENOSYS, k.sys::getcwd);
        assertErrno(Errno.ENOSYS, () -> k.sys.fchdir(pipe[0]));
        assertErrno(Errno.ENOSYS, () -> k.sys.getvfsstat(0));
        assertErrno(Errno.ENOSYS, () -> k.handle.probe("/x"));
        assertErrno(Errno.ENOSYS, () -> k.handle.etfs().remove("/x"));
        k.sys.sync();
    }
}
