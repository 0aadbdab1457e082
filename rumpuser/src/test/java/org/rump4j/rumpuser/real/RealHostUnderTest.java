package org.rump4j.rumpuser.real;

import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.ThreadCalls.ThreadKind;
import org.rump4j.rumpuser.contract.OnRealFiles;

/** The real host, with threads of one kind or the other. */
final class RealHostUnderTest extends OnRealFiles {
    RealHostUnderTest(ThreadKind threads) {
        super(threads);
    }

    @Override
    public Rumpuser make(Setup setup) {
        RealHost.Builder builder = RealHost.builder()
                .console(setup.console())
                .debug(setup.debug())
                .components(setup.components())
                .onSignal(setup.onSignal())
                .onExit(setup.onExit());
        setup.environment().forEach(builder::environment);
        if (setup.proxy() != null) {
            builder.syscallProxy(setup.proxy());
        }
        return builder.build();
    }
}
