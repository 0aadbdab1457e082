/**
 * Speed, shown. {@code org.rump4j.bench.jmh} has a benchmark for each claim that a comment makes about what something costs;
 * {@code org.rump4j.bench.compare} runs the same work on our kernel and on the reference, side by side.
 */
@NullMarked
package org.rump4j.bench;

import org.jspecify.annotations.NullMarked;
