package org.rump4j.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.KernelRequest;
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
final class Session {
    private static final int DIRECTORY_MODE = 0755;
    private static final int DESCRIPTORS = 1 << 16;

    /**
     * How images are used.
     *
     * @param type of the file system, or null where it is to be found out
     * @param flags the MNT_ flags of {@link SysMount} that the user wants
     */
    record Mounting(@Nullable String type, int flags) {}

    private final RumpKernel kernel;
    private final Mounting mounting;
    private final Console console;

    /** By what identifies the host's file: an image that has two names is one. */
    private final Map<Object, Image> images = new LinkedHashMap<>();

    private int mounts;

    /** Whose process the thread is in at the moment. */
    private @Nullable Image current;

    private Session(RumpKernel kernel, Mounting mounting, Console console) {
        this.kernel = kernel;
        this.mounting = mounting;
        this.console = console;
    }

    /**
     * Boots a kernel for a run.
     *
     * @param images that are going to be used; none where that is not known
     */
    static Session boot(Settings settings, Console console, List<String> images) throws ErrnoException, UsageException {
        Mounting mounting = new Mounting(settings.kernelType(), settings.mountFlags());
        RumpKernel kernel = bootKernel(settings, settings.verbose(), console, request(settings, images));
        return new Session(kernel, mounting, console);
    }

    private static KernelRequest request(Settings settings, List<String> images) throws ErrnoException {
        String type = settings.kernelType();
        if (type != null) {
            return new KernelRequest(settings.whichKernel(), List.of(), List.of(type), List.of());
        }
        List<String> files = new ArrayList<>();
        for (String image : images) {
            files.add(HostPath.toJvm(image));
        }
        return new KernelRequest(settings.whichKernel(), List.of(), List.of(), files);
    }

    /** Boots a kernel as the user wants it. */
    static RumpKernel bootKernel(Settings settings, boolean verbose, OutputStream console, KernelRequest request)
            throws ErrnoException, UsageException {
        RealHost.Builder host = host(settings, verbose).console(console).debug(console);
        if (settings.memory() == null && System.getenv("RUMP_MEMLIMIT") == null) {
            host.environment("RUMP_MEMLIMIT", Settings.DEFAULT_MEMORY);
        }
        return RumpKernel.boot(settings.kernel(), request, host.build());
    }

    /** Begins a host that has what the user wants a kernel to have. */
    static RealHost.Builder host(Settings settings, boolean verbose) throws UsageException {
        RealHost.Builder host = RealHost.builder();
        String ncpu = settings.ncpu();
        if (ncpu != null) {
            host.environment("RUMP_NCPU", ncpu);
        }
        String memory = settings.memory();
        if (memory != null) {
            host.environment("RUMP_MEMLIMIT", memory);
        }
        if (verbose) {
            host.environment("RUMP_VERBOSE", settings.verbose() ? "2" : "1");
        }
        Long time = settings.time();
        if (time != null) {
            host.wallClock(TimeUnit.SECONDS.toNanos(time));
        }
        return host;
    }

    /**
     * An image, which is mounted where it is not yet.
     *
     * @param write whether something is going to change in it. Where it was mounted read-only before it is mounted anew: images
     *     that this has given before are not to be used any more
     * @throws ErrnoException ENOENT and the like where the host's file cannot be had; EISDIR where it is a directory; EROFS where
     *     it is to be written and cannot be; EAGAIN where somebody else writes it; what mounting it gives
     */
    Image image(String name, boolean write) throws ErrnoException {
        if (write && (mounting.flags & SysMount.MNT_RDONLY) != 0) {
            throw Errno.EROFS.exception("-o ro");
        }
        Object key = keyOf(name);
        Image known = images.get(key);
        if (known != null && write && !known.isWritten()) {
            images.remove(key);
            unmount(known);
            known = null;
        }
        if (known == null) {
            known = mount(name, write);
            images.put(key, known);
        }
        return known;
    }

    private static Object keyOf(String name) throws ErrnoException {
        Path path = HostPath.checked(name);
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            if (attributes.isDirectory()) {
                throw Errno.EISDIR.exception("not an image");
            }
            Object key = attributes.fileKey();
            return key == null ? path.toAbsolutePath().normalize() : key;
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    /** The system calls, made by an image's process. */
    Syscalls as(Image image) {
        if (current != image) {
            kernel.lwproc().switchTo(image.lwp());
            current = image;
        }
        return kernel.syscalls();
    }

    private Image mount(String name, boolean write) throws ErrnoException {
        Lwproc lwproc = kernel.lwproc();
        Syscalls sys = kernel.syscalls();
        lwproc.switchTo(null);
        current = null;
        String number = Integer.toString(mounts++);
        String device = "/dev-" + number;
        String directory = "/image-" + number;
        ImageLock lock = null;
        kernel.etfs().register(device, HostPath.toJvm(name), Etfs.Type.BLK, 0, Etfs.SIZE_ENDOFF, !write);
        boolean mounted = false;
        try {
            String type = mounting.type == null ? kernel.probe(device) : mounting.type;
            sys.mkdir(directory, DIRECTORY_MODE);
            // After the probe, which closes the file again: that ends any lock that the process has on it.
            lock = write ? ImageLock.of(name) : null;
            // Device nodes in an image belong to another machine.
            int flags = mounting.flags | SysMount.MNT_NODEV | (write ? 0 : SysMount.MNT_RDONLY);
            sys.mount(type, directory, flags, new MountArgs.Device(device));
            mounted = true;
            if (write) {
                requireWritable(sys, directory);
            }
        } catch (ErrnoException e) {
            if (mounted) {
                sys.unmount(directory, SysMount.MNT_FORCE);
            }
            kernel.etfs().remove(device);
            if (lock != null) {
                lock.close();
            }
            throw e;
        }
        lwproc.rfork(Lwproc.RFCFDG);
        OpaqueLwp lwp = lwproc.curlwp();
        if (lwp == null) {
            throw new IllegalStateException("rfork has made no lwp");
        }
        sys.chroot(directory);
        sys.chdir("/");
        if (write) {
            sys.umask(HostUmask.get());
        }
        // A walk has a descriptor for each directory that it is in.
        Rlimit limit = sys.getrlimit(Rlimit.RLIMIT_NOFILE);
        sys.setrlimit(Rlimit.RLIMIT_NOFILE, new Rlimit(Math.min(limit.max(), DESCRIPTORS), limit.max()));
        Image image = new Image(this, name, lwp, new Image.Place(directory, device, lock));
        current = image;
        return image;
    }

    /** The kernel mounts what it cannot write read-only, and says why on its console. */
    private void requireWritable(Syscalls sys, String directory) throws ErrnoException {
        int flags = sys.statvfs1(directory, SysMount.ST_NOWAIT).flag();
        if ((flags & SysMount.MNT_RDONLY) != 0) {
            String reason = console.whyReadOnly();
            throw reason == null ? Errno.EROFS.exception() : Errno.EROFS.exception(reason);
        }
    }

    /** Ends an image's process and unmounts it; what is dirty is written back. */
    private void unmount(Image image) throws ErrnoException {
        as(image);
        kernel.lwproc().releaselwp();
        current = null;
        Image.Place place = image.place();
        kernel.syscalls().unmount(place.directory(), 0);
        kernel.etfs().remove(place.device());
        if (place.lock() != null) {
            place.lock().close();
        }
    }

    /**
     * Unmounts everything and halts the kernel.
     *
     * @param failed told what could not be written back
     */
    void close(BiConsumer<Image, ErrnoException> failed) {
        if (!kernel.isUp()) {
            return;
        }
        for (Image image : images.values()) {
            try {
                unmount(image);
            } catch (ErrnoException e) {
                failed.accept(image, e);
            }
        }
        images.clear();
        kernel.halt();
    }
}
