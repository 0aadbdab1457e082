package org.rump4j.cli;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import org.rump4j.rump.PathCodec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Names of the host's files. The JVM turns arguments and paths into strings and back by one character set, which the
 * launcher makes ISO 8859-1 so that any byte survives; here they become strings as {@link PathCodec} maps them, and back.
 */
final class HostPath {
    private static final Charset JVM = jvmCharset();
    private static final char REPLACEMENT = '\uFFFD';

    /** Each ends with a NUL; {@code proc(5)}. */
    private static final Path LINUX_ARGUMENTS = Path.of("/proc/self/cmdline");

    private HostPath() {}

    /**
     * The arguments of the process. Where one of them has bytes that are no text, the JVM has put something else in their
     * place, and the operating system is asked for what there really was, if it is one that tells.
     */
    static String[] arguments(String... args) {
        String[] names = new String[args.length];
        boolean damaged = false;
        for (int i = 0; i < args.length; i++) {
            names[i] = fromJvm(args[i]);
            damaged |= args[i].indexOf(REPLACEMENT) >= 0;
        }
        return damaged ? orFromKernel(names) : names;
    }

    private static String[] orFromKernel(String[] names) {
        byte[] all;
        try {
            all = Files.readAllBytes(LINUX_ARGUMENTS);
        } catch (IOException e) {
            return names;
        }
        String[] exact = names.clone();
        int end = all.length;
        for (int i = names.length - 1; i >= 0 && end > 0; i--) {
            int begin = end - 1;
            while (begin > 0 && all[begin - 1] != 0) {
                begin--;
            }
            exact[i] = PathCodec.decode(all, begin, end - 1 - begin);
            end = begin;
        }
        return exact;
    }

    /** A string that the JVM has made from bytes of the host. */
    static String fromJvm(String text) {
        return JVM.equals(StandardCharsets.UTF_8) ? text : PathCodec.decode(text.getBytes(JVM));
    }

    /** Whether the JVM has a string for a name. */
    static boolean isRepresentable(String name) {
        try {
            return JVM.equals(StandardCharsets.UTF_8) ? JVM.newEncoder().canEncode(name) : toJvm(name) != null;
        } catch (ErrnoException e) {
            return false;
        }
    }

    /** The name as the JVM wants it. */
    static String toJvm(String name) throws ErrnoException {
        if (JVM.equals(StandardCharsets.UTF_8)) {
            return name;
        }
        byte[] bytes = PathCodec.encode(name);
        String text = new String(bytes, JVM);
        if (!Arrays.equals(text.getBytes(JVM), bytes)) {
            throw Errno.EILSEQ.exception("the host's character set here is " + JVM);
        }
        return text;
    }

    /** The path. */
    static Path checked(String name) throws ErrnoException {
        try {
            return Path.of(toJvm(name));
        } catch (InvalidPathException e) {
            throw Errno.EILSEQ.exception(e.getReason());
        }
    }

    /** The path of a name for which there is one: {@link #exists}, or it came from the host. */
    static Path of(String name) {
        try {
            return checked(name);
        } catch (ErrnoException e) {
            throw new IllegalArgumentException(name, e);
        }
    }

    /** Whether there is such a file. */
    static boolean exists(String name) {
        try {
            return Files.exists(checked(name));
        } catch (ErrnoException e) {
            return false;
        }
    }

    private static Charset jvmCharset() {
        String name = System.getProperty("sun.jnu.encoding", "UTF-8");
        return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
    }
}
