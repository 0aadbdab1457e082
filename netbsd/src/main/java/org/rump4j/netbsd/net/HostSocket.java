package org.rump4j.netbsd.net;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.bind.Handles;
import org.rump4j.rump.Sockaddr;
import org.rump4j.rump.SysSocket;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * A socket of the host, of TCP or UDP, made of Java's channels, which do not block. What has to wait waits on a selector of its own, so that
 * it comes out when the socket is closed.
 *
 * <p>A stream is a channel to connect with until it is to listen: Java has another kind for that, which then takes over its address.
 */
final class HostSocket implements Handles.Described {
    private static final long MAPPED = 0xffffL << Integer.SIZE;
    private static final int ADDRESS_BYTES = 16;

    private final int domain;
    private final Selector poller;
    private final Map<SocketOption<?>, Object> options = new LinkedHashMap<>();
    private final Map<Sockaddr.Inet, MembershipKey> memberships = new HashMap<>();

    private volatile NetworkChannel channel;
    private volatile boolean closed;

    /** What the thread that waits for this socket waits on. */
    private volatile @Nullable Selector waiting;

    private HostSocket(int domain, NetworkChannel channel, Selector poller) throws IOException {
        this.domain = domain;
        this.channel = channel;
        this.poller = poller;
        adopt(channel);
    }

    /**
     * Makes one.
     *
     * @param domain AF_INET or AF_INET6
     * @param type SOCK_STREAM or SOCK_DGRAM
     * @param poller what {@link #watch} has look out for it
     * @throws ErrnoException EAFNOSUPPORT, EPROTOTYPE; what the host says
     */
    static HostSocket open(int domain, int type, Selector poller) throws ErrnoException {
        StandardProtocolFamily family = switch (domain) {
            case SysSocket.AF_INET -> StandardProtocolFamily.INET;
            case SysSocket.AF_INET6 -> StandardProtocolFamily.INET6;
            default -> throw Errno.EAFNOSUPPORT.exception("domain " + domain);
        };
        try {
            return new HostSocket(
                    domain,
                    switch (type) {
                        case SysSocket.SOCK_STREAM -> SocketChannel.open(family);
                        case SysSocket.SOCK_DGRAM -> DatagramChannel.open(family);
                        default -> throw Errno.EPROTOTYPE.exception("type " + type);
                    },
                    poller);
        } catch (IOException | RuntimeException e) {
            throw SocketErrors.of(e);
        }
    }

    private void adopt(NetworkChannel now) throws IOException {
        ((SelectableChannel) now).configureBlocking(false);
        SelectionKey _ = ((SelectableChannel) now).register(poller, 0, this);
    }

    // Names

    /**
     * Gives it a name.
     *
     * @throws ErrnoException what the host says
     */
    void bind(Sockaddr name) throws ErrnoException {
        try {
            NetworkChannel _ = channel.bind(address(name));
        } catch (IOException | RuntimeException e) {
            throw SocketErrors.of(e);
        }
    }

    Sockaddr name() throws ErrnoException {
        try {
            return name(channel.getLocalAddress());
        } catch (IOException e) {
            throw SocketErrors.of(e);
        }
    }

    Sockaddr peerName() throws ErrnoException {
        try {
            SocketAddress peer = switch (channel) {
                case SocketChannel stream -> stream.getRemoteAddress();
                case DatagramChannel datagrams -> datagrams.getRemoteAddress();
                default -> null;
            };
            if (peer == null) {
                throw Errno.ENOTCONN.exception();
            }
            return name(peer);
        } catch (IOException e) {
            throw SocketErrors.of(e);
        }
    }

    /** As the kernel has addresses of this socket's family; one of no family for null. */
    private Sockaddr name(@Nullable SocketAddress address) {
        InetAddress host = address instanceof InetSocketAddress known ? known.getAddress() : null;
        int port = address instanceof InetSocketAddress known ? known.getPort() : 0;
        ByteBuffer bytes =
                ByteBuffer.wrap(host == null || host.isAnyLocalAddress() ? new byte[ADDRESS_BYTES] : host.getAddress());
        if (domain == SysSocket.AF_INET) {
            return new Sockaddr.Inet(bytes.getInt(), port);
        }
        if (bytes.capacity() == Integer.BYTES) {
            // Java has no mapped addresses.
            return new Sockaddr.Inet6(0, MAPPED | Integer.toUnsignedLong(bytes.getInt()), port, 0, 0);
        }
        int scope = host instanceof Inet6Address six ? six.getScopeId() : 0;
        return new Sockaddr.Inet6(bytes.getLong(), bytes.getLong(), port, 0, scope);
    }

    private static InetSocketAddress address(Sockaddr name) throws ErrnoException {
        try {
            return switch (name) {
                case Sockaddr.Inet(int address, int port) ->
                    new InetSocketAddress(
                            InetAddress.getByAddress(ByteBuffer.allocate(Integer.BYTES)
                                    .putInt(address)
                                    .array()),
                            port);
                case Sockaddr.Inet6(long high, long low, int port, int _, int scope) -> {
                    byte[] bytes = ByteBuffer.allocate(ADDRESS_BYTES)
                            .putLong(high)
                            .putLong(low)
                            .array();
                    yield new InetSocketAddress(
                            scope == 0
                                    ? InetAddress.getByAddress(bytes)
                                    : Inet6Address.getByAddress(null, bytes, scope),
                            port);
                }
                default -> throw Errno.EAFNOSUPPORT.exception("family " + name.family());
            };
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    // Connections

    /**
     * Connects, and waits for it.
     *
     * @throws ErrnoException what the host says
     */
    void connect(Sockaddr to) throws ErrnoException {
        InetSocketAddress address = address(to);
        try {
            switch (channel) {
                case SocketChannel stream -> {
                    boolean done = stream.connect(address);
                    while (!done) {
                        await(SelectionKey.OP_CONNECT);
                        done = stream.finishConnect();
                    }
                }
                case DatagramChannel datagrams -> {
                    DatagramChannel _ = datagrams.connect(address);
                }
                default -> throw Errno.EOPNOTSUPP.exception();
            }
        } catch (IOException | RuntimeException e) {
            throw SocketErrors.of(e);
        }
        // Whoever polls is to look at this one, too.
        wake(poller);
    }

    /**
     * Lets others connect.
     *
     * @throws ErrnoException EOPNOTSUPP where it has to do with datagrams; what the host says
     */
    void listen(int backlog) throws ErrnoException {
        if (channel instanceof DatagramChannel) {
            throw Errno.EOPNOTSUPP.exception();
        }
        if (channel instanceof ServerSocketChannel) {
            return;
        }
        try {
            SocketAddress name = channel.getLocalAddress();
            channel.close();
            // The old one is gone from the host only when it is gone from the selector.
            int _ = poller.selectNow();
            ServerSocketChannel listening = ServerSocketChannel.open(
                    domain == SysSocket.AF_INET ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6);
            channel = listening;
            adopt(listening);
            for (Map.Entry<SocketOption<?>, Object> option : options.entrySet()) {
                set(listening, option.getKey(), option.getValue());
            }
            ServerSocketChannel _ = listening.bind(name, backlog);
        } catch (IOException | RuntimeException e) {
            throw SocketErrors.of(e);
        }
        wake(poller);
    }

    /**
     * A connection that somebody has made.
     *
     * @throws ErrnoException EAGAIN where there is none now; EINVAL where it does not listen; what the host says
     */
    HostSocket accept() throws ErrnoException {
        if (!(channel instanceof ServerSocketChannel listening)) {
            throw Errno.EINVAL.exception("the socket does not listen");
        }
        try {
            SocketChannel got = listening.accept();
            if (got == null) {
                throw Errno.EAGAIN.exception();
            }
            return new HostSocket(domain, got, poller);
        } catch (IOException e) {
            throw SocketErrors.of(e);
        }
    }

    // Data

    /**
     * Sends everything, and waits as long as there is no room for it.
     *
     * @param to null for whom it is connected to
     * @return bytes
     * @throws ErrnoException what the host says
     */
    long send(ByteBuffer data, @Nullable Sockaddr to) throws ErrnoException {
        int bytes = data.remaining();
        InetSocketAddress address = to == null ? null : address(to);
        try {
            while (true) {
                int sent = switch (channel) {
                    case SocketChannel stream -> stream.write(data);
                    case DatagramChannel datagrams ->
                        address == null ? datagrams.write(data) : datagrams.send(data, address);
                    default -> throw Errno.ENOTCONN.exception();
                };
                if (!data.hasRemaining() && (sent > 0 || bytes == 0)) {
                    return bytes;
                }
                await(SelectionKey.OP_WRITE);
            }
        } catch (IOException | RuntimeException e) {
            throw SocketErrors.of(e);
        }
    }

    /**
     * Receives what there is.
     *
     * @param from gets who sent it, where that is not a stream
     * @return bytes, 0 where a stream has ended
     * @throws ErrnoException EAGAIN where there is nothing now; what the host says
     */
    int receive(ByteBuffer data, @Nullable Sockaddr[] from) throws ErrnoException {
        int before = data.position();
        try {
            return switch (channel) {
                case SocketChannel stream -> {
                    int got = stream.read(data);
                    if (got == 0 && data.hasRemaining()) {
                        throw Errno.EAGAIN.exception();
                    }
                    yield Math.max(0, got);
                }
                case DatagramChannel datagrams -> {
                    SocketAddress sender = datagrams.receive(data);
                    if (sender == null) {
                        throw Errno.EAGAIN.exception();
                    }
                    from[0] = name(sender);
                    yield data.position() - before;
                }
                default -> throw Errno.ENOTCONN.exception();
            };
        } catch (IOException | RuntimeException e) {
            throw SocketErrors.of(e);
        }
    }

    // Waiting

    /** Has the poller look out for something to receive, or does not. */
    void watch(boolean on) {
        SelectionKey key = ((SelectableChannel) channel).keyFor(poller);
        if (key == null || !key.isValid()) {
            return;
        }
        int ops = switch (channel) {
            case ServerSocketChannel _ -> SelectionKey.OP_ACCEPT;
            // Of one that is not connected the host says that it has hung up.
            case SocketChannel stream -> stream.isConnected() ? SelectionKey.OP_READ : 0;
            default -> SelectionKey.OP_READ;
        };
        SelectionKey _ = key.interestOps(on ? ops : 0);
    }

    /** Waits until one of some operations is possible. */
    private void await(int ops) throws IOException {
        boolean interrupted = Thread.interrupted();
        try (Selector selector = Selector.open()) {
            SelectionKey _ = ((SelectableChannel) channel).register(selector, ops);
            waiting = selector;
            while (!closed && selector.select() == 0) {
                interrupted |= Thread.interrupted();
            }
        } finally {
            waiting = null;
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    private static void wake(Selector selector) {
        try {
            Selector _ = selector.wakeup();
        } catch (ClosedSelectorException e) {
            // Then nobody waits on it.
        }
    }

    // Options

    /** Sets an option, now and for what takes its place when it listens. Those that the channel does not have do nothing. */
    <T> void setOption(SocketOption<T> option, T value) throws ErrnoException {
        options.put(option, value);
        try {
            set(channel, option, value);
        } catch (IOException | RuntimeException e) {
            throw SocketErrors.of(e);
        }
    }

    @SuppressWarnings("unchecked") // setOption only puts in what fits
    private static <T> void set(NetworkChannel channel, SocketOption<T> option, Object value) throws IOException {
        if (channel.supportedOptions().contains(option)) {
            NetworkChannel _ = channel.setOption(option, (T) value);
        }
    }

    /**
     * Has datagrams to a group come here, or no more.
     *
     * @param group its address
     * @param local that of the interface; 0 for any
     * @throws ErrnoException EADDRNOTAVAIL where there is no such interface, or it was not in the group; what the host says
     */
    void member(int group, int local, boolean join) throws ErrnoException {
        if (!(channel instanceof DatagramChannel datagrams)) {
            throw Errno.EINVAL.exception("no datagrams");
        }
        Sockaddr.Inet key = new Sockaddr.Inet(group, 0);
        try {
            if (join) {
                MembershipKey had =
                        memberships.put(key, datagrams.join(address(key).getAddress(), multicastInterface(local)));
                if (had != null) {
                    had.drop();
                }
            } else {
                MembershipKey had = memberships.remove(key);
                if (had == null) {
                    throw Errno.EADDRNOTAVAIL.exception(key.toString());
                }
                had.drop();
            }
        } catch (IOException | RuntimeException e) {
            throw SocketErrors.of(e);
        }
    }

    private static NetworkInterface multicastInterface(int local) throws IOException, ErrnoException {
        NetworkInterface found = null;
        if (local != 0) {
            found = NetworkInterface.getByInetAddress(
                    address(new Sockaddr.Inet(local, 0)).getAddress());
        } else {
            for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                if (found == null && each.isUp() && each.supportsMulticast()) {
                    found = each;
                }
            }
        }
        if (found == null) {
            throw Errno.EADDRNOTAVAIL.exception("no interface for a group");
        }
        return found;
    }

    @Override
    public void close() {
        closed = true;
        try {
            channel.close();
        } catch (IOException e) {
            // It is closed all the same.
        }
        Selector other = waiting;
        if (other != null) {
            wake(other);
        }
        wake(poller);
    }
}
