package org.rump4j.fs.ext2fs.judge;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.real.RealHost;

/**
 * A kernel on the real host in which one image after the other is mounted. The thread that boots it is an lwp of a process of
 * its own, and the one to close it.
 */
final class Machine implements AutoCloseable {
    /** Where images are mounted. */
    static final String MOUNT = "/mnt";

    private static final String DEVICE = "/dev/judged";

    private final ByteArrayOutputStream console = new ByteArrayOutputStream();
    private final RumpKernel kernel;
    private final Syscalls sys;
    private final int pid;

    /**
     * Boots.
     *
     * @param environment of the kernel, such as {@code RUMP_MEMLIMIT}
     */
    Machine(Map<String, String> environment) throws ErrnoException {
        RealHost.Builder host = RealHost.builder().console(console).debug(console);
        environment.forEach(host::environment);
        kernel = RumpKernel.boot("java", host.build());
        sys = kernel.syscalls();
        pid = kernel.lwproc().rfork(Lwproc.RFCFDG);
        sys.mkdir(MOUNT, 0755);
    }

    Machine() throws ErrnoException {
        this(Map.of());
    }

    RumpKernel kernel() {
        return kernel;
    }

    Syscalls sys() {
        return sys;
    }

    /** What is mounted is known by, for {@code mount(2)}. */
    String device() {
        return DEVICE;
    }

    /** All that the kernel has printed so far. */
    String console() {
        return console.toString(StandardCharsets.UTF_8);
    }

    /** Mounts an image, so that it cannot be changed. */
    void mountReadOnly(Path image) throws ErrnoException {
        mount(image, SysMount.MNT_RDONLY);
    }

    /** Mounts an image; leaves nothing behind where that fails. */
    void mount(Path image, int flags) throws ErrnoException {
        boolean readOnly = (flags & SysMount.MNT_RDONLY) != 0;
        kernel.etfs().register(DEVICE, image.toString(), Etfs.Type.BLK, 0, Etfs.SIZE_ENDOFF, readOnly);
        try {
            sys.mount("ext2fs", MOUNT, flags, new MountArgs.Device(DEVICE));
        } catch (ErrnoException e) {
            kernel.etfs().remove(DEVICE);
            throw e;
        }
    }

    void unmount() throws ErrnoException {
        sys.chdir("/");
        sys.unmount(MOUNT, 0);
        kernel.etfs().remove(DEVICE);
    }

    void unmountByForce() throws ErrnoException {
        sys.chdir("/");
        sys.unmount(MOUNT, SysMount.MNT_FORCE);
        kernel.etfs().remove(DEVICE);
    }

    /** What a thread of {@link #inParallel} does. */
    @FunctionalInterface
    interface Task {
        void run(int number) throws Exception;
    }

    /** Runs a task on several threads at once, all of them lwps of the process of whoever has booted. */
    void inParallel(int threads, Task task) throws Exception {
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int number = i;
                running.add(executor.submit(() -> {
                    kernel.lwproc().newlwp(pid);
                    try {
                        task.run(number);
                    } finally {
                        kernel.lwproc().releaselwp();
                    }
                    return null;
                }));
            }
            for (Future<?> each : running) {
                each.get();
            }
        }
    }

    @Override
    public void close() {
        if (kernel.isUp()) {
            kernel.lwproc().releaselwp();
            kernel.halt();
        }
    }
}
