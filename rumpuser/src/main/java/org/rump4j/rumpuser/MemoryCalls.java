package org.rump4j.rumpuser;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Memory. None of these calls unschedules. */
public interface MemoryCalls {
    /**
     * Allocates memory.
     *
     * @param size bytes; 0 gives a distinct segment of no bytes
     * @param alignment a power of two, in bytes; 0 for that of a pointer
     * @return a segment of size bytes whose contents are not defined, accessible from every thread
     * @throws ErrnoException ENOMEM; EINVAL where size is negative or alignment is not a power of two
     */
    MemorySegment malloc(long size, long alignment) throws ErrnoException;

    /**
     * Gives back what {@link #malloc} gave. Nothing may use the segment any more.
     *
     * @param memory the segment itself, not a slice of it; null is accepted and does nothing
     */
    void free(@Nullable MemorySegment memory);

    /**
     * Maps anonymous private memory, which is zeroed.
     *
     * @param hint the address that would be welcome, or 0
     * @param size bytes
     * @param alignbit binary logarithm of the alignment wanted; 0 for that of a page
     * @param exec whether instructions may be run from it
     * @return a segment of size bytes, accessible from every thread
     * @throws ErrnoException EINVAL where size is not positive or alignbit is not in 0..62; ENOMEM; EOPNOTSUPP where the
     *     host cannot make memory executable
     */
    MemorySegment anonmmap(long hint, long size, int alignbit, boolean exec) throws ErrnoException;

    /** Unmaps what {@link #anonmmap} gave: the segment itself, not a slice of it. Anything else is ignored. */
    void unmap(MemorySegment memory);

    /**
     * Has all further memory taken from a source. What was given before is still taken back. No hypercall: whoever brings the kernel into
     * memory calls it before there is one. Wrappers hand it on.
     *
     * @return false where the host has its own memory only, and goes on with that
     */
    default boolean takeMemoryFrom(MemorySource source) {
        return false;
    }
}
