package org.rump4j.rumpuser;

/** Reader/writer locks. */
public interface RwLockCalls {
    /** Makes a reader/writer lock. Does not unschedule. */
    RumpRwLock rwInit();
}
