package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rump.SysctlValue;
import org.rump4j.rumpuser.ErrnoException;

/** A kernel with a {@link TinyFs} on a disk, mounted on {@code /m}; the calling thread has an lwp. */
final class TinyMachine implements AutoCloseable {
    static final String DEVICE = "/disk";
    static final String DIR = "/m";

    final TestKernel kernel;
    final RecordingDisk disk;
    final Syscalls sys;

    TinyMachine(RecordingDisk disk, String memory, int syncDelaySeconds) throws Exception {
        this.disk = disk;
        kernel = TestKernel.builder()
                .environment("RUMP_MEMLIMIT", memory)
                .type(new TinyFs())
                .boot();
        sys = kernel.handle().syscalls();
        int major = kernel.inside(_ -> kernel.kernel().devsw().attachBlock((_, _, _) -> disk));
        kernel.handle().lwproc().rfork(Lwproc.RFCFDG);
        sys.sysctl("vfs.sync.delay", new SysctlValue.Int(syncDelaySeconds));
        sys.mknod(DEVICE, SysStat.S_IFBLK | 0600, SysStat.makedev(major, 0));
        sys.mkdir(DIR, 0755);
        mount(0);
    }

    void mount(int flags) throws ErrnoException {
        sys.mount("tinyfs", DIR, flags, new MountArgs.Device(DEVICE));
    }

    void unmount() throws ErrnoException {
        sys.unmount(DIR, 0);
    }

    int open(int file) throws ErrnoException {
        return sys.open(DIR + "/" + file, Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
    }

    void write(int fd, long offset, byte[] data) throws ErrnoException {
        long n = sys.pwrite(fd, MemorySegment.ofArray(data), offset);
        if (n != data.length) {
            throw new AssertionError(n + " of " + data.length + " bytes written");
        }
    }

    /** All of a file. */
    byte[] read(int file) throws ErrnoException {
        int fd = open(file);
        try {
            byte[] data = new byte[(int) sys.fstat(fd).size()];
            sys.pread(fd, MemorySegment.ofArray(data), 0);
            return data;
        } finally {
            sys.close(fd);
        }
    }

    void makeReadOnly(int more) throws ErrnoException {
        sys.mount("tinyfs", DIR, SysMount.MNT_UPDATE | SysMount.MNT_RDONLY | more, new MountArgs.Device(DEVICE));
    }

    @Override
    public void close() {
        if (kernel.handle().isUp()) {
            kernel.handle().lwproc().releaselwp();
        }
        kernel.close();
    }
}
