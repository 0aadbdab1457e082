package org.rump4j.vfs;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Kmutex;
import org.rump4j.rump.Etfs;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Files and directories of the host under names in the kernel ({@code rump_etfs(3)}). A key is a path from the kernel's root; it is
 * looked for where a path goes on from there, before the root file system is. Files of the host have vnodes on a file system of
 * their own, which is nowhere in the tree of names.
 */
final class EtfsTable {
    /**
     * A key that a path goes on with.
     *
     * @param vnode what is behind it, with a reference
     * @param end where in the path it ends
     */
    record Match(Vnode vnode, int end) {}

    private record Entry(long fileno, Etfs.Type type) {}

    private final Vfs vfs;

    /** Guards what follows. */
    private final Kmutex lock;

    /** By key, without the slashes before it. */
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** What entries is empty says, for those who look without the lock. */
    private volatile boolean empty = true;

    private @Nullable EtfsMount etfs;

    EtfsTable(Vfs vfs) {
        this.vfs = vfs;
        this.lock = vfs.kernel().mutex();
    }

    void register(String key, String hostpath, Etfs.Type type, long begin, long size, boolean readOnly)
            throws ErrnoException {
        if (!key.startsWith("/") || bare(key).isEmpty()) {
            throw Errno.EINVAL.exception("etfs key " + key + " is not absolute");
        }
        lock.enter();
        try {
            if (entries.containsKey(bare(key))) {
                throw Errno.EEXIST.exception("etfs key " + key);
            }
            EtfsMount mount = etfs;
            if (mount == null) {
                etfs = mount = new EtfsMount(vfs);
            }
            entries.put(bare(key), new Entry(mount.add(hostpath, type, begin, size, readOnly), type));
            empty = false;
        } finally {
            lock.exit();
        }
    }

    void remove(String key) throws ErrnoException {
        lock.enter();
        try {
            Entry entry = entries.get(bare(key));
            EtfsMount mount = etfs;
            if (entry == null || mount == null) {
                throw Errno.ENOENT.exception("etfs key " + key);
            }
            mount.remove(entry.fileno);
            entries.remove(bare(key));
            empty = entries.isEmpty();
        } finally {
            lock.exit();
        }
    }

    /** The key that a path goes on with, or null. */
    @Nullable
    Match match(Vnode dir, String path, int pos) throws ErrnoException {
        if (empty || dir != vfs.root()) {
            return null;
        }
        lock.enter();
        try {
            EtfsMount mount = etfs;
            for (Map.Entry<String, Entry> candidate : entries.entrySet()) {
                String key = candidate.getKey();
                int end = pos + key.length();
                boolean whole = end == path.length() || (end < path.length() && path.charAt(end) == '/');
                if (whole && mount != null && path.startsWith(key, pos)) {
                    return new Match(mount.vnode(candidate.getValue().fileno), end);
                }
            }
            return null;
        } finally {
            lock.exit();
        }
    }

    private static String bare(String key) {
        int i = 0;
        while (i < key.length() && key.charAt(i) == '/') {
            i++;
        }
        return key.substring(i);
    }
}
