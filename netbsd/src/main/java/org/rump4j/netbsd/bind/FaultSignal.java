package org.rump4j.netbsd.bind;

import org.rump4j.netbsd.memory.Signals;

/** Signals of faults in words. Source of the facts: sigaction(2), "The si_code field". */
final class FaultSignal {
    private static final int SI_KERNEL = 0x80;

    private FaultSignal() {}

    static String name(int signal) {
        return switch (signal) {
            case Signals.SIGILL -> "SIGILL";
            case Signals.SIGBUS -> "SIGBUS";
            case Signals.SIGFPE -> "SIGFPE";
            case Signals.SIGSEGV -> "SIGSEGV";
            default -> "signal " + signal;
        };
    }

    /** What has happened, with the address that it was about where there is one. */
    static String explain(int signal, int code, long address) {
        String at = "0x" + Long.toHexString(address);
        return switch (signal) {
            case Signals.SIGILL -> "no instruction of this machine";
            case Signals.SIGFPE -> code == 1 ? "division by zero, or a quotient that does not fit" : "arithmetic";
            case Signals.SIGBUS -> code == 1 ? "an address that is not aligned" : "no memory behind " + at;
            default ->
                switch (code) {
                    case 1 -> "nothing is at " + at;
                    case 2 -> "not allowed at " + at;
                    case SI_KERNEL -> "no address, or an instruction that is not allowed";
                    default -> "at " + at;
                };
        };
    }
}
