package org.rump4j.netbsd.bind;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.link.LinkedImages;
import org.rump4j.netbsd.link.Symbolizer;
import org.rump4j.netbsd.link.Unwinder;

/** Where a thread was in the guest: at a fault, or in a hypercall. */
final class MachineState {
    /** DWARF's numbers of the registers of a {@code ucontext_t} on x86-64, in its order. */
    private static final int[] DWARF = {8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, 16};

    private static final String[] NAMES = {
        "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
        "rip",
    };

    /** In lines of that many. */
    private static final int[] ORDER = {0, 3, 2, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

    private static final int A_LINE = 4;

    final int signal;
    final int code;
    final long address;

    /** By DWARF's numbers. */
    private final long[] registers;

    private final boolean isCall;
    private final long stackAddress;
    private final MemorySegment stack;

    /**
     * At a fault.
     *
     * @param registers as a {@code ucontext_t} has them
     * @param stackAddress where the bytes of the stack are
     * @param stack a copy of them
     */
    MachineState(int signal, int code, long address, long[] registers, long stackAddress, byte[] stack) {
        this.signal = signal;
        this.code = code;
        this.address = address;
        this.registers = new long[DWARF.length];
        for (int i = 0; i < DWARF.length; i++) {
            this.registers[DWARF[i]] = registers[i];
        }
        isCall = false;
        this.stackAddress = stackAddress;
        this.stack = MemorySegment.ofArray(stack);
    }

    /**
     * In a hypercall.
     *
     * @param pc what it returns to
     * @param sp the stack pointer when it has returned
     * @param bp the frame pointer, if the guest has such
     * @param stack from the stack pointer on
     */
    MachineState(long pc, long sp, long bp, MemorySegment stack) {
        signal = 0;
        code = 0;
        address = 0;
        registers = new long[DWARF.length];
        registers[Unwinder.RIP] = pc;
        registers[Unwinder.RSP] = sp;
        registers[Unwinder.RBP] = bp;
        isCall = true;
        stackAddress = sp;
        this.stack = stack;
    }

    /** The function, the offset in it, and the component; where it is in none the address, and who called. */
    String location(LinkedImages images, Symbolizer symbolizer) {
        long pc = registers[Unwinder.RIP];
        Symbolizer.Location location = isCall ? symbolizer.findCall(pc) : symbolizer.find(pc);
        if (location != null) {
            return location.toString();
        }
        Symbolizer.Location caller = caller(images, symbolizer);
        return "0x" + Long.toHexString(pc) + (caller == null ? "" : ", called by " + caller);
    }

    /** Where functions that called return to: of a hypercall the one that made it first. */
    long[] returns(LinkedImages images) {
        long[] out = Unwinder.returns(images, registers, isCall, stackAddress, stack);
        long pc = registers[Unwinder.RIP];
        if (!isCall || images.imageAt(pc - 1) == null) {
            return out;
        }
        long[] all = new long[out.length + 1];
        all[0] = pc;
        System.arraycopy(out, 0, all, 1, out.length);
        return all;
    }

    /** Of a hypercall, the function that made it, otherwise the one that called; null where none of a component is found. */
    Symbolizer.@Nullable Location caller(LinkedImages images, Symbolizer symbolizer) {
        Symbolizer.Location location = isCall ? symbolizer.findCall(registers[Unwinder.RIP]) : null;
        if (location != null) {
            return location;
        }
        long[] returns = returns(images);
        return returns.length == 0 ? null : symbolizer.findCall(returns[0]);
    }

    /** The functions that led there, a line each, the innermost first. */
    String backtrace(LinkedImages images, Symbolizer symbolizer) {
        long[] returns = returns(images);
        return isCall ? symbolizer.backtrace(returns) : symbolizer.backtrace(registers[Unwinder.RIP], returns);
    }

    /** All registers, as messages have them. */
    String registers() {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < ORDER.length; i++) {
            int r = ORDER[i];
            out.append("%4s 0x%016x".formatted(NAMES[r], registers[r]));
            out.append(i % A_LINE == A_LINE - 1 || i == ORDER.length - 1 ? "\n" : " ");
        }
        return out.toString();
    }
}
