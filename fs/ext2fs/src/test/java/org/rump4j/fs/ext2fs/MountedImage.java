package org.rump4j.fs.ext2fs;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rump4j.kern.JavaKernelProvider;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.real.RealHost;
import org.rump4j.vfs.VfsComponent;

/** A kernel of its own with an image mounted on {@code /mnt}. The thread that makes it is an lwp of a process of its own. */
final class MountedImage implements AutoCloseable {
    static final String ROOT = "/mnt";

    final RumpKernel kernel;
    final Syscalls sys;
    private final ByteArrayOutputStream console = new ByteArrayOutputStream();

    /** Mounts for reading. */
    MountedImage(Path image) throws ErrnoException {
        this(image, SysMount.MNT_RDONLY);
    }

    MountedImage(Path image, int flags) throws ErrnoException {
        this(image, flags, Map.of());
    }

    MountedImage(Path image, int flags, Map<String, String> environment) throws ErrnoException {
        RealHost.Builder host = RealHost.builder()
                .console(console)
                .debug(OutputStream.nullOutputStream())
                .components(List.of(new VfsComponent(), new Ext2fsComponent()));
        environment.forEach(host::environment);
        kernel = new JavaKernelProvider().boot(host.build());
        sys = kernel.syscalls();
        boolean mounted = false;
        try {
            kernel.lwproc().rfork(Lwproc.RFCFDG);
            kernel.etfs().register("/dev/image", image.toString(), Etfs.Type.BLK);
            sys.mkdir(ROOT, 0755);
            sys.mount("ext2fs", ROOT, flags, new MountArgs.Device("/dev/image"));
            mounted = true;
        } finally {
            if (!mounted) {
                close();
            }
        }
    }

    /** What has been printed so far. */
    String console() {
        return console.toString(StandardCharsets.UTF_8);
    }

    /** What the kernel has said, printed or not. */
    String messages() throws ErrnoException {
        return sys.sysctl("kern.msgbuf").toString();
    }

    /** The bytes of a file. */
    byte[] read(String path) throws ErrnoException {
        int fd = sys.open(ROOT + path, Fcntl.O_RDONLY, 0);
        try {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            byte[] buffer = new byte[64 << 10];
            int n;
            while ((n = sys.read(fd, buffer)) > 0) {
                all.write(buffer, 0, n);
            }
            return all.toByteArray();
        } finally {
            sys.close(fd);
        }
    }

    /** The names in a directory, with their files' numbers. */
    Map<String, Long> list(String path) throws ErrnoException {
        Map<String, Long> names = new TreeMap<>();
        int fd = sys.open(ROOT + path, Fcntl.O_RDONLY, 0);
        try {
            for (List<Dirent> some = sys.getdents(fd); !some.isEmpty(); some = sys.getdents(fd)) {
                some.forEach(entry -> names.put(entry.name(), entry.fileno()));
            }
        } finally {
            sys.close(fd);
        }
        return names;
    }

    @Override
    public void close() {
        if (kernel.isUp()) {
            if (kernel.lwproc().curlwp() != null) {
                kernel.lwproc().releaselwp();
            }
            kernel.halt();
        }
    }
}
