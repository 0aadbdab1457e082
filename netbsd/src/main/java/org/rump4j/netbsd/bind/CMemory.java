package org.rump4j.netbsd.bind;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Memory by its addresses, as the guest passes them. What is not mapped must not be touched: there is no check. Once the arena is closed,
 * and that waits for transfers under way, nothing that the host still has of it can be.
 */
public final class CMemory {
    private final MemorySegment all;

    CMemory(Arena arena) {
        all = MemorySegment.NULL.reinterpret(Long.MAX_VALUE, arena, null);
    }

    /** So many bytes from an address on. */
    public MemorySegment segment(long address, long bytes) {
        return all.asSlice(address, bytes);
    }

    /** Four bytes, not necessarily aligned. */
    public int getInt(long address) {
        return all.get(ValueLayout.JAVA_INT_UNALIGNED, address);
    }

    /** Eight bytes, not necessarily aligned. */
    public long getLong(long address) {
        return all.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
    }

    /** A byte. */
    public byte getByte(long address) {
        return all.get(ValueLayout.JAVA_BYTE, address);
    }

    /** Stores two bytes. */
    public void putShort(long address, short value) {
        all.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, value);
    }

    /** Stores four bytes. */
    public void putInt(long address, int value) {
        all.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
    }

    /** Stores eight bytes. */
    public void putLong(long address, long value) {
        all.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
    }

    /** A string up to its NUL. */
    public String string(long address) {
        return all.getString(address);
    }

    /** As {@link #string}; null for a null pointer. */
    public @Nullable String stringOrNull(long address) {
        return address == 0 ? null : string(address);
    }
}
