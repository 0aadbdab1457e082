package org.rump4j.dev;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.rump4j.kern.JavaKernel;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.suite.KernelUnderTest;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.real.RealHost;
import org.rump4j.vfs.VfsComponent;

/** Java kernels with devices and a file system for their nodes. */
final class DeviceKernel implements KernelUnderTest {
    private final ByteArrayOutputStream console = new ByteArrayOutputStream();

    /** What was printed on the console. */
    String consoleText() {
        return console.toString(StandardCharsets.UTF_8);
    }

    @Override
    public RumpKernel boot(Map<String, String> environment) throws ErrnoException {
        return boot(environment, List.of(new VfsComponent(), new DevComponent()), console);
    }

    static RumpKernel boot(Map<String, String> environment, List<?> components, OutputStream console)
            throws ErrnoException {
        RealHost.Builder host = RealHost.builder().components(components).console(console);
        environment.forEach(host::environment);
        return JavaKernel.boot(host.build());
    }
}
