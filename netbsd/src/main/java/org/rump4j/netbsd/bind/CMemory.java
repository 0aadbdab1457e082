package org.rump4j.netbsd.bind;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Memory by its addresses, as the guest passes them. What is not mapped must not be touched: there is no check. Once the arena is closed,
 * and that waits for transfers under way, nothing that the host still has of it can be.
 */
final class CMemory {
    private final MemorySegment all;

    CMemory(Arena arena) {
        all = MemorySegment.NULL.reinterpret(Long.MAX_VALUE, arena, null);
    }

    MemorySegment segment(long address, long bytes) {
        return all.asSlice(address, bytes);
    }

    int getInt(long address) {
        return all.get(ValueLayout.JAVA_INT_UNALIGNED, address);
    }

    long getLong(long address) {
        return all.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
    }

    byte getByte(long address) {
        return all.get(ValueLayout.JAVA_BYTE, address);
    }

    void putInt(long address, int value) {
        all.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
    }

    void putLong(long address, long value) {
        all.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
    }

    /** A string up to its NUL. */
    String string(long address) {
        return all.getString(address);
    }

    @Nullable
    String stringOrNull(long address) {
        return address == 0 ? null : string(address);
    }
}
