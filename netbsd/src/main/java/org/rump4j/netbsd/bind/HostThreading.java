package org.rump4j.netbsd.bind;

import org.rump4j.rumpuser.CurlwpCalls.LwpOp;
import org.rump4j.rumpuser.RumpCondVar;
import org.rump4j.rumpuser.RumpMutex;
import org.rump4j.rumpuser.RumpRwLock;
import org.rump4j.rumpuser.RumpRwLock.Kind;
import org.rump4j.rumpuser.Rumpuser;

/** What threads of a guest have of a host of any kind: its objects, which the guest knows by numbers. Each call is one of the host's. */
final class HostThreading implements Threading {
    private static final LwpOp[] LWP_OPS = LwpOp.values();

    private final Guest guest;
    private final Rumpuser host;
    private final Lwps lwps;
    private final Numbered<RumpMutex> mutexes = new Numbered<>("mutex");
    private final Numbered<RumpRwLock> rwlocks = new Numbered<>("reader/writer lock");
    private final Numbered<RumpCondVar> condvars = new Numbered<>("condition variable");

    HostThreading(Guest guest, Rumpuser host, Lwps lwps) {
        this.guest = guest;
        this.host = host;
        this.lwps = lwps;
    }

    @Override
    public void attach(NativeHyperup hyperup) {
        // The host has got it.
    }

    @Override
    public void curlwpop(int number, long address) {
        if (number < 0 || number >= LWP_OPS.length) {
            throw new IllegalArgumentException("curlwpop " + number);
        }
        LwpOp op = LWP_OPS[number];
        host.curlwpop(op, lwps.known(address));
        if (op == LwpOp.DESTROY) {
            lwps.forget(address);
        }
    }

    @Override
    public long curlwp() {
        return Lwps.address(host.curlwp());
    }

    // Mutexes

    @Override
    public long mutexInit(int flags) {
        return mutexes.add(host.mutexInit(flags));
    }

    @Override
    public void mutexEnter(long mutex) {
        mutexes.get(mutex).enter();
    }

    @Override
    public void mutexEnterNowrap(long mutex) {
        mutexes.get(mutex).enterNowrap();
    }

    @Override
    public boolean mutexTryenter(long mutex) {
        return mutexes.get(mutex).tryenter();
    }

    @Override
    public void mutexExit(long mutex) {
        mutexes.get(mutex).exit();
    }

    @Override
    public void mutexDestroy(long mutex) {
        mutexes.get(mutex).destroy();
        RumpMutex _ = mutexes.remove(mutex);
    }

    @Override
    public long mutexOwner(long mutex) {
        return Lwps.address(mutexes.get(mutex).owner());
    }

    @Override
    public boolean mutexSpinP(long mutex) {
        return mutexes.get(mutex).spinP();
    }

    // Reader/writer locks

    @Override
    public long rwInit() {
        return rwlocks.add(host.rwInit());
    }

    @Override
    public void rwEnter(Kind kind, long lock) {
        rwlocks.get(lock).enter(kind);
    }

    @Override
    public boolean rwTryenter(Kind kind, long lock) {
        return rwlocks.get(lock).tryenter(kind);
    }

    @Override
    public boolean rwTryupgrade(long lock) {
        return rwlocks.get(lock).tryupgrade();
    }

    @Override
    public void rwDowngrade(long lock) {
        rwlocks.get(lock).downgrade();
    }

    @Override
    public void rwExit(long lock) {
        rwlocks.get(lock).exit();
    }

    @Override
    public void rwDestroy(long lock) {
        rwlocks.get(lock).destroy();
        RumpRwLock _ = rwlocks.remove(lock);
    }

    @Override
    public boolean rwHeld(Kind kind, long lock) {
        return rwlocks.get(lock).held(kind);
    }

    // Condition variables

    @Override
    public long cvInit() {
        return condvars.add(host.cvInit());
    }

    @Override
    public void cvDestroy(long cv) {
        condvars.get(cv).destroy();
        RumpCondVar _ = condvars.remove(cv);
    }

    @Override
    public boolean cvWait(long cv, long mutex, long nanos) {
        GuestThread thread = guest.thread();
        long outer = thread.interlock;
        thread.interlock = mutex;
        try {
            RumpMutex interlock = mutexes.get(mutex);
            if (nanos < 0) {
                condvars.get(cv).await(interlock);
                return true;
            }
            return condvars.get(cv).timedwait(interlock, nanos);
        } finally {
            thread.interlock = outer;
        }
    }

    @Override
    public void cvWaitNowrap(long cv, long mutex) {
        condvars.get(cv).awaitNowrap(mutexes.get(mutex));
    }

    @Override
    public void cvSignal(long cv) {
        condvars.get(cv).signal();
    }

    @Override
    public void cvBroadcast(long cv) {
        condvars.get(cv).broadcast();
    }

    @Override
    public boolean cvHasWaiters(long cv) {
        return condvars.get(cv).hasWaiters();
    }
}
