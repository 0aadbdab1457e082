package org.rump4j.netbsd.net;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.bind.CMemory;
import org.rump4j.netbsd.bind.Guest;
import org.rump4j.netbsd.bind.Handles;
import org.rump4j.netbsd.bind.HostFunction;
import org.rump4j.netbsd.bind.HostHalf;
import org.rump4j.rump.Pollfd;
import org.rump4j.rump.Sockaddr;
import org.rump4j.rump.SysSocket;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * The host's half of {@code sockin}, which gives a kernel without a network of its own the host's: a socket of TCP or UDP of the kernel is
 * one of Java. The driver wants a socket to be shut down before it is closed. Source of the functions: NetBSD's {@code
 * libsockin/sockin_user.h}.
 *
 * <p>Options that are set go to Java where it has them; the others are ignored, as by the C host. Control messages are not passed.
 */
public final class Sockin implements HostHalf {
    private static final String PREFIX = "rumpcomp_sockin_";
    private static final Set<String> NAMES = Set.of(
            "socket", "sendmsg", "recvmsg", "connect", "bind", "accept", "listen", "getname", "setsockopt", "poll");

    /** For every guest. */
    public Sockin() {}

    @Override
    public Set<String> symbols() {
        Set<String> out = new TreeSet<>();
        for (String name : NAMES) {
            out.add(PREFIX + name);
        }
        return out;
    }

    @Override
    public Map<String, HostFunction> functions(Guest guest) {
        Calls c = new Calls(guest);
        Map<String, HostFunction> out = new TreeMap<>();
        out.put(PREFIX + "socket", (domain, type, _, s, _, _, _) -> c.socket((int) domain, (int) type, s));
        out.put(PREFIX + "sendmsg", (s, message, _, sent, _, _, _) -> c.sendmsg((int) s, message, sent));
        out.put(PREFIX + "recvmsg", (s, message, _, got, _, _, _) -> c.recvmsg((int) s, message, got));
        out.put(PREFIX + "connect", (s, name, bytes, _, _, _, _) -> c.connect((int) s, name, (int) bytes));
        out.put(PREFIX + "bind", (s, name, bytes, _, _, _, _) -> c.bind((int) s, name, (int) bytes));
        out.put(PREFIX + "accept", (s, name, bytes, s2, _, _, _) -> c.accept((int) s, name, bytes, s2));
        out.put(PREFIX + "listen", (s, backlog, _, _, _, _, _) -> c.listen((int) s, (int) backlog));
        out.put(PREFIX + "getname", (s, name, bytes, which, _, _, _) -> c.getname((int) s, name, bytes, (int) which));
        out.put(
                PREFIX + "setsockopt",
                (s, level, name, data, bytes, _, _) ->
                        c.setsockopt((int) s, (int) level, (int) name, data, (int) bytes));
        out.put(
                PREFIX + "poll",
                (fds, count, timeout, ready, _, _, _) -> c.poll(fds, (int) count, (int) timeout, ready));
        return out;
    }

    /** Those of one guest. */
    private static final class Calls {
        // struct msghdr, sys/socket.h
        private static final int MSG_NAME = 0;
        private static final int MSG_NAMELEN = 8;
        private static final int MSG_IOV = 16;
        private static final int MSG_IOVLEN = 24;
        private static final int MSG_CONTROLLEN = 40;
        private static final int MSG_FLAGS = 44;
        private static final int IOVEC_BYTES = 16;

        private static final int POLLFD_BYTES = 8;
        private static final int POLLFD_REVENTS = 6;

        private static final int IP_MULTICAST_TTL = 10;
        private static final int IP_MULTICAST_LOOP = 11;
        private static final int IP_ADD_MEMBERSHIP = 12;
        private static final int IP_DROP_MEMBERSHIP = 13;

        /** {@code enum rumpcomp_sockin_getnametype}. */
        private static final int SOCKNAME = 0;

        private final Guest guest;
        private final CMemory memory;

        /** Made with the first socket; guarded by this. */
        private @Nullable Poller poller;

        Calls(Guest guest) {
            this.guest = guest;
            memory = guest.memory();
        }

        /** What the driver's thread waits with. */
        private record Poller(Selector selector) implements Handles.Described {
            @Override
            public void close() {
                try {
                    selector.close();
                } catch (IOException e) {
                    // It is closed all the same.
                }
            }
        }

        private synchronized Selector selector() throws ErrnoException {
            if (poller == null) {
                try {
                    poller = new Poller(Selector.open());
                } catch (IOException e) {
                    throw Errno.EMFILE.exception(e.toString());
                }
                int _ = guest.handles().descriptor(poller);
            }
            return poller.selector;
        }

        private HostSocket get(int s) throws ErrnoException {
            return guest.handles().get(s, HostSocket.class);
        }

        private Sockaddr name(long address, int bytes) {
            return Sockaddr.decode(memory.segment(address, Math.clamp(bytes, 0, Sockaddr.MAX_BYTES)));
        }

        /** Stores an address as far as there is room; gives back how long it is. */
        private int store(Sockaddr name, long address, int room) throws ErrnoException {
            byte[] bytes = name.encode();
            MemorySegment.copy(
                    bytes, 0, memory.segment(address, room), JAVA_BYTE, 0, Math.clamp(room, 0, bytes.length));
            return bytes.length;
        }

        /** What may wait for the host, with the virtual CPU given away. */
        private interface Blocking {
            long call() throws ErrnoException;
        }

        private long unscheduled(Blocking body) throws ErrnoException {
            int nlocks = guest.host().componentUnschedule();
            try {
                return body.call();
            } finally {
                guest.host().componentSchedule(nlocks);
            }
        }

        long socket(int domain, int type, long s) throws ErrnoException {
            memory.putInt(s, guest.handles().descriptor(HostSocket.open(domain, type, selector())));
            return 0;
        }

        long bind(int s, long name, int bytes) throws ErrnoException {
            get(s).bind(name(name, bytes));
            return 0;
        }

        long listen(int s, int backlog) throws ErrnoException {
            get(s).listen(backlog);
            return 0;
        }

        long connect(int s, long name, int bytes) throws ErrnoException {
            HostSocket socket = get(s);
            Sockaddr to = name(name, bytes);
            return unscheduled(() -> {
                socket.connect(to);
                return 0;
            });
        }

        long accept(int s, long name, long bytes, long s2) throws ErrnoException {
            HostSocket got = get(s).accept();
            int fd = guest.handles().descriptor(got);
            memory.putInt(bytes, store(got.peerName(), name, memory.getInt(bytes)));
            memory.putInt(s2, fd);
            return 0;
        }

        long getname(int s, long name, long bytes, int which) throws ErrnoException {
            HostSocket socket = get(s);
            Sockaddr found = which == SOCKNAME ? socket.name() : socket.peerName();
            memory.putInt(bytes, store(found, name, memory.getInt(bytes)));
            return 0;
        }

        /** Gathers first: the host is given one piece, which datagrams need. */
        long sendmsg(int s, long message, long sent) throws ErrnoException {
            HostSocket socket = get(s);
            long name = memory.getLong(message + MSG_NAME);
            Sockaddr to = name == 0 ? null : name(name, memory.getInt(message + MSG_NAMELEN));
            ByteBuffer data = ByteBuffer.allocate(total(message));
            int pieces = memory.getInt(message + MSG_IOVLEN);
            for (int i = 0; i < pieces; i++) {
                ByteBuffer _ = data.put(piece(message, i).asByteBuffer());
            }
            ByteBuffer _ = data.flip();
            memory.putLong(sent, unscheduled(() -> socket.send(data, to)));
            return 0;
        }

        long recvmsg(int s, long message, long got) throws ErrnoException {
            HostSocket socket = get(s);
            ByteBuffer data = ByteBuffer.allocate(total(message));
            @Nullable Sockaddr[] from = new @Nullable Sockaddr[1];
            int count = socket.receive(data, from);
            ByteBuffer _ = data.flip();
            for (int i = 0; data.hasRemaining(); i++) {
                ByteBuffer piece = piece(message, i).asByteBuffer();
                int bytes = Math.min(piece.remaining(), data.remaining());
                ByteBuffer _ = piece.put(data.slice(data.position(), bytes));
                ByteBuffer _ = data.position(data.position() + bytes);
            }
            long name = memory.getLong(message + MSG_NAME);
            if (name != 0 && from[0] != null) {
                int room = memory.getInt(message + MSG_NAMELEN);
                memory.putInt(message + MSG_NAMELEN, store(from[0], name, room));
            }
            memory.putInt(message + MSG_CONTROLLEN, 0);
            memory.putInt(message + MSG_FLAGS, 0);
            memory.putLong(got, count);
            return 0;
        }

        private MemorySegment piece(long message, int number) {
            long iovec = memory.getLong(message + MSG_IOV) + (long) number * IOVEC_BYTES;
            return memory.segment(memory.getLong(iovec), memory.getLong(iovec + Long.BYTES));
        }

        private int total(long message) throws ErrnoException {
            int pieces = memory.getInt(message + MSG_IOVLEN);
            long out = 0;
            for (int i = 0; i < pieces; i++) {
                out += piece(message, i).byteSize();
            }
            if (out > Integer.MAX_VALUE) {
                throw Errno.EMSGSIZE.exception(out + " bytes");
            }
            return (int) out;
        }

        long setsockopt(int s, int level, int name, long data, int bytes) throws ErrnoException {
            HostSocket socket = get(s);
            if (bytes < Integer.BYTES) {
                return 0;
            }
            int value = memory.getInt(data);
            switch (level) {
                case SysSocket.SOL_SOCKET -> setSocketOption(socket, name, value, data, bytes);
                case SysSocket.IPPROTO_TCP -> {
                    if (name == SysSocket.TCP_NODELAY) {
                        socket.setOption(StandardSocketOptions.TCP_NODELAY, value != 0);
                    }
                }
                case SysSocket.IPPROTO_IP -> setIpOption(socket, name, value, data, bytes);
                default -> {}
            }
            return 0;
        }

        private void setSocketOption(HostSocket socket, int name, int value, long data, int bytes)
                throws ErrnoException {
            switch (name) {
                case SysSocket.SO_REUSEADDR -> socket.setOption(StandardSocketOptions.SO_REUSEADDR, value != 0);
                case SysSocket.SO_REUSEPORT -> socket.setOption(StandardSocketOptions.SO_REUSEPORT, value != 0);
                case SysSocket.SO_KEEPALIVE -> socket.setOption(StandardSocketOptions.SO_KEEPALIVE, value != 0);
                case SysSocket.SO_BROADCAST -> socket.setOption(StandardSocketOptions.SO_BROADCAST, value != 0);
                case SysSocket.SO_SNDBUF -> socket.setOption(StandardSocketOptions.SO_SNDBUF, value);
                case SysSocket.SO_RCVBUF -> socket.setOption(StandardSocketOptions.SO_RCVBUF, value);
                case SysSocket.SO_LINGER -> {
                    if (bytes >= 2 * Integer.BYTES) {
                        // Java's −1 is off.
                        socket.setOption(
                                StandardSocketOptions.SO_LINGER, value == 0 ? -1 : memory.getInt(data + Integer.BYTES));
                    }
                }
                default -> {}
            }
        }

        private void setIpOption(HostSocket socket, int name, int value, long data, int bytes) throws ErrnoException {
            switch (name) {
                case SysSocket.IP_TOS -> socket.setOption(StandardSocketOptions.IP_TOS, value);
                case IP_MULTICAST_TTL -> socket.setOption(StandardSocketOptions.IP_MULTICAST_TTL, value);
                case IP_MULTICAST_LOOP -> socket.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, value != 0);
                case IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP -> {
                    if (bytes >= 2 * Integer.BYTES) {
                        // struct ip_mreq, in network order.
                        ByteBuffer request = memory.segment(data, 2L * Integer.BYTES)
                                .asByteBuffer()
                                .order(ByteOrder.BIG_ENDIAN);
                        socket.member(request.getInt(), request.getInt(), name == IP_ADD_MEMBERSHIP);
                    }
                }
                default -> {}
            }
        }

        /** Looks for what can be received, which is all that the driver asks. One thread at a time. */
        long poll(long fds, int count, int timeoutMillis, long ready) throws ErrnoException {
            memory.putInt(ready, (int) unscheduled(() -> {
                try {
                    return poll(selector(), fds, count, timeoutMillis);
                } catch (ClosedSelectorException e) {
                    throw Errno.EBADF.exception("the kernel has exited");
                } catch (IOException e) {
                    throw Errno.EIO.exception(e.toString());
                }
            }));
            return 0;
        }

        private int poll(Selector selector, long fds, int count, int timeoutMillis) throws IOException {
            Map<HostSocket, Long> asked = new HashMap<>();
            for (int i = 0; i < count; i++) {
                long pollfd = fds + (long) i * POLLFD_BYTES;
                memory.putShort(pollfd + POLLFD_REVENTS, (short) 0);
                HostSocket socket = guest.handles().find(memory.getInt(pollfd), HostSocket.class);
                if (socket != null) {
                    asked.put(socket, pollfd);
                }
            }
            for (SelectionKey key : selector.keys()) {
                HostSocket socket = (HostSocket) key.attachment();
                socket.watch(asked.containsKey(socket));
            }
            if (timeoutMillis == 0) {
                int _ = selector.selectNow();
            } else {
                int _ = selector.select(Math.max(0, timeoutMillis));
            }
            int ready = 0;
            for (SelectionKey key : selector.selectedKeys()) {
                Long pollfd = asked.get((HostSocket) key.attachment());
                if (pollfd != null && key.isValid() && key.readyOps() != 0) {
                    memory.putShort(pollfd + POLLFD_REVENTS, (short) Pollfd.POLLIN);
                    ready++;
                }
            }
            selector.selectedKeys().clear();
            return ready;
        }
    }
}
