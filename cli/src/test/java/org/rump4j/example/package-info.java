/** Programs that use rump4j as a library, as README shows them. */
@NullMarked
package org.rump4j.example;

import org.jspecify.annotations.NullMarked;
