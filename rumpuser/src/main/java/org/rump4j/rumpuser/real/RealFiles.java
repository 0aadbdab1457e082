package org.rump4j.rumpuser.real;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.FileCalls;

/** Files: the descriptors of one kernel and the calls on them. */
final class RealFiles implements FileCalls {
    /** 0 to 2 stay free, so that no descriptor is taken for a standard stream. */
    private static final int FIRST_FD = 3;

    private static final Set<PosixFilePermission> CREATE_MODE =
            Set.copyOf(PosixFilePermissions.fromString("rw-r--r--"));
    private static final int S_IFMT = 0170000;
    private static final int S_IFCHR = 0020000;
    private static final int S_IFBLK = 0060000;

    private final Blocker blocker;
    private final RealConsole console;
    private final Map<Integer, RealFile> files = new ConcurrentHashMap<>();
    private final AtomicInteger nextFd = new AtomicInteger(FIRST_FD);

    RealFiles(Blocker blocker, RealConsole console) {
        this.blocker = blocker;
        this.console = console;
    }

    @Override
    public FileInfo getfileinfo(String name) throws ErrnoException {
        Path path = path(name);
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            FileType type = type(path, attributes);
            if (type != FileType.BLK && type != FileType.CHR) {
                return new FileInfo(attributes.size(), type);
            }
            long size = deviceSize(path);
            if (size <= 0) {
                console.dprintf(name + ": the device does not tell its size\n");
                throw Errno.EOPNOTSUPP.exception(name + ": the device does not tell its size");
            }
            return new FileInfo(size, type);
        } catch (IOException e) {
            throw HostErrno.of(e, name);
        }
    }

    @Override
    public int open(String name, int flags) throws ErrnoException {
        if ((flags & OPEN_ACCMODE) == OPEN_ACCMODE) {
            throw Errno.EINVAL.exception(name + ": access mode 3");
        }
        int nlocks = blocker.unschedule(null);
        try {
            return openUnscheduled(name, flags);
        } finally {
            blocker.schedule(nlocks, null);
        }
    }

    @Override
    public void close(int fd) {
        int nlocks = blocker.unschedule(null);
        try {
            RealFile file = files.remove(fd);
            if (file != null) {
                file.close();
            }
        } finally {
            blocker.schedule(nlocks, null);
        }
    }

    @Override
    public long iovread(int fd, MemorySegment[] iov, long off) throws ErrnoException {
        int nlocks = blocker.unschedule(null);
        try {
            return file(fd).read(iov, off);
        } finally {
            blocker.schedule(nlocks, null);
        }
    }

    @Override
    public long iovwrite(int fd, MemorySegment[] iov, long off) throws ErrnoException {
        int nlocks = blocker.unschedule(null);
        try {
            return file(fd).write(iov, off);
        } finally {
            blocker.schedule(nlocks, null);
        }
    }

    @Override
    public void syncfd(int fd, int flags, long start, long len) throws ErrnoException {
        if ((flags & SYNCFD_BOTH) == 0) {
            throw Errno.EINVAL.exception("syncfd flags 0x" + Integer.toHexString(flags));
        }
        if ((flags & SYNCFD_WRITE) == 0) {
            return;
        }
        int nlocks = blocker.unschedule(null);
        try {
            file(fd).sync();
        } finally {
            blocker.schedule(nlocks, null);
        }
    }

    /** The file behind a descriptor, or EBADF. */
    RealFile file(int fd) throws ErrnoException {
        RealFile file = files.get(fd);
        if (file == null) {
            throw Errno.EBADF.exception("host descriptor " + fd);
        }
        return file;
    }

    private int openUnscheduled(String name, int flags) throws ErrnoException {
        Path path = path(name);
        Set<OpenOption> options = new HashSet<>();
        boolean write = (flags & OPEN_ACCMODE) != OPEN_RDONLY;
        if ((flags & OPEN_ACCMODE) != OPEN_WRONLY) {
            options.add(StandardOpenOption.READ);
        }
        if (write) {
            options.add(StandardOpenOption.WRITE);
        }
        Set<OpenOption> reopenOptions = Set.copyOf(options);
        try {
            if ((flags & OPEN_CREATE) != 0) {
                create(path, (flags & OPEN_EXCL) != 0);
            }
            boolean seekable = canSeek(path);
            FileChannel channel = FileChannel.open(path, options);
            int fd = nextFd.getAndIncrement();
            files.put(fd, new RealFile(path, channel, reopenOptions, seekable));
            return fd;
        } catch (IOException e) {
            if (write && Files.isDirectory(path)) {
                throw Errno.EISDIR.exception(name);
            }
            throw HostErrno.of(e, name);
        }
    }

    /**
     * A step of its own, because java.nio creates files only where it opens them for writing, and this may be a file that
     * is there and may only be read.
     */
    private static void create(Path path, boolean exclusive) throws IOException {
        if (exclusive) {
            Files.createFile(path, mode());
        } else if (Files.notExists(path)) {
            // Through a symbolic link that leads nowhere, too, as open(2) does.
            FileChannel.open(path, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), mode())
                    .close();
        }
    }

    private static FileAttribute<?>[] mode() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(CREATE_MODE)}
                : new FileAttribute<?>[0];
    }

    private static FileType type(Path path, BasicFileAttributes attributes) throws IOException {
        if (attributes.isRegularFile()) {
            return FileType.REG;
        }
        if (attributes.isDirectory()) {
            return FileType.DIR;
        }
        if (!FileSystems.getDefault().supportedFileAttributeViews().contains("unix")) {
            return FileType.OTHER;
        }
        return switch ((Integer) Files.getAttribute(path, "unix:mode") & S_IFMT) {
            case S_IFBLK -> FileType.BLK;
            case S_IFCHR -> FileType.CHR;
            default -> FileType.OTHER;
        };
    }

    private static boolean canSeek(Path path) throws IOException {
        return switch (type(path, Files.readAttributes(path, BasicFileAttributes.class))) {
            case REG, DIR, BLK -> true;
            case CHR, OTHER -> false;
        };
    }

    private static long deviceSize(Path path) throws IOException {
        try (FileChannel device = FileChannel.open(path, StandardOpenOption.READ)) {
            return device.size();
        }
    }

    private static Path path(String name) throws ErrnoException {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw Errno.EINVAL.exception(name + ": " + e.getReason());
        }
    }
}
