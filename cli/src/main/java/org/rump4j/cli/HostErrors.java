package org.rump4j.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.PathCodec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** What went wrong with a file of the host. */
final class HostErrors {
    private HostErrors() {}

    /** The error, and where NetBSD has none that is called the same, EIO with the host's words. */
    static ErrnoException translated(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> Errno.ENOENT.exception();
            case AccessDeniedException _ -> Errno.EACCES.exception();
            case FileAlreadyExistsException _ -> Errno.EEXIST.exception();
            case NotDirectoryException _ -> Errno.ENOTDIR.exception();
            case FileSystemException fse -> ofWords(fse.getReason());
            default -> ofWords(e.getMessage());
        };
    }

    /**
     * What a tool of the host has printed before it failed: who it is, what it tried, and why it failed, with colons
     * between.
     */
    static ErrnoException ofLastWords(byte[] printed) {
        String text = PathCodec.decode(printed).strip();
        return ofWords(text.substring(text.lastIndexOf(": ") + 1).strip());
    }

    private static ErrnoException ofWords(@Nullable String words) {
        if (words == null) {
            return Errno.EIO.exception();
        }
        for (Errno errno : Errno.values()) {
            if (errno.message().equalsIgnoreCase(words)) {
                return errno.exception();
            }
        }
        return Errno.EIO.exception(words.toLowerCase(Locale.ROOT));
    }
}
