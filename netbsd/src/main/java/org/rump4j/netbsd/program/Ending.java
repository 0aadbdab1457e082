package org.rump4j.netbsd.program;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.rump4j.netbsd.bind.GuestFaultException;
import org.rump4j.netbsd.bind.LeavingGuest;
import org.rump4j.netbsd.link.InitFunction;
import org.rump4j.rumpuser.RumpuserExit;
import org.rump4j.rumpuser.TerminationCalls;

/**
 * How a program ends: exit(3), atexit(3), abort(3), assert(3), err(3), quick_exit(3) and their like, and what the kernel's own end means.
 * Whoever calls one of them leaves the program; nobody is made to who is somewhere else.
 */
final class Ending {
    private static final int STATUS_MASK = 0xff;

    /** What a shell says of who was ended by a signal is this and the signal's number. */
    private static final int SIGNALLED = 128;

    private static final int SIGABRT = 6;

    /** Of {@code va_list} on x86-64 (psABI, figure 3.34): two offsets, where arguments on the stack are, and where registers were saved. */
    private static final int VA_LIST_BYTES = 24;

    private static final int ON_STACK_AT = 8;
    private static final int REGISTERS_AT = 16;

    private static final int REGISTERS_BYTES = 48;
    private static final int ALL_REGISTERS_BYTES = 176;

    /** What is to be called with an argument, or two: on_exit(3) has its own order of them. */
    private record Handler(long function, long argument, boolean onExit) {}

    /** Out of a program that has ended. */
    private static final class Ended extends LeavingGuest {
        private static final long serialVersionUID = 1L;

        Ended() {
            super("the program has ended");
        }
    }

    private final CProcess process;
    private final StandardOutput output;
    private final String component;
    private final CompletableFuture<Integer> status = new CompletableFuture<>();
    private final Deque<Handler> handlers = new ConcurrentLinkedDeque<>();
    private final Deque<Handler> quickHandlers = new ConcurrentLinkedDeque<>();

    /** Of the one thread that ends the program; the others wait here for ever. */
    private final ReentrantLock ending = new ReentrantLock();

    /** What is left of the destructors, once handlers have been called. Guarded by {@link #ending}. */
    private final Deque<InitFunction> destructors = new ArrayDeque<>();

    private boolean destructorsListed;

    /**
     * The end of a process.
     *
     * @param component that the program is
     */
    Ending(CProcess process, StandardOutput output, String component) {
        this.process = process;
        this.output = output;
        this.component = component;
    }

    void addTo(Functions functions) {
        functions.one("exit", this::exitFor);
        for (String name : new String[] {"_exit", "_Exit"}) {
            functions.number(name, value -> {
                endAtOnce(value);
                throw new Ended();
            });
        }
        functions.number("quick_exit", value -> {
            callAll(quickHandlers, value);
            endAtOnce(value);
            throw new Ended();
        });
        functions.none("abort", this::abort);
        functions.one("atexit", function -> add(handlers, function, 0, false));
        functions.three("__cxa_atexit", (function, argument, dso) -> add(handlers, function, argument, false));
        functions.two("on_exit", (function, argument) -> add(handlers, function, argument, true));
        functions.one("at_quick_exit", function -> add(quickHandlers, function, 0, false));
        functions.two("__cxa_at_quick_exit", (function, dso) -> add(quickHandlers, function, 0, false));
        functions.four("__assert_fail", this::assertFail);
        functions.none("__stack_chk_fail", () -> {
            process.say("stack smashing detected");
            return abort();
        });
        functions.add("err", (value, format, a, b, c, d, e) -> err(value, "vwarn", format, a, b, c, d, e));
        functions.add("errx", (value, format, a, b, c, d, e) -> err(value, "vwarnx", format, a, b, c, d, e));
        functions.three("verr", (value, format, list) -> verr(value, "vwarn", format, list));
        functions.three("verrx", (value, format, list) -> verr(value, "vwarnx", format, list));
    }

    private static long add(Deque<Handler> to, long function, long argument, boolean onExit) {
        to.push(new Handler(function, argument, onExit));
        return 0;
    }

    private long abort() {
        endAtOnce(SIGNALLED + SIGABRT);
        throw new Ended();
    }

    private long assertFail(long assertion, long file, long line, long function) {
        String in = function == 0 ? "" : CLibrary.string(function) + ": ";
        process.say(CLibrary.string(file) + ":" + (int) line + ": " + in + "Assertion `" + CLibrary.string(assertion)
                + "' failed.");
        return abort();
    }

    /** What has been passed in registers, and one word that was not, as the list of arguments behind the format. */
    private long err(long value, String warn, long format, long a, long b, long c, long d, long onStack) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocate(VA_LIST_BYTES + REGISTERS_BYTES + 2 * Long.BYTES, Long.BYTES);
            long registers = list.address() + VA_LIST_BYTES;
            long[] words = {value, format, a, b, c, d, onStack};
            for (int i = 0; i < words.length; i++) {
                list.set(ValueLayout.JAVA_LONG, VA_LIST_BYTES + (long) i * Long.BYTES, words[i]);
            }
            list.set(ValueLayout.JAVA_INT, 0, 2 * Long.BYTES);
            list.set(ValueLayout.JAVA_INT, Integer.BYTES, ALL_REGISTERS_BYTES);
            list.set(ValueLayout.JAVA_LONG, ON_STACK_AT, registers + REGISTERS_BYTES);
            list.set(ValueLayout.JAVA_LONG, REGISTERS_AT, registers);
            return verr(value, warn, format, list.address());
        }
    }

    private long verr(long value, String warn, long format, long list) {
        long _ = process.library().call(warn, format, list);
        return exitFor(value);
    }

    // What ends it

    /** {@link #exit}, called by the program. */
    long exitFor(long value) {
        exit((int) value);
        throw new Ended();
    }

    /** Calls what the program wants called, and ends it. Of several threads the first does; the others stay. */
    void exit(int value) {
        ending.lock();
        callAll(handlers, value);
        if (!destructorsListed) {
            destructorsListed = true;
            for (InitFunction f : process.guest().images().finiFunctions()) {
                if (f.image().component().name().equals(component)) {
                    destructors.add(f);
                }
            }
        }
        for (InitFunction f = destructors.poll(); f != null; f = destructors.poll()) {
            call(f.address(), 0, 0);
        }
        end(value);
    }

    /** Last in, first out; those that are added meanwhile, too. */
    private void callAll(Deque<Handler> list, int value) {
        for (Handler h = list.poll(); h != null; h = list.poll()) {
            if (h.onExit) {
                call(h.function, value, h.argument);
            } else {
                call(h.function, h.argument, 0);
            }
        }
    }

    private void call(long function, long a, long b) {
        try {
            long _ = process.guest().call(function, a, b);
        } catch (RumpuserExit e) {
            // The kernel is gone, and the handler had something to do with it. The others may not.
        }
    }

    /** The kernel has exited, which is the process's end: by {@code reboot(2)}, say. */
    void kernelExited(int value) {
        if (status.isDone()) {
            return;
        }
        if (value == TerminationCalls.PANIC) {
            Throwable why = process.guest().failure();
            end(SIGNALLED + (why instanceof GuestFaultException fault ? fault.signal() : SIGABRT));
        } else if (!ending.isHeldByCurrentThread()) {
            exit(value);
        }
    }

    /** Ends it, with everything printed. */
    private void end(int value) {
        output.finish();
        process.library().flush();
        complete(value);
    }

    /** Ends it as it is: what standard output has in its buffer is lost, as it is in any process. */
    private void endAtOnce(int value) {
        // The JVM's own end would flush it.
        long _ = process.library().call("__fpurge", process.library().pointer("stdout"));
        complete(value);
    }

    private void complete(int value) {
        boolean _ = status.complete(value & STATUS_MASK);
    }

    /** Something is wrong that is not the program's fault. */
    void fail(Throwable t) {
        boolean _ = status.completeExceptionally(t);
    }

    /** Waits for the end and gives the status that the process shall have. */
    int await() throws InterruptedException {
        try {
            return status.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }
}
