package org.rump4j.rumpuser;

/** Mutual exclusion locks. */
public interface MutexCalls {
    /**
     * Makes a mutex. Does not unschedule.
     *
     * @param flags {@link RumpMutex#SPIN}, {@link RumpMutex#KMUTEX} or both; at least one
     */
    RumpMutex mutexInit(int flags);
}
