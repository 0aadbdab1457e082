package org.rump4j.netbsd.elf;

import org.jspecify.annotations.Nullable;

/**
 * A type of relocation: what is calculated, and what it must fit into.
 *
 * @param number as in {@code r_info}
 * @param name as its psABI has it
 * @param operation what is calculated
 * @param width what the result is stored in; of no meaning where the operation stores none
 */
public record RelocationType(int number, String name, Operation operation, Width width) {

    /**
     * What is calculated, in the letters of the ABIs: A is the addend, B where the object is, P the place that is changed, S where the
     * symbol is, Z the symbol's size.
     */
    public enum Operation {
        /** Nothing. */
        NONE,
        /** S + A. */
        ABSOLUTE,
        /** S + A - P. */
        PC_RELATIVE,
        /** B + A. */
        RELATIVE,
        /** Z + A. */
        SIZE,
        /** The number of the module that a thread-local symbol is in. */
        TLS_MODULE,
        /** S + A, relative to the module's block. */
        TLS_OFFSET,
        /** S + A, relative to the thread pointer. */
        TLS_THREAD_OFFSET,
        /** Two words: a function that finds S + A relative to the thread pointer, and its argument. */
        TLS_DESCRIPTOR,
        /** What the function at B + A returns. */
        INDIRECT_RELATIVE,
        /** The ABI has it for programs that are no shared objects: it copies a variable out of a library. */
        COPY,
        /** The static linker should have seen to it. */
        STATIC
    }

    /** What a result is stored in. */
    public enum Width {
        /** 64 bits, any number. */
        WORD64(8, Long.MIN_VALUE, Long.MAX_VALUE),
        /** 32 bits, zero-extended by who reads them. */
        UNSIGNED32(4, 0, 0xffff_ffffL),
        /** 32 bits, sign-extended. */
        SIGNED32(4, Integer.MIN_VALUE, Integer.MAX_VALUE),
        /** 32 bits, either way. */
        ANY32(4, Integer.MIN_VALUE, 0xffff_ffffL),
        /** 16 bits, either way. */
        ANY16(2, Short.MIN_VALUE, 0xffff),
        /** 16 bits, sign-extended. */
        SIGNED16(2, Short.MIN_VALUE, Short.MAX_VALUE),
        /** 8 bits, either way. */
        ANY8(1, Byte.MIN_VALUE, 0xff),
        /** 8 bits, sign-extended. */
        SIGNED8(1, Byte.MIN_VALUE, Byte.MAX_VALUE),
        /** Two words of 64 bits. */
        PAIR64(16, Long.MIN_VALUE, Long.MAX_VALUE);

        public final int bytes;
        private final long lowest;
        private final long highest;

        Width(int bytes, long lowest, long highest) {
            this.bytes = bytes;
            this.lowest = lowest;
            this.highest = highest;
        }

        /** Whether a number can be stored without loss. */
        public boolean holds(long value) {
            return value >= lowest && value <= highest;
        }
    }

    /** Why it cannot be done in a shared object that is linked here, or null where it can. */
    @Nullable
    String refusal() {
        return switch (operation) {
            case COPY -> "it copies a library's variable into a program, which code of -fPIC has no need for";
            case STATIC -> "it is for the static linker only";
            case NONE,
                    ABSOLUTE,
                    PC_RELATIVE,
                    RELATIVE,
                    SIZE,
                    TLS_MODULE,
                    TLS_OFFSET,
                    TLS_THREAD_OFFSET,
                    TLS_DESCRIPTOR,
                    INDIRECT_RELATIVE -> null;
        };
    }
}
