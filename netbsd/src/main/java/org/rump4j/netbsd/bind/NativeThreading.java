package org.rump4j.netbsd.bind;

import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.PlainHost;
import org.rump4j.rumpuser.RumpMutex;
import org.rump4j.rumpuser.RumpRwLock.Kind;

/**
 * What threads of a guest have on a plain host, in native memory. Most calls end in machine code, {@link X8664Stubs}, which knows the
 * layouts; what comes here is what it leaves alone: waiting, whatever is wrong, and what is rare. All of it does the whole of its
 * hypercall nevertheless.
 *
 * <p><b>Who is who.</b> A thread is known by the address of its block ({@link GuestThread}), which is in it as well for machine code to
 * read where the current lwp is. Mistakes are told by the thread, owners by the lwp.
 *
 * <p><b>The virtual CPU.</b> Whoever waits gives it away and takes one again here, around the sleep, exactly once each and with the same
 * interlock; machine code never does, for it never waits. Spin mutexes are waited for with it held.
 *
 * <p><b>The end.</b> When the kernel exits, each lock gets a state that neither machine code nor a waiter takes for one that it can do
 * something with, so that threads come here and are thrown out; then whoever sleeps is woken. A lock that is made afterwards gets that
 * state at once.
 */
final class NativeThreading implements Threading {
    /** Numbers of {@code rumpuser_curlwpop}. */
    static final int CREATE = 0;

    static final int DESTROY = 1;
    static final int SET = 2;
    static final int CLEAR = 3;

    private final Guest guest;
    private final PlainHost host;
    private final Lwps lwps;
    private final NativeMutexes mutexes;
    private final NativeRwLocks rwlocks;
    private final NativeCondVars condvars;
    private volatile boolean ended;
    private @Nullable NativeHyperup hyperup;

    NativeThreading(Guest guest, PlainHost host, Lwps lwps, Cells cells) {
        this.guest = guest;
        this.host = host;
        this.lwps = lwps;
        Futex futex = new Futex(guest);
        mutexes = new NativeMutexes(cells, futex, host);
        rwlocks = new NativeRwLocks(cells, futex, host);
        condvars = new NativeCondVars(cells, futex, host, mutexes);
    }

    @Override
    public void attach(NativeHyperup upcalls) {
        hyperup = upcalls;
        host.atExit(this::end);
    }

    private NativeHyperup hyperup() {
        host.checkExit();
        NativeHyperup upcalls = hyperup;
        if (upcalls == null) {
            throw new IllegalStateException("hypercall before rumpuser_init");
        }
        return upcalls;
    }

    private void end() {
        ended = true;
        mutexes.end();
        condvars.end();
        rwlocks.end();
    }

    // Lwps

    @Override
    public void curlwpop(int op, long lwp) {
        GuestThread me = guest.thread();
        switch (op) {
            case CREATE -> {}
            case DESTROY -> lwps.forget(lwp);
            case SET -> {
                if (me.lwp() != 0) {
                    throw new IllegalStateException("this thread already has an lwp: " + Lwps.toString(me.lwp()));
                }
                me.setLwp(lwp);
            }
            case CLEAR -> {
                if (me.lwp() != lwp || lwp == 0) {
                    throw new IllegalStateException(
                            Lwps.toString(lwp) + " is not the lwp of this thread, which is " + Lwps.toString(me.lwp()));
                }
                me.setLwp(0);
            }
            default -> throw new IllegalArgumentException("curlwpop " + op);
        }
    }

    @Override
    public long curlwp() {
        return guest.thread().lwp();
    }

    // Mutexes

    @Override
    public long mutexInit(int flags) {
        long mutex = mutexes.init(flags);
        if (ended) {
            mutexes.end(mutex);
        }
        return mutex;
    }

    @Override
    public void mutexEnter(long mutex) {
        GuestThread me = guest.thread();
        if ((mutexes.flags(mutex) & RumpMutex.SPIN) != 0) {
            mutexes.acquire(mutex, me);
        } else if (!mutexes.tryenter(mutex, me)) {
            mutexes.requireNotHeld(mutex, me);
            NativeHyperup upcalls = hyperup();
            int nlocks = upcalls.unschedule(0, me);
            mutexes.acquire(mutex, me);
            host.checkExit();
            upcalls.schedule(nlocks, 0);
        }
    }

    @Override
    public void mutexEnterNowrap(long mutex) {
        if ((mutexes.flags(mutex) & RumpMutex.SPIN) == 0) {
            throw new IllegalStateException("enter_nowrap of a mutex that is not SPIN");
        }
        mutexes.acquire(mutex, guest.thread());
    }

    @Override
    public boolean mutexTryenter(long mutex) {
        int _ = mutexes.flags(mutex);
        return mutexes.tryenter(mutex, guest.thread());
    }

    @Override
    public void mutexExit(long mutex) {
        int _ = mutexes.flags(mutex);
        mutexes.release(mutex, guest.thread());
    }

    @Override
    public void mutexDestroy(long mutex) {
        mutexes.destroy(mutex);
    }

    @Override
    public long mutexOwner(long mutex) {
        return mutexes.owner(mutex);
    }

    @Override
    public boolean mutexSpinP(long mutex) {
        return (mutexes.flags(mutex) & RumpMutex.SPIN) != 0;
    }

    // Reader/writer locks

    @Override
    public long rwInit() {
        long lock = rwlocks.init();
        if (ended) {
            rwlocks.end(lock);
        }
        return lock;
    }

    @Override
    public void rwEnter(Kind kind, long lock) {
        GuestThread me = guest.thread();
        if (!rwlocks.tryenter(lock, kind, me)) {
            rwlocks.enter(lock, kind, me, hyperup());
        }
    }

    @Override
    public boolean rwTryenter(Kind kind, long lock) {
        return rwlocks.tryenter(lock, kind, guest.thread());
    }

    @Override
    public boolean rwTryupgrade(long lock) {
        return rwlocks.tryupgrade(lock, guest.thread());
    }

    @Override
    public void rwDowngrade(long lock) {
        rwlocks.downgrade(lock, guest.thread());
    }

    @Override
    public void rwExit(long lock) {
        rwlocks.exit(lock, guest.thread());
    }

    @Override
    public void rwDestroy(long lock) {
        rwlocks.destroy(lock);
    }

    @Override
    public boolean rwHeld(Kind kind, long lock) {
        return rwlocks.isHeld(lock, kind, guest.thread());
    }

    // Condition variables

    @Override
    public long cvInit() {
        long cv = condvars.init();
        if (ended) {
            condvars.end(cv);
        }
        return cv;
    }

    @Override
    public void cvDestroy(long cv) {
        condvars.destroy(cv);
    }

    @Override
    public boolean cvWait(long cv, long mutex, long nanos) {
        return condvars.await(cv, mutex, nanos, guest.thread(), hyperup());
    }

    @Override
    public void cvWaitNowrap(long cv, long mutex) {
        condvars.awaitNowrap(cv, mutex, guest.thread());
    }

    @Override
    public void cvSignal(long cv) {
        condvars.signal(cv, 1);
    }

    @Override
    public void cvBroadcast(long cv) {
        condvars.signal(cv, Futex.ALL);
    }

    @Override
    public boolean cvHasWaiters(long cv) {
        return condvars.hasWaiters(cv);
    }
}
