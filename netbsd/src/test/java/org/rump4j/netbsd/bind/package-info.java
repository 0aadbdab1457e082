/** Guests that make hypercalls. */
@NullMarked
package org.rump4j.netbsd.bind;

import org.jspecify.annotations.NullMarked;
