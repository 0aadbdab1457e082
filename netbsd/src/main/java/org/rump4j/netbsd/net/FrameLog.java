package org.rump4j.netbsd.net;

import java.lang.foreign.MemorySegment;

/** Is told of frames that pass. Any thread may call. */
@FunctionalInterface
public interface FrameLog {
    /** Does nothing. */
    FrameLog NONE = frame -> {};

    /** A frame passes, in one piece or several, without its check sequence. */
    void frame(MemorySegment... frame);
}
