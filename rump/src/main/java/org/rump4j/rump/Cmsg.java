package org.rump4j.rump;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A control message, which goes along with data ({@code struct cmsghdr}). Source: NetBSD's {@code sys/socket.h}. */
public final class Cmsg {
    /** {@link SysSocket#SOL_SOCKET}: descriptors, ints. They are the receiver's own afterwards. */
    public static final int SCM_RIGHTS = 0x01;
    /** {@link SysSocket#SOL_SOCKET}: when it was received, a {@code struct timeval}. */
    public static final int SCM_TIMESTAMP = 0x08;
    /** {@link SysSocket#SOL_SOCKET}: who sent it, a {@code struct sockcred}. */
    public static final int SCM_CREDS = 0x10;

    private static final int LENGTH = 0;
    private static final int LEVEL = 4;
    private static final int TYPE = 8;
    private static final int DATA = 16;
    private static final int ALIGN = 8;

    private final int level;
    private final int type;
    private final byte[] data;

    /**
     * A message.
     *
     * @param level SOL_SOCKET of {@link SysSocket}, or a protocol
     * @param type of the level's
     * @param data without the header
     */
    public Cmsg(int level, int type, byte[] data) {
        this.level = level;
        this.type = type;
        this.data = data.clone();
    }

    /** SOL_SOCKET of {@link SysSocket}, or a protocol. */
    public int level() {
        return level;
    }

    /** One of the level's. */
    public int type() {
        return type;
    }

    /** What it says, without the header. */
    public byte[] data() {
        return data.clone();
    }

    /** Descriptors to be passed. */
    public static Cmsg rights(int... fds) {
        byte[] data = new byte[fds.length * Integer.BYTES];
        MemorySegment.ofArray(data).copyFrom(MemorySegment.ofArray(fds));
        return new Cmsg(SysSocket.SOL_SOCKET, SCM_RIGHTS, data);
    }

    /** The data as ints. */
    public int[] ints() {
        int[] out = new int[data.length / Integer.BYTES];
        MemorySegment.copy(
                MemorySegment.ofArray(data),
                JAVA_INT_UNALIGNED,
                0,
                MemorySegment.ofArray(out),
                JAVA_INT_UNALIGNED,
                0,
                out.length);
        return out;
    }

    /** How much room data of so many bytes takes ({@code CMSG_SPACE}). */
    public static int space(int dataBytes) {
        return DATA + align(dataBytes);
    }

    private static int align(int bytes) {
        return (bytes + ALIGN - 1) & -ALIGN;
    }

    /** Several, one after the other, as the kernel has them. */
    public static byte[] encode(List<Cmsg> messages) {
        int bytes = 0;
        for (Cmsg message : messages) {
            bytes += space(message.data.length);
        }
        byte[] out = new byte[bytes];
        MemorySegment segment = MemorySegment.ofArray(out);
        int at = 0;
        for (Cmsg message : messages) {
            segment.set(JAVA_INT_UNALIGNED, at + LENGTH, DATA + message.data.length);
            segment.set(JAVA_INT_UNALIGNED, at + LEVEL, message.level);
            segment.set(JAVA_INT_UNALIGNED, at + TYPE, message.type);
            System.arraycopy(message.data, 0, out, at + DATA, message.data.length);
            at += space(message.data.length);
        }
        return out;
    }

    /** Those that some bytes are. One that is cut off is left away. */
    public static List<Cmsg> decode(MemorySegment bytes) {
        List<Cmsg> out = new ArrayList<>();
        long at = 0;
        while (at + DATA <= bytes.byteSize()) {
            int length = bytes.get(JAVA_INT_UNALIGNED, at + LENGTH);
            if (length < DATA || length > bytes.byteSize() - at) {
                break;
            }
            byte[] data = bytes.asSlice(at + DATA, length - (long) DATA).toArray(JAVA_BYTE);
            out.add(new Cmsg(
                    bytes.get(JAVA_INT_UNALIGNED, at + LEVEL), bytes.get(JAVA_INT_UNALIGNED, at + TYPE), data));
            at += space(data.length);
        }
        return out;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Cmsg other && other.level == level && other.type == type && Arrays.equals(other.data, data);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Arrays.hashCode(data) + level) + type;
    }
}
