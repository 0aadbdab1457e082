/**
 * The real host: the hypercalls on the operating system under the JVM. {@link org.rump4j.rumpuser.real.RealHost} is the
 * only door; each other class is one section of the interface.
 *
 * <p><b>Blocking.</b> Every wait goes through {@link org.rump4j.rumpuser.real.Blocker}, which owns the two things that
 * all waits share: giving the virtual CPU away and taking it again, and being thrown out when the kernel exits.
 *
 * <p><b>Interrupts</b> (of {@link java.lang.Thread#interrupt}) mean nothing to a kernel. A thread that is interrupted in a
 * hypercall finishes the hypercall and finds its interrupt flag set afterwards.
 *
 * <p><b>Lock order.</b> Nothing here calls into the kernel with a lock of its own held, except upcalls with the interlock
 * that the contract says is held.
 */
@NullMarked
package org.rump4j.rumpuser.real;

import org.jspecify.annotations.NullMarked;
