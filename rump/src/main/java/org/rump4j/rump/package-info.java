/**
 * NetBSD's system calls as a Java interface, {@link org.rump4j.rump.Syscalls}, and the handle of a kernel that answers
 * them, {@link org.rump4j.rump.RumpKernel}. Names, flags, numbers, structures and semantics are NetBSD's, so one client and
 * one test suite serve every kernel. Source: the pages of section 2 of NetBSD's manual, unless said otherwise.
 *
 * <p><b>Who calls.</b> A system call is made by the lwp that the calling thread has, which {@link
 * org.rump4j.rump.Lwproc} manages, as in {@code rump_lwproc(3)}. A thread that has none gets one of process 1 for each
 * call. Process 1 is shared by all who do so: working directory, descriptors, umask and credentials too.
 *
 * <p><b>Errors.</b> A call that fails throws {@link org.rump4j.rumpuser.ErrnoException}. Once the kernel has halted or
 * panicked, every call throws {@link org.rump4j.rump.KernelDownException}.
 *
 * <p><b>Names of files.</b> The kernel's names are bytes, Java's are strings: {@link org.rump4j.rump.PathCodec} maps any
 * of the one to the other and back without loss.
 */
@NullMarked
package org.rump4j.rump;

import org.jspecify.annotations.NullMarked;
