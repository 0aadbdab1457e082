package org.rump4j.rumpuser.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rump4j.rumpuser.BlockIoCalls;
import org.rump4j.rumpuser.ClockCalls.RumpClock;
import org.rump4j.rumpuser.CurlwpCalls.LwpOp;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.FileCalls;
import org.rump4j.rumpuser.Hypercall;
import org.rump4j.rumpuser.LoaderCalls.DlCallbacks;
import org.rump4j.rumpuser.OpaqueLwp;
import org.rump4j.rumpuser.RumpCondVar;
import org.rump4j.rumpuser.RumpMutex;
import org.rump4j.rumpuser.RumpRwLock;
import org.rump4j.rumpuser.RumpRwLock.Kind;
import org.rump4j.rumpuser.RumpThread;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.RumpuserExit;
import org.rump4j.rumpuser.contract.HostUnderTest.Body;

/**
 * The table of the hypercalls, held against the host: each is called, and gives the virtual CPU away as often as the table
 * says. A hypercall without a case here does not compile.
 */
abstract class TableContract extends Contract {
    @ParameterizedTest
    @EnumSource(Hypercall.class)
    void eachHypercallGivesTheVirtualCpuAwayAsTheTableSays(Hypercall hypercall) throws Throwable {
        Body call = prepare(hypercall);
        int before = kernel.context().pairs.get();
        call.run();
        int pairs = kernel.context().pairs.get() - before;
        switch (hypercall.unschedules()) {
            case NEVER -> assertEquals(0, pairs);
            case SOMETIMES -> assertTrue(pairs <= 1, () -> pairs + " times");
            case ALWAYS -> assertEquals(1, pairs);
        }
    }

    /** Makes what a hypercall needs, and gives back the call alone. */
    private Body prepare(Hypercall hypercall) throws Throwable {
        return switch (hypercall) {
            case INIT -> {
                Rumpuser other = hosts.make(setup(List.of()));
                yield () -> other.init(Rumpuser.VERSION, kernel);
            }
            case MALLOC -> () -> host.malloc(64, 0);
            case FREE -> {
                MemorySegment memory = host.malloc(64, 0);
                yield () -> host.free(memory);
            }
            case ANONMMAP -> () -> host.anonmmap(0, 4096, 0, false);
            case UNMAP -> {
                MemorySegment memory = host.anonmmap(0, 4096, 0, false);
                yield () -> host.unmap(memory);
            }
            case GETFILEINFO -> {
                String path = file();
                yield () -> host.getfileinfo(path);
            }
            case OPEN -> {
                String path = file();
                yield () -> host.open(path, FileCalls.OPEN_RDONLY);
            }
            case CLOSE -> {
                int fd = open();
                yield () -> host.close(fd);
            }
            case IOVREAD -> {
                int fd = open();
                yield () -> host.iovread(fd, iov(room(1)), 0);
            }
            case IOVWRITE -> {
                int fd = open();
                yield () -> host.iovwrite(fd, iov(room(1)), 0);
            }
            case SYNCFD -> {
                int fd = open();
                yield () -> host.syncfd(fd, FileCalls.SYNCFD_BOTH, 0, 0);
            }
            case BIO -> {
                int fd = open();
                yield () -> host.bio(fd, BlockIoCalls.BIO_READ, room(1), 0, (_, _) -> {});
            }
            case CLOCK_GETTIME -> () -> host.clockGettime(RumpClock.ABSMONO);
            case CLOCK_SLEEP -> () -> host.clockSleep(RumpClock.RELWALL, 1);
            case GETPARAM -> () -> host.getparam(Rumpuser.PARAM_NCPU);
            case GETRANDOM -> () -> assertTrue(host.getrandom(new byte[1], 0) >= 0);
            case PUTCHAR -> () -> host.putchar('x');
            case DPRINTF -> () -> host.dprintf("x");
            case EXIT -> () -> assertThrows(RumpuserExit.class, () -> host.exit(0));
            case KILL -> () -> host.kill(Rumpuser.PID_SELF, 15);
            case SETERRNO -> () -> host.seterrno(2);
            case THREAD_CREATE -> () -> thread(() -> {});
            case THREAD_EXIT -> () -> assertThrows(Error.class, host::threadExit);
            case THREAD_JOIN -> {
                RumpThread thread = thread(() -> {});
                yield () -> host.threadJoin(thread);
            }
            case CURLWPOP -> () -> host.curlwpop(LwpOp.CREATE, new FakeLwp("x", 1, false));
            case CURLWP -> host::curlwp;
            case MUTEX_INIT -> () -> host.mutexInit(RumpMutex.KMUTEX);
            case MUTEX_ENTER -> kernel.mutex(RumpMutex.KMUTEX)::enter;
            case MUTEX_ENTER_NOWRAP -> kernel.mutex(RumpMutex.SPIN)::enterNowrap;
            case MUTEX_TRYENTER -> kernel.mutex(RumpMutex.KMUTEX)::tryenter;
            case MUTEX_EXIT -> {
                RumpMutex mutex = kernel.mutex(RumpMutex.KMUTEX);
                mutex.enter();
                yield mutex::exit;
            }
            case MUTEX_DESTROY -> kernel.mutex(RumpMutex.KMUTEX)::destroy;
            case MUTEX_OWNER -> kernel.mutex(RumpMutex.KMUTEX)::owner;
            case MUTEX_SPIN_P -> kernel.mutex(RumpMutex.KMUTEX)::spinP;
            case RW_INIT -> host::rwInit;
            case RW_ENTER -> {
                RumpRwLock lock = host.rwInit();
                yield () -> lock.enter(Kind.READER);
            }
            case RW_TRYENTER -> {
                RumpRwLock lock = host.rwInit();
                yield () -> assertTrue(lock.tryenter(Kind.WRITER));
            }
            case RW_TRYUPGRADE -> entered(Kind.READER)::tryupgrade;
            case RW_DOWNGRADE -> entered(Kind.WRITER)::downgrade;
            case RW_EXIT -> entered(Kind.WRITER)::exit;
            case RW_DESTROY -> host.rwInit()::destroy;
            case RW_HELD -> {
                RumpRwLock lock = entered(Kind.WRITER);
                yield () -> assertTrue(lock.held(Kind.WRITER));
            }
            case CV_INIT -> host::cvInit;
            case CV_DESTROY -> host.cvInit()::destroy;
            case CV_WAIT -> {
                RumpMutex mutex = kernel.mutex(RumpMutex.KMUTEX);
                RumpCondVar cv = host.cvInit();
                mutex.enter();
                start("waker", () -> wake(mutex, cv));
                yield () -> cv.await(mutex);
            }
            case CV_WAIT_NOWRAP -> {
                RumpMutex mutex = kernel.mutex(RumpMutex.KMUTEX);
                RumpCondVar cv = host.cvInit();
                mutex.enter();
                start("waker", () -> wake(mutex, cv));
                yield () -> cv.awaitNowrap(mutex);
            }
            case CV_TIMEDWAIT -> {
                RumpMutex mutex = kernel.mutex(RumpMutex.KMUTEX);
                RumpCondVar cv = host.cvInit();
                mutex.enter();
                yield () -> cv.timedwait(mutex, 1);
            }
            case CV_SIGNAL -> host.cvInit()::signal;
            case CV_BROADCAST -> host.cvInit()::broadcast;
            case CV_HAS_WAITERS -> host.cvInit()::hasWaiters;
            case DL_BOOTSTRAP ->
                () -> host.dlBootstrap(String.class, new DlCallbacks<>() {
                    @Override
                    public void modinit(List<MemorySegment> modules) {}

                    @Override
                    public void symload(MemorySegment symtab, MemorySegment strtab) {}

                    @Override
                    public void compload(String component) {}
                });
            case DAEMONIZE_BEGIN -> () -> assertThrows(ErrnoException.class, host::daemonizeBegin);
            case DAEMONIZE_DONE -> () -> assertThrows(ErrnoException.class, () -> host.daemonizeDone(0));
            case SP_INIT ->
                () -> assertThrows(ErrnoException.class, () -> host.spInit("x", "NetBSD", "7.99.34", "amd64"));
            case SP_FINI -> () -> host.spFini(null);
            case SP_COPYIN -> withoutClient(() -> host.spCopyin(this, 0, room(1)));
            case SP_COPYINSTR -> withoutClient(() -> host.spCopyinstr(this, 0, room(1)));
            case SP_COPYOUT -> withoutClient(() -> host.spCopyout(this, room(1), 0));
            case SP_COPYOUTSTR -> withoutClient(() -> host.spCopyoutstr(this, room(1), 0));
            case SP_ANONMMAP -> withoutClient(() -> host.spAnonmmap(this, 1));
            case SP_RAISE -> withoutClient(() -> host.spRaise(this, 1));
            case COMPONENT_UNSCHEDULE -> host::componentUnschedule;
            case COMPONENT_SCHEDULE ->
                // Taking is the other half of giving away, which is what is counted.
                () -> host.componentSchedule(host.componentUnschedule());
            case COMPONENT_KTHREAD, COMPONENT_KTHREAD_RELEASE ->
                () -> {
                    kernel.leave();
                    host.componentKthread();
                    host.componentKthreadRelease();
                    kernel.enter("test");
                };
            case COMPONENT_CURLWP -> host::componentCurlwp;
            case COMPONENT_SWITCHLWP -> {
                OpaqueLwp mine = host.curlwp();
                yield () -> host.componentSwitchlwp(mine);
            }
            case COMPONENT_ERRTRANS -> () -> assertEquals(0, host.componentErrtrans(0));
        };
    }

    private void wake(RumpMutex mutex, RumpCondVar cv) {
        mutex.enter();
        cv.signal();
        mutex.exit();
    }

    private RumpRwLock entered(Kind kind) {
        RumpRwLock lock = host.rwInit();
        lock.enter(kind);
        return lock;
    }

    private static Body withoutClient(org.junit.jupiter.api.function.Executable call) {
        return () -> assertThrows(ErrnoException.class, call);
    }

    private RumpThread thread(Runnable body) throws ErrnoException {
        return Objects.requireNonNull(host.threadCreate(body, hosts.threads(), "thread", true, 0, -1));
    }

    private String file() throws Exception {
        hosts.write("file", new byte[8]);
        return hosts.path("file");
    }

    private int open() throws Exception {
        return host.open(file(), FileCalls.OPEN_RDWR);
    }
}
