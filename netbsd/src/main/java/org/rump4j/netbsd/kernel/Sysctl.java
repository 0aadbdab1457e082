package org.rump4j.netbsd.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rump4j.rump.SysctlValue;
import org.rump4j.rump.Sysno;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** The sysctl tree by names: the kernel knows numbers, and tells which name has which. Source: sysctl(3), sysctl(9), {@code sys/sysctl.h}. */
final class Sysctl {
    /** Asks for the nodes below. */
    private static final int CTL_QUERY = -2;

    /** How a query says which layout of nodes it understands. */
    private static final int SYSCTL_VERSION = 0x01000000;

    private static final int CTLTYPE_MASK = 0xf;
    private static final int CTLTYPE_NODE = 1;
    private static final int CTLTYPE_INT = 2;
    private static final int CTLTYPE_STRING = 3;
    private static final int CTLTYPE_QUAD = 4;
    private static final int CTLTYPE_BOOL = 6;

    // struct sysctlnode
    private static final int NODE_BYTES = 96;
    private static final int NODE_FLAGS = 0;
    private static final int NODE_NUM = 4;
    private static final int NODE_NAME = 8;
    private static final int NAME_BYTES = 32;

    private final NetbsdKernel kernel;

    Sysctl(NetbsdKernel kernel) {
        this.kernel = kernel;
    }

    private record Node(int number, String name, int type) {}

    /** A node and the numbers that lead to it. */
    private static final class Found {
        final int[] path;
        final int type;

        Found(int[] path, int type) {
            this.path = path;
            this.type = type;
        }
    }

    private Found find(String name) throws ErrnoException {
        Found at = new Found(new int[0], CTLTYPE_NODE);
        if (name.isEmpty()) {
            return at;
        }
        for (String part : name.split("\\.", -1)) {
            if (at.type != CTLTYPE_NODE) {
                throw Errno.ENOENT.exception(name);
            }
            Node next = null;
            for (Node node : below(at.path)) {
                if (node.name.equals(part)) {
                    next = node;
                }
            }
            if (next == null) {
                throw Errno.ENOENT.exception(name);
            }
            int[] path = Arrays.copyOf(at.path, at.path.length + 1);
            path[at.path.length] = next.number;
            at = new Found(path, next.type);
        }
        return at;
    }

    private List<Node> below(int[] path) throws ErrnoException {
        int[] query = Arrays.copyOf(path, path.length + 1);
        query[path.length] = CTL_QUERY;
        try (Frame f = kernel.frame()) {
            MemorySegment wanted = f.room(NODE_BYTES);
            wanted.set(JAVA_INT, NODE_FLAGS, SYSCTL_VERSION);
            MemorySegment got = call(f, query, wanted);
            List<Node> out = new ArrayList<>();
            for (long at = 0; at + NODE_BYTES <= got.byteSize(); at += NODE_BYTES) {
                out.add(new Node(
                        got.get(JAVA_INT, at + NODE_NUM),
                        Layouts.name(got, at + NODE_NAME, NAME_BYTES),
                        got.get(JAVA_INT, at + NODE_FLAGS) & CTLTYPE_MASK));
            }
            return out;
        }
    }

    /** What a node has, which may become more between two calls. */
    private static MemorySegment call(Frame f, int[] path, MemorySegment newValue) throws ErrnoException {
        MemorySegment name = f.room(path.length * (long) Integer.BYTES);
        MemorySegment.copy(path, 0, name, JAVA_INT, 0, path.length);
        MemorySegment length = f.room(Long.BYTES);
        long newAddress = newValue.byteSize() == 0 ? 0 : newValue.address();
        while (true) {
            long _ = f.call(
                    Sysno.SYSCTL, name.address(), path.length, 0, length.address(), newAddress, newValue.byteSize());
            long bytes = length.get(JAVA_LONG, 0);
            MemorySegment room = f.room(Math.max(1, bytes));
            try {
                long _ = f.call(
                        Sysno.SYSCTL,
                        name.address(),
                        path.length,
                        room.address(),
                        length.address(),
                        newAddress,
                        newValue.byteSize());
                return room.asSlice(0, Math.min(bytes, length.get(JAVA_LONG, 0)));
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENOMEM) {
                    throw e;
                }
            }
        }
    }

    SysctlValue get(String name) throws ErrnoException {
        Found node = find(name);
        if (node.type == CTLTYPE_NODE) {
            throw Errno.EISDIR.exception(name);
        }
        try (Frame f = kernel.frame()) {
            MemorySegment value = call(f, node.path, MemorySegment.NULL);
            return switch (node.type) {
                case CTLTYPE_INT -> new SysctlValue.Int(value.get(JAVA_INT, 0));
                case CTLTYPE_QUAD -> new SysctlValue.Quad(value.get(JAVA_LONG, 0));
                case CTLTYPE_BOOL -> new SysctlValue.Int(value.get(JAVA_BYTE, 0));
                case CTLTYPE_STRING -> new SysctlValue.Text(Layouts.name(value, 0, (int) value.byteSize()));
                default -> throw Errno.EOPNOTSUPP.exception(name + " is a structure");
            };
        }
    }

    void set(String name, SysctlValue value) throws ErrnoException {
        Found node = find(name);
        if (node.type == CTLTYPE_NODE) {
            throw Errno.EISDIR.exception(name);
        }
        try (Frame f = kernel.frame()) {
            MemorySegment path = f.room(node.path.length * (long) Integer.BYTES);
            MemorySegment.copy(node.path, 0, path, JAVA_INT, 0, node.path.length);
            MemorySegment bytes = encode(f, name, node.type, value);
            long _ = f.call(Sysno.SYSCTL, path.address(), node.path.length, 0, 0, bytes.address(), bytes.byteSize());
        }
    }

    private static MemorySegment encode(Frame f, String name, int type, SysctlValue value) throws ErrnoException {
        if (value instanceof SysctlValue.Int v && type == CTLTYPE_INT) {
            MemorySegment out = f.room(Integer.BYTES);
            out.set(JAVA_INT, 0, v.value());
            return out;
        }
        if (value instanceof SysctlValue.Int v && type == CTLTYPE_BOOL) {
            MemorySegment out = f.room(1);
            out.set(JAVA_BYTE, 0, (byte) (v.value() == 0 ? 0 : 1));
            return out;
        }
        if (value instanceof SysctlValue.Quad v && type == CTLTYPE_QUAD) {
            MemorySegment out = f.room(Long.BYTES);
            out.set(JAVA_LONG, 0, v.value());
            return out;
        }
        if (value instanceof SysctlValue.Text v && type == CTLTYPE_STRING) {
            byte[] text = v.value().getBytes(StandardCharsets.UTF_8);
            MemorySegment out = f.room(text.length + 1L);
            MemorySegment.copy(text, 0, out, JAVA_BYTE, 0, text.length);
            return out;
        }
        throw Errno.EINVAL.exception(name + " is of another type");
    }

    List<String> children(String name) throws ErrnoException {
        Found node = find(name);
        if (node.type != CTLTYPE_NODE) {
            throw Errno.ENOTDIR.exception(name);
        }
        List<String> out = new ArrayList<>();
        for (Node below : below(node.path)) {
            out.add(below.name);
        }
        return out;
    }
}
