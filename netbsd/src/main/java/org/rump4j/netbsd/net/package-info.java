/**
 * Networks of guests: the host's halves of their drivers {@code virtif}, {@code shmif} and {@code sockin} (and of {@code ugenhc}), and what
 * Ethernet frames travel on.
 * Sources of the facts: NetBSD's {@code sys/rump/net/lib}; those that classes name.
 *
 * <p><b>The model.</b> A {@link org.rump4j.netbsd.net.Virtif} gives each interface of a kernel a port of a {@link
 * org.rump4j.netbsd.net.Link}: of a {@link org.rump4j.netbsd.net.Wire} to one other kernel, of a {@link org.rump4j.netbsd.net.Switch} of
 * many, or of a {@link org.rump4j.netbsd.net.Tap} to the operating system. A link is an object that whoever boots the kernels hands to each; a
 * {@link org.rump4j.netbsd.net.Capture} can write its frames down.
 *
 * <pre>{@code
 * Link wire = new Wire();
 * Surroundings surroundings = Surroundings.withCLibrary(HostHalves.all(Map.of("0", wire)));
 * try (NetbsdKernel a = NetbsdKernel.boot(catalogue, components, hostOfA, surroundings);
 *         NetbsdKernel b = NetbsdKernel.boot(catalogue, components, hostOfB, surroundings)) {
 *     a.netconfig().create("virt0");
 *     a.netconfig().ipv4("virt0", "10.0.0.1", 24);
 *     a.netconfig().up("virt0");
 *     ...
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> Who sends copies the frame to where it will be received, and never waits. Each interface has a thread of the host that
 * waits for frames outside of the kernel, and takes them in a batch at a time.
 *
 * <p><b>Locks.</b> Those of queues and files are held while bytes are copied, and nothing else is called.
 */
@NullMarked
package org.rump4j.netbsd.net;

import org.jspecify.annotations.NullMarked;
