package org.rump4j.kern;

import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.ParameterCalls;

/**
 * What the environment says of the kernel that is to be booted.
 *
 * @param ncpu virtual CPUs ({@code RUMP_NCPU})
 * @param memoryLimit its memory ({@code RUMP_MEMLIMIT}), or null
 * @param verbose whether boot messages are printed ({@code RUMP_VERBOSE})
 * @param threadsAllowed whether it may have threads of its own ({@code RUMP_THREADS})
 * @param platformThreads whether those are threads of the operating system ({@code RUMP4J_THREADS=platform})
 */
record BootParameters(
        int ncpu, @Nullable String memoryLimit, boolean verbose, boolean threadsAllowed, boolean platformThreads) {

    static BootParameters of(ParameterCalls host) throws ErrnoException {
        String verbose = optional(host, "RUMP_VERBOSE");
        String threads = optional(host, "RUMP_THREADS");
        return new BootParameters(
                ncpu(host.getparam(ParameterCalls.PARAM_NCPU)),
                optional(host, "RUMP_MEMLIMIT"),
                verbose != null && !verbose.startsWith("0"),
                threads == null || !threads.startsWith("0"),
                "platform".equals(optional(host, "RUMP4J_THREADS")));
    }

    private static int ncpu(String text) throws ErrnoException {
        int ncpu;
        try {
            ncpu = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw Errno.EINVAL.exception("RUMP_NCPU " + text + " is not a number");
        }
        if (ncpu < 1) {
            throw Errno.EINVAL.exception("RUMP_NCPU " + text + ": the least is 1");
        }
        return ncpu;
    }

    private static @Nullable String optional(ParameterCalls host, String name) throws ErrnoException {
        try {
            return host.getparam(name);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
    }
}
