package org.rump4j.vfs.rumpfs;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Kmutex;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.Mount;
import org.rump4j.vfs.MountedFs;
import org.rump4j.vfs.NewFile;
import org.rump4j.vfs.Vnode;
import org.rump4j.vfs.VnodeType;

/** A file system in memory: its nodes, and what it takes. */
final class Rumpfs implements MountedFs {
    static final int BLOCK_BYTES = 4096;
    static final int IO_BYTES = 64 << 10;
    static final int NAME_MAX = 255;

    /** What a node without contents is taken to need. */
    static final int NODE_BYTES = 256;

    private static final int ROOT_FILENO = 2;

    private final Mount mount;
    private final Kernel kernel;
    private final MountArgs.Memory limits;

    /** Guards what follows. A leaf but for the kernel's memory counter. */
    private final Kmutex lock;

    /** By number; the first two are nobody's. */
    private final List<@Nullable RumpfsNode> nodes = new ArrayList<>();

    private final Deque<Integer> freeNumbers = new ArrayDeque<>();
    private long nodeCount;
    private long usedBytes;
    private int nextGeneration = 1;

    Rumpfs(Mount mount, MountArgs.Memory limits) throws ErrnoException {
        this.mount = mount;
        this.kernel = mount.vfs().kernel();
        this.limits = limits;
        this.lock = kernel.mutex();
        for (int i = 0; i < ROOT_FILENO; i++) {
            nodes.add(null);
        }
        RumpfsNode root = make(new NewFile(VnodeType.VDIR, 0755, 0, 0, 0, null), ROOT_FILENO);
        root.addLinks(1);
    }

    Mount mount() {
        return mount;
    }

    Kernel kernel() {
        return kernel;
    }

    /**
     * Makes a node without a name.
     *
     * @param parent number of the directory that it will be in
     * @throws ErrnoException ENOSPC
     */
    RumpfsNode make(NewFile file, long parent) throws ErrnoException {
        take(NODE_BYTES);
        boolean made = false;
        lock.enter();
        try {
            if (limits.nodesMax() != 0 && nodeCount >= limits.nodesMax()) {
                throw Errno.ENOSPC.exception("all " + limits.nodesMax() + " nodes are in use");
            }
            Integer free = freeNumbers.pollFirst();
            int fileno = free == null ? nodes.size() : free;
            RumpfsNode node = new RumpfsNode(this, fileno, nextGeneration++, file, parent);
            if (free == null) {
                nodes.add(node);
            } else {
                nodes.set(free, node);
            }
            nodeCount++;
            made = true;
            return node;
        } finally {
            lock.exit();
            if (!made) {
                give(NODE_BYTES);
            }
        }
    }

    /** A node without names or users goes. */
    void remove(RumpfsNode node) {
        lock.enter();
        nodes.set((int) node.fileno(), null);
        freeNumbers.addLast((int) node.fileno());
        nodeCount--;
        lock.exit();
        give(NODE_BYTES);
    }

    /** The node of a file that is there. */
    RumpfsNode node(long fileno) throws ErrnoException {
        lock.enter();
        try {
            RumpfsNode node = fileno >= 0 && fileno < nodes.size() ? nodes.get((int) fileno) : null;
            if (node == null) {
                throw Errno.ENOENT.exception("file " + fileno);
            }
            return node;
        } finally {
            lock.exit();
        }
    }

    /**
     * Counts memory for contents.
     *
     * @throws ErrnoException ENOSPC where the file system's limit does not allow it, or the kernel's
     */
    void take(long bytes) throws ErrnoException {
        try {
            kernel.kmem().reserve(bytes);
        } catch (ErrnoException e) {
            throw Errno.ENOSPC.exception("the kernel's memory is full");
        }
        lock.enter();
        boolean fits = limits.sizeMax() == 0 || bytes <= limits.sizeMax() - usedBytes;
        if (fits) {
            usedBytes += bytes;
        }
        lock.exit();
        if (!fits) {
            kernel.kmem().release(bytes);
            throw Errno.ENOSPC.exception("the file system is limited to " + limits.sizeMax() + " bytes");
        }
    }

    /**
     * Memory for contents.
     *
     * @param length how much
     * @param more how much of it to count
     * @throws ErrnoException ENOSPC as {@link #take}, and where the JVM has less memory than the kernel has been promised
     */
    byte[] allocate(int length, int more) throws ErrnoException {
        take(more);
        try {
            return new byte[length];
        } catch (OutOfMemoryError e) {
            give(more);
            throw Errno.ENOSPC.exception("the JVM has no memory left");
        }
    }

    /** Counts it off. */
    void give(long bytes) {
        lock.enter();
        usedBytes -= bytes;
        lock.exit();
        kernel.kmem().release(bytes);
    }

    @Override
    public long rootFileno() {
        return ROOT_FILENO;
    }

    @Override
    public int nameMax() {
        return NAME_MAX;
    }

    @Override
    public void load(Vnode vp, long fileno) throws ErrnoException {
        RumpfsNode node = node(fileno);
        VnodeType type = node.type();
        vp.init(type, node, type == VnodeType.VBLK || type == VnodeType.VCHR ? node.rdev() : 0);
    }

    @Override
    public Usage usage() {
        lock.enter();
        long used = usedBytes;
        long files = nodeCount;
        lock.exit();
        long kernelFree = kernel.kmem().limitBytes() - kernel.kmem().usedBytes();
        long free = limits.sizeMax() == 0 ? kernelFree : Math.min(kernelFree, limits.sizeMax() - used);
        long freeBlocks = Math.max(0, free) / BLOCK_BYTES;
        long freeFiles = limits.nodesMax() == 0 ? Math.max(0, free) / NODE_BYTES : limits.nodesMax() - files;
        long blocks = (used + BLOCK_BYTES - 1) / BLOCK_BYTES + freeBlocks;
        return new Usage(
                BLOCK_BYTES, BLOCK_BYTES, IO_BYTES, blocks, freeBlocks, freeBlocks, files + freeFiles, freeFiles);
    }

    /** Being mounted in another way is a matter of flags. */
    @Override
    public void update(int flags) {}

    @Override
    public void unmount() {
        lock.enter();
        long used = usedBytes;
        usedBytes = 0;
        nodes.clear();
        lock.exit();
        kernel.kmem().release(used);
    }

    /** Permissions of a mode. */
    static int perms(int mode) {
        return mode & SysStat.ALLPERMS;
    }
}
