package org.rump4j.fs.ext2fs.write;

import java.nio.file.Path;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.real.RealHost;

/** What is done to the files of an image, which a kernel of its own has mounted. */
@FunctionalInterface
interface OnImage {
    /** Where it is mounted. */
    String MOUNT = "/mnt";

    /** Does it. */
    void on(Syscalls sys) throws ErrnoException;

    /** Has it done by a kernel that is halted then, and the image checked. */
    static void run(Path image, OnImage what) throws ErrnoException {
        RumpKernel kernel = boot(image, 0);
        try {
            what.on(kernel.syscalls());
        } finally {
            halt(kernel);
        }
        Fsck.requireClean(image);
    }

    /** A kernel with an image mounted. The calling thread has a process there. */
    static RumpKernel boot(Path image, int flags) throws ErrnoException {
        return boot(RealHost.builder(), image, flags);
    }

    /** As the other, on a host that is as one likes. */
    static RumpKernel boot(RealHost.Builder host, Path image, int flags) throws ErrnoException {
        RumpKernel kernel = RumpKernel.boot("java", host.build());
        kernel.lwproc().rfork(Lwproc.RFCFDG);
        kernel.etfs().register("/dev/image", image.toString(), Etfs.Type.BLK);
        kernel.syscalls().mkdir(MOUNT, 0755);
        kernel.syscalls().mount("ext2fs", MOUNT, flags, new MountArgs.Device("/dev/image"));
        return kernel;
    }

    /** Unmounts and halts it. */
    static void halt(RumpKernel kernel) {
        kernel.lwproc().releaselwp();
        kernel.halt();
    }
}
