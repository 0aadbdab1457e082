package org.rump4j.fs.ext2fs;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.Component;
import org.rump4j.kern.JavaKernelProvider;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Lwp;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.real.RealHost;
import org.rump4j.vfs.FilesystemType;
import org.rump4j.vfs.Mount;
import org.rump4j.vfs.MountedFs;
import org.rump4j.vfs.Vfs;
import org.rump4j.vfs.VfsComponent;

/**
 * A kernel that mounts disks in memory, one after the other, on {@code /mnt}. It writes nothing but when somebody syncs. The thread that
 * makes it is an lwp of a process of its own.
 */
final class CrashMachine implements AutoCloseable {
    static final String ROOT = "/mnt";

    private static final String DEVICE = "/disk";

    /** Puts the disks into the kernel, and lets the test see the file system that is mounted. */
    private static final class Slot implements Component, FilesystemType {
        private final Ext2fsType type = new Ext2fsType();
        private volatile @Nullable BlockDevice disk;
        private volatile @Nullable Ext2fs mounted;
        private int major;

        @Override
        public String name() {
            return "ext2fs";
        }

        @Override
        public Stage stage() {
            return Stage.DRIVER;
        }

        @Override
        public void attach(Kernel kernel) {
            major = kernel.devsw().attachBlock((_, _, _) -> Objects.requireNonNull(disk));
            kernel.require(Vfs.class).addType(this);
        }

        @Override
        public boolean probe(BlockDevice device) throws ErrnoException {
            return type.probe(device);
        }

        @Override
        public MountedFs mount(Lwp l, Mount mount, MountArgs args) throws ErrnoException {
            MountedFs fs = type.mount(l, mount, args);
            mounted = (Ext2fs) fs;
            return fs;
        }
    }

    private final Slot slot = new Slot();
    private final ByteArrayOutputStream console = new ByteArrayOutputStream();
    private final RumpKernel kernel;
    private final int pid;
    final Syscalls sys;

    CrashMachine() throws ErrnoException {
        kernel = new JavaKernelProvider()
                .boot(RealHost.builder()
                        .console(console)
                        .debug(OutputStream.nullOutputStream())
                        .components(List.of(new VfsComponent(), slot))
                        .environment("RUMP_THREADS", "0")
                        .environment("RUMP_NCPU", "2")
                        .build());
        sys = kernel.syscalls();
        pid = kernel.lwproc().rfork(Lwproc.RFCFDG);
        sys.mknod(DEVICE, SysStat.S_IFBLK | 0600, SysStat.makedev(slot.major, 0));
        sys.mkdir(ROOT, 0755);
    }

    /** Mounts a disk, to be written if it can be. */
    void mount(BlockDevice disk) throws ErrnoException {
        mount(disk, 0);
    }

    void mount(BlockDevice disk, int flags) throws ErrnoException {
        slot.disk = disk;
        sys.mount("ext2fs", ROOT, flags, new MountArgs.Device(DEVICE));
    }

    void unmount() throws ErrnoException {
        sys.unmount(ROOT, 0);
    }

    /** Has the mount change. */
    void remount(int flags) throws ErrnoException {
        sys.mount("ext2fs", ROOT, SysMount.MNT_UPDATE | flags, new MountArgs.Device(DEVICE));
    }

    /** The file system that is mounted. */
    Ext2fs mounted() {
        return Objects.requireNonNull(slot.mounted);
    }

    /** What has been printed so far. */
    String console() {
        return console.toString(StandardCharsets.UTF_8);
    }

    /** What a thread does. */
    @FunctionalInterface
    interface Task {
        void run() throws Exception;
    }

    /** Runs tasks at the same time, each on an lwp of its own. */
    void together(List<Task> tasks) throws Exception {
        try (ExecutorService executor = Executors.newFixedThreadPool(tasks.size())) {
            List<Future<?>> running = new ArrayList<>();
            for (Task task : tasks) {
                running.add(executor.submit(() -> {
                    kernel.lwproc().newlwp(pid);
                    try {
                        task.run();
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

    /** All there is below a path: the contents of files, null for directories. Paths are relative to the root of the mount. */
    Map<String, byte @Nullable []> tree(String path) throws ErrnoException {
        Map<String, byte @Nullable []> found = new TreeMap<>();
        collect(path, found);
        return found;
    }

    private void collect(String path, Map<String, byte @Nullable []> found) throws ErrnoException {
        for (String name : names(path)) {
            String child = path + "/" + name;
            if ((sys.lstat(ROOT + child).mode() & SysStat.S_IFMT) == SysStat.S_IFDIR) {
                found.put(child, null);
                collect(child, found);
            } else {
                found.put(child, read(child));
            }
        }
    }

    private List<String> names(String path) throws ErrnoException {
        List<String> names = new ArrayList<>();
        int fd = sys.open(ROOT + path, Fcntl.O_RDONLY, 0);
        try {
            for (List<Dirent> some = sys.getdents(fd); !some.isEmpty(); some = sys.getdents(fd)) {
                some.forEach(entry -> names.add(entry.name()));
            }
        } finally {
            sys.close(fd);
        }
        names.removeAll(List.of(".", ".."));
        return names;
    }

    /** The contents of a file. */
    byte[] read(String path) throws ErrnoException {
        int fd = sys.open(ROOT + path, Fcntl.O_RDONLY, 0);
        try {
            byte[] data = new byte[(int) sys.fstat(fd).size()];
            int at = 0;
            while (at < data.length) {
                byte[] piece = new byte[data.length - at];
                int n = sys.read(fd, piece);
                if (n == 0) {
                    throw new AssertionError(path + " ends at " + at + " of " + data.length);
                }
                System.arraycopy(piece, 0, data, at, n);
                at += n;
            }
            return data;
        } finally {
            sys.close(fd);
        }
    }

    @Override
    public void close() {
        halt();
    }

    void halt() {
        if (kernel.isUp()) {
            kernel.lwproc().releaselwp();
            kernel.halt();
        }
    }
}
