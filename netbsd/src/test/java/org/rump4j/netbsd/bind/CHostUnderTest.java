package org.rump4j.netbsd.bind;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.ThreadCalls.ThreadKind;
import org.rump4j.rumpuser.contract.OnRealFiles;

/** Guests in C on the real host. */
final class CHostUnderTest extends OnRealFiles {
    private final Path library;
    private final boolean stubs;
    private final List<CHost> hosts = new ArrayList<>();

    CHostUnderTest(Path library, boolean stubs) {
        super(ThreadKind.PLATFORM);
        this.library = library;
        this.stubs = stubs;
    }

    @Override
    public Rumpuser make(Setup setup) {
        CHost host = new CHost(library, setup, stubs);
        hosts.add(host);
        return host;
    }

    @Override
    public boolean mistakesEndTheKernel() {
        return true;
    }

    @Override
    public boolean knowsWhichMemoryIsThere() {
        return false;
    }

    @Override
    public void close() throws IOException {
        super.close();
        for (CHost host : hosts) {
            host.close();
        }
    }
}
