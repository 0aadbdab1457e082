package org.rump4j.netbsd.bind;

/**
 * A guest did what the machine does not allow. It has ended with that; the JVM and other guests go on. It is what {@link Guest#failure}
 * tells, and the cause of what threads of the kernel are thrown out with.
 */
public final class GuestFaultException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int signal;
    private final int code;
    private final long address;
    private final String location;
    private final String backtrace;
    private final String registers;

    GuestFaultException(String what, MachineState state, String location, String backtrace) {
        super(FaultSignal.name(state.signal) + " (" + what + ") in " + location);
        this.signal = state.signal;
        this.code = state.code;
        this.address = state.address;
        this.location = location;
        this.backtrace = backtrace;
        this.registers = state.registers();
    }

    /** {@code SIGSEGV}, {@code SIGBUS}, {@code SIGFPE} or {@code SIGILL}, by the number of the operating system. */
    public int signal() {
        return signal;
    }

    /** More of what it was: {@code si_code} of sigaction(2). */
    public int code() {
        return code;
    }

    /** The address that it was about: {@code si_addr} of sigaction(2). */
    public long address() {
        return address;
    }

    /**
     * The function, the offset in it, and the component: {@code rump_sys_open+0x12 (rump)}. Where it is in none, as after a wild jump or in
     * the C library, the address, and who called.
     */
    public String location() {
        return location;
    }

    /** The functions that led there, a line each, the innermost first. */
    public String backtrace() {
        return backtrace;
    }

    /** What the registers of the machine were, in lines. */
    public String registers() {
        return registers;
    }
}
