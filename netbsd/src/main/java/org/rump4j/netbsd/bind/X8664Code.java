package org.rump4j.netbsd.bind;

/**
 * The machine code around a guest on x86-64, put together byte by byte. Every function of the guest is called by {@link #gate}; every
 * symbol that the guest has from outside is one of the other places. Source: x86-64 psABI; Intel's manual, volume 2.
 */
final class X8664Code extends MachineCode {
    private static final int ENTRY_BYTES = 32;

    /** The longest of the parts that are no entries. */
    private static final int FIXED_BYTES = 1536;

    private final long address;
    private final int blockWord;

    /** Distance of {@link StaticPlace} from the thread pointer, or 0 where the guest has no variables there. */
    private final int staticPlace;

    private final long upcall;

    private int leave;
    private int escape;
    private int common;

    /**
     * Begins.
     *
     * @param entries how many hypercalls there are
     * @param address where the code will be
     * @param blockWord distance of the word from the thread pointer that names the block of the current thread
     * @param staticPlace that of {@link StaticPlace}, if the guest has variables there; otherwise 0
     * @param upcall what enters Java: a function of seven words, and the number of the hypercall for an eighth
     */
    X8664Code(int entries, long address, long blockWord, long staticPlace, long upcall) {
        super(bytes(entries));
        this.address = address;
        this.blockWord = Math.toIntExact(blockWord);
        this.staticPlace = Math.toIntExact(staticPlace);
        this.upcall = upcall;
    }

    /** How many bytes there will be at the most. */
    static int bytes(int entries) {
        return FIXED_BYTES + entries * ENTRY_BYTES;
    }

    /**
     * {@code long gate(block, function, a, b, c, d, e, f)}: enters the guest. The stack has, from below: the floating-point modes, whose
     * variables were in the {@link StaticPlace}, where the hypercall is that this happens in, the stack pointer of the gate around this one, the block of that,
     * and what a function preserves.
     */
    long gate() {
        align();
        int begin = code.position();
        emit("55 53 41 54 41 55 41 56 41 57"); // push rbp, rbx, r12, r13, r14, r15
        loadBlock(0x04); // rax
        emit("50"); // push rax
        emit("ff 37 ff 77").put((byte) GuestThread.HYPERCALL); // push [rdi]; push [rdi+HYPERCALL]
        emit("48 83 ec 10"); // sub rsp, 16
        emit("0f ae 1c 24 d9 7c 24 04"); // stmxcsr [rsp]; fnstcw [rsp+4]
        emit("48 89 27"); // mov [rdi], rsp
        emit("64 48 89 3c 25").putInt(blockWord); // mov fs:[word], rdi
        emit("48 c7 47").put((byte) GuestThread.HYPERCALL).putInt(0); // mov qword [rdi+HYPERCALL], 0
        if (staticPlace != 0) {
            bringVariables();
        }
        emit("48 89 fb 48 89 f0"); // mov rbx, rdi; mov rax, rsi
        emit("48 89 d7 48 89 ce 4c 89 c2 4c 89 c9"); // mov rdi, rdx; mov rsi, rcx; mov rdx, r8; mov rcx, r9
        emit("4c 8b 44 24 60 4c 8b 4c 24 68"); // mov r8, [rsp+96]; mov r9, [rsp+104]
        emit("ff d0"); // call rax
        leave = code.position();
        if (staticPlace != 0) {
            bringVariablesBack();
        }
        emit("48 83 c4 10"); // add rsp, 16
        emit("8f 43").put((byte) GuestThread.HYPERCALL); // pop [rbx+HYPERCALL]
        emit("8f 03"); // pop [rbx]
        emit("59 64 48 89 0c 25").putInt(blockWord); // pop rcx; mov fs:[word], rcx
        emit("41 5f 41 5e 41 5d 41 5c 5b 5d c3"); // pop r15, r14, r13, r12, rbx, rbp; ret
        escape();
        return address + begin;
    }

    /** To the {@link StaticPlace}, from the block in rdi, unless they are there: this guest has made a hypercall that calls it. */
    private void bringVariables() {
        emit("64 48 8b 04 25").putInt(staticPlace + StaticPlace.BYTES); // mov rax, fs:[owner]
        emit("48 89 44 24 08 48 39 f8"); // mov [rsp+8], rax; cmp rax, rdi
        int there = jumpAhead("0f 84"); // je
        emit("48 85 c0"); // test rax, rax
        int nobodys = jumpAhead("0f 84"); // jz
        copyVariables("4c 89 98", false); // rax
        land(nobodys);
        copyVariables("4c 8b 9f", true); // rdi
        emit("64 48 89 3c 25").putInt(staticPlace + StaticPlace.BYTES); // mov fs:[owner], rdi
        land(there);
    }

    /** To the block in rbx; and to the place those that were there, which can be the same, as the gate around this one left them. */
    private void bringVariablesBack() {
        copyVariables("4c 89 9b", false); // rbx
        emit("48 8b 4c 24 08"); // mov rcx, [rsp+8]
        emit("64 48 89 0c 25").putInt(staticPlace + StaticPlace.BYTES); // mov fs:[owner], rcx
        emit("48 85 c9"); // test rcx, rcx
        int nobodys = jumpAhead("0f 84"); // jz
        copyVariables("4c 8b 99", true); // rcx
        land(nobodys);
    }

    /**
     * Copies through r11.
     *
     * @param blockMove the instruction that has the block's word, by its distance
     * @param toPlace in which direction
     */
    private void copyVariables(String blockMove, boolean toPlace) {
        for (int at = 0; at < StaticPlace.BYTES; at += Long.BYTES) {
            if (toPlace) {
                emit(blockMove).putInt(GuestThread.STATIC_VARIABLES + at); // mov r11, [block+…]
                emit("64 4c 89 1c 25").putInt(staticPlace + at); // mov fs:[place], r11
            } else {
                emit("64 4c 8b 1c 25").putInt(staticPlace + at); // mov r11, fs:[place]
                emit(blockMove).putInt(GuestThread.STATIC_VARIABLES + at); // mov [block+…], r11
            }
        }
    }

    /**
     * Where hypercalls go that do not return, and faults: out of the innermost gate, as if the function that it called had returned 0. The
     * block is in rcx; nothing else matters.
     */
    private void escape() {
        align();
        escape = code.position();
        emit("48 89 cb 48 8b 23"); // mov rbx, rcx; mov rsp, [rbx]
        emit("c7 43").put((byte) GuestThread.LEAVE).putInt(0); // mov dword [rbx+LEAVE], 0
        emit("db e3 0f ae 14 24 d9 6c 24 04 fc"); // fninit; ldmxcsr [rsp]; fldcw [rsp+4]; cld
        emit("31 c0"); // xor eax, eax
        jump("e9", leave);
    }

    /** {@link #escape}, which comes with the gate. */
    long escapeAddress() {
        return address + escape;
    }

    /**
     * What entries share. They have pushed the frame pointer, the hypercall's number, and the seventh argument. Where too little is left of
     * the stack for Java, the end of the stack is touched: a fault of the guest's, as if the stack were so much smaller.
     */
    void common() {
        align();
        int overflow = code.position();
        emit("49 8b 42").put((byte) GuestThread.STACK_END); // mov rax, [r10+STACK_END]
        emit("8a 00 0f 0b"); // mov al, [rax]; ud2
        align();
        common = code.position();
        loadBlock(0x4c, 0x14); // r10
        emit("49 3b 62").put((byte) GuestThread.STACK_LIMIT); // cmp rsp, [r10+STACK_LIMIT]
        jump("0f 82", overflow); // jb
        emit("49 89 62").put((byte) GuestThread.HYPERCALL); // mov [r10+HYPERCALL], rsp
        emit("48 b8").putLong(upcall); // mov rax, upcall
        emit("ff d0 48 83 c4 18"); // call rax; add rsp, 24
        loadBlock(0x0c); // rcx
        emit("48 c7 41").put((byte) GuestThread.HYPERCALL).putInt(0); // mov qword [rcx+HYPERCALL], 0
        emit("83 79").put((byte) GuestThread.LEAVE).put((byte) 0); // cmp dword [rcx+LEAVE], 0
        jump("0f 85", escape); // jne
        emit("c3"); // ret
    }

    /** The entry of a hypercall. The word that is read above the return address is a seventh argument, or some caller's. */
    long entry(int number) {
        align();
        int begin = code.position();
        emit("55 68").putInt(number); // push rbp; push number
        emit("ff 74 24 18"); // push [rsp+24]
        jump("e9", common);
        return address + begin;
    }

    /**
     * The entry of a hypercall with a variable number of arguments behind the first, all of them words: Java gets the first argument, where
     * the next five are, and where the rest is.
     */
    long variadicEntry(int number) {
        long fixed = entry(number);
        align();
        int begin = code.position();
        emit("41 51 41 50 51 52 56"); // push r9, r8, rcx, rdx, rsi
        emit("48 89 e6 48 8d 54 24 30"); // mov rsi, rsp; lea rdx, [rsp+48]
        jump("e8", Math.toIntExact(fixed - address)); // call
        emit("48 83 c4 28 c3"); // add rsp, 40; ret
        return address + begin;
    }

    /**
     * The entry of a hypercall that sets the error number of C, its first argument: once Java has returned, which makes calls of C of its
     * own.
     *
     * @param location of {@code int *__errno_location(void)}, which the C library has
     */
    long errnoEntry(int number, long location) {
        long fixed = entry(number);
        align();
        int begin = code.position();
        emit("57"); // push rdi
        jump("e8", Math.toIntExact(fixed - address)); // call
        emit("48 b8").putLong(location); // mov rax, location
        emit("ff d0 5f 89 38 c3"); // call rax; pop rdi; mov [rax], edi; ret
        return address + begin;
    }

    /**
     * {@code void *__tls_get_addr(pair)}: where a variable of the current thread is. The first word of the pair is where its module's
     * variables are in the block, or from the thread pointer on, the second where it is in those.
     */
    long tlsGetAddr() {
        align();
        int begin = code.position();
        if (staticPlace != 0) {
            emit("64 48 8b 04 25").putInt(0); // mov rax, fs:[0]
        } else {
            loadBlock(0x04); // rax
        }
        emit("48 03 07 48 03 47 08 c3"); // add rax, [rdi]; add rax, [rdi+8]; ret
        return address + begin;
    }

    /** mov reg, fs:[word] */
    private void loadBlock(int register) {
        loadBlock(0x48, register);
    }

    private void loadBlock(int prefix, int register) {
        emit("64").put((byte) prefix).put((byte) 0x8b).put((byte) register).put((byte) 0x25);
        code.putInt(blockWord);
    }
}
