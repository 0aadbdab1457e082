package org.rump4j.rumpuser.real;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** The host's errors in NetBSD's numbering: the one place where they are translated. */
final class HostErrno {
    /** Linux's numbers from 35 up that NetBSD knows, as pairs (Linux, NetBSD). Below 35 only EAGAIN (11) differs. */
    private static final int[] LINUX = {
        11, 35, 35, 11, 36, 63, 37, 77, 38, 78, 39, 66, 40, 62, 42, 83, 43, 82, 60, 91, 61, 89, 62, 92, 63, 90, 66, 71,
        67, 95, 71, 96, 72, 94, 74, 88, 75, 84, 84, 85, 87, 68, 88, 38, 89, 39, 90, 40, 91, 41, 92, 42, 93, 43, 94, 44,
        95, 45, 96, 46, 97, 47, 98, 48, 99, 49, 100, 50, 101, 51, 102, 52, 103, 53, 104, 54, 105, 55, 106, 56, 107, 57,
        108, 58, 109, 59, 110, 60, 111, 61, 112, 64, 113, 65, 114, 37, 115, 36, 116, 70, 122, 69, 125, 87,
    };

    /** Darwin's numbers that are not NetBSD's, as pairs. */
    private static final int[] DARWIN = {
        89, 87, 90, 82, 91, 83, 92, 85, 94, 88, 95, 94, 96, 89, 97, 95, 98, 90, 99, 91, 100, 96, 101, 92, 102, 45,
    };

    /** What C libraries print for an error where it is not what NetBSD prints. */
    private static final Map<String, Errno> OTHER_WORDS = Map.ofEntries(
            Map.entry("device or resource busy", Errno.EBUSY),
            Map.entry("resource busy", Errno.EBUSY),
            Map.entry("invalid cross-device link", Errno.EXDEV),
            Map.entry("no such device", Errno.ENODEV),
            Map.entry("no such device or address", Errno.ENXIO),
            Map.entry("too many open files in system", Errno.ENFILE),
            Map.entry("value too large for defined data type", Errno.EOVERFLOW),
            Map.entry("disk quota exceeded", Errno.EDQUOT),
            Map.entry("stale file handle", Errno.ESTALE),
            Map.entry("numerical result out of range", Errno.ERANGE),
            Map.entry("operation not supported on socket", Errno.EOPNOTSUPP),
            // The JDK's own addition to the words for ELOOP.
            Map.entry("too many levels of symbolic links or unable to access attributes of symbolic link", Errno.ELOOP),
            Map.entry("connection timed out", Errno.ETIMEDOUT));

    private static final Map<String, Errno> WORDS = words();

    private HostErrno() {}

    /**
     * NetBSD's number for the host's.
     *
     * @param hosterrno as the operating system under the JVM counts
     */
    static int toNetbsd(int hosterrno) {
        return toNetbsd(hosterrno, System.getProperty("os.name", ""));
    }

    static int toNetbsd(int hosterrno, String osName) {
        if (hosterrno == 0) {
            return 0;
        }
        int same = Errno.of(hosterrno) == null ? Errno.EINVAL.number() : hosterrno;
        return switch (osName) {
            case "Linux" -> lookup(LINUX, hosterrno, hosterrno < 35 ? same : Errno.EINVAL.number());
            case "Mac OS X" -> lookup(DARWIN, hosterrno, hosterrno < 86 ? same : Errno.EINVAL.number());
            default -> same;
        };
    }

    private static int lookup(int[] pairs, int from, int otherwise) {
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i] == from) {
                return pairs[i + 1];
            }
        }
        return otherwise;
    }

    /**
     * The error behind an exception of java.nio. Its class says most of it; where it does not, the C library's words do.
     *
     * @param what file or operation, for the message
     */
    static ErrnoException of(IOException e, String what) {
        Errno errno = switch (e) {
            case NoSuchFileException absent -> isBelowAFile(absent.getFile()) ? Errno.ENOTDIR : Errno.ENOENT;
            case FileAlreadyExistsException _ -> Errno.EEXIST;
            case NotDirectoryException _ -> Errno.ENOTDIR;
            case DirectoryNotEmptyException _ -> Errno.ENOTEMPTY;
            case FileSystemLoopException _ -> Errno.ELOOP;
            case ClosedChannelException _ -> Errno.EBADF;
            case FileSystemException fse -> fromWords(fse.getReason(), e instanceof AccessDeniedException);
            default -> fromWords(e.getMessage(), false);
        };
        return errno.exception(what);
    }

    /** The JDK reports ENOTDIR as ENOENT where it reads attributes. */
    private static boolean isBelowAFile(@Nullable String name) {
        if (name == null) {
            return false;
        }
        Path above = Path.of(name).getParent();
        while (above != null && !Files.exists(above)) {
            above = above.getParent();
        }
        return above != null && !Files.isDirectory(above);
    }

    /** The error behind an attempt to use a descriptor against its access mode, or to do what its file cannot. */
    static ErrnoException of(RuntimeException e, String what) {
        return switch (e) {
            case NonReadableChannelException _ -> Errno.EBADF.exception(what);
            case NonWritableChannelException _ -> Errno.EBADF.exception(what);
            case IllegalArgumentException _ -> Errno.EINVAL.exception(what);
            case UnsupportedOperationException _ -> Errno.EOPNOTSUPP.exception(what);
            default -> throw e;
        };
    }

    private static Errno fromWords(@Nullable String words, boolean denied) {
        Errno otherwise = denied ? Errno.EACCES : Errno.EIO;
        return words == null ? otherwise : WORDS.getOrDefault(words.toLowerCase(Locale.ROOT), otherwise);
    }

    private static Map<String, Errno> words() {
        Map<String, Errno> words = new HashMap<>();
        for (Errno errno : Errno.values()) {
            words.put(errno.message().toLowerCase(Locale.ROOT), errno);
        }
        words.putAll(OTHER_WORDS);
        return Map.copyOf(words);
    }
}
