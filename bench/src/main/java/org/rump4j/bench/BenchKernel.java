package org.rump4j.bench;

import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.real.RealHost;

/** Kernels that say nothing, and what benchmarks do with them. */
public final class BenchKernel {
    /** Where images are mounted. */
    public static final String MOUNT_POINT = "/mnt";

    private static final String DEVICE = "/dev/image";

    private BenchKernel() {}

    /** A host for one, with so many virtual CPUs and every component that there is. */
    public static RealHost host(int ncpu) {
        return hostBuilder(ncpu).build();
    }

    /** A host for one, to be changed further. */
    public static RealHost.Builder hostBuilder(int ncpu) {
        return RealHost.builder()
                .environment("RUMP_NCPU", Integer.toString(ncpu))
                .console(OutputStream.nullOutputStream());
    }

    /** Boots one with every component that there is. */
    public static RumpKernel boot(int ncpu) throws ErrnoException {
        return RumpKernel.boot("java", host(ncpu));
    }

    /** Gives the calling thread a process, and an lwp of its own. */
    public static void ownProcess(RumpKernel kernel) throws ErrnoException {
        kernel.lwproc().rfork(Lwproc.RFCFDG);
    }

    /** Lets an image appear in a kernel, and makes the directory to mount it on. */
    public static void registerImage(RumpKernel kernel, Path image, boolean readOnly) throws ErrnoException {
        kernel.etfs().register(DEVICE, image.toString(), Etfs.Type.BLK, 0, Etfs.SIZE_ENDOFF, readOnly);
        kernel.syscalls().mkdir(MOUNT_POINT, 0777);
    }

    /** Mounts the image, an ext2 one, to be read only. */
    public static void mountImage(RumpKernel kernel) throws ErrnoException {
        mountImage(kernel, Images.Format.EXT2);
    }

    /** Mounts the image, to be read only. */
    public static void mountImage(RumpKernel kernel, Images.Format format) throws ErrnoException {
        mount(kernel, format, SysMount.MNT_RDONLY);
    }

    /** Mounts the image, to be written. */
    public static void mountWritable(RumpKernel kernel, Images.Format format) throws ErrnoException {
        mount(kernel, format, 0);
    }

    private static void mount(RumpKernel kernel, Images.Format format, int flags) throws ErrnoException {
        kernel.syscalls().mount(format.type(), MOUNT_POINT, flags, new MountArgs.Device(DEVICE));
    }

    /** Unmounts it: what was cached of it is gone. */
    public static void unmountImage(RumpKernel kernel) throws ErrnoException {
        kernel.syscalls().unmount(MOUNT_POINT, 0);
    }

    /** Opens a file for reading. */
    public static int open(Syscalls syscalls, String path) throws ErrnoException {
        return syscalls.open(path, Fcntl.O_RDONLY, 0);
    }

    /** Reads a file from its beginning to its end. */
    public static void readAll(Syscalls syscalls, int fd, MemorySegment buffer, long fileBytes) throws ErrnoException {
        long at = 0;
        while (at < fileBytes) {
            long n = syscalls.pread(fd, buffer, at);
            if (n <= 0) {
                throw new IllegalStateException("the file ends at byte " + at);
            }
            at += n;
        }
    }
}
