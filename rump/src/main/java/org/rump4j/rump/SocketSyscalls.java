package org.rump4j.rump;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * System calls on sockets, which are descriptors: {@link DescriptorSyscalls} reads, writes, polls and closes them too. Any of them gives
 * ENOTSOCK for a descriptor of something else, and ENOSYS in a kernel without the network faction, which is what they do here.
 */
public interface SocketSyscalls {
    /** Of calls for control messages: none. */
    List<Cmsg> NO_CONTROL = List.of();

    /**
     * What was received.
     *
     * @param count bytes; 0 where a stream has ended
     * @param from who sent it; null where it was a stream
     * @param control messages that came along
     * @param flags MSG_TRUNC and the like, as {@code recvmsg} tells them
     */
    record Received(long count, @Nullable Sockaddr from, List<Cmsg> control, int flags) {}

    /**
     * A connection that was accepted.
     *
     * @param s its descriptor
     * @param name the peer's
     */
    record Accepted(int s, Sockaddr name) {}

    private static ErrnoException absent() {
        return Errno.ENOSYS.exception("the network faction is not linked in");
    }

    /**
     * Makes a socket. {@code socket(2)}.
     *
     * @param domain AF_ of {@link SysSocket}
     * @param type SOCK_ there, with flags
     * @param protocol 0 for the usual one
     * @return its descriptor
     * @throws ErrnoException EAFNOSUPPORT, EPROTONOSUPPORT, EPROTOTYPE for what there is not; EACCES; EMFILE; ENOBUFS
     */
    default int socket(int domain, int type, int protocol) throws ErrnoException {
        throw absent();
    }

    /**
     * Makes two sockets that are connected. {@code socketpair(2)}.
     *
     * @return their descriptors
     * @throws ErrnoException as {@link #socket}; EOPNOTSUPP where the protocol cannot
     */
    default int[] socketpair(int domain, int type, int protocol) throws ErrnoException {
        throw absent();
    }

    /**
     * Gives a socket a name. {@code bind(2)}.
     *
     * @throws ErrnoException EADDRINUSE, EADDRNOTAVAIL, EACCES; EINVAL where it has one; EAFNOSUPPORT
     */
    default void bind(int s, Sockaddr name) throws ErrnoException {
        throw absent();
    }

    /**
     * Lets others connect. {@code listen(2)}.
     *
     * @param backlog how many may wait to be accepted
     * @throws ErrnoException EOPNOTSUPP; EINVAL where it is connected
     */
    default void listen(int s, int backlog) throws ErrnoException {
        throw absent();
    }

    /**
     * Takes the first connection that waits, or waits for one. {@code accept(2)}.
     *
     * @throws ErrnoException EINVAL where the socket does not listen; EAGAIN where it would block and may not; ECONNABORTED; EMFILE
     */
    default Accepted accept(int s) throws ErrnoException {
        throw absent();
    }

    /**
     * As {@link #accept}. {@code paccept(2)}, without a mask of signals.
     *
     * @param flags SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_NOSIGPIPE
     */
    default Accepted paccept(int s, int flags) throws ErrnoException {
        throw absent();
    }

    /**
     * Connects. {@code connect(2)}.
     *
     * @throws ErrnoException ECONNREFUSED, ETIMEDOUT, ENETUNREACH, EHOSTUNREACH; EINPROGRESS where it would block and may not, EALREADY after
     *     that; EISCONN; EADDRNOTAVAIL; EAFNOSUPPORT; EINTR
     */
    default void connect(int s, Sockaddr name) throws ErrnoException {
        throw absent();
    }

    /**
     * Ends one direction of a connection, or both. {@code shutdown(2)}.
     *
     * @param how SHUT_ of {@link SysSocket}
     * @throws ErrnoException ENOTCONN; EINVAL for another how
     */
    default void shutdown(int s, int how) throws ErrnoException {
        throw absent();
    }

    /** The name of a socket. {@code getsockname(2)}. */
    default Sockaddr getsockname(int s) throws ErrnoException {
        throw absent();
    }

    /**
     * The name of the peer. {@code getpeername(2)}.
     *
     * @throws ErrnoException ENOTCONN
     */
    default Sockaddr getpeername(int s) throws ErrnoException {
        throw absent();
    }

    /**
     * Sends. {@code sendto(2)}.
     *
     * @param flags MSG_ of {@link SysSocket}
     * @param to null where the socket is connected
     * @return bytes sent
     * @throws ErrnoException EPIPE, ECONNRESET; ENOTCONN, EDESTADDRREQ without a peer; EMSGSIZE; EAGAIN where it would block and may not; ENOBUFS; as
     *     {@link #connect} where the message gets nowhere
     */
    default long sendto(int s, MemorySegment buf, int flags, @Nullable Sockaddr to) throws ErrnoException {
        throw absent();
    }

    /** As the other, from an array. */
    default int sendto(int s, byte[] buf, int flags, @Nullable Sockaddr to) throws ErrnoException {
        return (int) sendto(s, MemorySegment.ofArray(buf), flags, to);
    }

    /** Sends to whom the socket is connected to. {@code send(2)}. */
    default long send(int s, MemorySegment buf, int flags) throws ErrnoException {
        return sendto(s, buf, flags, null);
    }

    /** As the other, from an array. */
    default int send(int s, byte[] buf, int flags) throws ErrnoException {
        return (int) send(s, MemorySegment.ofArray(buf), flags);
    }

    /**
     * As {@link #sendto}, from several buffers one after the other, with control messages. {@code sendmsg(2)}.
     *
     * @throws ErrnoException also EINVAL for control messages that make no sense; EBADF for descriptors among them that are none
     */
    default long sendmsg(int s, @Nullable Sockaddr to, List<Cmsg> control, int flags, MemorySegment... iov)
            throws ErrnoException {
        throw absent();
    }

    /**
     * Receives. {@code recvfrom(2)}.
     *
     * @param buf where to; of a message what does not fit is lost
     * @param flags MSG_ of {@link SysSocket}
     * @throws ErrnoException ECONNRESET, ETIMEDOUT; ENOTCONN; EAGAIN where it would block and may not; EINTR
     */
    default Received recvfrom(int s, MemorySegment buf, int flags) throws ErrnoException {
        throw absent();
    }

    /** As the other, into an array. */
    default Received recvfrom(int s, byte[] buf, int flags) throws ErrnoException {
        return recvfrom(s, MemorySegment.ofArray(buf), flags);
    }

    /**
     * As {@link #recvfrom}, without who sent it. {@code recv(2)}.
     *
     * @return bytes received
     */
    default long recv(int s, MemorySegment buf, int flags) throws ErrnoException {
        return recvfrom(s, buf, flags).count();
    }

    /** As the other, into an array. */
    default int recv(int s, byte[] buf, int flags) throws ErrnoException {
        return (int) recv(s, MemorySegment.ofArray(buf), flags);
    }

    /**
     * As {@link #recvfrom}, into several buffers one after the other, with control messages. {@code recvmsg(2)}.
     *
     * @param controlBytes how much room there is for control messages
     */
    default Received recvmsg(int s, int controlBytes, int flags, MemorySegment... iov) throws ErrnoException {
        throw absent();
    }

    /**
     * Sets an option. {@code setsockopt(2)}.
     *
     * @param level SOL_SOCKET, or a protocol
     * @param value laid out as the option wants it
     * @throws ErrnoException ENOPROTOOPT for an option that there is not; EINVAL for a value that makes no sense
     */
    default void setsockopt(int s, int level, int name, MemorySegment value) throws ErrnoException {
        throw absent();
    }

    /** As the other, for options that are an int: 1 and 0 for one that is on or off. */
    default void setsockopt(int s, int level, int name, int value) throws ErrnoException {
        setsockopt(s, level, name, MemorySegment.ofArray(new int[] {value}));
    }

    /**
     * What an option is. {@code getsockopt(2)}.
     *
     * @param value where to
     * @return how many bytes it has
     * @throws ErrnoException ENOPROTOOPT for an option that there is not
     */
    default int getsockopt(int s, int level, int name, MemorySegment value) throws ErrnoException {
        throw absent();
    }

    /** As the other, for options that are an int: what is not 0 where one is on. */
    default int getsockopt(int s, int level, int name) throws ErrnoException {
        int[] value = new int[1];
        int _ = getsockopt(s, level, name, MemorySegment.ofArray(value));
        return value[0];
    }
}
