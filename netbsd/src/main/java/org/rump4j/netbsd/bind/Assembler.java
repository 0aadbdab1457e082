package org.rump4j.netbsd.bind;

import java.util.ArrayList;
import java.util.List;

/**
 * Puts x86-64 machine code together, of the few instructions that are needed here. Operands are in Intel's order, the destination first.
 * Memory is a register and a distance of a signed byte. Source: Intel's manual, volume 2.
 */
final class Assembler extends MachineCode {
    /** Registers that need no prefix, by their numbers. */
    enum Reg {
        RAX(0),
        RCX(1),
        RDX(2),
        RSP(4),
        RSI(6),
        RDI(7);

        private final int number;

        Reg(int number) {
            this.number = number;
        }
    }

    /** Conditions, by the last digit of their jump's opcode. */
    enum If {
        BELOW(2),
        ABOVE_OR_EQUAL(3),
        EQUAL(4),
        NOT_EQUAL(5),
        ABOVE(7),
        NEGATIVE(8),
        NOT_NEGATIVE(9);

        private final int code;

        If(int code) {
            this.code = code;
        }
    }

    /** A place that is jumped to. */
    static final class Label {
        private static final int UNKNOWN = -1;

        private int at = UNKNOWN;

        /** Where distances to it are to be put. */
        private final List<Integer> uses = new ArrayList<>();
    }

    private static final int W = 0x48;
    private static final int LOCK = 0xf0;
    private static final int DIRECT = 0xc0;
    private static final int DISTANCE8 = 0x40;
    private static final int SIB_OF_RSP = 0x24;

    private final long address;

    /**
     * Begins.
     *
     * @param bytes how much room there is
     * @param address where the code will be
     */
    Assembler(int bytes, long address) {
        super(bytes);
        this.address = address;
    }

    /** The address of the next function, which begins here. */
    long begin() {
        align();
        return address + code.position();
    }

    // Moving

    void mov(Reg to, Reg from) {
        emit(W, 0x89, DIRECT | from.number << 3 | to.number);
    }

    void mov32(Reg to, int value) {
        emit(0xb8 | to.number);
        code.putInt(value);
    }

    void mov64(Reg to, long value) {
        emit(W, 0xb8 | to.number);
        code.putLong(value);
    }

    void load(Reg to, Reg base, int distance) {
        emit(W, 0x8b);
        memory(to.number, base, distance);
    }

    void load32(Reg to, Reg base, int distance) {
        emit(0x8b);
        memory(to.number, base, distance);
    }

    void store(Reg base, int distance, Reg from) {
        emit(W, 0x89);
        memory(from.number, base, distance);
    }

    void store32(Reg base, int distance, Reg from) {
        emit(0x89);
        memory(from.number, base, distance);
    }

    /** Stores eight bytes. */
    void storeZero(Reg base, int distance) {
        emit(W, 0xc7);
        memory(0, base, distance);
        code.putInt(0);
    }

    /** Loads a word at a distance from the thread pointer. */
    void loadOfThread(Reg to, int distance) {
        emit(0x64, W, 0x8b, to.number << 3 | 4, 0x25);
        code.putInt(distance);
    }

    void lea(Reg to, Reg base, int distance) {
        emit(W, 0x8d);
        memory(to.number, base, distance);
    }

    void push(Reg from) {
        emit(0x50 | from.number);
    }

    void pop(Reg to) {
        emit(0x58 | to.number);
    }

    /** {@code mov r10, rcx}: the fourth argument of a function is to be that of a system call. */
    void movR10Rcx() {
        emit(0x49, 0x89, 0xca);
    }

    // Arithmetic

    /** Makes it 0. */
    void clear(Reg r) {
        emit(0x31, DIRECT | r.number << 3 | r.number);
    }

    void shiftRight(Reg r, int bits) {
        emit(W, 0xc1, DIRECT | 5 << 3 | r.number, bits);
    }

    void add(Reg r, int value) {
        emit(W, 0x83, DIRECT | r.number, value);
    }

    void and32(Reg r, int value) {
        emit(0x81, DIRECT | 4 << 3 | r.number);
        code.putInt(value);
    }

    void compare32(Reg r, int value) {
        emit(0x81, DIRECT | 7 << 3 | r.number);
        code.putInt(value);
    }

    void compare(Reg base, int distance, Reg r) {
        emit(W, 0x39);
        memory(r.number, base, distance);
    }

    /** Compares eight bytes with 0. */
    void compareZero(Reg base, int distance) {
        emit(W, 0x83);
        memory(7, base, distance);
        emit(0);
    }

    /** Compares four bytes with 0. */
    void compareZero32(Reg base, int distance) {
        emit(0x83);
        memory(7, base, distance);
        emit(0);
    }

    void test32(Reg r) {
        emit(0x85, DIRECT | r.number << 3 | r.number);
    }

    void test(Reg r) {
        emit(W, 0x85, DIRECT | r.number << 3 | r.number);
    }

    void test32(Reg r, int bits) {
        emit(0xf7, DIRECT | r.number);
        code.putInt(bits);
    }

    /** Tests bits of a byte in memory. */
    void test8(Reg base, int distance, int bits) {
        emit(0xf6);
        memory(0, base, distance);
        emit(bits);
    }

    // At once

    /** {@code lock cmpxchg}: where memory is what rax is, it becomes r; otherwise rax becomes what it is. */
    void replace(Reg base, int distance, Reg r) {
        emit(LOCK, W, 0x0f, 0xb1);
        memory(r.number, base, distance);
    }

    void replace32(Reg base, int distance, Reg r) {
        emit(LOCK, 0x0f, 0xb1);
        memory(r.number, base, distance);
    }

    void increment32(Reg base, int distance) {
        emit(LOCK, 0xff);
        memory(0, base, distance);
    }

    // Going elsewhere

    void jump(Label to) {
        emit(0xe9);
        distance(to);
    }

    void jump(If condition, Label to) {
        emit(0x0f, 0x80 | condition.code);
        distance(to);
    }

    /** Jumps to code that is somewhere near. */
    void jump(long to) {
        emit(0xe9);
        code.putInt(Math.toIntExact(to - (address + code.position() + Integer.BYTES)));
    }

    void call(Reg r) {
        emit(0xff, DIRECT | 2 << 3 | r.number);
    }

    void syscall() {
        emit(0x0f, 0x05);
    }

    void ret() {
        emit(0xc3);
    }

    /** Here it is. */
    void here(Label label) {
        label.at = code.position();
        for (int use : label.uses) {
            code.putInt(use, label.at - (use + Integer.BYTES));
        }
    }

    private void distance(Label to) {
        if (to.at == Label.UNKNOWN) {
            to.uses.add(code.position());
            code.putInt(0);
        } else {
            code.putInt(to.at - (code.position() + Integer.BYTES));
        }
    }

    private void memory(int reg, Reg base, int distance) {
        emit(DISTANCE8 | reg << 3 | base.number);
        if (base == Reg.RSP) {
            emit(SIB_OF_RSP);
        }
        if (distance != (byte) distance) {
            throw new IllegalArgumentException("distance " + distance);
        }
        emit(distance);
    }

    private void emit(int... bytes) {
        for (int b : bytes) {
            code.put((byte) b);
        }
    }
}
