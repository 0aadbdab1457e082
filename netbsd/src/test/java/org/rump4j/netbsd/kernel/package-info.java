/** NetBSD's own kernel, where {@code RUMP4J_NETBSD} names a build of it. */
@NullMarked
package org.rump4j.netbsd.kernel;

import org.jspecify.annotations.NullMarked;
