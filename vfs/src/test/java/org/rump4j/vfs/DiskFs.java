package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.Lwp;
import org.rump4j.kern.Uio;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.ErrnoException;

/** A file system on a disk with one file, {@code disk}, which is the disk. */
final class DiskFs implements FilesystemType {
    private static final long ROOT = 2;
    private static final long FILE = 3;

    @Override
    public String name() {
        return "diskfs";
    }

    @Override
    public boolean probe(BlockDevice device) {
        return true;
    }

    @Override
    public MountedFs mount(Lwp l, Mount mount, MountArgs args) throws ErrnoException {
        return new Mounted(mount, mount.vfs().openDevice(l, mount, args));
    }

    private record Mounted(Mount mount, BlockDevice device) implements MountedFs {
        @Override
        public long rootFileno() {
            return ROOT;
        }

        @Override
        public int nameMax() {
            return 255;
        }

        @Override
        public void load(Vnode vp, long fileno) {
            VnodeType type = fileno == ROOT ? VnodeType.VDIR : VnodeType.VREG;
            vp.init(type, new File(this, vp, type), 0);
        }

        @Override
        public Usage usage() {
            return new Usage(512, 512, 512, 0, 0, 0, 0, 0);
        }

        @Override
        public void unmount() {
            device.close();
        }
    }

    private record File(Mounted fs, Vnode vp, VnodeType type) implements VnodeOps {
        @Override
        public Stat getattr() {
            long size = fs.device.sizeBytes();
            Timespec time = Timespec.ZERO;
            return new Stat(
                    fs.mount.fsid(),
                    type.format() | 0755,
                    vp.fileno(),
                    1,
                    0,
                    0,
                    0,
                    time,
                    time,
                    time,
                    time,
                    size,
                    1,
                    512,
                    0,
                    0);
        }

        @Override
        public @Nullable Vnode lookup(String name) throws ErrnoException {
            long fileno = name.equals("..") ? ROOT : FILE;
            return fs.mount.vfs().vnode(fs.mount, fileno);
        }

        @Override
        public void read(Uio uio) throws ErrnoException {
            vp.pages().read(uio, fs.device.sizeBytes());
        }

        @Override
        public FileExtent bmap(long offset, long limit) {
            return new FileExtent(offset, limit - offset, offset);
        }

        @Override
        public void readBlocks(long offset, MemorySegment dst) throws ErrnoException {
            long bytes = Math.min(dst.byteSize(), fs.device.sizeBytes() - offset);
            fs.device.read(dst.asSlice(0, bytes), offset);
            dst.asSlice(bytes).fill((byte) 0);
        }

        @Override
        public BlockDevice device() {
            return fs.device;
        }
    }
}
