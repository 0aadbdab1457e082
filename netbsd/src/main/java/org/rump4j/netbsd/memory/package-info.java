/**
 * The memory that a guest of the JVM lives in, and what the process does where it is misused. Sources of the facts: mmap(2), mprotect(2),
 * munmap(2), madvise(2), open(2), sigaction(2) and sigaltstack(2) of Linux.
 *
 * <p><b>The model.</b> A {@link org.rump4j.netbsd.memory.Region} is a range of addresses, reserved when a guest is made and given back by
 * one system call when it is discarded, with everything that was mapped into it. Pieces are taken from its low end on; what images leave is
 * a {@link org.rump4j.netbsd.memory.RegionHeap}. Memory has one of
 * the {@link org.rump4j.netbsd.memory.Protection}s, and there is none that is writable and executable at once.
 *
 * <p>{@link org.rump4j.netbsd.memory.Signals} and {@link org.rump4j.netbsd.memory.FaultStack} belong to the process and to its threads, as
 * the operating system has it: they are the only things here that are not one guest's.
 *
 * <p><b>Locks.</b> Taking a piece is one step under the region's lock; the heap says what its own are. Everything else is up to whoever has the piece.
 */
@NullMarked
package org.rump4j.netbsd.memory;

import org.jspecify.annotations.NullMarked;
