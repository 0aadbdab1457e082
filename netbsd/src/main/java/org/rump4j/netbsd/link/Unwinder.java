package org.rump4j.netbsd.link;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.rump4j.netbsd.elf.Segment;

/**
 * Finds the functions that called a function, on x86-64, by the call frame information of the components. Where there is none, in code of
 * another's or after a wild jump, the next word on the stack is taken that is behind a call in a component. Nothing is read but the stack
 * that is given, and constant segments of components.
 */
public final class Unwinder {
    /** Those that DWARF has numbers for: the general ones in an order of their own, and the return address. */
    static final int REGISTERS = 17;

    public static final int RBP = 6;
    public static final int RSP = 7;
    public static final int RIP = 16;

    private static final int MOST_FRAMES = 64;

    /** How far a return address is looked for. */
    private static final int SEARCH_BYTES = 4096;

    private final LinkedImages images;
    private final long stackAddress;
    private final MemorySegment stack;
    private long[] registers;
    private boolean[] known;

    private Unwinder(LinkedImages images, long[] registers, boolean[] known, long stackAddress, MemorySegment stack) {
        this.images = images;
        this.registers = registers;
        this.known = known;
        this.stackAddress = stackAddress;
        this.stack = stack;
    }

    /**
     * The return addresses of the functions that led to a place, the innermost first, up to where something else than a component called.
     *
     * @param registers by DWARF's numbers; the instruction and the stack pointer must be right
     * @param called whether the instruction is one that is returned to
     * @param stackAddress where the stack is, or its copy was
     * @param stack it
     */
    public static long[] returns(
            LinkedImages images, long[] registers, boolean called, long stackAddress, MemorySegment stack) {
        boolean[] known = new boolean[REGISTERS];
        Arrays.fill(known, true);
        return new Unwinder(images, Arrays.copyOf(registers, REGISTERS), known, stackAddress, stack).walk(called);
    }

    private long[] walk(boolean called) {
        long[] out = new long[MOST_FRAMES];
        int n = 0;
        while (n < MOST_FRAMES && step(n > 0 || called)) {
            out[n++] = registers[RIP];
        }
        return Arrays.copyOf(out, n);
    }

    /**
     * To the function that called.
     *
     * @param called whether the instruction is one to return to
     */
    private boolean step(boolean called) {
        long sp = registers[RSP];
        // A call can be a function's last instruction: what is returned to is another's then.
        long pc = called ? registers[RIP] - 1 : registers[RIP];
        Image image = images.imageAt(pc);
        EhFrame.Row row = image == null ? null : EhFrame.find(images.region(), image, pc);
        boolean stepped = row != null && known[row.cfaRegister] && apply(row);
        if (!stepped) {
            stepped = search();
        }
        return stepped && Long.compareUnsigned(registers[RSP], sp) > 0 && isComponent(registers[RIP] - 1);
    }

    private boolean isComponent(long address) {
        Image image = images.imageAt(address);
        return image != null && image.isCode(address);
    }

    private boolean apply(EhFrame.Row row) {
        long cfa = registers[row.cfaRegister] + row.cfaOffset;
        long[] next = registers.clone();
        boolean[] nextKnown = known.clone();
        for (int r = 0; r < REGISTERS; r++) {
            long number = row.numbers[r];
            switch (row.kinds[r]) {
                case EhFrame.Row.OFFSET -> {
                    nextKnown[r] = hasWord(cfa + number);
                    next[r] = nextKnown[r] ? word(cfa + number) : 0;
                }
                case EhFrame.Row.VALUE -> next[r] = cfa + number;
                case EhFrame.Row.REGISTER -> {
                    nextKnown[r] = number >= 0 && number < REGISTERS && known[(int) number];
                    next[r] = nextKnown[r] ? registers[(int) number] : 0;
                }
                case EhFrame.Row.UNDEFINED -> nextKnown[r] = false;
                default -> {}
            }
        }
        if (row.kinds[RIP] == EhFrame.Row.SAME || !nextKnown[RIP]) {
            return false;
        }
        next[RSP] = cfa;
        nextKnown[RSP] = true;
        registers = next;
        known = nextKnown;
        return true;
    }

    private boolean search() {
        long begin = (registers[RSP] + Long.BYTES - 1) & -Long.BYTES;
        for (long at = begin; at < begin + SEARCH_BYTES && hasWord(at); at += Long.BYTES) {
            long word = word(at);
            if (isBehindCall(word)) {
                registers[RIP] = word;
                registers[RSP] = at + Long.BYTES;
                return true;
            }
        }
        return false;
    }

    /** Whether there is code of a component at an address, and a call before it: near, or of what a register or memory says. */
    private boolean isBehindCall(long address) {
        Image image = images.imageAt(address);
        if (image == null || !image.isCode(address)) {
            return false;
        }
        Segment in = image.component().object().segmentAt(address - image.bias());
        if (in == null || (in.flags() & Segment.READABLE) == 0) {
            return false;
        }
        long begin = image.bias() + in.address();
        if (isByte(address - 5, begin, 0xe8)) {
            return true;
        }
        for (int bytes = 2; bytes <= 7; bytes++) {
            if (isByte(address - bytes, begin, 0xff) && (code(address - bytes + 1) >> 3 & 7) == 2) {
                return true;
            }
        }
        return false;
    }

    private boolean isByte(long address, long begin, int value) {
        return address >= begin && code(address) == value;
    }

    private int code(long address) {
        long offset = address - images.region().address();
        return Byte.toUnsignedInt(images.region().memory().get(ValueLayout.JAVA_BYTE, offset));
    }

    private boolean hasWord(long address) {
        long offset = address - stackAddress;
        return offset >= 0 && offset <= stack.byteSize() - Long.BYTES;
    }

    private long word(long address) {
        return stack.get(ValueLayout.JAVA_LONG_UNALIGNED, address - stackAddress);
    }
}
