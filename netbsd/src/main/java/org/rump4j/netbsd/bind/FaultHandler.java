package org.rump4j.netbsd.bind;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.netbsd.memory.Protection;
import org.rump4j.netbsd.memory.Region;
import org.rump4j.netbsd.memory.RegionException;
import org.rump4j.netbsd.memory.Signals;
import org.rump4j.rumpuser.Rumpuser;

/**
 * What the process does when code does what the machine does not allow. In front of the JVM's own handler, which turns some of that into
 * exceptions and ends the process otherwise, stands a function in machine code:
 *
 * <ul>
 *   <li>A thread that is in a guest and not in a hypercall has done that as the guest, wherever it was: in the C library, too. The signal,
 *       the registers and the stack are written down in the thread's block, and the thread goes on where hypercalls leave the guest. What
 *       the JVM protects at the end of a stack is not touched, and the mask of signals is that from before: the handler returns.
 *   <li>Memory that the guest has for code it may write and run, a page at a time one or the other: a page that is run is made executable
 *       and loses that it can be written, and the other way round. Kernel modules are loaded so.
 *   <li>A thread that is in a hypercall and reads or writes where nothing is follows a pointer of the guest's. To the JVM this is SIGSEGV,
 *       which ends it; it is told SIGBUS, on which Java has an {@link InternalError}, as for files that were truncated while they were
 *       mapped. What the JVM itself has SIGSEGV for is memory that is protected, or the first page.
 *   <li>Everything else is the JVM's.
 * </ul>
 *
 * A second function, for a signal that nobody else has, throws threads out of a guest that is being discarded and that make no hypercall. It
 * does so only where they are in the guest's own code: what they call in the C library may hold a lock of it.
 *
 * <p>Both are put there when the first guest is loaded, and stay. Sources of the facts: sigaction(2), process_vm_readv(2), {@code ucontext_t} of
 * x86-64 Linux; HotSpot's {@code os_linux_x86.cpp}.
 */
final class FaultHandler {
    /** How many registers are kept: up to the flags. */
    static final int REGISTERS = 18;

    private static final int[] SIGNALS = {Signals.SIGSEGV, Signals.SIGBUS, Signals.SIGFPE, Signals.SIGILL};
    private static final String CHECK = "-Xcheck:jni";

    /** Where options of the JVM may be, beside the command line. */
    private static final String[] VARIABLES = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"};

    private static final int CODE_BYTES = 1024;
    private static final int MOST_SIGNALS = 32;
    private static final long SIG_IGN = 1;

    /** In the {@code ucontext_t}. */
    private static final int UC_GREGS = 40;

    private static final int GREG_RCX = 14 * 8;
    private static final int GREG_RSP = 15 * 8;
    private static final int GREG_RIP = 16 * 8;
    private static final int GREG_FLAGS = 17 * 8;
    private static final int GREG_ERR = 19 * 8;

    /** The processor's word about a page fault: that it was a write, or an instruction. */
    private static final int ERR_WRITE = 2;

    private static final int ERR_FETCH = 16;

    /** In the {@code siginfo_t}. */
    private static final int SI_CODE = 8;

    private static final int SI_ADDR = 16;
    private static final int SI_KERNEL = 0x80;
    private static final int SEGV_MAPERR = 1;
    private static final int SEGV_ACCERR = 2;
    private static final int BUS_ADRERR = 2;

    /** Below this, a pointer may be null, and a field of something added to it. */
    private static final int FIRST_ADDRESS = 1 << 16;

    private static final int EFAULT = 14;
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int PROT_EXEC = 4;
    private static final int SYS_MPROTECT = 10;
    private static final int SYS_GETPID = 39;
    private static final int SYS_PROCESS_VM_READV = 310;

    /** The signal that throws a thread out: one of those for the use of programs that has no use, or 0. */
    static final int EVICTION = freeSignal();

    private static final int FIRST_FREE_SIGNAL = 35;
    private static final int LAST_FREE_SIGNAL = 63;

    /**
     * Where the functions are.
     *
     * @param handler for faults
     * @param evict for {@link #EVICTION}
     */
    private record Functions(long handler, long evict) {}

    /** Null where they could not be installed. */
    private static final @Nullable Functions FUNCTIONS;

    private static final String PROBLEM;

    static {
        Functions functions = null;
        String problem = "";
        try {
            functions = install();
        } catch (LinkException e) {
            problem = String.valueOf(e.getMessage());
        }
        FUNCTIONS = functions;
        PROBLEM = problem;
    }

    private FaultHandler() {}

    /** Why a fault of a guest may end the JVM, or null where it does not. Installs the handler if nothing else did. */
    static @Nullable String problem() {
        if (FUNCTIONS == null) {
            return PROBLEM;
        }
        for (int signal : SIGNALS) {
            if (Signals.handler(signal) != FUNCTIONS.handler()) {
                return "somebody else handles " + FaultSignal.name(signal) + " now";
            }
        }
        return null;
    }

    /** Whether {@link #EVICTION} can be sent: it ends the process where nobody handles it. */
    static boolean evicts() {
        return FUNCTIONS != null && EVICTION != 0 && Signals.handler(EVICTION) == FUNCTIONS.evict();
    }

    /** Tells the host what those should know who wonder what becomes of faults. */
    static void tell(Rumpuser host) {
        String problem = problem();
        if (problem != null) {
            host.dprintf("rump kernel: a fault of it may end the JVM: " + problem + "\n");
        } else if (isChecked()) {
            host.dprintf("rump kernel: -Xcheck:jni will find handlers of signals modified: faults of the kernel are"
                    + " handled, and all others are handed on to the JVM\n");
        }
    }

    /** Whether the JVM was told to look at its handlers now and then, as far as can be seen from here without starting half of the JDK. */
    private static boolean isChecked() {
        for (String variable : VARIABLES) {
            String value = System.getenv(variable);
            if (value != null && value.contains(CHECK)) {
                return true;
            }
        }
        try {
            byte[] arguments = Files.readAllBytes(Path.of("/proc/self/cmdline"));
            return new String(arguments, StandardCharsets.ISO_8859_1).contains('\0' + CHECK + '\0');
        } catch (IOException e) {
            return false;
        }
    }

    private static int freeSignal() {
        int signal = LAST_FREE_SIGNAL;
        while (signal >= FIRST_FREE_SIGNAL && Signals.handler(signal) != 0) {
            signal--;
        }
        return signal < FIRST_FREE_SIGNAL ? 0 : signal;
    }

    private static Functions install() throws LinkException {
        long[] before = new long[MOST_SIGNALS];
        for (int signal : SIGNALS) {
            before[signal] = Signals.handler(signal);
            if (before[signal] >= 0 && before[signal] <= SIG_IGN) {
                throw new LinkException("the JVM does not handle " + FaultSignal.name(signal));
            }
        }
        long handler;
        long evict;
        try {
            @SuppressWarnings("MustBeClosed") // a signal can come as long as there is a process
            Region region = Region.reserve(CODE_BYTES);
            handler = region.take(CODE_BYTES, 1);
            Code functions = new Code(CurrentBlock.threadOffset(), before);
            evict = handler + functions.evict;
            byte[] code = functions.finished();
            region.protect(handler, CODE_BYTES, Protection.READ_WRITE);
            region.memory().asSlice(0, code.length).copyFrom(MemorySegment.ofArray(code));
            region.protect(handler, CODE_BYTES, Protection.READ_EXECUTE);
        } catch (RegionException e) {
            throw new LinkException(String.valueOf(e.getMessage()));
        }
        for (int signal : SIGNALS) {
            if (!Signals.handle(signal, handler)) {
                throw new LinkException("the operating system does not let us handle " + FaultSignal.name(signal));
            }
        }
        if (EVICTION != 0) {
            boolean _ = Signals.handle(EVICTION, evict);
        }
        return new Functions(handler, evict);
    }

    /** The functions, put together. That for faults begins where the code does. */
    private static final class Code extends MachineCode {
        private final int blockWord;
        private int fault;
        private int evict;

        Code(long blockWord, long[] before) {
            super(CODE_BYTES);
            this.blockWord = Math.toIntExact(blockWord);
            handler(before);
            evict();
        }

        /** {@code void handler(int signal, siginfo_t *info, void *ucontext)} */
        private void handler(long[] before) {
            emit("64 48 8b 04 25").putInt(blockWord); // mov rax, fs:[word]
            emit("48 85 c0"); // test rax, rax
            int outside = jumpAhead("0f 84"); // jz
            emit("48 83 78").put((byte) GuestThread.HYPERCALL).put((byte) 0); // cmp qword [rax+HYPERCALL], 0
            int inJava = jumpAhead("0f 85"); // jne
            emit("83 7e").put((byte) SI_CODE).put((byte) 0); // cmp dword [rsi+SI_CODE], 0
            int sent = jumpAhead("0f 8e"); // jle: by kill(2) and the like
            code();
            fault();
            land(inJava);
            followed();
            land(outside);
            land(sent);
            chain(before);
        }

        /** Goes on with what follows unless a page of code is only to be protected otherwise; the block is in rax, and stays there. */
        private void code() {
            emit("83 ff").put((byte) Signals.SIGSEGV); // cmp edi, SIGSEGV
            int another = jumpAhead("0f 85"); // jne
            emit("83 7e").put((byte) SI_CODE).put((byte) SEGV_ACCERR); // cmp dword [rsi+SI_CODE], SEGV_ACCERR
            int nothing = jumpAhead("0f 85"); // jne
            emit("48 8b 4e").put((byte) SI_ADDR); // mov rcx, [rsi+SI_ADDR]
            emit("4c 8b 80").putInt(GuestThread.CODE); // mov r8, [rax+CODE]
            emit("49 3b 08"); // cmp rcx, [r8]
            int below = jumpAhead("0f 82"); // jb
            emit("49 3b 48").put((byte) Long.BYTES); // cmp rcx, [r8+8]
            int above = jumpAhead("0f 83"); // jae
            emit("41 b8").putInt(PROT_READ | PROT_EXEC); // mov r8d, PROT_READ|PROT_EXEC
            emit("f7 82").putInt(UC_GREGS + GREG_ERR).putInt(ERR_FETCH); // test dword [rdx+ERR], ERR_FETCH
            int fetched = jumpAhead("0f 85"); // jnz
            emit("41 b8").putInt(PROT_READ | PROT_WRITE); // mov r8d, PROT_READ|PROT_WRITE
            emit("f7 82").putInt(UC_GREGS + GREG_ERR).putInt(ERR_WRITE); // test dword [rdx+ERR], ERR_WRITE
            int read = jumpAhead("0f 84"); // jz
            land(fetched);
            emit("48 89 cf 48 81 e7").putInt(-4096); // mov rdi, rcx; and rdi, -4096
            emit("be").putInt(4096); // mov esi, 4096
            emit("44 89 c2 b8").putInt(SYS_MPROTECT); // mov edx, r8d; mov eax, SYS_mprotect
            emit("0f 05 c3"); // syscall; ret
            land(another);
            land(nothing);
            land(below);
            land(above);
            land(read);
        }

        /** Of the guest's; the block is in rax. */
        private void fault() {
            fault = code.position();
            emit("53 55 41 54 41 55"); // push rbx, rbp, r12, r13
            emit("48 89 c3 48 8d 6a").put((byte) UC_GREGS); // mov rbx, rax; lea rbp, [rdx+UC_GREGS]
            emit("89 7b").put((byte) GuestThread.SIGNAL); // mov [rbx+SIGNAL], edi
            emit("8b 4e").put((byte) SI_CODE); // mov ecx, [rsi+SI_CODE]
            emit("89 4b").put((byte) (GuestThread.SIGNAL + Integer.BYTES)); // mov [rbx+SIGNAL+4], ecx
            emit("48 8b 4e").put((byte) SI_ADDR); // mov rcx, [rsi+SI_ADDR]
            emit("48 89 4b").put((byte) GuestThread.ADDRESS); // mov [rbx+ADDRESS], rcx
            emit("fc 48 89 ee 48 8d 7b")
                    .put((byte) GuestThread.REGISTERS); // cld; mov rsi, rbp; lea rdi, [rbx+REGISTERS]
            emit("b9").putInt(REGISTERS); // mov ecx, REGISTERS
            emit("f3 48 a5"); // rep movsq
            copyStack();
            emit("48 8b 43").put((byte) GuestThread.ESCAPE); // mov rax, [rbx+ESCAPE]
            emit("48 89 85").putInt(GREG_RIP); // mov [rbp+RIP], rax
            emit("48 89 5d").put((byte) GREG_RCX); // mov [rbp+RCX], rbx
            emit("48 c7 85").putInt(GREG_FLAGS).putInt(0x202); // mov qword [rbp+FLAGS], 0x202
            emit("41 5d 41 5c 5d 5b c3"); // pop r13, r12, rbp, rbx; ret
        }

        /**
         * From the stack pointer to the gate. It may be wrong, and where the stack is used up the JVM has protected where it points to: the
         * system call that reads another process's memory says so. Then it is tried from the next page on.
         */
        private void copyStack() {
            emit("4c 8b 65").put((byte) GREG_RSP); // mov r12, [rbp+RSP]
            emit("b8").putInt(SYS_GETPID); // mov eax, SYS_getpid
            emit("0f 05 41 89 c5"); // syscall; mov r13d, eax
            emit("4c 3b 63").put((byte) GuestThread.STACK_END); // cmp r12, [rbx+STACK_END]
            int elsewhere = jumpAhead("0f 82"); // jb
            int again = code.position();
            emit("48 8b 03 4c 29 e0"); // mov rax, [rbx]; sub rax, r12
            int above = jumpAhead("0f 86"); // jbe
            emit("4c 89 63").put((byte) GuestThread.COPIED); // mov [rbx+COPIED], r12
            emit("48 89 43").put((byte) (GuestThread.COPIED + Long.BYTES)); // mov [rbx+COPIED+8], rax
            emit("44 89 ef"); // mov edi, r13d
            emit("48 8d 73").put((byte) GuestThread.COPY); // lea rsi, [rbx+COPY]
            emit("ba").putInt(1); // mov edx, 1
            emit("4c 8d 53").put((byte) GuestThread.COPIED); // lea r10, [rbx+COPIED]
            emit("41 b8").putInt(1); // mov r8d, 1
            emit("45 31 c9 b8").putInt(SYS_PROCESS_VM_READV); // xor r9d, r9d; mov eax, SYS_process_vm_readv
            emit("0f 05 48 85 c0"); // syscall; test rax, rax
            int copied = jumpAhead("0f 8f"); // jg
            emit("48 83 f8").put((byte) -EFAULT); // cmp rax, -EFAULT
            int refused = jumpAhead("0f 85"); // jne
            emit("49 81 e4").putInt(-4096); // and r12, -4096
            emit("49 81 c4").putInt(4096); // add r12, 4096
            jump("e9", again); // jmp
            land(elsewhere);
            land(above);
            land(refused);
            emit("31 c0"); // xor eax, eax
            land(copied);
            emit("48 89 43").put((byte) (GuestThread.COPIED + Long.BYTES)); // mov [rbx+COPIED+8], rax
        }

        /** Of Java's, in a hypercall: SIGBUS where nothing is at the address. Goes on with what follows. */
        private void followed() {
            emit("83 ff").put((byte) Signals.SIGSEGV); // cmp edi, SIGSEGV
            int another = jumpAhead("0f 85"); // jne
            emit("81 7e").put((byte) SI_CODE).putInt(SI_KERNEL); // cmp dword [rsi+SI_CODE], SI_KERNEL
            int noAddress = jumpAhead("0f 84"); // je
            emit("83 7e").put((byte) SI_CODE).put((byte) SEGV_MAPERR); // cmp dword [rsi+SI_CODE], SEGV_MAPERR
            int protectedMemory = jumpAhead("0f 85"); // jne
            emit("48 81 7e").put((byte) SI_ADDR).putInt(FIRST_ADDRESS); // cmp qword [rsi+SI_ADDR], FIRST_ADDRESS
            int low = jumpAhead("0f 82"); // jb
            land(noAddress);
            emit("bf").putInt(Signals.SIGBUS); // mov edi, SIGBUS
            emit("89 3e"); // mov [rsi], edi
            emit("c7 46").put((byte) SI_CODE).putInt(BUS_ADRERR); // mov dword [rsi+SI_CODE], BUS_ADRERR
            land(another);
            land(protectedMemory);
            land(low);
        }

        /** Where the second function begins: as a fault of the guest's, if the thread is to leave and can. */
        private void evict() {
            align();
            evict = code.position();
            emit("64 48 8b 04 25").putInt(blockWord); // mov rax, fs:[word]
            emit("48 85 c0"); // test rax, rax
            int outside = jumpAhead("0f 84"); // jz
            emit("48 83 78").put((byte) GuestThread.HYPERCALL).put((byte) 0); // cmp qword [rax+HYPERCALL], 0
            int inJava = jumpAhead("0f 85"); // jne
            emit("83 b8").putInt(GuestThread.EVICT).put((byte) 0); // cmp dword [rax+EVICT], 0
            int another = jumpAhead("0f 84"); // je
            emit("48 8b 8a").putInt(UC_GREGS + GREG_RIP); // mov rcx, [rdx+RIP]
            emit("48 3b 88").putInt(GuestThread.GUEST); // cmp rcx, [rax+GUEST]
            int below = jumpAhead("0f 82"); // jb
            emit("48 3b 88").putInt(GuestThread.GUEST + Long.BYTES); // cmp rcx, [rax+GUEST+8]
            int above = jumpAhead("0f 83"); // jae
            emit("c7 80").putInt(GuestThread.EVICT).putInt(0); // mov dword [rax+EVICT], 0
            jump("e9", fault); // jmp
            land(outside);
            land(inJava);
            land(another);
            land(below);
            land(above);
            emit("c3"); // ret
        }

        /** To the handler that was there before. */
        private void chain(long[] before) {
            emit("89 ff 48 8d 05"); // mov edi, edi; lea rax, [rip+table]
            int table = code.position();
            code.putInt(0);
            emit("ff 24 f8"); // jmp [rax+rdi*8]
            align();
            code.putInt(table, code.position() - (table + Integer.BYTES));
            for (long handler : before) {
                code.putLong(handler);
            }
        }
    }
}
