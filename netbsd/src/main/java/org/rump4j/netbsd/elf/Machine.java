package org.rump4j.netbsd.elf;

import org.jspecify.annotations.Nullable;

/** A machine that objects are made for, as far as linking can tell: its number, and its table of relocations. */
public sealed interface Machine permits X8664, Aarch64 {
    /** As the ABI spells it. */
    String name();

    /** {@code e_machine}. */
    int number();

    /** The type of a relocation by its number, or null where the ABI has none of it. */
    @Nullable
    RelocationType relocation(int number);

    static Machine x86_64() {
        return X8664.INSTANCE;
    }

    static Machine aarch64() {
        return Aarch64.INSTANCE;
    }

    /** That with {@code e_machine}, or null. */
    static @Nullable Machine of(int number) {
        return switch (number) {
            case X8664.EM_X86_64 -> X8664.INSTANCE;
            case Aarch64.EM_AARCH64 -> Aarch64.INSTANCE;
            default -> null;
        };
    }

    /** That which the JVM runs on, or null where it is another. */
    static @Nullable Machine host() {
        return switch (System.getProperty("os.arch", "")) {
            case "amd64", "x86_64" -> X8664.INSTANCE;
            case "aarch64" -> Aarch64.INSTANCE;
            default -> null;
        };
    }
}
