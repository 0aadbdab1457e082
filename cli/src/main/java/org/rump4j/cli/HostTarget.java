package org.rump4j.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** The host, as where copies go. */
final class HostTarget implements Target {
    private static final int OWNER_ALL = 0700;
    private static final int SET_ID = SysStat.S_ISUID | SysStat.S_ISGID;

    /** In the order of the bits, the lowest first. */
    private static final List<PosixFilePermission> PERMISSIONS = List.of(
            PosixFilePermission.OTHERS_EXECUTE,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.OWNER_EXECUTE,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.OWNER_READ);

    /** Files whose names java.nio cannot have: by name, where they are until they are complete. */
    private final Map<String, Path> unsettled = new HashMap<>();

    private int places;

    @Override
    public String text(String path) {
        return path;
    }

    @Override
    public boolean isDirectory(String path) throws ErrnoException {
        return Files.isDirectory(HostPath.checked(path));
    }

    @Override
    public @Nullable Stat stat(String path) throws ErrnoException {
        if (!HostPath.isRepresentable(lastOf(path))) {
            return null;
        }
        Path host = path(path);
        return Files.exists(host, LinkOption.NOFOLLOW_LINKS) ? HostFiles.stat(host, false) : null;
    }

    @Override
    public void directory(String path, int mode, boolean throughLinks) throws ErrnoException {
        Path host = placeFor(path);
        if (throughLinks ? Files.isDirectory(host) : Files.isDirectory(host, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            // What goes into it must go in even if the copy is going to be read-only.
            Files.createDirectory(host, asAttribute(mode | OWNER_ALL));
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    @Override
    public Sink file(String path, int mode, boolean throughLinks) throws ErrnoException {
        Path host = placeFor(path);
        if (Files.isDirectory(host, LinkOption.NOFOLLOW_LINKS)) {
            throw Errno.EISDIR.exception();
        }
        Set<OpenOption> options = new HashSet<>(
                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING));
        if (!throughLinks) {
            if (Files.isSymbolicLink(host)) {
                throw Errno.EEXIST.exception("a symbolic link, which is not followed out of an image");
            }
            options.add(LinkOption.NOFOLLOW_LINKS);
        }
        try {
            return new HostSink(FileChannel.open(host, options, asAttribute(mode)));
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    @Override
    public void symlink(String path, String target) throws ErrnoException {
        Path host = placeFor(path);
        try {
            if (Files.isSymbolicLink(host)) {
                Files.delete(host);
            }
            if (HostPath.isRepresentable(target)) {
                Files.createSymbolicLink(host, HostPath.checked(target));
            } else {
                HostTools.symlink(target, nameOf(host));
            }
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    @Override
    public void special(String path, int mode, long rdev) throws ErrnoException {
        String place = nameOf(placeFor(path));
        if ((mode & SysStat.S_IFMT) == SysStat.S_IFIFO) {
            HostTools.mkfifo(place, mode & 0777);
        } else {
            HostTools.mknod(place, mode, rdev);
        }
    }

    @Override
    public void link(String path, String existing) throws ErrnoException {
        Path host = placeFor(path);
        try {
            if (Files.exists(host, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(host, LinkOption.NOFOLLOW_LINKS)) {
                Files.delete(host);
            }
            Files.createLink(host, path(existing));
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    @Override
    public void remove(String path) throws ErrnoException {
        try {
            Files.delete(path(path));
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    @Override
    public void restrict(String path, Stat like) throws ErrnoException {
        Path host = path(path);
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(host, LinkOption.NOFOLLOW_LINKS);
            if (permissions.removeAll(permissionsOf(OWNER_ALL & ~like.mode()))) {
                Files.setPosixFilePermissions(host, permissions);
            }
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    @Override
    public void attributes(String path, Stat like) throws ErrnoException {
        Path host = path(path);
        boolean owned = own(host, like);
        try {
            boolean plain = like.isRegular() || like.isDirectory();
            if (like.isSymlink()
                    || (plain && !isFractionBefore1970(like.mtime()) && !isFractionBefore1970(like.atime()))) {
                Files.getFileAttributeView(host, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                        .setTimes(time(like.mtime()), time(like.atime()), null);
            } else {
                HostTools.touch(nameOf(host), like.atime(), like.mtime());
            }
            if (!like.isSymlink()) {
                // By name, which does not open the file. What runs as its owner must not run as somebody else.
                Files.setAttribute(host, "unix:mode", like.mode() & SysStat.ALLPERMS & ~(owned ? 0 : SET_ID));
            }
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    @Override
    public void settle(String path) throws ErrnoException {
        Path place = unsettled.remove(path);
        if (place != null && Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            HostTools.rename(nameOf(place), Operand.join(nameOf(directoryOf(path)), lastOf(path)));
        }
    }

    /** Where the file of this name is at the moment. */
    private Path path(String name) throws ErrnoException {
        Path place = unsettled.get(name);
        if (place != null) {
            return place;
        }
        return unsettled.isEmpty() || name.indexOf('/') < 0
                ? HostPath.checked(name)
                : directoryOf(name).resolve(HostPath.checked(lastOf(name)));
    }

    private Path directoryOf(String name) throws ErrnoException {
        int slash = name.lastIndexOf('/');
        return slash < 0 ? Path.of(".") : slash == 0 ? Path.of("/") : path(name.substring(0, slash));
    }

    private static String lastOf(String name) {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    /** Where to make a file of this name: one that Java has no string for is made under another, until it settles. */
    private Path placeFor(String name) throws ErrnoException {
        if (HostPath.isRepresentable(lastOf(name))) {
            return path(name);
        }
        String temporary = ".rump4j-" + ProcessHandle.current().pid() + "-" + ++places;
        Path place = directoryOf(name).resolve(temporary);
        unsettled.put(name, place);
        return place;
    }

    private static String nameOf(Path path) {
        return HostPath.fromJvm(path.toString());
    }

    /** Only the superuser may give files away: that others may not is no error. */
    private static boolean own(Path host, Stat like) {
        try {
            Files.setAttribute(host, "unix:gid", like.gid(), LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(host, "unix:uid", like.uid(), LinkOption.NOFOLLOW_LINKS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** The JDK makes 1970 of those. */
    private static boolean isFractionBefore1970(Timespec time) {
        return time.sec() < 0 && time.nsec() != 0;
    }

    private static FileTime time(Timespec time) {
        return FileTime.from(Instant.ofEpochSecond(time.sec(), time.nsec()));
    }

    private static FileAttribute<Set<PosixFilePermission>> asAttribute(int mode) {
        return PosixFilePermissions.asFileAttribute(permissionsOf(mode));
    }

    private static Set<PosixFilePermission> permissionsOf(int mode) {
        Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
        for (int bit = 0; bit < PERMISSIONS.size(); bit++) {
            if ((mode & (1 << bit)) != 0) {
                set.add(PERMISSIONS.get(bit));
            }
        }
        return set;
    }

    /** A file of the host that is being written. */
    private record HostSink(FileChannel channel) implements Sink {
        @Override
        public void write(ByteBuffer bytes, long offset) throws ErrnoException {
            try {
                long at = offset;
                while (bytes.hasRemaining()) {
                    at += channel.write(bytes, at);
                }
            } catch (IOException e) {
                throw HostErrors.translated(e);
            }
        }

        /** A hole at the end has to be made by a byte: java.nio can cut files but not lengthen them. */
        @Override
        public void finish(long size) throws ErrnoException {
            try {
                if (channel.size() < size) {
                    channel.write(ByteBuffer.allocate(1), size - 1);
                }
            } catch (IOException e) {
                throw HostErrors.translated(e);
            }
        }

        @Override
        public void close() throws ErrnoException {
            try {
                channel.close();
            } catch (IOException e) {
                throw HostErrors.translated(e);
            }
        }
    }
}
