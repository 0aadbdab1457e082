/** Networks of guests. */
@NullMarked
package org.rump4j.netbsd.net;

import org.jspecify.annotations.NullMarked;
