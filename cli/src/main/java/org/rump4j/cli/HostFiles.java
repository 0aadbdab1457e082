package org.rump4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import org.rump4j.rump.PathCodec;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.ErrnoException;

/** What files of the host are, in the terms of the kernel. */
final class HostFiles {
    private static final String ATTRIBUTES =
            "unix:mode,ino,dev,rdev,nlink,uid,gid,size,lastModifiedTime,lastAccessTime,ctime";
    private static final int BLOCK_BYTES = 4096;
    private static final char REPLACEMENT = '\uFFFD';
    private static final int HEX = 16;

    private HostFiles() {}

    /**
     * What a file is.
     *
     * @param follow whether to look at what a symbolic link leads to
     * @throws ErrnoException where there is no such file
     */
    static Stat stat(Path path, boolean follow) throws ErrnoException {
        LinkOption[] options = follow ? new LinkOption[0] : new LinkOption[] {LinkOption.NOFOLLOW_LINKS};
        try {
            Map<String, Object> all = Files.readAttributes(path, ATTRIBUTES, options);
            long size = number(all, "size");
            return new Stat(
                    number(all, "dev"),
                    (int) number(all, "mode"),
                    number(all, "ino"),
                    (int) number(all, "nlink"),
                    (int) number(all, "uid"),
                    (int) number(all, "gid"),
                    device(number(all, "rdev")),
                    time(all, "lastAccessTime"),
                    time(all, "lastModifiedTime"),
                    time(all, "ctime"),
                    Timespec.ZERO,
                    size,
                    Math.ceilDiv(size, Sizes.DEV_BSIZE),
                    BLOCK_BYTES,
                    0,
                    0);
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    /** What a symbolic link says. */
    static String readlink(Path path) throws ErrnoException {
        try {
            return nameOf(Files.readSymbolicLink(path));
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
    }

    /** The last name of a path that came from the host. */
    static String lastName(Path path) {
        Path last = path.getFileName();
        return last == null ? "" : nameOf(last);
    }

    /** A path that came from the host. java.nio knows its bytes even where they are no text, but says so in URIs only. */
    private static String nameOf(Path path) {
        String text = path.toString();
        if (text.indexOf(REPLACEMENT) < 0) {
            return HostPath.fromJvm(text);
        }
        // Absolute, and with a slash at its end where it names a directory.
        String all = Path.of("/").resolve(path).toUri().getRawPath();
        int end = all.endsWith("/") && !text.endsWith("/") ? all.length() - 1 : all.length();
        byte[] bytes = new byte[end];
        int n = 0;
        for (int i = path.isAbsolute() ? 0 : 1; i < end; i++) {
            if (all.charAt(i) == '%') {
                bytes[n++] = (byte) Integer.parseInt(all, i + 1, i + 3, HEX);
                i += 2;
            } else {
                bytes[n++] = (byte) all.charAt(i);
            }
        }
        return PathCodec.decode(bytes, 0, n);
    }

    private static long number(Map<String, Object> all, String name) {
        return all.get(name) instanceof Number number ? number.longValue() : 0;
    }

    private static Timespec time(Map<String, Object> all, String name) {
        if (!(all.get(name) instanceof FileTime time)) {
            return Timespec.ZERO;
        }
        Instant instant = time.toInstant();
        return new Timespec(instant.getEpochSecond(), instant.getNano());
    }

    /** A device number of Linux, whose parts lie as {@code makedev(3)} of the GNU C library puts them, as NetBSD has it. */
    private static long device(long dev) {
        int major = (int) (((dev >>> 8) & 0xfff) | ((dev >>> 32) & ~0xfffL));
        int minor = (int) ((dev & 0xff) | ((dev >>> 12) & ~0xffL));
        return SysStat.makedev(major, minor);
    }
}
