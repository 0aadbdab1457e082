package org.rump4j.netbsd.elf;

/**
 * A piece of the file that has a place in memory. Addresses are relative to where the object will be.
 *
 * @param type PT_LOAD, or what else has a place
 * @param flags {@link #READABLE}, {@link #WRITABLE}, {@link #EXECUTABLE}
 * @param fileOffset where its bytes are in the file
 * @param address where they will be
 * @param fileBytes how many are in the file
 * @param memoryBytes how many it has in memory; what the file has not is zero
 * @param align a power of two, at least 1
 */
public record Segment(
        int type, int flags, long fileOffset, long address, long fileBytes, long memoryBytes, long align) {
    public static final int EXECUTABLE = 1;
    public static final int WRITABLE = 2;
    public static final int READABLE = 4;

    static final int PT_LOAD = 1;
    static final int PT_DYNAMIC = 2;
    static final int PT_TLS = 7;
    static final int PT_GNU_EH_FRAME = 0x6474e550;
    static final int PT_GNU_RELRO = 0x6474e552;

    /** The address behind the last byte. */
    public long end() {
        return address + memoryBytes;
    }

    public boolean isWritable() {
        return (flags & WRITABLE) != 0;
    }

    public boolean isExecutable() {
        return (flags & EXECUTABLE) != 0;
    }

    /** Whether bytes from an address on are in it. */
    public boolean contains(long from, long bytes) {
        return from >= address && bytes >= 0 && bytes <= memoryBytes && from - address <= memoryBytes - bytes;
    }

    /** Whether bytes from an address on are in it and in the file. */
    boolean hasInFile(long from, long bytes) {
        return from >= address && bytes >= 0 && bytes <= fileBytes && from - address <= fileBytes - bytes;
    }
}
