package org.rump4j.example;

import org.rump4j.rump.Etfs;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.real.RealHost;

/** Prints a file of a disk image: {@code ReadImage disk.img /etc/passwd}. */
final class ReadImage {
    public static void main(String... args) throws Exception {
        try (RumpKernel kernel = RumpKernel.boot("java", RealHost.create())) {
            kernel.etfs().register("/disk", args[0], Etfs.Type.BLK, 0, Etfs.SIZE_ENDOFF, true);
            Syscalls sys = kernel.syscalls();
            sys.mkdir("/mnt", 0755);
            sys.mount(kernel.probe("/disk"), "/mnt", SysMount.MNT_RDONLY, new MountArgs.Device("/disk"));
            int fd = sys.open("/mnt" + args[1], Fcntl.O_RDONLY, 0);
            byte[] buf = new byte[4096];
            for (int n = sys.read(fd, buf); n > 0; n = sys.read(fd, buf)) {
                System.out.write(buf, 0, n);
            }
            sys.close(fd);
        }
    }

    private ReadImage() {}
}
