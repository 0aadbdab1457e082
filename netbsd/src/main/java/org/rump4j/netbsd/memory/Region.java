package org.rump4j.netbsd.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A range of addresses that belongs to one guest: its images, and what is left, its heap. Two addresses tell whether one is the guest's.
 * Memory that is not used costs nothing, so that a region may be as large as a guest may become.
 */
public final class Region implements AutoCloseable {
    private final long address;
    private final long byteSize;
    private final Arena arena;
    private final MemorySegment memory;
    private final ReentrantLock lock = new ReentrantLock();

    /** Where the next piece begins. Guarded by {@link #lock}. */
    private long next;

    @SuppressWarnings("MustBeClosedChecker") // by close()
    private Region(long address, long byteSize) {
        this.address = address;
        this.byteSize = byteSize;
        next = address;
        arena = Arena.ofShared();
        memory = MemorySegment.ofAddress(address)
                .reinterpret(byteSize, arena, _ -> HostMemory.release(address, byteSize));
    }

    /**
     * Reserves a region where there is room.
     *
     * @param bytes rounded up to pages
     * @throws RegionException where there is none
     */
    public static Region reserve(long bytes) throws RegionException {
        return make(0, bytes);
    }

    /**
     * Reserves a region at an address: the same run after run, where nothing else is there.
     *
     * @param address a multiple of the size of a page
     * @param bytes rounded up to pages
     * @throws RegionException where something is there, or no such address can be had
     */
    public static Region reserveAt(long address, long bytes) throws RegionException {
        if (address <= 0) {
            throw new IllegalArgumentException("address 0x" + Long.toHexString(address));
        }
        return make(address, bytes);
    }

    private static Region make(long address, long bytes) throws RegionException {
        if (!System.getProperty("os.name", "").equals("Linux") || ValueLayout.ADDRESS.byteSize() != Long.BYTES) {
            throw new RegionException("native kernels need a 64-bit Linux");
        }
        if (bytes <= 0 || bytes > Long.MAX_VALUE - pageBytes()) {
            throw new IllegalArgumentException(bytes + " bytes");
        }
        long rounded = (bytes + pageBytes() - 1) & -pageBytes();
        return new Region(HostMemory.reserve(address, rounded), rounded);
    }

    /** How many bytes a page has. */
    public static long pageBytes() {
        return HostMemory.PAGE_BYTES;
    }

    public long address() {
        return address;
    }

    public long byteSize() {
        return byteSize;
    }

    public boolean contains(long anAddress) {
        return anAddress - address >= 0 && anAddress - address < byteSize;
    }

    /**
     * Takes a piece. It is nobody else's, and there is nothing behind it: {@link #protect} makes it zeros, or {@link #map} a file.
     *
     * @param bytes rounded up to pages
     * @param align a power of two; a page at least is taken
     * @return its address
     * @throws RegionException where so much is not left
     */
    public long take(long bytes, long align) throws RegionException {
        long alignment = Math.max(align, pageBytes());
        if (bytes < 0 || Long.bitCount(alignment) != 1) {
            throw new IllegalArgumentException(bytes + " bytes at a multiple of " + align);
        }
        lock.lock();
        try {
            long begin = (next + alignment - 1) & -alignment;
            long left = address + byteSize - begin;
            if (begin < next || left < 0 || bytes > left) {
                throw new RegionException("a region of " + byteSize + " bytes has no room for " + bytes
                        + " more, at a multiple of " + alignment + "; " + remaining() + " are left");
            }
            next = begin + ((bytes + pageBytes() - 1) & -pageBytes());
            return begin;
        } finally {
            lock.unlock();
        }
    }

    /** How many bytes have not been taken. */
    public long remaining() {
        lock.lock();
        try {
            return address + byteSize - next;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Says what may be done with whole pages of a piece. What has never been written is zero.
     *
     * @throws RegionException where the operating system does not allow that, or has no memory
     */
    public void protect(long at, long bytes, Protection protection) throws RegionException {
        require(at, bytes);
        HostMemory.protect(at, bytes, protection);
    }

    /**
     * Puts a piece of a file at an address. All who map it share its pages, until they write.
     *
     * @param at a multiple of the size of a page
     * @param offset likewise
     * @throws RegionException where it cannot be opened or mapped
     */
    public void map(long at, long bytes, Protection protection, Path file, long offset) throws RegionException {
        require(at, bytes);
        HostMemory.mapFile(at, bytes, protection, file, offset);
    }

    /**
     * Stores bytes, which must be allowed there.
     *
     * @param words as the memory of the machine has them
     * @param bytes how many of those
     */
    public void write(long at, long[] words, long bytes) {
        require(at, bytes);
        MemorySegment.copy(
                MemorySegment.ofArray(words),
                ValueLayout.JAVA_BYTE,
                0,
                memory,
                ValueLayout.JAVA_BYTE,
                at - address,
                bytes);
    }

    /** Reads a word, which must be allowed there. */
    public long word(long at) {
        require(at, Long.BYTES);
        return memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at - address);
    }

    /** All of its memory, as long as it is there. Touching what is not allowed ends the JVM. */
    public MemorySegment memory() {
        return memory;
    }

    private void require(long at, long bytes) {
        if (at - address < 0 || bytes < 0 || bytes > byteSize || at - address > byteSize - bytes) {
            throw new IllegalArgumentException(bytes + " bytes at 0x" + Long.toHexString(at)
                    + " are not in the region at 0x" + Long.toHexString(address));
        }
    }

    /** Discards it, with everything in it. Nothing of it may be running, or be touched by anything but {@link #memory}, afterwards. */
    @Override
    public void close() {
        arena.close();
    }
}
