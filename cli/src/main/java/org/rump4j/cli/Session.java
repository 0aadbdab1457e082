package org.rump4j.cli;

import java.io.OutputStream;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.Rlimit;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.OpaqueLwp;
import org.rump4j.rumpuser.real.RealHost;

/** The kernel of one run, and the images that are mounted in it. Of one thread. */
final class Session implements AutoCloseable {
    private static final int DIRECTORY_MODE = 0755;
    private static final int DESCRIPTORS = 1 << 16;

    /**
     * How images are used.
     *
     * @param type of the file system, or null where it is to be found out
     * @param flags the MNT_ flags of {@link SysMount}
     */
    record Mounting(@Nullable String type, int flags) {}

    private final RumpKernel kernel;
    private final Mounting mounting;
    private final Map<String, Image> images = new LinkedHashMap<>();

    /** Whose process the thread is in at the moment. */
    private @Nullable Image current;

    private Session(RumpKernel kernel, Mounting mounting) {
        this.kernel = kernel;
        this.mounting = mounting;
    }

    /** Boots a kernel for a run. */
    static Session boot(Settings settings, int mountFlags, OutputStream console) throws ErrnoException, UsageException {
        Mounting mounting = new Mounting(settings.type(), settings.mountFlags() | mountFlags);
        return of(bootKernel(settings, settings.verbose(), console), mounting);
    }

    /** With a kernel that has booted, which is the session's from now on. */
    static Session of(RumpKernel kernel, Mounting mounting) {
        return new Session(kernel, mounting);
    }

    /** Boots a kernel as the user wants it. */
    static RumpKernel bootKernel(Settings settings, boolean verbose, OutputStream console)
            throws ErrnoException, UsageException {
        RealHost.Builder host = RealHost.builder().console(console).debug(console);
        String ncpu = settings.ncpu();
        if (ncpu != null) {
            host.environment("RUMP_NCPU", ncpu);
        }
        String memory = settings.memory();
        if (memory != null) {
            host.environment("RUMP_MEMLIMIT", memory);
        } else if (System.getenv("RUMP_MEMLIMIT") == null) {
            host.environment("RUMP_MEMLIMIT", Settings.DEFAULT_MEMORY);
        }
        if (verbose) {
            host.environment("RUMP_VERBOSE", "1");
        }
        return RumpKernel.boot(settings.kernel(), host.build());
    }

    /**
     * An image, which is mounted where it is not yet.
     *
     * @throws ErrnoException ENOENT and the like where the host's file cannot be had; EISDIR where it is a directory; what
     *     mounting it gives
     */
    Image image(String name) throws ErrnoException {
        Image known = images.get(name);
        if (known == null) {
            known = mount(name);
            images.put(name, known);
        }
        return known;
    }

    /** The system calls, made by an image's process. */
    Syscalls as(Image image) {
        if (current != image) {
            kernel.lwproc().switchTo(image.lwp());
            current = image;
        }
        return kernel.syscalls();
    }

    private Image mount(String name) throws ErrnoException {
        if (Files.isDirectory(HostPath.checked(name))) {
            throw Errno.EISDIR.exception("not an image");
        }
        Lwproc lwproc = kernel.lwproc();
        Syscalls sys = kernel.syscalls();
        lwproc.switchTo(null);
        current = null;
        boolean readOnly = (mounting.flags & SysMount.MNT_RDONLY) != 0;
        String number = Integer.toString(images.size());
        String device = "/dev-" + number;
        String directory = "/image-" + number;
        kernel.etfs().register(device, HostPath.toJvm(name), Etfs.Type.BLK, 0, Etfs.SIZE_ENDOFF, readOnly);
        boolean mounted = false;
        try {
            String type = mounting.type == null ? kernel.probe(device) : mounting.type;
            sys.mkdir(directory, DIRECTORY_MODE);
            // Device nodes in an image belong to another machine.
            sys.mount(type, directory, mounting.flags | SysMount.MNT_NODEV, new MountArgs.Device(device));
            mounted = true;
        } finally {
            if (!mounted) {
                kernel.etfs().remove(device);
            }
        }
        lwproc.rfork(Lwproc.RFCFDG);
        OpaqueLwp lwp = lwproc.curlwp();
        if (lwp == null) {
            throw new IllegalStateException("rfork has made no lwp");
        }
        sys.chroot(directory);
        sys.chdir("/");
        // A walk has a descriptor for each directory that it is in.
        Rlimit limit = sys.getrlimit(Rlimit.RLIMIT_NOFILE);
        sys.setrlimit(Rlimit.RLIMIT_NOFILE, new Rlimit(Math.min(limit.max(), DESCRIPTORS), limit.max()));
        Image image = new Image(this, name, lwp);
        current = image;
        return image;
    }

    /** Unmounts everything and halts the kernel. */
    @Override
    public void close() {
        if (!kernel.isUp()) {
            return;
        }
        for (Image image : images.values()) {
            as(image);
            kernel.lwproc().releaselwp();
            current = null;
        }
        kernel.halt();
    }
}
