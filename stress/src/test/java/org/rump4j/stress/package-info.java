/** Concurrency claims about the real host's locks and waits, each a file that jcstress runs. */
@NullMarked
package org.rump4j.stress;

import org.jspecify.annotations.NullMarked;
