package org.rump4j.netbsd.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Cmsg;
import org.rump4j.rump.Sockaddr;
import org.rump4j.rump.SocketSyscalls;
import org.rump4j.rump.Sysno;
import org.rump4j.rumpuser.ErrnoException;

/** The system calls on sockets of NetBSD's kernel. */
final class NetbsdSockets implements SocketSyscalls {
    /** Room for an address of any family. */
    private static final int NAME_BYTES = Sockaddr.MAX_BYTES + 1;

    /** A {@code socklen_t}, and room that aligns what comes next. */
    private static final int LENGTH_BYTES = 8;

    // struct msghdr, sys/socket.h

    private static final int MSGHDR_BYTES = 48;
    private static final int MSG_NAME = 0;
    private static final int MSG_NAMELEN = 8;
    private static final int MSG_IOV = 16;
    private static final int MSG_IOVLEN = 24;
    private static final int MSG_CONTROL = 32;
    private static final int MSG_CONTROLLEN = 40;
    private static final int MSG_FLAGS = 44;

    private final NetbsdKernel kernel;

    NetbsdSockets(NetbsdKernel kernel) {
        this.kernel = kernel;
    }

    private long call(Sysno call, long... arguments) throws ErrnoException {
        try (Frame f = kernel.frame()) {
            return f.call(call, arguments);
        }
    }

    /** An address in memory, to be passed as two arguments. */
    private static MemorySegment name(Frame f, Sockaddr name) throws ErrnoException {
        return bytes(f, name.encode());
    }

    private static MemorySegment bytes(Frame f, byte[] bytes) {
        MemorySegment out = f.room(bytes.length);
        MemorySegment.copy(bytes, 0, out, JAVA_BYTE, 0, bytes.length);
        return out;
    }

    /**
     * Room for an address that comes out.
     *
     * @param length where its length is told
     * @param bytes the room
     */
    private record Name(MemorySegment length, MemorySegment bytes) {
        static Name in(Frame f) {
            Name out = new Name(f.room(LENGTH_BYTES), f.room(NAME_BYTES));
            out.length.set(JAVA_INT, 0, NAME_BYTES);
            return out;
        }

        /** The kernel tells how long it is, even where it did not fit. */
        Sockaddr get() {
            return Sockaddr.decode(bytes.asSlice(0, Math.clamp(length.get(JAVA_INT, 0), 0, NAME_BYTES)));
        }
    }

    // Making and connecting

    @Override
    public int socket(int domain, int type, int protocol) throws ErrnoException {
        return (int) call(Sysno.SOCKET, domain, type, protocol);
    }

    @Override
    public int[] socketpair(int domain, int type, int protocol) throws ErrnoException {
        try (Frame f = kernel.frame()) {
            MemorySegment room = f.room(2L * Integer.BYTES);
            long _ = f.call(Sysno.SOCKETPAIR, domain, type, protocol, room.address());
            return room.toArray(JAVA_INT);
        }
    }

    @Override
    public void bind(int s, Sockaddr name) throws ErrnoException {
        withName(Sysno.BIND, s, name);
    }

    @Override
    public void listen(int s, int backlog) throws ErrnoException {
        long _ = call(Sysno.LISTEN, s, backlog);
    }

    @Override
    public Accepted accept(int s) throws ErrnoException {
        try (Frame f = kernel.frame()) {
            Name name = Name.in(f);
            int fd = (int) f.call(Sysno.ACCEPT, s, name.bytes.address(), name.length.address());
            return new Accepted(fd, name.get());
        }
    }

    @Override
    public Accepted paccept(int s, int flags) throws ErrnoException {
        try (Frame f = kernel.frame()) {
            Name name = Name.in(f);
            int fd = (int) f.call(
                    Sysno.PACCEPT, s, name.bytes.address(), name.length.address(), 0, Integer.toUnsignedLong(flags));
            return new Accepted(fd, name.get());
        }
    }

    @Override
    public void connect(int s, Sockaddr name) throws ErrnoException {
        withName(Sysno.CONNECT, s, name);
    }

    private void withName(Sysno call, int s, Sockaddr name) throws ErrnoException {
        try (Frame f = kernel.frame()) {
            MemorySegment room = name(f, name);
            long _ = f.call(call, s, room.address(), room.byteSize());
        }
    }

    @Override
    public void shutdown(int s, int how) throws ErrnoException {
        long _ = call(Sysno.SHUTDOWN, s, how);
    }

    @Override
    public Sockaddr getsockname(int s) throws ErrnoException {
        return nameOf(Sysno.GETSOCKNAME, s);
    }

    @Override
    public Sockaddr getpeername(int s) throws ErrnoException {
        return nameOf(Sysno.GETPEERNAME, s);
    }

    private Sockaddr nameOf(Sysno call, int s) throws ErrnoException {
        try (Frame f = kernel.frame()) {
            Name name = Name.in(f);
            long _ = f.call(call, s, name.bytes.address(), name.length.address());
            return name.get();
        }
    }

    // Sending and receiving

    @Override
    public long sendto(int s, MemorySegment buf, int flags, @Nullable Sockaddr to) throws ErrnoException {
        try (Frame f = kernel.frame()) {
            MemorySegment data = f.forWriting(buf);
            MemorySegment name = to == null ? MemorySegment.NULL : name(f, to);
            return f.callHolding(
                    data, Sysno.SENDTO, s, data.address(), data.byteSize(), flags, name.address(), name.byteSize());
        }
    }

    @Override
    public Received recvfrom(int s, MemorySegment buf, int flags) throws ErrnoException {
        try (Frame f = kernel.frame()) {
            MemorySegment data = f.forReading(buf);
            Name name = Name.in(f);
            long count = receive(f, s, data, flags, name.bytes.address(), name.length.address());
            return new Received(f.copiedTo(buf, data, count), sender(name), NO_CONTROL, 0);
        }
    }

    /** Streams have none. */
    private static @Nullable Sockaddr sender(Name name) {
        return name.length.get(JAVA_INT, 0) == 0 ? null : name.get();
    }

    @Override
    public long recv(int s, MemorySegment buf, int flags) throws ErrnoException {
        try (Frame f = kernel.frame()) {
            MemorySegment data = f.forReading(buf);
            return f.copiedTo(buf, data, receive(f, s, data, flags, 0, 0));
        }
    }

    private static long receive(Frame f, int s, MemorySegment data, int flags, long name, long length)
            throws ErrnoException {
        return f.callHolding(data, Sysno.RECVFROM, s, data.address(), data.byteSize(), flags, name, length);
    }

    @Override
    public long sendmsg(int s, @Nullable Sockaddr to, List<Cmsg> control, int flags, MemorySegment... iov)
            throws ErrnoException {
        try (Frame f = kernel.frame()) {
            MemorySegment name = to == null ? MemorySegment.NULL : name(f, to);
            MemorySegment messages = control.isEmpty() ? MemorySegment.NULL : bytes(f, Cmsg.encode(control));
            MemorySegment header = header(f, name, f.pieces(iov, true), iov.length, messages);
            return f.call(Sysno.SENDMSG, s, header.address(), flags);
        }
    }

    @Override
    public Received recvmsg(int s, int controlBytes, int flags, MemorySegment... iov) throws ErrnoException {
        try (Frame f = kernel.frame()) {
            MemorySegment name = f.room(NAME_BYTES);
            MemorySegment messages = controlBytes == 0 ? MemorySegment.NULL : f.room(controlBytes);
            Frame.Pieces pieces = f.pieces(iov, false);
            MemorySegment header = header(f, name, pieces, iov.length, messages);
            long count = f.call(Sysno.RECVMSG, s, header.address(), flags);
            int nameLength = header.get(JAVA_INT, MSG_NAMELEN);
            int controlLength = Math.clamp(header.get(JAVA_INT, MSG_CONTROLLEN), 0, controlBytes);
            return new Received(
                    pieces.copiedTo(iov, count),
                    nameLength == 0 ? null : Sockaddr.decode(name.asSlice(0, Math.clamp(nameLength, 0, NAME_BYTES))),
                    Cmsg.decode(messages.asSlice(0, controlLength)),
                    header.get(JAVA_INT, MSG_FLAGS));
        }
    }

    private static MemorySegment header(
            Frame f, MemorySegment name, Frame.Pieces pieces, int count, MemorySegment control) {
        MemorySegment out = f.room(MSGHDR_BYTES);
        out.set(JAVA_LONG, MSG_NAME, name.address());
        out.set(JAVA_INT, MSG_NAMELEN, (int) name.byteSize());
        out.set(JAVA_LONG, MSG_IOV, pieces.address());
        out.set(JAVA_INT, MSG_IOVLEN, count);
        out.set(JAVA_LONG, MSG_CONTROL, control.address());
        out.set(JAVA_INT, MSG_CONTROLLEN, (int) control.byteSize());
        return out;
    }

    // Options

    @Override
    public void setsockopt(int s, int level, int name, MemorySegment value) throws ErrnoException {
        try (Frame f = kernel.frame()) {
            MemorySegment room = f.room(Math.max(1, value.byteSize()));
            MemorySegment.copy(value, 0, room, 0, value.byteSize());
            long _ = f.call(Sysno.SETSOCKOPT, s, level, name, room.address(), value.byteSize());
        }
    }

    @Override
    public int getsockopt(int s, int level, int name, MemorySegment value) throws ErrnoException {
        try (Frame f = kernel.frame()) {
            MemorySegment room = f.room(Math.max(1, value.byteSize()));
            MemorySegment length = f.room(LENGTH_BYTES);
            length.set(JAVA_INT, 0, (int) value.byteSize());
            long _ = f.call(Sysno.GETSOCKOPT, s, level, name, room.address(), length.address());
            int got = Math.clamp(length.get(JAVA_INT, 0), 0, (int) value.byteSize());
            MemorySegment.copy(room, 0, value, 0, got);
            return got;
        }
    }
}
