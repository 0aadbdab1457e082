package org.rump4j.netbsd.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.SysTime;
import org.rump4j.rump.Sysno;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Whether a kernel lays structures out as {@link Layouts} has them. A kernel does not say how long its structures are, but how far it
 * writes: what it is given is filled with a pattern that no structure ends with. Calls that it does not have (a kernel without files) are
 * not asked for.
 */
final class LayoutCheck {
    private static final byte PATTERN = (byte) 0xa5;

    /** Room for a structure that is longer than it should be. */
    private static final int MORE_BYTES = 64;

    private static final int ROOM_BYTES = 1024;

    private LayoutCheck() {}

    /**
     * Asks a kernel that has just booted.
     *
     * @throws ErrnoException ENOEXEC where it has other structures
     */
    static void of(NetbsdKernel kernel) throws ErrnoException {
        try (Frame f = kernel.frame()) {
            asked(
                    "timespec",
                    f,
                    Layouts.TIMESPEC_BYTES,
                    at -> f.call(Sysno.CLOCK_GETTIME, SysTime.CLOCK_MONOTONIC, at));
            asked("rlimit", f, Layouts.RLIMIT_BYTES, at -> f.call(Sysno.GETRLIMIT, 0, at));
            asked("stat", f, Layouts.STAT_BYTES, at -> f.call(Sysno.STAT, f.name("/"), at));
            asked(
                    "statvfs",
                    f,
                    Layouts.STATVFS_BYTES,
                    at -> f.call(Sysno.STATVFS1, f.name("/"), at, SysMount.ST_NOWAIT));
            directory(f);
        }
    }

    /** A system call that writes a structure to an address. */
    private interface Writing {
        long to(long address) throws ErrnoException;
    }

    private static void asked(String structure, Frame f, int bytes, Writing call) throws ErrnoException {
        MemorySegment room = f.room(bytes + (long) MORE_BYTES).fill(PATTERN);
        try {
            long _ = call.to(room.address());
        } catch (ErrnoException e) {
            return;
        }
        refuse(problem(structure, room, bytes));
    }

    private static void refuse(@Nullable String problem) throws ErrnoException {
        if (problem != null) {
            throw Errno.ENOEXEC.exception(problem + ": the kernel is of another release of NetBSD than is known");
        }
    }

    /** What is wrong with a structure that was written over the pattern; null where it has as many bytes as it should. */
    static @Nullable String problem(String structure, MemorySegment room, int bytes) {
        long written = room.byteSize();
        while (written > 0 && room.get(JAVA_BYTE, written - 1) == PATTERN) {
            written--;
        }
        return written == bytes ? null : "struct " + structure + " has " + written + " bytes, not " + bytes;
    }

    /** Entries of the root have names, wherever these are. */
    private static void directory(Frame f) throws ErrnoException {
        MemorySegment room = f.room(ROOM_BYTES);
        long fd;
        try {
            fd = f.call(Sysno.OPEN, f.name("/"), Fcntl.O_RDONLY, 0);
        } catch (ErrnoException e) {
            return;
        }
        try {
            long bytes = f.call(Sysno.GETDENTS, fd, room.address(), ROOM_BYTES);
            refuse(problem(room.asSlice(0, bytes)));
        } finally {
            long _ = f.call(Sysno.CLOSE, fd);
        }
    }

    /** What is wrong with the records of a directory; null where each has a name where it should, and ends where the next one begins. */
    static @Nullable String problem(MemorySegment records) {
        long at = 0;
        while (at < records.byteSize()) {
            if (records.byteSize() - at <= Layouts.D_NAME) {
                return "struct dirent has " + (records.byteSize() - at) + " bytes";
            }
            int length = Short.toUnsignedInt(records.get(JAVA_SHORT, at + Layouts.D_RECLEN));
            int name = Short.toUnsignedInt(records.get(JAVA_SHORT, at + Layouts.D_NAMLEN));
            boolean fits = length > Layouts.D_NAME + name && length <= records.byteSize() - at;
            if (!fits || name == 0 || length(records, at + Layouts.D_NAME, name + 1) != name) {
                return "struct dirent has its name elsewhere";
            }
            at += length;
        }
        return null;
    }

    /** Bytes before the first NUL, of so many. */
    private static int length(MemorySegment records, long at, int most) {
        int length = 0;
        while (length < most && records.get(JAVA_BYTE, at + length) != 0) {
            length++;
        }
        return length;
    }
}
