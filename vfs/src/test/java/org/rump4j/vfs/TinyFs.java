package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.Kmutex;
import org.rump4j.kern.Krwlock;
import org.rump4j.kern.Lwp;
import org.rump4j.kern.Uio;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * The smallest file system that writes, and in the right order: one directory, files called by their number, an inode a block with the
 * places of the file's blocks. What of it is in use is found out when it is mounted.
 */
final class TinyFs implements FilesystemType {
    static final int BLOCK = 4096;
    static final int FILES = 12;

    private static final long ROOT = 2;

    /** The number of the first file, whose inode is the first block. */
    private static final long FIRST = 10;

    private static final int IN_USE = 0x71;
    private static final int SIZE = 8;
    private static final int PLACES = 16;
    static final int MAX_BLOCKS = (BLOCK - PLACES) / 8;
    private static final int PIECE = 256 << 10;

    @Override
    public String name() {
        return "tinyfs";
    }

    @Override
    public boolean probe(BlockDevice device) {
        return false;
    }

    @Override
    public MountedFs mount(Lwp l, Mount mount, MountArgs args) throws ErrnoException {
        return new Mounted(mount, mount.vfs().openDevice(l, mount, args));
    }

    /** An empty one. */
    static byte[] image(int bytes) {
        byte[] image = new byte[bytes];
        Arrays.fill(image, RecordingDisk.RUBBISH);
        Arrays.fill(image, 0, FILES * BLOCK, (byte) 0);
        return image;
    }

    private static final class Mounted implements MountedFs {
        final Mount mount;
        final BlockDevice device;
        final BufCache bufs;

        /** Shared by those who change something, exclusive for who commits. */
        final Krwlock transaction;

        /** Guarded by allocationLock, as all that follows is. */
        final BitSet used = new BitSet();

        final List<Integer> freed = new ArrayList<>();
        boolean allocated;
        final Kmutex allocationLock;

        Mounted(Mount mount, BlockDevice device) throws ErrnoException {
            this.mount = mount;
            this.device = device;
            bufs = mount.vfs().bufCache(mount, device);
            transaction = mount.vfs().kernel().rwlock();
            allocationLock = mount.vfs().kernel().mutex();
            used.set(0, FILES);
            for (int i = 0; i < FILES; i++) {
                try (Buf inode = inode(FIRST + i)) {
                    if (inode.data().get(ValueLayout.JAVA_INT, 0) == IN_USE) {
                        for (int b = 0; b < MAX_BLOCKS; b++) {
                            long place = inode.data().get(ValueLayout.JAVA_LONG, PLACES + 8L * b);
                            if (place != 0 && used.get((int) place)) {
                                throw Errno.EIO.exception("block " + place + " is used twice");
                            }
                            if (place != 0) {
                                used.set((int) place);
                            }
                        }
                    }
                }
            }
        }

        Buf inode(long fileno) throws ErrnoException {
            return bufs.bread((fileno - FIRST) * BLOCK, BLOCK);
        }

        int allocate() throws ErrnoException {
            allocationLock.enter();
            try {
                int block = used.nextClearBit(0);
                if ((block + 1L) * BLOCK > device.sizeBytes()) {
                    throw Errno.ENOSPC.exception();
                }
                used.set(block);
                allocated = true;
                return block;
            } finally {
                allocationLock.exit();
            }
        }

        void free(int block) {
            allocationLock.enter();
            freed.add(block);
            allocationLock.exit();
        }

        void begin() throws ErrnoException {
            if (bufs.needsCommit()) {
                commit();
            }
            transaction.enterRead();
        }

        void end() {
            transaction.exit();
        }

        void commit() throws ErrnoException {
            mount.flushPages();
            transaction.enterWrite();
            try {
                mount.flushPages();
                if (allocated) {
                    device.flush();
                }
                bufs.writeStage(WriteStage.MAP);
                device.flush();
                allocated = false;
                freed.forEach(used::clear);
                freed.clear();
            } finally {
                transaction.exit();
            }
        }

        @Override
        public long rootFileno() {
            return ROOT;
        }

        @Override
        public int nameMax() {
            return 255;
        }

        @Override
        public void load(Vnode vp, long fileno) throws ErrnoException {
            VnodeType type = fileno == ROOT ? VnodeType.VDIR : VnodeType.VREG;
            vp.init(type, new File(this, vp, type), 0);
        }

        @Override
        public Usage usage() {
            return new Usage(BLOCK, BLOCK, BLOCK, 0, 0, 0, 0, 0);
        }

        @Override
        public void sync(boolean wait) throws ErrnoException {
            commit();
        }

        @Override
        public void update(int flags) throws ErrnoException {
            commit();
        }

        @Override
        public void unmount() throws ErrnoException {
            try {
                if (!mount.isReadOnly()) {
                    commit();
                }
            } finally {
                bufs.clear();
                device.close();
            }
        }
    }

    private static final class File implements VnodeOps {
        private final Mounted fs;
        private final Vnode vp;
        private final VnodeType type;
        private volatile boolean linked = true;

        File(Mounted fs, Vnode vp, VnodeType type) {
            this.fs = fs;
            this.vp = vp;
            this.type = type;
        }

        private long size() throws ErrnoException {
            if (type == VnodeType.VDIR) {
                return BLOCK;
            }
            try (Buf inode = fs.inode(vp.fileno())) {
                return inode.data().get(ValueLayout.JAVA_LONG, SIZE);
            }
        }

        private void setSize(long size) throws ErrnoException {
            try (Buf inode = fs.inode(vp.fileno())) {
                inode.data().set(ValueLayout.JAVA_LONG, SIZE, size);
                inode.dirty(WriteStage.MAP);
            }
        }

        @Override
        public Stat getattr() throws ErrnoException {
            Timespec time = Timespec.ZERO;
            long size = size();
            int mode = type.format() | 0755;
            return new Stat(
                    fs.mount.fsid(), mode, vp.fileno(), 1, 0, 0, 0, time, time, time, time, size, 1, BLOCK, 0, 0);
        }

        @Override
        public void setattr(AttributeChanges changes) throws ErrnoException {
            if (changes.size() == null) {
                return;
            }
            long newSize = changes.size();
            if (newSize > (long) MAX_BLOCKS * BLOCK) {
                throw Errno.EFBIG.exception();
            }
            fs.begin();
            try {
                vp.pages().truncate(size(), newSize);
                freeFrom((int) ((newSize + BLOCK - 1) / BLOCK));
                setSize(newSize);
            } finally {
                fs.end();
            }
        }

        private void freeFrom(int first) throws ErrnoException {
            try (Buf inode = fs.inode(vp.fileno())) {
                for (int b = first; b < MAX_BLOCKS; b++) {
                    long place = inode.data().get(ValueLayout.JAVA_LONG, PLACES + 8L * b);
                    if (place != 0) {
                        inode.data().set(ValueLayout.JAVA_LONG, PLACES + 8L * b, 0);
                        fs.free((int) place);
                    }
                }
                inode.dirty(WriteStage.MAP);
            }
        }

        @Override
        public boolean hasLinks() {
            return linked;
        }

        @Override
        public void free() throws ErrnoException {
            fs.begin();
            try {
                freeFrom(0);
            } finally {
                fs.end();
            }
        }

        @Override
        public void fsync(boolean dataOnly) throws ErrnoException {
            fs.commit();
        }

        private static long fileno(String name) {
            return name.equals("..") ? ROOT : FIRST + Integer.parseInt(name);
        }

        @Override
        public @Nullable Vnode lookup(String name) throws ErrnoException {
            long fileno = fileno(name);
            if (fileno != ROOT) {
                try (Buf inode = fs.inode(fileno)) {
                    if (inode.data().get(ValueLayout.JAVA_INT, 0) != IN_USE) {
                        return null;
                    }
                }
            }
            return fs.mount.vfs().vnode(fs.mount, fileno);
        }

        @Override
        public void readdir(long cookie, DirentSink sink) throws ErrnoException {
            for (int i = (int) cookie; i < FILES; i++) {
                try (Buf inode = fs.inode(FIRST + i)) {
                    if (inode.data().get(ValueLayout.JAVA_INT, 0) == IN_USE
                            && !sink.accept(FIRST + i, Dirent.DT_REG, Integer.toString(i), i + 1)) {
                        return;
                    }
                }
            }
        }

        @Override
        public Vnode create(String name, NewFile file) throws ErrnoException {
            fs.begin();
            try (Buf inode = fs.inode(fileno(name))) {
                inode.data().fill((byte) 0);
                inode.data().set(ValueLayout.JAVA_INT, 0, IN_USE);
                inode.dirty(WriteStage.MAP);
            } finally {
                fs.end();
            }
            return fs.mount.vfs().vnode(fs.mount, fileno(name));
        }

        @Override
        public void remove(String name, Vnode file) throws ErrnoException {
            fs.begin();
            try (Buf inode = fs.inode(fileno(name))) {
                inode.data().set(ValueLayout.JAVA_INT, 0, 0);
                inode.dirty(WriteStage.MAP);
                ((File) file.ops()).linked = false;
            } finally {
                fs.end();
            }
        }

        @Override
        public void read(Uio uio) throws ErrnoException {
            vp.pages().read(uio, size());
        }

        @Override
        public void write(Uio uio) throws ErrnoException {
            while (uio.resid() > 0) {
                if (uio.offset() >= (long) MAX_BLOCKS * BLOCK) {
                    throw Errno.EFBIG.exception();
                }
                vp.pages().throttle();
                fs.begin();
                try {
                    vp.pages().write(uio, size(), Math.min(PIECE, (long) MAX_BLOCKS * BLOCK - uio.offset()));
                    if (uio.offset() > size()) {
                        setSize(uio.offset());
                    }
                } finally {
                    fs.end();
                }
            }
        }

        @Override
        public FileExtent bmap(long offset, long limit) throws ErrnoException {
            long block = offset / BLOCK;
            try (Buf inode = fs.inode(vp.fileno())) {
                long place = block < MAX_BLOCKS ? inode.data().get(ValueLayout.JAVA_LONG, PLACES + 8 * block) : 0;
                return new FileExtent(block * BLOCK, BLOCK, place == 0 ? FileExtent.HOLE : place * BLOCK);
            }
        }

        @Override
        public void readBlocks(long offset, MemorySegment dst) throws ErrnoException {
            for (long at = 0; at < dst.byteSize(); at += BLOCK) {
                FileExtent extent = bmap(offset + at, offset + at + BLOCK);
                if (extent.isHole()) {
                    dst.asSlice(at, BLOCK).fill((byte) 0);
                } else {
                    fs.device.read(dst.asSlice(at, BLOCK), extent.deviceOffset());
                }
            }
            long size = size();
            if (size < offset + dst.byteSize()) {
                dst.asSlice(Math.max(0, size - offset)).fill((byte) 0);
            }
        }

        @Override
        public int blockBytes() {
            return BLOCK;
        }

        @Override
        public long allocate(long offset, long bytes) throws ErrnoException {
            try (Buf inode = fs.inode(vp.fileno())) {
                for (long block = offset / BLOCK; block * BLOCK < offset + bytes; block++) {
                    if (inode.data().get(ValueLayout.JAVA_LONG, PLACES + 8 * block) == 0) {
                        int place;
                        try {
                            place = fs.allocate();
                        } catch (ErrnoException e) {
                            if (block * BLOCK <= offset) {
                                throw e;
                            }
                            return block * BLOCK - offset;
                        }
                        inode.data().set(ValueLayout.JAVA_LONG, PLACES + 8 * block, place);
                        inode.dirty(WriteStage.MAP);
                    }
                }
            }
            return bytes;
        }

        @Override
        public BlockDevice device() {
            return Objects.requireNonNull(fs.device);
        }
    }
}
