package org.rump4j.netbsd.link;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.elf.Segment;
import org.rump4j.netbsd.memory.Region;

/**
 * What a compiler says about how to get from a function to the one that called it: call frame information, as {@code .eh_frame} has it. It
 * is read where it is in memory, from the constant segment that has it and from nowhere else. Sources of the facts: Linux Standard Base,
 * "Exception Frames"; DWARF 4, section 6.4; x86-64 psABI, "DWARF Definition".
 *
 * <p>Rules that are expressions are not evaluated: compilers have them for procedure linkage tables.
 */
final class EhFrame {
    private static final int HEADER_BYTES = 12;
    private static final int TABLE_ENTRY_BYTES = 8;
    private static final int DW_EH_PE_SDATA4 = 0x0b;
    private static final int DW_EH_PE_UDATA4 = 0x03;
    private static final int DW_EH_PE_SDATA8 = 0x0c;
    private static final int DW_EH_PE_ABSPTR = 0;
    private static final int DW_EH_PE_FORMAT = 0x0f;
    private static final int DW_EH_PE_PCREL = 0x10;
    private static final int DW_EH_PE_DATAREL = 0x30;
    private static final int MOST_REMEMBERED = 16;

    /** What nests deeper, or is of another kind, is told by this: the frame is not known. */
    private static final class Unknown extends Exception {
        private static final long serialVersionUID = 1L;

        Unknown() {
            super(null, null, false, false);
        }
    }

    /** How the registers of the calling function are found, at one instruction. */
    static final class Row {
        static final int SAME = 0;
        static final int UNDEFINED = 1;

        /** In memory, so far from the frame's address. */
        static final int OFFSET = 2;

        /** What the frame's address and a number make. */
        static final int VALUE = 3;

        /** In another register. */
        static final int REGISTER = 4;

        int cfaRegister;
        long cfaOffset;
        private boolean cfaIsExpression;
        final int[] kinds = new int[Unwinder.REGISTERS];
        final long[] numbers = new long[Unwinder.REGISTERS];

        private void copy(Row from) {
            cfaRegister = from.cfaRegister;
            cfaOffset = from.cfaOffset;
            cfaIsExpression = from.cfaIsExpression;
            System.arraycopy(from.kinds, 0, kinds, 0, kinds.length);
            System.arraycopy(from.numbers, 0, numbers, 0, numbers.length);
        }

        private void set(long register, int kind, long number) {
            if (register >= 0 && register < kinds.length) {
                kinds[(int) register] = kind;
                numbers[(int) register] = number;
            }
        }
    }

    /** Where all of it is. */
    private final MemorySegment memory;

    /** The address of the first byte. */
    private final long base;

    private long at;

    private int codeAlign;
    private long dataAlign;
    private int pointers;

    private EhFrame(MemorySegment memory, long base) {
        this.memory = memory;
        this.base = base;
    }

    /** The rules at an instruction of a component, or null where nothing is said about it that makes sense. */
    static @Nullable Row find(Region region, Image image, long pc) {
        Segment index = image.component().object().ehFrame();
        Segment in = index == null ? null : image.component().object().segmentAt(index.address());
        if (index == null || in == null) {
            return null;
        }
        long begin = image.bias() + in.address();
        MemorySegment memory = region.memory().asSlice(begin - region.address(), in.memoryBytes());
        EhFrame out = new EhFrame(memory, begin);
        try {
            long fde = out.fde(image.bias() + index.address(), pc);
            return fde == 0 ? null : out.row(fde, pc);
        } catch (Unknown e) {
            return null;
        }
    }

    /** Looks for a function in the index, which is sorted. */
    private long fde(long header, long pc) throws Unknown {
        at = header;
        int version = u8();
        int framePointer = u8();
        int countFormat = u8();
        int tableFormat = u8();
        if (version != 1
                || (framePointer & DW_EH_PE_FORMAT) != DW_EH_PE_SDATA4
                || countFormat != DW_EH_PE_UDATA4
                || tableFormat != (DW_EH_PE_DATAREL | DW_EH_PE_SDATA4)) {
            throw new Unknown();
        }
        at = header + 8;
        long low = 0;
        long high = Integer.toUnsignedLong(s32());
        while (low < high) {
            long middle = (low + high) >>> 1;
            at = header + HEADER_BYTES + middle * TABLE_ENTRY_BYTES;
            if (header + s32() <= pc) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (low == 0) {
            return 0;
        }
        at = header + HEADER_BYTES + (low - 1) * TABLE_ENTRY_BYTES + Integer.BYTES;
        return header + s32();
    }

    private @Nullable Row row(long fde, long pc) throws Unknown {
        at = fde;
        long end = length();
        long cie = at;
        cie -= Integer.toUnsignedLong(s32());
        long afterPointer = at;
        at = cie;
        long cieEnd = length();
        boolean augmented = cie();
        Row row = new Row();
        long _ = run(row, null, cieEnd, 0, Long.MAX_VALUE);
        Row initial = new Row();
        initial.copy(row);
        at = afterPointer;
        long begin = pointer(pointers);
        long bytes = pointer(pointers & DW_EH_PE_FORMAT);
        if (pc < begin || pc - begin >= bytes) {
            return null;
        }
        if (augmented) {
            skipBlock();
        }
        long _ = run(row, initial, end, begin, pc);
        return row.cfaIsExpression ? null : row;
    }

    /** The length of an entry, returned as the address behind it. */
    private long length() throws Unknown {
        long bytes = Integer.toUnsignedLong(s32());
        if (bytes == 0 || bytes >= 0xfffffff0L) {
            throw new Unknown();
        }
        return at + bytes;
    }

    /** What is the same for many functions. Stands at its instructions then; returns whether functions have more to skip. */
    private boolean cie() throws Unknown {
        int _ = s32();
        int version = u8();
        StringBuilder augmentation = new StringBuilder();
        for (int c = u8(); c != 0; c = u8()) {
            augmentation.append((char) c);
        }
        codeAlign = (int) uleb();
        dataAlign = sleb();
        long _ = version == 1 ? u8() : uleb();
        pointers = DW_EH_PE_ABSPTR;
        if (augmentation.isEmpty()) {
            return false;
        }
        if (augmentation.charAt(0) != 'z') {
            throw new Unknown();
        }
        long more = uleb();
        long instructions = at + more;
        for (int i = 1; i < augmentation.length(); i++) {
            switch (augmentation.charAt(i)) {
                case 'R' -> pointers = u8();
                case 'P' -> {
                    long _ = pointer(u8());
                }
                case 'L' -> {
                    int _ = u8();
                }
                default -> i = augmentation.length();
            }
        }
        at = instructions;
        return true;
    }

    /** Runs instructions up to an address of code. */
    private long run(Row row, @Nullable Row initial, long end, long begin, long pc) throws Unknown {
        Row[] remembered = new Row[MOST_REMEMBERED];
        int depth = 0;
        long location = begin;
        while (at < end && location <= pc) {
            int op = u8();
            int low = op & 0x3f;
            switch (op >> 6) {
                case 1 -> location += (long) low * codeAlign;
                case 2 -> row.set(low, Row.OFFSET, uleb() * dataAlign);
                case 3 -> restore(row, initial, low);
                default -> {
                    switch (op) {
                        case 0x00 -> {}
                        case 0x01 -> location = pointer(pointers);
                        case 0x02 -> location += (long) u8() * codeAlign;
                        case 0x03 -> location += (long) u16() * codeAlign;
                        case 0x04 -> location += Integer.toUnsignedLong(s32()) * codeAlign;
                        case 0x05 -> row.set(uleb(), Row.OFFSET, uleb() * dataAlign);
                        case 0x06 -> restore(row, initial, uleb());
                        case 0x07 -> row.set(uleb(), Row.UNDEFINED, 0);
                        case 0x08 -> row.set(uleb(), Row.SAME, 0);
                        case 0x09 -> row.set(uleb(), Row.REGISTER, uleb());
                        case 0x0a -> {
                            if (depth == MOST_REMEMBERED) {
                                throw new Unknown();
                            }
                            remembered[depth] = new Row();
                            remembered[depth++].copy(row);
                        }
                        case 0x0b -> {
                            if (depth == 0) {
                                throw new Unknown();
                            }
                            row.copy(remembered[--depth]);
                        }
                        case 0x0c -> {
                            cfaRegister(row, uleb());
                            row.cfaOffset = uleb();
                        }
                        case 0x0d -> cfaRegister(row, uleb());
                        case 0x0e -> row.cfaOffset = uleb();
                        case 0x0f -> {
                            row.cfaIsExpression = true;
                            skipBlock();
                        }
                        case 0x10, 0x16 -> {
                            row.set(uleb(), Row.UNDEFINED, 0);
                            skipBlock();
                        }
                        case 0x11 -> row.set(uleb(), Row.OFFSET, sleb() * dataAlign);
                        case 0x12 -> {
                            cfaRegister(row, uleb());
                            row.cfaOffset = sleb() * dataAlign;
                        }
                        case 0x13 -> row.cfaOffset = sleb() * dataAlign;
                        case 0x14 -> row.set(uleb(), Row.VALUE, uleb() * dataAlign);
                        case 0x15 -> row.set(uleb(), Row.VALUE, sleb() * dataAlign);
                        case 0x2e -> {
                            long _ = uleb();
                        }
                        default -> throw new Unknown();
                    }
                }
            }
        }
        return location;
    }

    private static void cfaRegister(Row row, long register) throws Unknown {
        if (register < 0 || register >= Unwinder.REGISTERS) {
            throw new Unknown();
        }
        row.cfaRegister = (int) register;
        row.cfaIsExpression = false;
    }

    private static void restore(Row row, @Nullable Row initial, long register) throws Unknown {
        if (initial == null) {
            throw new Unknown();
        }
        if (register >= 0 && register < Unwinder.REGISTERS) {
            row.set(register, initial.kinds[(int) register], initial.numbers[(int) register]);
        }
    }

    private void skipBlock() throws Unknown {
        long bytes = uleb();
        if (bytes < 0 || bytes > memory.byteSize()) {
            throw new Unknown();
        }
        at += bytes;
    }

    // Numbers

    private long offset(int bytes) throws Unknown {
        long offset = at - base;
        if (offset < 0 || offset > memory.byteSize() - bytes) {
            throw new Unknown();
        }
        at += bytes;
        return offset;
    }

    private int u8() throws Unknown {
        return Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, offset(1)));
    }

    private int u16() throws Unknown {
        return Short.toUnsignedInt(memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset(Short.BYTES)));
    }

    private int s32() throws Unknown {
        return memory.get(ValueLayout.JAVA_INT_UNALIGNED, offset(Integer.BYTES));
    }

    private long uleb() throws Unknown {
        long out = 0;
        for (int shift = 0; ; shift += 7) {
            int b = u8();
            out |= shift < Long.SIZE ? (long) (b & 0x7f) << shift : 0;
            if ((b & 0x80) == 0) {
                return out;
            }
        }
    }

    private long sleb() throws Unknown {
        long out = 0;
        for (int shift = 0; ; ) {
            int b = u8();
            out |= shift < Long.SIZE ? (long) (b & 0x7f) << shift : 0;
            shift += 7;
            if ((b & 0x80) == 0) {
                return shift < Long.SIZE && (b & 0x40) != 0 ? out | -1L << shift : out;
            }
        }
    }

    private long pointer(int format) throws Unknown {
        long here = at;
        long value = switch (format & DW_EH_PE_FORMAT) {
            case DW_EH_PE_SDATA4 -> s32();
            case DW_EH_PE_UDATA4 -> Integer.toUnsignedLong(s32());
            case DW_EH_PE_SDATA8, DW_EH_PE_ABSPTR -> memory.get(ValueLayout.JAVA_LONG_UNALIGNED, offset(Long.BYTES));
            default -> throw new Unknown();
        };
        return switch (format & ~DW_EH_PE_FORMAT) {
            case 0 -> value;
            case DW_EH_PE_PCREL -> here + value;
            default -> throw new Unknown();
        };
    }
}
