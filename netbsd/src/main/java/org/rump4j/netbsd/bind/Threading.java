package org.rump4j.netbsd.bind;

import org.rump4j.rumpuser.RumpRwLock.Kind;

/**
 * What threads of a guest have of the host: a current lwp each, locks, and condition variables, by the words by which C knows them. What
 * each call does, and whether it gives the virtual CPU away, {@link org.rump4j.rumpuser.Rumpuser} says.
 */
sealed interface Threading permits HostThreading, NativeThreading {
    /** The guest's upcalls: from now on it has a scheduler. */
    void attach(NativeHyperup hyperup);

    /** {@code rumpuser_curlwpop}. */
    void curlwpop(int op, long lwp);

    /** {@code rumpuser_curlwp}. */
    long curlwp();

    long mutexInit(int flags);

    void mutexEnter(long mutex);

    void mutexEnterNowrap(long mutex);

    boolean mutexTryenter(long mutex);

    void mutexExit(long mutex);

    void mutexDestroy(long mutex);

    /** The lwp that holds it; 0 for none. */
    long mutexOwner(long mutex);

    boolean mutexSpinP(long mutex);

    long rwInit();

    void rwEnter(Kind kind, long lock);

    boolean rwTryenter(Kind kind, long lock);

    boolean rwTryupgrade(long lock);

    void rwDowngrade(long lock);

    void rwExit(long lock);

    void rwDestroy(long lock);

    boolean rwHeld(Kind kind, long lock);

    long cvInit();

    void cvDestroy(long cv);

    /** Waits, for so many nanoseconds unless that is negative; false where the time is over. */
    boolean cvWait(long cv, long mutex, long nanos);

    void cvWaitNowrap(long cv, long mutex);

    void cvSignal(long cv);

    void cvBroadcast(long cv);

    boolean cvHasWaiters(long cv);
}
