package org.rump4j.netbsd.bind;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * What the host's halves of drivers have handed to a guest, and the guest gives back by hypercalls as if the host had: descriptors by
 * {@code rumpuser_close}, memory by {@code rumpuser_unmap}. What it has not given back goes with it.
 */
public final class Handles {
    /** Far from those that files of the host have. */
    private static final int FIRST_DESCRIPTOR = 1 << 24;

    /** What a descriptor is of. */
    public interface Described {
        /** Whoever waits for something to happen to it comes out. Any thread may call this, once. */
        void close();
    }

    private final Map<Integer, Described> descriptors = new ConcurrentHashMap<>();
    private final AtomicInteger nextDescriptor = new AtomicInteger(FIRST_DESCRIPTOR);
    private final Map<Long, Arena> mappings = new ConcurrentHashMap<>();

    private volatile boolean closed;

    /** Paths of the host's files that the guest has open. */
    private final Map<Integer, String> paths = new ConcurrentHashMap<>();

    Handles() {}

    /** Gives something a descriptor that nothing else has, and nothing else will. Where the guest has exited it is closed at once. */
    public int descriptor(Described what) {
        int fd = nextDescriptor.getAndIncrement();
        descriptors.put(fd, what);
        if (closed) {
            boolean _ = close(fd);
        }
        return fd;
    }

    /**
     * What a descriptor is of.
     *
     * @throws ErrnoException EBADF where it is none of that type
     */
    public <T extends Described> T get(int fd, Class<T> type) throws ErrnoException {
        T found = find(fd, type);
        if (found == null) {
            throw Errno.EBADF.exception("descriptor " + fd);
        }
        return found;
    }

    /** As the other; null where it is none of that type. */
    public <T extends Described> @Nullable T find(int fd, Class<T> type) {
        Described found = descriptors.get(fd);
        return type.isInstance(found) ? type.cast(found) : null;
    }

    /** Hands memory over, which lives as long as an arena that the guest closes when it unmaps it. */
    public void mapping(MemorySegment memory, Arena arena) {
        mappings.put(memory.address(), arena);
    }

    /**
     * The path of a file of the host that the guest has opened.
     *
     * @throws ErrnoException EBADF where there is no such descriptor
     */
    public String path(int fd) throws ErrnoException {
        String path = paths.get(fd);
        if (path == null) {
            throw Errno.EBADF.exception("descriptor " + fd);
        }
        return path;
    }

    void opened(int fd, String path) {
        paths.put(fd, path);
    }

    /** Closes a descriptor; false where it is none of these. */
    public boolean close(int fd) {
        paths.remove(fd);
        Described found = descriptors.remove(fd);
        if (found != null) {
            found.close();
        }
        return found != null;
    }

    /** Whether it was one of these. */
    boolean unmap(long address) {
        Arena arena = mappings.remove(address);
        if (arena != null) {
            arena.close();
        }
        return arena != null;
    }

    /** Closes descriptors, for good: nobody waits for anything any more. */
    void closeDescriptors() {
        closed = true;
        for (int fd : descriptors.keySet()) {
            boolean _ = close(fd);
        }
    }

    void unmapAll() {
        for (long address : mappings.keySet()) {
            boolean _ = unmap(address);
        }
    }
}
