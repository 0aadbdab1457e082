package org.rump4j.rumpuser.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rumpuser.ClockCalls.RumpClock;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.FileCalls;
import org.rump4j.rumpuser.RumpCondVar;
import org.rump4j.rumpuser.RumpMutex;
import org.rump4j.rumpuser.RumpRwLock;
import org.rump4j.rumpuser.RumpRwLock.Kind;
import org.rump4j.rumpuser.RumpThread;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.RumpuserExit;
import org.rump4j.rumpuser.TerminationCalls;

/** The beginning and the end. */
abstract class TerminationContract extends Contract {
    private static final long FOR_EVER = Long.MAX_VALUE;

    // init

    @ParameterizedTest
    @ValueSource(ints = {16, 18, 0, -17})
    void aKernelForAnotherVersionIsRefusedWithAMessage(int version) {
        Rumpuser other = hosts.make(setup(List.of()));
        assertErrno(Errno.EPROGMISMATCH, () -> other.init(version, new FakeKernel(other)));
        assertTrue(debug().contains(Integer.toString(version)), debug());
        assertTrue(debug().contains("17"), debug());
    }

    @Test
    void aHostServesOneKernel() {
        assertErrno(Errno.EALREADY, () -> host.init(Rumpuser.VERSION, new FakeKernel(host)));
    }

    @Test
    void whatABootingKernelUsesWorksBeforeThereIsAScheduler() throws Throwable {
        Rumpuser other = hosts.make(setup(Map.of("RUMP_VERBOSE", "0")));
        // Complains about each upcall, for it is not started.
        FakeKernel unstarted = new FakeKernel(other);
        other.init(Rumpuser.VERSION, unstarted);
        other.free(other.malloc(64, 64));
        other.unmap(other.anonmmap(0, 4096, 0, false));
        other.getparam("RUMP_VERBOSE");
        assertTrue(other.clockGettime(RumpClock.RELWALL) > 0);
        assertTrue(other.getrandom(new byte[8], 0) >= 0);
        for (int flags : new int[] {RumpMutex.SPIN, RumpMutex.KMUTEX, RumpMutex.SPIN | RumpMutex.KMUTEX}) {
            RumpMutex mutex = other.mutexInit(flags);
            mutex.enter();
            mutex.exit();
            mutex.destroy();
        }
        RumpRwLock lock = other.rwInit();
        for (Kind kind : Kind.values()) {
            lock.enter(kind);
            lock.exit();
        }
        RumpCondVar cv = other.cvInit();
        cv.signal();
        cv.broadcast();
        cv.destroy();
        other.putchar('x');
        other.dprintf("x");
        Objects.requireNonNull(other.threadCreate(() -> {}, hosts.threads(), "early", true, 0, -1));
        assertEquals("", unstarted.violations());
    }

    // exit

    @ParameterizedTest
    @ValueSource(ints = {0, 3, TerminationCalls.PANIC})
    void exitPrintsHaltedAndDoesNotReturn(int value) {
        RumpuserExit exit = assertThrows(RumpuserExit.class, () -> host.exit(value));
        assertEquals(value, exit.value());
        assertEquals("halted\n", console());
        assertEquals(List.of(value), List.copyOf(exits));
    }

    @Test
    void theFirstExitCounts() {
        assertThrows(RumpuserExit.class, () -> host.exit(4));
        RumpuserExit second = assertThrows(RumpuserExit.class, () -> host.exit(5));
        assertEquals(4, second.value());
        assertEquals("halted\n", console());
        assertEquals(List.of(4), List.copyOf(exits));
    }

    @Test
    void whoeverSleepsIsThrownOutAtOnce() throws Throwable {
        RumpMutex mutex = kernel.mutex(RumpMutex.KMUTEX);
        RumpMutex spin = kernel.mutex(RumpMutex.SPIN);
        RumpRwLock lock = host.rwInit();
        RumpCondVar cv = host.cvInit();
        mutex.enter();
        lock.enter(Kind.WRITER);
        RumpMutex waitedWith = kernel.mutex(RumpMutex.KMUTEX);
        Task sleeping = startAndAwaitAway("sleeping", () -> host.clockSleep(RumpClock.RELWALL, FOR_EVER));
        List<Task> tasks = List.of(
                sleeping,
                startAndAwaitAway("joining", sleeping::join),
                startAndAwaitAway("entering", mutex::enter),
                startAndAwaitAway("reading", () -> lock.enter(Kind.READER)),
                startAndAwaitAway("writing", () -> lock.enter(Kind.WRITER)),
                startAndAwaitAway("waiting", () -> {
                    waitedWith.enter();
                    try {
                        while (true) {
                            cv.await(waitedWith);
                        }
                    } finally {
                        // On the way out it is not held. The complaint must not hide why the thread goes.
                        waitedWith.exit();
                    }
                }),
                startAndAwaitAway("waiting for a time", () -> {
                    waitedWith.enter();
                    cv.timedwait(waitedWith, FOR_EVER);
                }));
        Task nowrap = start("waiting without wrapping", () -> {
            spin.enterNowrap();
            host.cvInit().awaitNowrap(spin);
        });
        waitUntil(() -> nowrap.carrier != null);
        pause();
        assertThrows(RumpuserExit.class, () -> host.exit(7));
        for (Task task : tasks) {
            assertThrownOut(task);
        }
        assertThrownOut(nowrap);
    }

    private static void assertThrownOut(Task task) throws InterruptedException {
        Objects.requireNonNull(task.carrier).join();
        assertEquals(7, assertInstanceOf(RumpuserExit.class, task.failure).value());
    }

    @Test
    void whoeverRunsIsThrownOutAtItsNextBlockingHypercall() throws Throwable {
        String path = hosts.path("file");
        hosts.write("file", new byte[1]);
        int fd = host.open(path, FileCalls.OPEN_RDWR);
        RumpMutex mutex = kernel.mutex(RumpMutex.KMUTEX);
        RumpCondVar cv = host.cvInit();
        RumpThread thread = Objects.requireNonNull(host.threadCreate(() -> {}, hosts.threads(), "thread", true, 0, -1));
        mutex.enter();
        RumpuserExit exit = assertThrows(RumpuserExit.class, () -> host.exit(0));
        assertSame(exit, assertThrows(RumpuserExit.class, () -> host.open(path, FileCalls.OPEN_RDONLY)));
        assertThrows(RumpuserExit.class, () -> host.iovread(fd, iov(room(1)), 0));
        assertThrows(RumpuserExit.class, () -> host.iovwrite(fd, iov(room(1)), 0));
        assertThrows(RumpuserExit.class, () -> host.syncfd(fd, FileCalls.SYNCFD_WRITE, 0, 0));
        assertThrows(RumpuserExit.class, () -> host.bio(fd, 1, room(1), 0, (_, _) -> {}));
        assertThrows(RumpuserExit.class, () -> host.clockSleep(RumpClock.RELWALL, 0));
        assertThrows(RumpuserExit.class, () -> host.threadJoin(thread));
        assertThrows(RumpuserExit.class, () -> cv.await(mutex));
        assertThrows(RumpuserExit.class, () -> cv.timedwait(mutex, 0));
        assertThrows(RumpuserExit.class, host::componentUnschedule);
        assertThrows(RumpuserExit.class, () -> host.close(fd));
    }

    // kill

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 15, 20, 30, 63})
    void aSignalReachesTheHostProcessByNetbsdsNumber(int signo) throws Throwable {
        assertPairs(0, () -> host.kill(TerminationCalls.PID_SELF, signo));
        assertEquals(List.of(signo), List.copyOf(signals));
    }
}
