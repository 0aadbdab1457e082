package org.rump4j.rumpuser.real;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.ParameterCalls;

/** Parameters: the environment that the host was made with, laid over the process's. */
final class RealParameters implements ParameterCalls {
    private static final Path LINUX_HOSTNAME = Path.of("/proc/sys/kernel/hostname");
    private static final String DEFAULT_NCPU = "2";
    private static final int PID_DIGITS = 5;
    private static final String NCPU_OF_HOST = "host";

    private final Map<String, String> environment;

    private final Function<String, @Nullable String> process;

    /**
     * Parameters.
     *
     * @param environment what counts before that of the process
     * @param process that of the process: gives the value of a variable, or null
     */
    RealParameters(Map<String, String> environment, Function<String, @Nullable String> process) {
        this.environment = Map.copyOf(environment);
        this.process = process;
    }

    @Override
    public String getparam(String name) throws ErrnoException {
        return switch (name) {
            case PARAM_NCPU -> ncpu();
            case PARAM_HOSTNAME -> hostname();
            default -> {
                if (name.startsWith("_")) {
                    throw Errno.EINVAL.exception(name);
                }
                String value = variable(name);
                if (value == null) {
                    throw Errno.ENOENT.exception(name);
                }
                yield value;
            }
        };
    }

    private String ncpu() {
        String value = variable("RUMP_NCPU");
        if (value == null) {
            return DEFAULT_NCPU;
        }
        return value.equals(NCPU_OF_HOST)
                ? Integer.toString(Runtime.getRuntime().availableProcessors())
                : value;
    }

    private static String hostname() {
        String pid = Long.toString(ProcessHandle.current().pid());
        String name = "rump-" + "0".repeat(Math.max(0, PID_DIGITS - pid.length())) + pid;
        String host = hostOfHost();
        return host.isEmpty() ? name : name + "." + host;
    }

    private static String hostOfHost() {
        try {
            return Files.readString(LINUX_HOSTNAME).strip();
        } catch (IOException e) {
            Map<String, String> env = System.getenv();
            return env.getOrDefault("HOSTNAME", env.getOrDefault("COMPUTERNAME", ""));
        }
    }

    private @Nullable String variable(String name) {
        String value = environment.get(name);
        return value == null ? process.apply(name) : value;
    }
}
