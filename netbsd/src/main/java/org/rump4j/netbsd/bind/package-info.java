/**
 * The hypercalls as a kernel of native code makes them. Sources of the facts: NetBSD's rumpuser(3), {@code rump/rumpuser.h} and {@code
 * rump/rumpuser_component.h}; the x86-64 psABI, chapter "Function Calling Sequence"; "ELF Handling For Thread-Local Storage".
 *
 * <p><b>The model.</b> A {@link org.rump4j.netbsd.bind.Guest} is a kernel in memory whose hypercalls are answered by a {@link
 * org.rump4j.rumpuser.Rumpuser}. {@link org.rump4j.rumpuser.Hypercall} is the table of them: one entry point of machine code each, all
 * leading to one stub that enters Java, which looks at the number of the hypercall. {@link org.rump4j.netbsd.bind.Hypercalls} is the C view
 * of the interface: pointers become segments, objects of the host become numbers, exceptions become error numbers.
 *
 * <p><b>Gates.</b> A thread enters the guest through a gate only: machine code that saves what a C function may not change, and where the
 * stack is. A hypercall that is not to return into the guest (thread_exit, exit, panic, any hypercall once the kernel has exited) returns
 * from Java first, and then to whom the innermost gate was called by: guest frames are left behind, and never a frame of Java. Whatever
 * Java throws in a hypercall so comes out of the call that entered the guest. No exception is thrown through a guest, and none ends the JVM.
 *
 * <p><b>Threads.</b> One word at a fixed distance from the thread pointer, in the whole JVM, names the {@link
 * org.rump4j.netbsd.bind.GuestThread} block of the thread in the guest that it is in: where the innermost gate's stack is, whether it is in
 * a hypercall, and the guest's variables of threads. A gate sets it and puts back what was there, so that a thread may enter one guest out of another's hypercall.
 *
 * <p>Variables of threads that are compiled to be at a fixed distance from the thread pointer (initial-exec) are in the block as well while
 * the thread is elsewhere; gates of such guests bring them to the one {@link org.rump4j.netbsd.bind.StaticPlace} that all share, and back.
 *
 * <p><b>Faults.</b> What the guest does that the machine does not allow leaves by the innermost gate as well ({@link
 * org.rump4j.netbsd.bind.FaultHandler}), with where it was, and ends the guest as a panic does. A hypercall is made on the guest's stack,
 * which is the thread's: the block says how much of it Java must have left. Who called whom is found by the components' call frame
 * information ({@link org.rump4j.netbsd.link.Unwinder}).
 *
 * <p><b>Stubs.</b> On a host that is {@link org.rump4j.rumpuser.PlainHost}, the hypercalls that a kernel makes all the time are machine code
 * ({@link org.rump4j.netbsd.bind.X8664Stubs}): they do in native memory what needs no waiting and is no mistake, and jump to the entry into
 * Java otherwise. {@link org.rump4j.netbsd.bind.NativeThreading} is the Java side of it and tells the protocol. Whoever wraps a host sees
 * every hypercall: then, and where the parameter {@code RUMP4J_STUBS} is 0, they are {@link org.rump4j.netbsd.bind.HostThreading}'s.
 *
 * <p><b>Locks.</b> None of ours is held while the guest or the host is called.
 */
@NullMarked
package org.rump4j.netbsd.bind;

import org.jspecify.annotations.NullMarked;
