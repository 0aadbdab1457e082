package org.rump4j.netbsd.elf;

import org.jspecify.annotations.Nullable;

/** A machine that objects are made for, as far as linking can tell: its number, and its table of relocations. */
public final class Machine {
    private final String name;
    private final int number;

    /** By number; null where the ABI has none of it. */
    private final @Nullable RelocationType[] relocations;

    Machine(String name, int number, @Nullable RelocationType[] relocations) {
        this.name = name;
        this.number = number;
        this.relocations = relocations;
    }

    /** As the ABI spells it. */
    public String name() {
        return name;
    }

    /** {@code e_machine}. */
    public int number() {
        return number;
    }

    /** The type of a relocation by its number, or null where the ABI has none of it. */
    public @Nullable RelocationType relocation(int type) {
        return type >= 0 && type < relocations.length ? relocations[type] : null;
    }

    @Override
    public String toString() {
        return name;
    }

    /** x86-64. */
    public static Machine x86_64() {
        return X8664.INSTANCE;
    }

    /** AArch64 with 64-bit pointers. */
    public static Machine aarch64() {
        return Aarch64.INSTANCE;
    }

    /** That with {@code e_machine}, or null. */
    public static @Nullable Machine of(int number) {
        return switch (number) {
            case X8664.EM_X86_64 -> X8664.INSTANCE;
            case Aarch64.EM_AARCH64 -> Aarch64.INSTANCE;
            default -> null;
        };
    }

    /** That which the JVM runs on, or null where it is another. */
    public static @Nullable Machine host() {
        return switch (System.getProperty("os.arch", "")) {
            case "amd64", "x86_64" -> X8664.INSTANCE;
            case "aarch64" -> Aarch64.INSTANCE;
            default -> null;
        };
    }
}
