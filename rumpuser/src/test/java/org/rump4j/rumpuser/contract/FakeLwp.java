package org.rump4j.rumpuser.contract;

import org.rump4j.rumpuser.OpaqueLwp;

/** An lwp of {@link FakeKernel}. */
final class FakeLwp implements OpaqueLwp {
    final String name;
    final int pid;

    /** Made by the schedule upcall for a thread that had none. */
    final boolean temporary;

    /** To go at the next unschedule upcall. */
    boolean released;

    FakeLwp(String name, int pid, boolean temporary) {
        this.name = name;
        this.pid = pid;
        this.temporary = temporary;
    }

    @Override
    public String toString() {
        return name;
    }
}
