package org.rump4j.netbsd.program;

import java.util.Set;

/**
 * What a program cannot do because its process is a JVM: become two processes or another one, and take signals that the JVM needs. Each is
 * refused as the function would refuse it, and the reason is said. Source: HotSpot's documentation of the signals that it uses ("Handle
 * Signals and Exceptions" of the troubleshooting guide).
 */
final class Refusals {
    private static final int EPERM = 1;
    private static final int EINVAL = 22;
    private static final int ENOSYS = 38;

    private static final long SIG_DFL = 0;
    private static final long SIG_IGN = 1;
    private static final long SIG_ERR = -1;

    private static final int SIGQUIT = 3;
    private static final int SIGILL = 4;
    private static final int SIGTRAP = 5;
    private static final int SIGBUS = 7;
    private static final int SIGFPE = 8;
    private static final int SIGSEGV = 11;
    private static final int SIGUSR2 = 12;
    private static final int SIGPIPE = 13;
    private static final int SIGXFSZ = 25;

    private static final Set<Integer> OF_THE_JVM =
            Set.of(SIGQUIT, SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGUSR2, SIGPIPE, SIGXFSZ);

    /** The JVM ignores these for itself. */
    private static final Set<Integer> IGNORED = Set.of(SIGPIPE, SIGXFSZ);

    private static final Set<String> PROCESSES = Set.of(
            "fork", "vfork", "_Fork", "__fork", "clone", "daemon", "execl", "execle", "execlp", "execv", "execve",
            "execvp", "execvpe", "fexecve");

    private static final Set<String> SETTERS =
            Set.of("signal", "bsd_signal", "ssignal", "sysv_signal", "__sysv_signal", "sigset");

    private final CProcess process;

    Refusals(CProcess process) {
        this.process = process;
    }

    void addTo(Functions functions) {
        for (String name : PROCESSES) {
            functions.none(name, () -> fail(name, "its process is a JVM, which is there once", ENOSYS));
        }
        functions.none("sigaltstack", () -> fail("sigaltstack", "the JVM has use for it", EPERM));
        for (String name : SETTERS) {
            functions.two(name, (signal, handler) -> signal(name, (int) signal, handler));
        }
        functions.three("sigaction", this::sigaction);
    }

    private long fail(String function, String why, int errno) {
        process.say(function + ": " + why);
        process.library().errno(errno);
        return -1;
    }

    private boolean isRefused(int signal, long handler) {
        return OF_THE_JVM.contains(signal) && !(IGNORED.contains(signal) && handler == SIG_IGN);
    }

    private long signal(String name, int signal, long handler) {
        if (isRefused(signal, handler)) {
            long _ = fail(name, "the JVM needs signal " + signal, EINVAL);
            return SIG_ERR;
        }
        if (IGNORED.contains(signal)) {
            return SIG_DFL;
        }
        return process.library().call(name, signal, handler);
    }

    /** The handler is the first word of the structure. */
    private long sigaction(long signal, long action, long old) {
        if (action == 0 || !OF_THE_JVM.contains((int) signal)) {
            return process.library().call("sigaction", signal, action, old);
        }
        if (isRefused((int) signal, process.memory().getLong(action))) {
            return fail("sigaction", "the JVM needs signal " + (int) signal, EINVAL);
        }
        return old == 0 ? 0 : process.library().call("sigaction", signal, 0, old);
    }
}
