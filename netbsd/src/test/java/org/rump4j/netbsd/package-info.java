/** What tests of several packages use. */
@NullMarked
package org.rump4j.netbsd;

import org.jspecify.annotations.NullMarked;
