/**
 * The hypercall interface of rump kernels, version 17, as Java types it. Source: NetBSD {@code rumpuser(3)} and what the
 * reference implementation does.
 *
 * <p><b>The model.</b> A rump kernel is drivers without an operating system around them. Whatever it needs from outside,
 * it asks of its <i>host</i>, an object of {@link org.rump4j.rumpuser.Rumpuser}; whatever the host needs from the kernel,
 * it asks through the <i>upcalls</i> that the kernel handed over at init, {@link org.rump4j.rumpuser.Hyperup}. A host
 * belongs to one kernel. Kernel threads are threads of the host, so nothing is scheduled twice.
 *
 * <p><b>Scheduling.</b> A thread runs kernel code only while it holds a virtual CPU. A hypercall that may block gives it
 * away with {@link org.rump4j.rumpuser.Hyperup#backendUnschedule} before it blocks and takes one again with {@link
 * org.rump4j.rumpuser.Hyperup#backendSchedule} before it returns: exactly one pair a call, on the same thread, with the
 * same interlock. The pages of the single calls say which do: <i>unschedules</i> (always), <i>unschedules when
 * contended</i>, or <i>does not unschedule</i>. What does not unschedule may be called before the kernel's scheduler
 * exists. {@link org.rump4j.rumpuser.Hypercall} is the table of it all.
 *
 * <p><b>Errors.</b> A call that the C interface lets return an error number throws {@link
 * org.rump4j.rumpuser.ErrnoException} here, always in NetBSD's numbering. A call that breaks the contract (leaving a mutex
 * that is not held, say) is a bug of the kernel and throws an unchecked exception.
 *
 * <p><b>Termination.</b> After {@link org.rump4j.rumpuser.TerminationCalls#exit} no thread returns into the kernel: each
 * is thrown out with {@link org.rump4j.rumpuser.RumpuserExit} at its next blocking hypercall, those already blocked at once.
 */
@NullMarked
package org.rump4j.rumpuser;

import org.jspecify.annotations.NullMarked;
