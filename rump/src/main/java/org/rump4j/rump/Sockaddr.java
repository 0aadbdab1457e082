package org.rump4j.rump;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * The address of a socket ({@code struct sockaddr}). In memory it begins with its length and its family, a byte each. Sources: NetBSD's
 * {@code sys/socket.h}, {@code netinet/in.h}, {@code netinet6/in6.h} and {@code sys/un.h}.
 */
public sealed interface Sockaddr {
    /** The most that a length says. */
    int MAX_BYTES = 255;

    /** How many bytes come before what the family says. */
    int HEADER_BYTES = 2;

    /** One of the AF_ constants of {@link SysSocket}, or of those that are not there. */
    int family();

    /**
     * As the kernel has it.
     *
     * @throws ErrnoException EINVAL where it is too long; EILSEQ for a name that none is
     */
    byte[] encode() throws ErrnoException;

    /**
     * The one that some bytes are. What its family needs and is not there counts as zeros.
     *
     * @param bytes as the kernel has them
     */
    static Sockaddr decode(MemorySegment bytes) {
        if (bytes.byteSize() < HEADER_BYTES) {
            return new Other(SysSocket.AF_UNSPEC, new byte[0]);
        }
        int family = Byte.toUnsignedInt(bytes.get(JAVA_BYTE, 1));
        byte[] rest = bytes.asSlice(HEADER_BYTES).toArray(JAVA_BYTE);
        return switch (family) {
            case SysSocket.AF_INET -> {
                ByteBuffer b = ByteBuffer.wrap(Arrays.copyOf(rest, Inet.BYTES - HEADER_BYTES));
                yield new Inet(b.getInt(Inet.ADDRESS - HEADER_BYTES), Short.toUnsignedInt(b.getShort(0)));
            }
            case SysSocket.AF_INET6 -> {
                ByteBuffer b = ByteBuffer.wrap(Arrays.copyOf(rest, Inet6.BYTES - HEADER_BYTES));
                int port = Short.toUnsignedInt(b.getShort(0));
                int flowinfo = b.getInt(Inet6.FLOWINFO - HEADER_BYTES);
                long high = b.getLong(Inet6.ADDRESS - HEADER_BYTES);
                long low = b.getLong(Inet6.ADDRESS - HEADER_BYTES + Long.BYTES);
                int scope = b.order(ByteOrder.nativeOrder()).getInt(Inet6.SCOPE - HEADER_BYTES);
                yield new Inet6(high, low, port, flowinfo, scope);
            }
            case SysSocket.AF_LOCAL -> {
                int length = 0;
                while (length < rest.length && rest[length] != 0) {
                    length++;
                }
                yield new Local(PathCodec.decode(Arrays.copyOf(rest, length)));
            }
            default -> new Other(family, rest);
        };
    }

    /** Length and family. */
    private static ByteBuffer begun(byte[] in, int family) {
        return ByteBuffer.wrap(in).put(0, (byte) in.length).put(1, (byte) family);
    }

    /**
     * Of the internet protocol, version 4 ({@code struct sockaddr_in}).
     *
     * @param address its first byte is the highest
     * @param port 0 to 65535
     */
    record Inet(int address, int port) implements Sockaddr {
        private static final int BYTES = 16;
        private static final int ADDRESS = 4;

        /** Any address of the kernel, and a port. */
        public static Inet any(int port) {
            return new Inet(0, port);
        }

        /**
         * One that is written down.
         *
         * @param address such as {@code 10.0.0.1}
         * @throws IllegalArgumentException where that is none
         */
        public static Inet of(String address, int port) {
            if (InetAddress.ofLiteral(address) instanceof Inet4Address four) {
                return new Inet(ByteBuffer.wrap(four.getAddress()).getInt(), port);
            }
            throw new IllegalArgumentException(address + " is no address of version 4");
        }

        @Override
        public int family() {
            return SysSocket.AF_INET;
        }

        @Override
        public byte[] encode() {
            byte[] bytes = new byte[BYTES];
            ByteBuffer out = begun(bytes, family());
            out.putShort(HEADER_BYTES, (short) port);
            out.putInt(ADDRESS, address);
            return bytes;
        }

        @Override
        public String toString() {
            return (address >>> 24) + "." + (address >>> 16 & 0xff) + "." + (address >>> 8 & 0xff) + "."
                    + (address & 0xff) + ":" + port;
        }
    }

    /**
     * Of the internet protocol, version 6 ({@code struct sockaddr_in6}).
     *
     * @param high the first eight bytes of the address
     * @param low the others
     * @param port 0 to 65535
     * @param flowinfo traffic class and flow label
     * @param scopeId number of the interface, for an address that only means something there; otherwise 0
     */
    record Inet6(long high, long low, int port, int flowinfo, int scopeId) implements Sockaddr {
        private static final int BYTES = 28;
        private static final int FLOWINFO = 4;
        private static final int ADDRESS = 8;
        private static final int SCOPE = 24;

        /** Any address of the kernel, and a port. */
        public static Inet6 any(int port) {
            return new Inet6(0, 0, port, 0, 0);
        }

        /**
         * One that is written down.
         *
         * @param address such as {@code fd00::1}
         * @throws IllegalArgumentException where that is none
         */
        public static Inet6 of(String address, int port) {
            if (InetAddress.ofLiteral(address) instanceof Inet6Address six) {
                ByteBuffer b = ByteBuffer.wrap(six.getAddress());
                return new Inet6(b.getLong(), b.getLong(), port, 0, six.getScopeId());
            }
            throw new IllegalArgumentException(address + " is no address of version 6");
        }

        @Override
        public int family() {
            return SysSocket.AF_INET6;
        }

        @Override
        public byte[] encode() {
            byte[] bytes = new byte[BYTES];
            ByteBuffer out = begun(bytes, family());
            out.putShort(HEADER_BYTES, (short) port);
            out.putInt(FLOWINFO, flowinfo);
            out.putLong(ADDRESS, high);
            out.putLong(ADDRESS + Long.BYTES, low);
            out.order(ByteOrder.nativeOrder()).putInt(SCOPE, scopeId);
            return bytes;
        }

        @Override
        public String toString() {
            byte[] bytes = ByteBuffer.allocate(2 * Long.BYTES)
                    .putLong(high)
                    .putLong(low)
                    .array();
            try {
                return "[" + Inet6Address.getByAddress(null, bytes, -1).getHostAddress()
                        + (scopeId == 0 ? "" : "%" + scopeId) + "]:" + port;
            } catch (UnknownHostException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /**
     * A name among files ({@code struct sockaddr_un}).
     *
     * @param path empty for a socket without a name
     */
    record Local(String path) implements Sockaddr {
        @Override
        public int family() {
            return SysSocket.AF_LOCAL;
        }

        @Override
        public byte[] encode() throws ErrnoException {
            return encoded(family(), PathCodec.encode(path), 1);
        }

        @Override
        public String toString() {
            return path;
        }
    }

    /** Of any other family. */
    final class Other implements Sockaddr {
        private final int family;
        private final byte[] data;

        /**
         * One.
         *
         * @param family the number of it
         * @param data what is behind length and family
         */
        public Other(int family, byte[] data) {
            this.family = family;
            this.data = data.clone();
        }

        @Override
        public int family() {
            return family;
        }

        /** What is behind length and family. */
        public byte[] data() {
            return data.clone();
        }

        @Override
        public byte[] encode() throws ErrnoException {
            return encoded(family, data, 0);
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof Other other && other.family == family && Arrays.equals(other.data, data);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(data) + family;
        }

        @Override
        public String toString() {
            return "family " + family + ", " + HexFormat.of().formatHex(data);
        }
    }

    private static byte[] encoded(int family, byte[] data, int zeros) throws ErrnoException {
        int bytes = HEADER_BYTES + data.length + zeros;
        if (bytes > MAX_BYTES) {
            throw Errno.EINVAL.exception("an address of " + bytes + " bytes");
        }
        byte[] out = new byte[bytes];
        ByteBuffer _ = begun(out, family).put(HEADER_BYTES, data);
        return out;
    }
}
