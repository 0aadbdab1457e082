package org.rump4j.netbsd.net;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A port whose frames come from other ports in the JVM. */
abstract class QueuedPort implements Link.Port {
    /** What is on its way here. */
    final FrameQueue arriving = new FrameQueue();

    @Override
    public final @Nullable MemorySegment poll() {
        return arriving.poll();
    }

    @Override
    public final @Nullable MemorySegment take() {
        return arriving.take();
    }
}
