package org.rump4j.rumpuser.real;

/** NetBSD's signal numbers in the host's numbering. Source: {@code signal(7)} of both systems. */
final class HostSignals {
    /** By NetBSD's number; 0 where Linux has no such signal. */
    private static final int[] LINUX = {
        0, 1, 2, 3, 4, 5, 6, 0, 8, 9, 7, 11, 31, 13, 14, 15, 23, 19, 20, 18, 17, 21, 22, 29, 24, 25, 26, 27, 28, 0, 10,
        12, 30,
    };

    private static final int LAST_COMMON_BSD = 31;

    private HostSignals() {}

    /** The host's number, or 0 where it has no such signal. */
    static int toHost(int signo, String osName) {
        if (signo <= 0) {
            return 0;
        }
        if (osName.equals("Linux")) {
            return signo < LINUX.length ? LINUX[signo] : 0;
        }
        // The BSDs, Darwin among them, count alike as far as this.
        return signo <= LAST_COMMON_BSD && !osName.startsWith("Windows") ? signo : 0;
    }
}
