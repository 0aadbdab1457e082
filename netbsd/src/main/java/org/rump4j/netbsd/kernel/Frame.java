package org.rump4j.netbsd.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.PathCodec;
import org.rump4j.rump.Sysno;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * The memory of one system call: its arguments, its results, and what arguments point to. A thread has one that it uses again and again;
 * a call that is made while another is under way on the same thread, out of a hypercall, has one of its own.
 */
final class Frame implements AutoCloseable {
    private static final int MAX_ARGUMENTS = 8;
    private static final int RESULTS = 2;
    private static final int WORDS_BYTES = (RESULTS + MAX_ARGUMENTS) * Long.BYTES;

    /** Room for what a call with short names has. */
    private static final int OWN_BYTES = 4096;

    private final MemorySegment own = Arena.ofAuto().allocate(OWN_BYTES, Long.BYTES);

    /** For what does not fit; null as long as everything does. */
    private @Nullable Arena more;

    private long used;
    /** Null while it is not in use: a thread that has one must not keep a kernel from being forgotten. */
    private @Nullable NetbsdKernel kernel;

    /** To be called before each call, and to be closed behind it. */
    Frame begin(NetbsdKernel whose) {
        if (kernel != null) {
            return new Frame().begin(whose);
        }
        kernel = whose;
        used = WORDS_BYTES;
        return this;
    }

    /** Zeros. */
    @SuppressWarnings("MustBeClosedChecker") // by close()
    MemorySegment room(long bytes) {
        long at = (used + Long.BYTES - 1) & -Long.BYTES;
        if (bytes <= OWN_BYTES - at) {
            used = at + bytes;
            return own.asSlice(at, bytes).fill((byte) 0);
        }
        if (more == null) {
            more = Arena.ofConfined();
        }
        return more.allocate(bytes, Long.BYTES);
    }

    /** The address of a name, with its NUL. */
    long name(String name) throws ErrnoException {
        byte[] bytes = PathCodec.encode(name);
        for (byte b : bytes) {
            if (b == 0) {
                throw Errno.EINVAL.exception("a NUL in a name");
            }
        }
        MemorySegment out = room(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, out, JAVA_BYTE, 0, bytes.length);
        return out.address();
    }

    /**
     * Makes the system call.
     *
     * @param arguments with a place for each that only aligns another
     * @return the first result
     */
    long call(Sysno call, long... arguments) throws ErrnoException {
        return callHolding(MemorySegment.NULL, call, arguments);
    }

    /**
     * As the other, with memory of the caller.
     *
     * @param held what an argument is the address of
     */
    long callHolding(MemorySegment held, Sysno call, long... arguments) throws ErrnoException {
        // A copy of so few takes longer.
        for (int i = 0; i < arguments.length; i++) {
            own.set(JAVA_LONG, (RESULTS + i) * (long) Long.BYTES, arguments[i]);
        }
        int error = Objects.requireNonNull(kernel)
                .syscall(
                        call.number(),
                        own.address() + RESULTS * (long) Long.BYTES,
                        arguments.length * (long) Long.BYTES,
                        own.address(),
                        held);
        if (error != 0) {
            throw NetbsdKernel.exception(error);
        }
        return own.get(JAVA_LONG, 0);
    }

    // Data

    /** Where data is to be put: the memory itself where the kernel can reach it. */
    MemorySegment forReading(MemorySegment buf) {
        return buf.isNative() ? buf : room(Math.max(1, buf.byteSize())).asSlice(0, buf.byteSize());
    }

    /** Brings what was read to where it was to be; gives the count back. */
    long copiedTo(MemorySegment buf, MemorySegment data, long count) {
        if (!buf.isNative()) {
            MemorySegment.copy(data, 0, buf, 0, count);
        }
        return count;
    }

    /** Where data is taken from. */
    MemorySegment forWriting(MemorySegment buf) {
        MemorySegment out = forReading(buf);
        if (!buf.isNative()) {
            out.copyFrom(buf);
        }
        return out;
    }

    /**
     * Several pieces of data, in one copy, described by an array of {@code struct iovec}.
     *
     * @param iovec the array
     * @param data the copy
     */
    record Pieces(MemorySegment iovec, MemorySegment data) {
        long address() {
            return iovec.address();
        }

        /** Brings what was read to where it was to be; gives the count back. */
        long copiedTo(MemorySegment[] iov, long count) {
            long at = 0;
            for (MemorySegment piece : iov) {
                long bytes = Math.min(piece.byteSize(), count - at);
                MemorySegment.copy(data, at, piece, 0, bytes);
                at += bytes;
            }
            return count;
        }
    }

    /** Copies pieces, or makes room for them. */
    Pieces pieces(MemorySegment[] iov, boolean copy) {
        long total = 0;
        for (MemorySegment piece : iov) {
            total += piece.byteSize();
        }
        MemorySegment iovec = room(Math.max(1, iov.length) * (long) Layouts.IOVEC_BYTES);
        MemorySegment data = room(Math.max(1, total));
        long at = 0;
        for (int i = 0; i < iov.length; i++) {
            iovec.set(JAVA_LONG, i * (long) Layouts.IOVEC_BYTES, data.address() + at);
            iovec.set(JAVA_LONG, i * (long) Layouts.IOVEC_BYTES + Long.BYTES, iov[i].byteSize());
            if (copy) {
                MemorySegment.copy(iov[i], 0, data, at, iov[i].byteSize());
            }
            at += iov[i].byteSize();
        }
        return new Pieces(iovec, data);
    }

    @Override
    public void close() {
        kernel = null;
        if (more != null) {
            more.close();
            more = null;
        }
    }
}
