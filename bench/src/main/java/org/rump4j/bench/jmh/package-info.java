/**
 * What single operations cost. {@code bench/run jmh} runs all of it, with the allocations of each: where a benchmark's page says
 * that it allocates nothing, {@code gc.alloc.rate.norm} is the proof.
 */
@NullMarked
package org.rump4j.bench.jmh;

import org.jspecify.annotations.NullMarked;
