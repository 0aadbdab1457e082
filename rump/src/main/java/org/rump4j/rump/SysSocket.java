package org.rump4j.rump;

/** Constants of NetBSD's {@code sys/socket.h}, {@code netinet/in.h} and {@code netinet/tcp.h}. */
public final class SysSocket {
    /** No family: {@code connect} to such an address undoes an earlier one of a datagram socket. */
    public static final int AF_UNSPEC = 0;
    /** Sockets with names among files. */
    public static final int AF_LOCAL = 1;
    /** The internet protocol, version 4. */
    public static final int AF_INET = 2;
    /** Addresses of hardware. */
    public static final int AF_LINK = 18;
    /** The internet protocol, version 6. */
    public static final int AF_INET6 = 24;
    /** Messages about routes and interfaces. */
    public static final int AF_ROUTE = 34;

    /** A stream of bytes between two. */
    public static final int SOCK_STREAM = 1;
    /** Messages that may be lost. */
    public static final int SOCK_DGRAM = 2;
    /** Messages of the protocol below. For the superuser. */
    public static final int SOCK_RAW = 3;
    /** Messages between two, in order and without loss. */
    public static final int SOCK_SEQPACKET = 5;
    /** With a type: the descriptor is closed by exec. */
    public static final int SOCK_CLOEXEC = 0x10000000;
    /** With a type: calls do not block. */
    public static final int SOCK_NONBLOCK = 0x20000000;
    /** With a type: writing to whom nobody reads raises no signal. */
    public static final int SOCK_NOSIGPIPE = 0x40000000;

    /** The protocol of version 4 itself, as a level of options. */
    public static final int IPPROTO_IP = 0;
    /** Control messages of version 4. */
    public static final int IPPROTO_ICMP = 1;
    /** TCP. */
    public static final int IPPROTO_TCP = 6;
    /** UDP. */
    public static final int IPPROTO_UDP = 17;
    /** The protocol of version 6 itself, as a level of options. */
    public static final int IPPROTO_IPV6 = 41;
    /** Control messages of version 6. */
    public static final int IPPROTO_ICMPV6 = 58;

    /** Level of the options of sockets of any kind. */
    public static final int SOL_SOCKET = 0xffff;
    /** Has had {@code listen}. Only to be asked. */
    public static final int SO_ACCEPTCONN = 0x0002;
    /** An address may be used that old connections still have. */
    public static final int SO_REUSEADDR = 0x0004;
    /** Whether the peer is still there is asked now and then. */
    public static final int SO_KEEPALIVE = 0x0008;
    /** Messages may be sent to everybody. */
    public static final int SO_BROADCAST = 0x0020;
    /** How long {@code close} waits for data to be sent: two ints, whether and for how many seconds. */
    public static final int SO_LINGER = 0x0080;
    /** Several sockets may have one address. */
    public static final int SO_REUSEPORT = 0x0200;
    /** Writing to whom nobody reads raises no signal. */
    public static final int SO_NOSIGPIPE = 0x0800;
    /** Bytes of the send buffer. */
    public static final int SO_SNDBUF = 0x1001;
    /** Bytes of the receive buffer. */
    public static final int SO_RCVBUF = 0x1002;
    /** The error that is pending, which is gone then. Only to be asked. */
    public static final int SO_ERROR = 0x1007;
    /** SOCK_STREAM or whatever it is. Only to be asked. */
    public static final int SO_TYPE = 0x1008;
    /** How long sending may block: a {@code struct timeval}. */
    public static final int SO_SNDTIMEO = 0x100b;
    /** How long receiving may block: a {@code struct timeval}. */
    public static final int SO_RCVTIMEO = 0x100c;

    /** {@link #IPPROTO_TCP}: what is written is sent at once. */
    public static final int TCP_NODELAY = 1;
    /** {@link #IPPROTO_TCP}: bytes of a segment. */
    public static final int TCP_MAXSEG = 2;
    /** {@link #IPPROTO_IP}: type of service. */
    public static final int IP_TOS = 3;
    /** {@link #IPPROTO_IP}: how many routers a packet may pass. */
    public static final int IP_TTL = 4;
    /** {@link #IPPROTO_IPV6}: the socket has nothing to do with addresses of version 4. */
    public static final int IPV6_V6ONLY = 27;

    /** {@code send}, {@code recv}: urgent data. */
    public static final int MSG_OOB = 0x0001;
    /** {@code recv}: leave it there. */
    public static final int MSG_PEEK = 0x0002;
    /** {@code send}: not by way of routers. */
    public static final int MSG_DONTROUTE = 0x0004;
    /** {@code send}, {@code recv}: the record ends. */
    public static final int MSG_EOR = 0x0008;
    /** Comes out of {@code recvmsg}: the message was longer than the buffers. */
    public static final int MSG_TRUNC = 0x0010;
    /** Comes out of {@code recvmsg}: there were more control messages than there was room. */
    public static final int MSG_CTRUNC = 0x0020;
    /** {@code recv}: wait until the buffer is full. */
    public static final int MSG_WAITALL = 0x0040;
    /** {@code send}, {@code recv}: do not block. */
    public static final int MSG_DONTWAIT = 0x0080;
    /** {@code send}: no signal where nobody reads. */
    public static final int MSG_NOSIGNAL = 0x0400;

    /** {@code shutdown}: nothing more is received. */
    public static final int SHUT_RD = 0;
    /** {@code shutdown}: nothing more is sent. */
    public static final int SHUT_WR = 1;
    /** {@code shutdown}: neither. */
    public static final int SHUT_RDWR = 2;

    /** The most connections that wait to be accepted. */
    public static final int SOMAXCONN = 128;

    private SysSocket() {}
}
