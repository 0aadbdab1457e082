package org.rump4j.netbsd.net;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** A cable in the JVM between two interfaces, of kernels or of one. */
public final class Wire implements Link {
    private static final int ENDS = 2;

    private final AtomicReferenceArray<@Nullable End> ends = new AtomicReferenceArray<>(ENDS);
    private final FrameLog log;

    /** One that nobody looks at. */
    public Wire() {
        this(FrameLog.NONE);
    }

    /** One whose frames are written down. */
    public Wire(FrameLog log) {
        this.log = log;
    }

    @Override
    public Port attach() throws ErrnoException {
        for (int i = 0; i < ENDS; i++) {
            End end = new End(i);
            if (ends.compareAndSet(i, null, end)) {
                return end;
            }
        }
        throw Errno.EBUSY.exception("both ends of the wire are connected");
    }

    private final class End extends QueuedPort {
        private final int number;

        End(int number) {
            this.number = number;
        }

        @Override
        public void send(MemorySegment... frame) {
            log.frame(frame);
            End other = ends.get(ENDS - 1 - number);
            if (other != null) {
                boolean _ = other.arriving.put(frame);
            }
        }

        @Override
        public void close() {
            arriving.close();
            boolean _ = ends.compareAndSet(number, this, null);
        }
    }
}
