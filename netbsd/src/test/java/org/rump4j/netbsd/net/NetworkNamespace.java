package org.rump4j.netbsd.net;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Assumptions;
import org.rump4j.netbsd.Tool;

/** A network namespace of Linux that a test has for itself. Making one takes the superuser. */
public final class NetworkNamespace implements AutoCloseable {
    private static final Path DIRECTORY = Path.of("/run/netns");

    private final Tool ip = Tool.named("ip");
    private final String name = "rump4j-" + ProcessHandle.current().pid();

    /** Makes one; skips the test where that is not allowed, or there are no tap devices. */
    public NetworkNamespace() throws IOException {
        Assumptions.assumeTrue(Files.isWritable(Path.of("/dev/net/tun")), "there is no /dev/net/tun to be opened");
        Assumptions.assumeTrue(ip.succeeds("netns", "add", name), "a network namespace cannot be made");
    }

    /** Where it is mounted. */
    public Path file() {
        return DIRECTORY.resolve(name);
    }

    /** Runs {@code ip} in it. */
    public void ip(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("-n", name));
        all.addAll(List.of(arguments));
        String _ = ip.run(all.toArray(new String[0]));
    }

    /** Does something on a thread that is in it: sockets that are made there are of its network. */
    public <T> FutureTask<T> start(Callable<T> body) {
        FutureTask<T> task = new FutureTask<>(() -> {
            Tap.enter(file());
            return body.call();
        });
        Thread thread = new Thread(task, "in " + name);
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    @Override
    public void close() throws IOException {
        String _ = ip.run("netns", "del", name);
    }
}
