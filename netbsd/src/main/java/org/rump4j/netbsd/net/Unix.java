package org.rump4j.netbsd.net;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.rump4j.netbsd.memory.CFunctions;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * System calls of Linux that Java has no way to make, by functions of the C library. Sources of the facts: section 2 of the Linux manual.
 */
final class Unix {
    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_NONBLOCK = 0x800;
    static final int CLONE_NEWNET = 0x40000000;

    private static final int O_CLOEXEC = 0x80000;
    private static final int IN_MODIFY = 2;
    private static final int FIRST_THAT_DIFFERS = 35;
    private static final int EINTR = 4;
    private static final int EAGAIN = 11;
    private static final int POLLIN = 1;
    private static final int POLLFD_BYTES = 8;
    private static final int POLLFD_EVENTS = 4;

    private static final MemorySegment OPEN = CFunctions.find("open");
    private static final MemorySegment CLOSE = CFunctions.find("close");
    private static final MemorySegment READ = CFunctions.find("read");
    private static final MemorySegment WRITE = CFunctions.find("write");
    private static final MemorySegment POLL = CFunctions.find("poll");
    private static final MemorySegment IOCTL = CFunctions.find("ioctl");
    private static final MemorySegment SETNS = CFunctions.find("setns");
    private static final MemorySegment EVENTFD = CFunctions.find("eventfd");
    private static final MemorySegment INOTIFY_INIT = CFunctions.find("inotify_init1");
    private static final MemorySegment INOTIFY_ADD_WATCH = CFunctions.find("inotify_add_watch");

    private Unix() {}

    static int open(String path, int flags) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            return (int) call(arena, OPEN, path, arena.allocateFrom(path).address(), flags | O_CLOEXEC, 0, 0);
        }
    }

    static void close(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            long _ = raw(CFunctions.state(arena), CLOSE, fd, 0, 0, 0);
        }
    }

    /** Bytes read; −1 where there are none now. */
    static int read(int fd, MemorySegment buffer) throws ErrnoException {
        return transfer(READ, fd, buffer);
    }

    /** Bytes written; −1 where there is no room now. */
    static int write(int fd, MemorySegment data) throws ErrnoException {
        return transfer(WRITE, fd, data);
    }

    private static int transfer(MemorySegment function, int fd, MemorySegment data) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = CFunctions.state(arena);
            while (true) {
                long count = raw(state, function, fd, data.address(), data.byteSize(), 0);
                int errno = count < 0 ? CFunctions.errno(state) : 0;
                if (errno == EAGAIN) {
                    return -1;
                }
                if (errno != EINTR) {
                    return (int) checked(count, errno, "transfer");
                }
            }
        }
    }

    /** Waits until one of two descriptors can be read. */
    static void awaitReadable(int a, int b) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = CFunctions.state(arena);
            MemorySegment fds = arena.allocate(2L * POLLFD_BYTES, Integer.BYTES);
            fds.set(JAVA_INT, 0, a);
            fds.set(JAVA_SHORT, POLLFD_EVENTS, (short) POLLIN);
            fds.set(JAVA_INT, POLLFD_BYTES, b);
            fds.set(JAVA_SHORT, POLLFD_BYTES + POLLFD_EVENTS, (short) POLLIN);
            long got = (int) raw(state, POLL, fds.address(), 2, -1, 0);
            int errno = got < 0 ? CFunctions.errno(state) : 0;
            if (errno != EINTR) {
                long _ = checked(got, errno, "poll");
            }
        }
    }

    static void ioctl(int fd, long request, MemorySegment data, String what) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long _ = call(arena, IOCTL, what, fd, request, data.address(), 0);
        }
    }

    /** Moves the calling thread to another namespace. */
    static void setns(int fd, int type) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long _ = call(arena, SETNS, "setns", fd, type, 0, 0);
        }
    }

    /** A descriptor that can be read once 8 bytes, a number, have been written to it. */
    static int eventfd() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            return (int) call(arena, EVENTFD, "eventfd", 0, O_CLOEXEC | O_NONBLOCK, 0, 0);
        }
    }

    /** A descriptor that can be read once somebody has written to a file. */
    static int inotify(String path) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int) call(arena, INOTIFY_INIT, "inotify_init", O_CLOEXEC | O_NONBLOCK, 0, 0, 0);
            boolean watching = false;
            try {
                long name = arena.allocateFrom(path).address();
                long _ = call(arena, INOTIFY_ADD_WATCH, path, fd, name, IN_MODIFY, 0);
                watching = true;
                return fd;
            } finally {
                if (!watching) {
                    close(fd);
                }
            }
        }
    }

    /** One whose result is an int. */
    private static long call(Arena arena, MemorySegment function, String what, long a, long b, long c, long d)
            throws ErrnoException {
        MemorySegment state = CFunctions.state(arena);
        int result = (int) raw(state, function, a, b, c, d);
        return checked(result, CFunctions.errno(state), what);
    }

    /** The numbers of what can happen here are the same in NetBSD. */
    private static long checked(long result, int errno, String what) throws ErrnoException {
        if (result >= 0) {
            return result;
        }
        Errno same = errno < FIRST_THAT_DIFFERS ? Errno.of(errno) : null;
        throw (same == null ? Errno.EIO : same).exception(what + ": error " + errno + " of the host");
    }

    private static long raw(MemorySegment state, MemorySegment function, long a, long b, long c, long d) {
        return CFunctions.call(state, function, a, b, c, d, 0, 0);
    }
}
