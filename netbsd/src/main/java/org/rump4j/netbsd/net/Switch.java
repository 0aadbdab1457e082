package org.rump4j.netbsd.net;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A switch in the JVM that joins any number of interfaces. It learns by the senders of frames which addresses are behind which port; a
 * frame for anybody else goes to all ports but its own. Source: IEEE 802.1D, "Principles of operation".
 */
public final class Switch implements Link {
    /** More addresses than these are not learned: frames for them go to everybody. */
    private static final int MAX_LEARNED = 4096;

    private static final int ADDRESS_BYTES = 6;

    /** In the first byte of an address: it is that of a group. */
    private static final long GROUP = 1L << (8 * (ADDRESS_BYTES - 1));

    private final List<End> ports = new CopyOnWriteArrayList<>();
    private final Map<Long, End> learned = new ConcurrentHashMap<>();
    private final FrameLog log;

    /** One that nobody looks at. */
    public Switch() {
        this(FrameLog.NONE);
    }

    /** One whose frames are written down. */
    public Switch(FrameLog log) {
        this.log = log;
    }

    @Override
    public Port attach() {
        End port = new End();
        ports.add(port);
        return port;
    }

    private void forward(End from, MemorySegment[] frame) {
        long to = address(frame, 0);
        long sender = address(frame, ADDRESS_BYTES);
        if (to < 0 || sender < 0) {
            return;
        }
        log.frame(frame);
        if ((sender & GROUP) == 0 && learned.get(sender) != from && learned.size() < MAX_LEARNED) {
            learned.put(sender, from);
        }
        End known = (to & GROUP) != 0 ? null : learned.get(to);
        if (known != null) {
            if (known != from) {
                boolean _ = known.arriving.put(frame);
            }
            return;
        }
        for (End port : ports) {
            if (port != from) {
                boolean _ = port.arriving.put(frame);
            }
        }
    }

    /** Six bytes of a frame; −1 where it has not that many. */
    private static long address(MemorySegment[] frame, int offset) {
        long out = 0;
        int got = 0;
        long at = offset;
        for (MemorySegment piece : frame) {
            while (at < piece.byteSize() && got < ADDRESS_BYTES) {
                out = out << Byte.SIZE | Byte.toUnsignedInt(piece.get(JAVA_BYTE, at));
                at++;
                got++;
            }
            if (got == ADDRESS_BYTES) {
                return out;
            }
            at -= piece.byteSize();
        }
        return -1;
    }

    private final class End extends QueuedPort {
        @Override
        public void send(MemorySegment... frame) {
            forward(this, frame);
        }

        @Override
        public void close() {
            arriving.close();
            ports.remove(this);
            learned.values().removeIf(port -> port == this);
        }
    }
}
