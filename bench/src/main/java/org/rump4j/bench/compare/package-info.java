/**
 * The comparison with the reference, NetBSD's rump kernel on the C rumpuser. {@link org.rump4j.bench.compare.Rows} is the table
 * of what is compared, {@link org.rump4j.bench.compare.Workloads} our side of the work and {@code bench/src/main/c/reference.c}
 * the other.
 *
 * <p><b>How it is measured.</b> Each side of a row is a process that makes ready once and then does a round whenever it is told
 * to. {@link org.rump4j.bench.compare.Compare} asks the two in turn, so that whatever else goes on on the machine strikes both,
 * and takes the median of each. Absolute figures move with the machine; the ratio is the result.
 *
 * <p><b>A row more</b> is a line in {@code Rows}, a constant in {@code Workloads} and an entry of the same name in
 * {@code reference.c}, if the reference can do it.
 */
@NullMarked
package org.rump4j.bench.compare;

import org.jspecify.annotations.NullMarked;
