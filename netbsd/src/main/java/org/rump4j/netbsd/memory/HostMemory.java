package org.rump4j.netbsd.memory;

import static org.rump4j.netbsd.memory.CFunctions.call;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** System calls about memory, by the numbers of a 64-bit Linux. */
final class HostMemory {
    private static final int MAP_PRIVATE = 0x02;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_NORESERVE = 0x4000;
    private static final int MAP_FIXED_NOREPLACE = 0x100000;
    private static final int MADV_DONTNEED = 4;
    private static final int MADV_NOHUGEPAGE = 15;
    private static final int O_RDONLY = 0;
    private static final int O_CLOEXEC = 0x80000;
    private static final int SC_PAGESIZE = 30;
    private static final long FAILED = -1;

    private static final MemorySegment MMAP;
    private static final MemorySegment MUNMAP;
    private static final MemorySegment MPROTECT;
    private static final MemorySegment MADVISE;
    private static final MemorySegment OPEN;
    private static final MemorySegment CLOSE;
    static final long PAGE_BYTES;

    static {
        MMAP = CFunctions.find("mmap");
        MUNMAP = CFunctions.find("munmap");
        MPROTECT = CFunctions.find("mprotect");
        MADVISE = CFunctions.find("madvise");
        OPEN = CFunctions.find("open");
        CLOSE = CFunctions.find("close");
        try (Arena arena = Arena.ofConfined()) {
            PAGE_BYTES = call(CFunctions.state(arena), CFunctions.find("sysconf"), SC_PAGESIZE, 0, 0, 0, 0, 0);
        }
    }

    private HostMemory() {}

    /** Reserves addresses that nothing is behind yet; at a given one unless that is 0. */
    static long reserve(long address, long bytes) throws RegionException {
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (address == 0 ? 0 : MAP_FIXED_NOREPLACE);
        long got = mmap(address, bytes, Protection.NONE, flags, -1, 0, "reserving");
        if (address != 0 && got != address) {
            // Linux before 4.17 takes the address for a hint.
            release(got, bytes);
            throw new RegionException(
                    "reserving " + bytes + " bytes at 0x" + Long.toHexString(address) + ": something is there already");
        }
        try (Arena arena = Arena.ofConfined()) {
            // Otherwise a kernel that touches a word has two megabytes. Systems without huge pages refuse, which is as
            // well.
            long _ = call(CFunctions.state(arena), MADVISE, got, bytes, MADV_NOHUGEPAGE, 0, 0, 0);
        }
        return got;
    }

    /** Puts a piece of a file at an address, in place of what is there. */
    static void mapFile(long address, long bytes, Protection protection, Path file, long offset)
            throws RegionException {
        int fd = open(file);
        try {
            long _ = mmap(address, bytes, protection, MAP_PRIVATE | MAP_FIXED, fd, offset, "mapping " + file + " to");
        } finally {
            try (Arena arena = Arena.ofConfined()) {
                long _ = call(CFunctions.state(arena), CLOSE, fd, 0, 0, 0, 0, 0);
            }
        }
    }

    private static int open(Path file) throws RegionException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = CFunctions.state(arena);
            long path = arena.allocateFrom(file.toString()).address();
            int fd = (int) call(state, OPEN, path, O_RDONLY | O_CLOEXEC, 0, 0, 0, 0);
            if (fd < 0) {
                throw new RegionException("opening " + file + ": " + error(state));
            }
            return fd;
        }
    }

    private static long mmap(
            long address, long bytes, Protection protection, int flags, int fd, long offset, String what)
            throws RegionException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = CFunctions.state(arena);
            long got = call(state, MMAP, address, bytes, protection.prot, flags, fd, offset);
            if (got == FAILED) {
                throw new RegionException(what + " " + bytes + " bytes"
                        + (address == 0 ? "" : " at 0x" + Long.toHexString(address)) + ": " + error(state));
            }
            return got;
        }
    }

    static void protect(long address, long bytes, Protection protection) throws RegionException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = CFunctions.state(arena);
            if ((int) call(state, MPROTECT, address, bytes, protection.prot, 0, 0, 0) != 0) {
                throw new RegionException("making " + bytes + " bytes at 0x" + Long.toHexString(address) + " "
                        + protection + ": " + error(state));
            }
        }
    }

    /** Gives memory back, and keeps the addresses: there are zeros then. */
    static void discard(long address, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = CFunctions.state(arena);
            if ((int) call(state, MADVISE, address, bytes, MADV_DONTNEED, 0, 0, 0) != 0) {
                throw new IllegalStateException("discarding 0x" + Long.toHexString(address) + ": " + error(state));
            }
        }
    }

    /** Gives addresses back, with all that is mapped there. */
    static void release(long address, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = CFunctions.state(arena);
            if ((int) call(state, MUNMAP, address, bytes, 0, 0, 0, 0) != 0) {
                throw new IllegalStateException("unmapping 0x" + Long.toHexString(address) + ": " + error(state));
            }
        }
    }

    private static String error(MemorySegment state) {
        int errno = CFunctions.errno(state);
        return switch (errno) {
            case 1 -> "EPERM";
            case 2 -> "ENOENT";
            case 12 -> "ENOMEM";
            case 13 -> "EACCES";
            case 17 -> "EEXIST, something is there already";
            case 22 -> "EINVAL";
            case 24 -> "EMFILE";
            default -> "error " + errno;
        };
    }
}
