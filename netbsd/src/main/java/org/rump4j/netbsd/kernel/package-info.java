/**
 * NetBSD's kernel as a {@link org.rump4j.rump.RumpKernel}: its system calls with Java's types, its lwps, and files of the host. Sources of
 * the facts: the pages of section 2 of NetBSD's manual; rump_lwproc(3), rump_etfs(3), rump(3); NetBSD's {@code sys/syscall.h} and the
 * headers that declare the structures.
 *
 * <p><b>The model.</b> A {@link org.rump4j.netbsd.kernel.NetbsdKernel} is a {@link org.rump4j.netbsd.bind.Guest} that has called {@code
 * rump_init}. A system call is one call of {@code rump_syscall}, by NetBSD's number, with a slot of eight bytes for each argument in a
 * {@link org.rump4j.netbsd.kernel.Frame}, which also has what pointers among them point to. Structures are laid out as the 64-bit kernels
 * have them: {@link org.rump4j.netbsd.kernel.Layouts}.
 */
@NullMarked
package org.rump4j.netbsd.kernel;

import org.jspecify.annotations.NullMarked;
