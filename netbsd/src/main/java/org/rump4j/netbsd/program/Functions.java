package org.rump4j.netbsd.program;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import org.rump4j.netbsd.bind.Guest;
import org.rump4j.netbsd.bind.HostFunction;
import org.rump4j.netbsd.bind.HostHalf;

/** Functions of C in Java that a program has in place of those of the C library, by name. Those that it does not want it does not get. */
final class Functions implements HostHalf {
    private final Map<String, HostFunction> byName = new TreeMap<>();
    private final CProcess process;

    /** A function of three words. */
    @FunctionalInterface
    interface Three {
        /** Calls it. */
        long apply(long a, long b, long c);
    }

    /** A function of four words. */
    @FunctionalInterface
    interface Four {
        /** Calls it. */
        long apply(long a, long b, long c, long d);
    }

    Functions(CProcess process) {
        this.process = process;
    }

    void add(String name, HostFunction function) {
        byName.put(name, function);
    }

    void none(String name, LongSupplier function) {
        add(name, (a, b, c, d, e, f, g) -> function.getAsLong());
    }

    void one(String name, LongUnaryOperator function) {
        add(name, (a, b, c, d, e, f, g) -> function.applyAsLong(a));
    }

    /** Of one int. */
    void number(String name, IntUnaryOperator function) {
        add(name, (a, b, c, d, e, f, g) -> function.applyAsInt((int) a));
    }

    void two(String name, LongBinaryOperator function) {
        add(name, (a, b, c, d, e, f, g) -> function.applyAsLong(a, b));
    }

    void three(String name, Three function) {
        add(name, (a, b, c, d, e, f, g) -> function.apply(a, b, c));
    }

    void four(String name, Four function) {
        add(name, (a, b, c, d, e, f, g) -> function.apply(a, b, c, d));
    }

    /** Forgets those that a program does not mention: one of its own may have such a name. */
    void retain(Set<String> wanted) {
        byName.keySet().retainAll(wanted);
    }

    @Override
    public Set<String> symbols() {
        return byName.keySet();
    }

    @Override
    public Map<String, HostFunction> functions(Guest guest) {
        process.begin(guest);
        return byName;
    }
}
