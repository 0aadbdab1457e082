package org.rump4j.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.rump4j.rump.PathCodec;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * What Java cannot do with files of the host, done by the host's own tools: device nodes and fifos, their times (java.nio
 * would open them), and names that are no strings of the JVM. Names get to the tools through {@code printf(1)}, in octal,
 * so all bytes do.
 */
final class HostTools {
    /** Makes variables of what is escaped; the full stop keeps a newline at the end. */
    private static final String NAMES = "a=$(printf \"$1.\") && a=${a%.} && b=$(printf \"$2.\") && b=${b%.} && ";

    private HostTools() {}

    /** Makes a fifo. */
    static void mkfifo(String path, int permissions) throws ErrnoException {
        run("exec mkfifo -m " + Json.octal(permissions) + " \"$a\"", path, "");
    }

    /**
     * Makes a device node.
     *
     * @throws ErrnoException EPERM for anyone but the superuser
     */
    static void mknod(String path, int mode, long rdev) throws ErrnoException {
        char type = (mode & SysStat.S_IFMT) == SysStat.S_IFBLK ? 'b' : 'c';
        String numbers = SysStat.major(rdev) + " " + SysStat.minor(rdev);
        run("exec mknod -m " + Json.octal(mode & 0777) + " \"$a\" " + type + " " + numbers, path, "");
    }

    /** Sets times of something that is no symbolic link, without opening it. */
    static void touch(String path, Timespec atime, Timespec mtime) throws ErrnoException {
        run(
                "touch -c -a -d " + Dates.rfc3339(atime) + " \"$a\" && exec touch -c -m -d " + Dates.rfc3339(mtime)
                        + " \"$a\"",
                path,
                "");
    }

    /** Makes a symbolic link. */
    static void symlink(String target, String path) throws ErrnoException {
        run("exec ln -s \"$a\" \"$b\"", target, path);
    }

    /**
     * Gives a file another name, over what has it.
     *
     * @throws ErrnoException EEXIST where that is a directory
     */
    static void rename(String from, String to) throws ErrnoException {
        run(
                "if [ -d \"$b\" ] && [ ! -h \"$b\" ]; then echo 'mv: file exists' >&2; exit 1; fi; exec mv -f \"$a\" \"$b\"",
                from,
                to);
    }

    private static void run(String script, String first, String second) throws ErrnoException {
        List<String> command =
                new ArrayList<>(List.of("sh", "-c", NAMES + script, "sh", escaped(first), escaped(second)));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            byte[] said = process.getInputStream().readAllBytes();
            if (process.waitFor() != 0) {
                throw HostErrors.ofLastWords(said);
            }
        } catch (IOException e) {
            throw HostErrors.translated(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Errno.EINTR.exception();
        }
    }

    /** As the format of a {@code printf(1)} that prints the name. A path that begins with a hyphen would be an option. */
    static String escaped(String name) throws ErrnoException {
        StringBuilder format = new StringBuilder(name.startsWith("-") ? "./" : "");
        for (byte b : PathCodec.encode(name)) {
            char c = (char) (b & 0xFF);
            if (c < 0x80 && (Character.isLetterOrDigit(c) || c == '/' || c == '.')) {
                format.append(c);
            } else {
                String digits = Integer.toOctalString(c);
                format.append('\\').repeat('0', 3 - digits.length()).append(digits);
            }
        }
        return format.toString();
    }
}
