/**
 * The device faction: {@code null}, {@code zero}, {@code full}, {@code random}, {@code urandom}, {@code console} and {@code tty}, with
 * NetBSD's names, minor numbers and modes. Source: {@code mem(4)}, {@code full(4)}, {@code rnd(4)}, {@code tty(4)} and {@code
 * MAKEDEV(8)} of NetBSD.
 *
 * <p>Drivers are a {@link org.rump4j.kern.CharDriver} each and know nothing of files. Where the file system faction is part of the
 * kernel, {@link org.rump4j.dev.DevComponent} makes nodes for them; where it is not, the drivers are there all the same.
 */
@NullMarked
package org.rump4j.dev;

import org.jspecify.annotations.NullMarked;
