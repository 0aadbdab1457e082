package org.rump4j.vfs;

import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Lwp;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.PathCodec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * From paths to vnodes ({@code namei(9)}), as POSIX resolves pathnames (Base Definitions, 4.16).
 *
 * <p>A path is followed without locks: directories are held by reference, and locked only to look a name up that the name cache
 * does not know. Who wants to change what it found locks the directory and looks the name up once more.
 */
final class Namei {
    /** Bytes of a path, its NUL included ({@code PATH_MAX}). */
    static final int PATH_MAX = 1024;

    /** Symbolic links that are followed at the most ({@code MAXSYMLINKS}). */
    private static final int MAXSYMLINKS = 32;

    /** What is wanted of the last component. */
    enum Want {
        /** The file, which must be there. */
        FILE,
        /** The file, and its directory whether it is there or not. */
        FILE_OR_PLACE,
        /** The directory, and the name as it is, whatever it leads to. */
        PLACE
    }

    /**
     * Where a path leads. The references are the caller's, who gives them back by {@link #close} or takes them.
     */
    static final class Found implements AutoCloseable {
        private @Nullable Vnode dir;
        private @Nullable Vnode vnode;
        private final String name;
        private final boolean trailingSlash;

        private Found(@Nullable Vnode dir, String name, @Nullable Vnode vnode, boolean trailingSlash) {
            this.dir = dir;
            this.name = name;
            this.vnode = vnode;
            this.trailingSlash = trailingSlash;
        }

        /** The directory that the last component is in. */
        Vnode dir() {
            Vnode vp = dir;
            if (vp == null) {
                throw new IllegalStateException("no directory was asked for");
            }
            return vp;
        }

        /** The last component; empty for the root; perhaps {@code .} or {@code ..}. */
        String name() {
            return name;
        }

        /** Whether a slash follows the last component. */
        boolean trailingSlash() {
            return trailingSlash;
        }

        /** The file, or null where there is none. */
        @Nullable
        Vnode vnode() {
            return vnode;
        }

        /** Takes the reference to the file over. */
        Vnode takeVnode() {
            Vnode vp = vnode;
            if (vp == null) {
                throw new IllegalStateException("there is no file");
            }
            vnode = null;
            return vp;
        }

        @Override
        public void close() {
            if (dir != null) {
                dir.rele();
                dir = null;
            }
            if (vnode != null) {
                vnode.rele();
                vnode = null;
            }
        }
    }

    private final Vfs vfs;

    Namei(Vfs vfs) {
        this.vfs = vfs;
    }

    /**
     * The file that a path leads to, with a reference that is the caller's.
     *
     * @param start where a relative path starts; a reference is not taken over
     * @param follow whether to follow a symbolic link in the last place
     */
    Vnode file(Lwp l, Vnode start, String path, boolean follow) throws ErrnoException {
        try (Found found = find(l, start, false, path, Want.FILE, follow)) {
            return found.takeVnode();
        }
    }

    /**
     * Where a path leads.
     *
     * @param searched whether the directory that it starts from has been found searchable before, so that it need not be any more
     * @throws ErrnoException ENOENT for an empty path, and where something on the way, or the file that is wanted, is not there;
     *     ENOTDIR where something on the way is no directory; EACCES where one may not be searched; ELOOP, ENAMETOOLONG, EILSEQ
     */
    Found find(Lwp l, Vnode start, boolean searched, String path, Want want, boolean follow) throws ErrnoException {
        String rest = PathCodec.canonical(path);
        if (rest.isEmpty()) {
            throw Errno.ENOENT.exception();
        }
        checkPathLength(rest);
        int pos = 0;
        int links = 0;
        Vnode dir = rest.charAt(0) == '/' ? vfs.rootOf(l) : start.ref();
        try {
            while (true) {
                pos = skipSlashes(rest, pos);
                if (pos == rest.length()) {
                    return foundDirectory(dir.ref(), want);
                }
                EtfsTable.Match match = vfs.etfs().match(dir, rest, pos);
                int end = match == null ? componentEnd(rest, pos) : match.end();
                String name = rest.substring(pos, end);
                int after = skipSlashes(rest, end);
                boolean last = after == rest.length();
                boolean trailingSlash = last && after > end;
                try {
                    if (!searched || dir != start) {
                        checkSearchable(l, dir);
                    }
                    checkName(dir, name, match != null);
                } catch (ErrnoException e) {
                    if (match != null) {
                        match.vnode().rele();
                    }
                    throw e;
                }
                if (last && want == Want.PLACE) {
                    if (match != null) {
                        match.vnode().rele();
                        throw Errno.EBUSY.exception("a name that the host lends");
                    }
                    if (!trailingSlash) {
                        return new Found(dir.ref(), name, null, false);
                    }
                }
                Vnode vp = match == null ? step(l, dir, name) : match.vnode();
                if (last && want == Want.PLACE && (vp == null || vp.type() != VnodeType.VLNK)) {
                    if (vp != null) {
                        vp.rele();
                    }
                    return new Found(dir.ref(), name, null, true);
                }
                if (vp == null) {
                    if (last && want == Want.FILE_OR_PLACE) {
                        return new Found(dir.ref(), name, null, trailingSlash);
                    }
                    throw Errno.ENOENT.exception();
                }
                boolean kept = false;
                try {
                    if (vp.type() == VnodeType.VLNK && (!last || follow || trailingSlash)) {
                        if (++links > MAXSYMLINKS) {
                            throw Errno.ELOOP.exception();
                        }
                        rest = expand(vp, rest.substring(end));
                        pos = 0;
                        if (rest.charAt(0) == '/') {
                            Vnode root = vfs.rootOf(l);
                            dir.rele();
                            dir = root;
                        }
                        continue;
                    }
                    if ((!last || trailingSlash) && !vp.isDirectory()) {
                        throw Errno.ENOTDIR.exception();
                    }
                    kept = true;
                } finally {
                    if (!kept) {
                        vp.rele();
                    }
                }
                if (last) {
                    return new Found(want == Want.FILE ? null : dir.ref(), name, vp, trailingSlash);
                }
                dir.rele();
                dir = vp;
                pos = end;
            }
        } finally {
            dir.rele();
        }
    }

    /**
     * What a name leads to in a directory that the caller has locked, with a reference; or null. Mount points are not crossed.
     */
    @Nullable
    Vnode lookupLocked(Vnode dir, String name) throws ErrnoException {
        if (!dir.mount().fs().namesStayTheSame()) {
            return dir.ops().lookup(name);
        }
        NameCache.Answer known = vfs.names().lookup(dir, name);
        if (known != null) {
            return vnodeOf(known);
        }
        Vnode vp = dir.ops().lookup(name);
        vfs.names().enter(dir, name, vp);
        return vp;
    }

    /** What is above a directory, with a reference; the directory itself where it is the root of the process. */
    Vnode parent(Lwp l, Vnode dir) throws ErrnoException {
        Vnode root = vfs.rootOf(l);
        root.rele();
        Vnode at = dir.ref();
        try {
            while (at != root && at != vfs.root() && at.isRoot()) {
                Vnode covered = at.mount().covered();
                if (covered == null) {
                    break;
                }
                // Its reference is the mount's, which may be coming off by force.
                if (!vfs.vnodes().tryGet(covered)) {
                    throw DeadOps.gone();
                }
                at.rele();
                at = covered;
            }
            if (at == root || at == vfs.root()) {
                return at.ref();
            }
            at.lock().enterRead();
            try {
                if (at.isRemoved() && !at.isDead()) {
                    throw Errno.ENOENT.exception("the directory has been removed");
                }
                Vnode up = at.ops().lookup("..");
                if (up == null) {
                    throw Errno.ENOENT.exception("a directory without ..");
                }
                return up;
            } finally {
                at.lock().exit();
            }
        } finally {
            at.rele();
        }
    }

    /** A component further, over a mount point where there is one. */
    private @Nullable Vnode step(Lwp l, Vnode dir, String name) throws ErrnoException {
        if (name.equals(".")) {
            return dir.ref();
        }
        if (name.equals("..")) {
            return parent(l, dir);
        }
        NameCache.Answer known =
                dir.mount().fs().namesStayTheSame() ? vfs.names().lookup(dir, name) : null;
        Vnode vp;
        if (known != null) {
            vp = vnodeOf(known);
        } else {
            dir.lock().enterRead();
            try {
                vp = lookupLocked(dir, name);
            } finally {
                dir.lock().exit();
            }
        }
        return vp == null || vp.mountedHere() == null ? vp : enterMounts(vp);
    }

    /** The root of what is mounted on a directory, whose reference is taken over, and on that, and so on. */
    Vnode enterMounts(Vnode covered) throws ErrnoException {
        Vnode vp = covered;
        for (Mount mount; (mount = vp.mountedHere()) != null; ) {
            Vnode root;
            try {
                root = mount.root();
            } catch (ErrnoException e) {
                vfs.vnodes().awaitUnmounted(mount, vp);
                if (vp.mountedHere() != mount) {
                    // It has been unmounted at this moment.
                    continue;
                }
                vp.rele();
                throw e;
            }
            vp.rele();
            vp = root;
        }
        return vp;
    }

    private static @Nullable Vnode vnodeOf(NameCache.Answer answer) {
        // No switch: the first pattern switch of a process costs more than to boot the kernel.
        return answer instanceof NameCache.Somewhere somewhere ? somewhere.vnode() : null;
    }

    private static Found foundDirectory(Vnode dir, Want want) {
        return new Found(want == Want.FILE ? null : dir.ref(), "", dir, false);
    }

    private static String expand(Vnode link, String behind) throws ErrnoException {
        String target;
        link.lock().enterRead();
        try {
            target = link.ops().readlink();
        } finally {
            link.lock().exit();
        }
        if (target.isEmpty()) {
            throw Errno.ENOENT.exception("an empty symbolic link");
        }
        String path = target + behind;
        checkPathLength(path);
        return path;
    }

    private static void checkSearchable(Lwp l, Vnode dir) throws ErrnoException {
        if (!dir.isDirectory()) {
            throw Errno.ENOTDIR.exception();
        }
        if (!l.cred().isSuperuser()) {
            dir.ops().access(Fcntl.X_OK, l.cred());
        }
    }

    private static void checkName(Vnode dir, String name, boolean etfs) throws ErrnoException {
        if (name.indexOf('\0') >= 0) {
            throw Errno.EINVAL.exception("a NUL in a name");
        }
        if (!etfs && PathCodec.encodedLength(name) > dir.mount().fs().nameMax()) {
            throw Errno.ENAMETOOLONG.exception();
        }
    }

    private static void checkPathLength(String path) throws ErrnoException {
        if (path.length() >= PATH_MAX || (path.length() * 3 >= PATH_MAX && PathCodec.encodedLength(path) >= PATH_MAX)) {
            throw Errno.ENAMETOOLONG.exception();
        }
    }

    private static int skipSlashes(String path, int from) {
        int i = from;
        while (i < path.length() && path.charAt(i) == '/') {
            i++;
        }
        return i;
    }

    private static int componentEnd(String path, int from) {
        int end = path.indexOf('/', from);
        return end < 0 ? path.length() : end;
    }
}
