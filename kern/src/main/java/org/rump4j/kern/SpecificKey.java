package org.rump4j.kern;

import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A slot that each process has for something of a faction's, such as its working directory ({@code specificdata(9)}). Made
 * while the kernel boots, by {@link Procs#newKey}.
 *
 * @param <T> what is in it
 */
public final class SpecificKey<T> {
    final int index;
    final Function<T, T> fork;
    final Consumer<T> exit;

    SpecificKey(int index, Function<T, T> fork, Consumer<T> exit) {
        this.index = index;
        this.fork = fork;
        this.exit = exit;
    }
}
