/**
 * Programs of C that are clients of a kernel in their own process, run in the JVM. Sources of the facts: the pages of sections 2, 3 and 7 of
 * the Linux manual that are named below; rump(3); the System V gABI; the Linux Standard Base, chapter "Base Libraries".
 *
 * <p><b>The model.</b> A {@link org.rump4j.netbsd.program.Program} is a shared object that has a function {@code main}, or an executable
 * that is independent of its position, linked together with the components of a kernel as one more of them. What it has from the C library
 * it calls as it is, without anybody noticing. But for what a process in a JVM cannot do, or must have done by Java, it gets functions of
 * ours: {@link org.rump4j.netbsd.program.Ending} for the end of the process, {@link org.rump4j.netbsd.program.PosixThreads} for threads,
 * {@link org.rump4j.netbsd.program.Refusals} for other processes and for signals that the JVM needs.
 *
 * <p><b>Threads.</b> A thread of the program is a platform thread of Java that has entered by a gate. It is there until another one has
 * joined it, so that its {@code pthread_t}, which is the C library's, is nobody else's meanwhile.
 *
 * <p><b>The end.</b> {@code exit(3)}, a return from main, and {@code rumpuser_exit} all lead to {@link
 * org.rump4j.netbsd.program.Ending}, which calls what the program wants called and flushes the C library's streams. It does not end the
 * JVM: threads that are in the C library stay there.
 *
 * <p><b>Locks.</b> Who ends the program has a lock that is never given back, as in any C library. No other is held while the program is called.
 */
@NullMarked
package org.rump4j.netbsd.program;

import org.jspecify.annotations.NullMarked;
