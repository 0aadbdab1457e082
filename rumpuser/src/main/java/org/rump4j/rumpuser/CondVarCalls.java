package org.rump4j.rumpuser;

/** Condition variables. */
public interface CondVarCalls {
    /** Makes a condition variable. Does not unschedule. */
    RumpCondVar cvInit();
}
