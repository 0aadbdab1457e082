package org.rump4j.vfs;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Component;
import org.rump4j.kern.JavaKernel;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Lwp;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.RumpuserExit;
import org.rump4j.rumpuser.real.RealHost;

/** A kernel with the file system faction, into which a test can reach. */
final class TestKernel implements AutoCloseable {
    private static final String DOOR = "debug.door";

    /** Something that a test does in the kernel. */
    interface Inside<T> {
        T run(Lwp l) throws Exception;
    }

    /** Lets the test in: reading a node of the sysctl tree runs what the test has put there. */
    private static final class Door implements Component {
        private final Map<Thread, Runnable> visitors = new ConcurrentHashMap<>();
        private final List<FilesystemType> types;
        private @Nullable Kernel kernel;

        Door(List<FilesystemType> types) {
            this.types = types;
        }

        @Override
        public String name() {
            return "door";
        }

        @Override
        public Stage stage() {
            return Stage.DRIVER;
        }

        @Override
        public void attach(Kernel to) {
            kernel = to;
            types.forEach(to.require(Vfs.class)::addType);
            to.sysctl().int32(DOOR, () -> {
                Objects.requireNonNull(visitors.remove(Thread.currentThread())).run();
                return 0;
            });
        }

        Kernel kernel() {
            return Objects.requireNonNull(kernel);
        }
    }

    private final Door door;
    private final RumpKernel kernel;

    private TestKernel(Door door, RumpKernel kernel) {
        this.door = door;
        this.kernel = kernel;
    }

    /** How a kernel differs from the usual one. */
    static final class Builder {
        private final Map<String, String> environment = new HashMap<>();
        private final List<FilesystemType> types = new ArrayList<>();
        private UnaryOperator<Rumpuser> wrapper = UnaryOperator.identity();

        Builder environment(String name, String value) {
            environment.put(name, value);
            return this;
        }

        Builder environment(Map<String, String> all) {
            environment.putAll(all);
            return this;
        }

        /** One more type of file system. */
        Builder type(FilesystemType type) {
            types.add(type);
            return this;
        }

        /** Puts something between kernel and host. */
        Builder host(UnaryOperator<Rumpuser> wrap) {
            wrapper = wrap;
            return this;
        }

        TestKernel boot() throws ErrnoException {
            Door door = new Door(types);
            RealHost.Builder host = RealHost.builder()
                    .components(List.of(new VfsComponent(), door))
                    .console(OutputStream.nullOutputStream())
                    .environment("RUMP_NCPU", "2");
            environment.forEach(host::environment);
            return new TestKernel(door, JavaKernel.boot(wrapper.apply(host.build())));
        }
    }

    static Builder builder() {
        return new Builder();
    }

    static TestKernel boot() throws ErrnoException {
        return builder().boot();
    }

    RumpKernel handle() {
        return kernel;
    }

    /** Only what can be used without being in the kernel. */
    Kernel kernel() {
        return door.kernel();
    }

    Vfs vfs() {
        return door.kernel().require(Vfs.class);
    }

    /** Does something in the kernel, on the calling thread. */
    <T> T inside(Inside<T> body) throws Exception {
        List<T> result = new ArrayList<>();
        List<Throwable> failure = new ArrayList<>();
        door.visitors.put(Thread.currentThread(), () -> {
            try {
                result.add(body.run(door.kernel().curlwp()));
            } catch (RumpuserExit e) {
                throw e;
            } catch (Exception | AssertionError e) {
                failure.add(e);
            }
        });
        kernel.syscalls().sysctl(DOOR);
        for (Throwable t : failure) {
            if (t instanceof Exception e) {
                throw e;
            }
            throw (AssertionError) t;
        }
        return result.get(0);
    }

    /** The vnodes that somebody has a reference to, and how many there are of those. */
    Map<String, Integer> references() throws Exception {
        return inside(_ -> {
            Map<String, Integer> used = new TreeMap<>();
            for (Mount mount : vfs().mounts()) {
                for (Vnode vp : vfs().vnodes().all(mount)) {
                    if (vp.references() > 0) {
                        used.put(vp.toString(), vp.references());
                    }
                }
            }
            return used;
        });
    }

    @Override
    public void close() {
        kernel.halt();
    }
}
