package org.rump4j.vfs;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Kmutex;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.PathCodec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Files and directories of the host under names in the kernel ({@code rump_etfs(3)}). A key is a path from the kernel's root; it is
 * looked for where a path goes on from there, before the root file system is, and where several fit the longest counts. Files of
 * the host have vnodes on a file system of their own, which is nowhere in the tree of names.
 */
final class EtfsTable {
    /**
     * A key that a path goes on with.
     *
     * @param vnode what is behind it, with a reference
     * @param end where in the path it ends
     */
    record Match(Vnode vnode, int end) {}

    /**
     * A key.
     *
     * @param key its components, with a slash between them
     * @param fileno of what is behind it
     */
    private record Entry(String key, long fileno) {}

    private final Vfs vfs;

    /** Held while the table is changed. */
    private final Kmutex lock;

    /** The longest key first. Replaced as a whole, so that looking takes no lock. */
    private volatile List<Entry> entries = List.of();

    private volatile @Nullable EtfsMount etfs;

    EtfsTable(Vfs vfs) {
        this.vfs = vfs;
        this.lock = vfs.kernel().mutex();
    }

    void register(String path, String hostpath, Etfs.Type type, long begin, long size, boolean readOnly)
            throws ErrnoException {
        String key = key(path);
        lock.enter();
        try {
            if (find(key) != null) {
                throw Errno.EEXIST.exception("etfs key " + path);
            }
            EtfsMount mount = etfs;
            if (mount == null) {
                etfs = mount = new EtfsMount(vfs);
            }
            List<Entry> more = new ArrayList<>(entries);
            more.add(new Entry(key, mount.add(hostpath, type, begin, size, readOnly)));
            more.sort((a, b) -> Integer.compare(b.key.length(), a.key.length()));
            entries = List.copyOf(more);
        } finally {
            lock.exit();
        }
    }

    void remove(String path) throws ErrnoException {
        String key = key(path);
        lock.enter();
        try {
            Entry entry = find(key);
            EtfsMount mount = etfs;
            if (entry == null || mount == null) {
                throw Errno.ENOENT.exception("etfs key " + path);
            }
            // First nobody finds it any more, then nobody has it.
            List<Entry> before = entries;
            entries = before.stream().filter(other -> other != entry).toList();
            try {
                mount.remove(entry.fileno);
            } catch (ErrnoException e) {
                entries = before;
                throw e;
            }
        } finally {
            lock.exit();
        }
    }

    /** The key that a path goes on with, or null. */
    @Nullable
    Match match(Vnode dir, String path, int pos) throws ErrnoException {
        List<Entry> all = entries;
        EtfsMount mount = etfs;
        if (all.isEmpty() || mount == null || dir != vfs.root()) {
            return null;
        }
        for (Entry entry : all) {
            int end = endOf(entry.key, path, pos);
            if (end >= 0) {
                try {
                    return new Match(mount.vnode(entry.fileno), end);
                } catch (ErrnoException e) {
                    if (e.errno() != Errno.ENOENT) {
                        throw e;
                    }
                    // It has been taken away at this moment.
                }
            }
        }
        return null;
    }

    /** The kernel goes down. */
    void shutdown() throws ErrnoException {
        EtfsMount mount = etfs;
        if (mount != null) {
            mount.shutdown();
        }
    }

    private @Nullable Entry find(String key) {
        for (Entry entry : entries) {
            if (entry.key.equals(key)) {
                return entry;
            }
        }
        return null;
    }

    /** Where in a path a key ends that begins at pos, or −1. Several slashes are one. */
    private static int endOf(String key, String path, int pos) {
        int at = pos;
        for (int i = 0; i < key.length(); i++, at++) {
            if (at >= path.length() || path.charAt(at) != key.charAt(i)) {
                return -1;
            }
            while (key.charAt(i) == '/' && at + 1 < path.length() && path.charAt(at + 1) == '/') {
                at++;
            }
        }
        return at == path.length() || path.charAt(at) == '/' ? at : -1;
    }

    /**
     * The components of an absolute path, with a slash between them.
     *
     * @throws ErrnoException EINVAL where it is not absolute, is the root, or has components that are not names
     */
    private static String key(String path) throws ErrnoException {
        List<String> components = new ArrayList<>();
        for (String component : PathCodec.canonical(path).split("/", -1)) {
            if (component.equals(".") || component.equals("..") || component.indexOf('\0') >= 0) {
                throw Errno.EINVAL.exception("etfs key " + path);
            }
            if (!component.isEmpty()) {
                components.add(component);
            }
        }
        if (!path.startsWith("/") || components.isEmpty()) {
            throw Errno.EINVAL.exception("etfs key " + path + " is not absolute");
        }
        return String.join("/", components);
    }
}
