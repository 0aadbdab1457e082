package org.rump4j.rumpuser;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Where a kernel's memory comes from, where that is not the host's business: a kernel of native code has a range of addresses of its own,
 * which goes all at once. What a kernel may have, and whether it gets it, is still for the host to say.
 *
 * <p>Arguments have been looked at. Memory that was given back is not out of reach: who uses it may find another's.
 */
public interface MemorySource {
    /**
     * Memory for {@link MemoryCalls#malloc}.
     *
     * @param size bytes, not negative
     * @param alignment a power of two, in bytes
     * @return of just that size, or null where there is no more
     */
    @Nullable
    MemorySegment allocate(long size, long alignment);

    /**
     * Takes back what {@link #allocate} gave.
     *
     * @return false where it did not give that, or has it back already
     */
    boolean free(MemorySegment memory);

    /**
     * Memory for {@link MemoryCalls#anonmmap}: zeros.
     *
     * @param hint an address that would be welcome, or 0
     * @param size bytes, positive
     * @param alignment a power of two, in bytes, that of a page at least
     * @param exec whether instructions may be run from it
     * @return of just that size, or null where there is no more
     */
    @Nullable
    MemorySegment map(long hint, long size, long alignment, boolean exec);

    /**
     * Takes back what {@link #map} gave.
     *
     * @return false where it did not give that, or has it back already
     */
    boolean unmap(MemorySegment memory);
}
