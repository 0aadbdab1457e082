/**
 * The base of the java kernel: processes and lwps, virtual CPUs, locks, callouts, soft interrupts, descriptors, system calls.
 * Source of the terms and of the semantics: section 9 of NetBSD's manual, and {@code rump(3)} and its kin.
 *
 * <p><b>The model.</b> {@link org.rump4j.kern.Kernel} is one kernel, and everything hangs on it: nothing here is static and
 * mutable. {@link org.rump4j.kern.JavaKernel} boots one on a host and is its handle for the outside. Threads of the host come
 * in through the system call table, get a virtual CPU from the scheduler, and run kernel code as the lwp that they carry.
 * Factions and drivers are {@link org.rump4j.kern.Component}s that attach while the kernel boots.
 *
 * <p><b>No JDK below.</b> Time, threads, locks, sleep, files and randomness come from the host alone, so a host decides over
 * all of them. A test holds that.
 *
 * <p><b>No ticks.</b> Threads of the kernel are made when they are first needed and sleep until something is due: an idle kernel
 * makes no wake-ups.
 *
 * <p><b>Lock order.</b> {@link org.rump4j.kern.Procs}, or that of {@link org.rump4j.kern.LockTable}, then {@link org.rump4j.kern.Proc}. All other locks here are leaves: with one
 * of them held nothing else is locked, and nothing that may lock is called, but for those who poll being notified, whose lock is
 * the innermost.
 */
@NullMarked
package org.rump4j.kern;

import org.jspecify.annotations.NullMarked;
