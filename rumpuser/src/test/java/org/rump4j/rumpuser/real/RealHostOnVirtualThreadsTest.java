package org.rump4j.rumpuser.real;

import org.rump4j.rumpuser.ThreadCalls.ThreadKind;
import org.rump4j.rumpuser.contract.HostUnderTest;
import org.rump4j.rumpuser.contract.RumpuserContract;

class RealHostOnVirtualThreadsTest extends RumpuserContract {
    @Override
    protected HostUnderTest newHost() {
        return new RealHostUnderTest(ThreadKind.VIRTUAL);
    }
}
