package org.rump4j.vfs;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.Lwp;
import org.rump4j.kern.Uio;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** A file system that is as odd, as slow and as broken as a test wants it to be. */
final class HookFs implements FilesystemType {
    static final long ROOT = 2;

    /** Something that happens in the middle of an operation. */
    interface Hook {
        void run() throws ErrnoException;
    }

    /** A file: a directory where it has entries. */
    private record Node(VnodeType type, Map<String, Long> entries) {}

    private final Map<Long, Node> nodes = new ConcurrentHashMap<>();

    /** Run by lookups in a directory, by its number. */
    final Map<Long, Hook> onLookup = new ConcurrentHashMap<>();

    /** Run by reads of a file, by its number. */
    final Map<Long, Hook> onRead = new ConcurrentHashMap<>();

    /** Run when a file comes to life, by its number. */
    final Map<Long, Hook> onLoad = new ConcurrentHashMap<>();

    /** Run when it is synced. */
    volatile Hook onSync = () -> {};

    final AtomicInteger loads = new AtomicInteger();
    final AtomicInteger reclaims = new AtomicInteger();
    final AtomicInteger unmounts = new AtomicInteger();

    HookFs() {
        directory(ROOT, ROOT);
    }

    HookFs directory(long fileno, long parent) {
        Map<String, Long> entries = new LinkedHashMap<>();
        entries.put("..", parent);
        nodes.put(fileno, new Node(VnodeType.VDIR, entries));
        return this;
    }

    HookFs file(long fileno) {
        nodes.put(fileno, new Node(VnodeType.VREG, Map.of()));
        return this;
    }

    HookFs entry(long dir, String name, long fileno) {
        Node node = nodes.get(dir);
        if (node == null) {
            throw new IllegalArgumentException("no directory " + dir);
        }
        node.entries.put(name, fileno);
        return this;
    }

    private static void run(@Nullable Hook hook) throws ErrnoException {
        if (hook != null) {
            hook.run();
        }
    }

    @Override
    public String name() {
        return "hookfs";
    }

    @Override
    public boolean probe(BlockDevice device) {
        return false;
    }

    @Override
    public MountedFs mount(Lwp l, Mount mount, MountArgs args) {
        return new Mounted(mount);
    }

    private final class Mounted implements MountedFs {
        private final Mount mount;

        Mounted(Mount mount) {
            this.mount = mount;
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
            run(onLoad.get(fileno));
            Node node = nodes.get(fileno);
            if (node == null) {
                throw Errno.ENOENT.exception("file " + fileno);
            }
            loads.incrementAndGet();
            vp.init(node.type, new File(mount, fileno, node), 0);
        }

        @Override
        public Usage usage() {
            return new Usage(512, 512, 512, 0, 0, 0, 0, 0);
        }

        @Override
        public void sync(boolean wait) throws ErrnoException {
            onSync.run();
        }

        @Override
        public void unmount() {
            unmounts.incrementAndGet();
        }
    }

    private final class File implements VnodeOps {
        private final Mount mount;
        private final long fileno;
        private final Node node;

        File(Mount mount, long fileno, Node node) {
            this.mount = mount;
            this.fileno = fileno;
            this.node = node;
        }

        @Override
        public Stat getattr() {
            Timespec time = Timespec.ZERO;
            return new Stat(
                    mount.fsid(),
                    node.type.format() | 0777,
                    fileno,
                    1,
                    0,
                    0,
                    0,
                    time,
                    time,
                    time,
                    time,
                    100,
                    1,
                    512,
                    0,
                    0);
        }

        @Override
        public @Nullable Vnode lookup(String name) throws ErrnoException {
            run(onLookup.get(fileno));
            Long child = node.entries.get(name);
            return child == null ? null : mount.vfs().vnode(mount, child);
        }

        @Override
        public void readdir(long cookie, DirentSink sink) {
            long place = 0;
            for (Map.Entry<String, Long> entry : node.entries.entrySet()) {
                if (place++ >= cookie && !sink.accept(entry.getValue(), 0, entry.getKey(), place)) {
                    return;
                }
            }
        }

        @Override
        public void read(Uio uio) throws ErrnoException {
            run(onRead.get(fileno));
            uio.zeros(uio.resid());
        }

        @Override
        public void reclaim() {
            reclaims.incrementAndGet();
        }
    }
}
