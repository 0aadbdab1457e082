package org.rump4j.netbsd.net;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.ErrnoException;

/** What an Ethernet interface of a kernel can be connected to. */
public interface Link {
    /** The longest frame: a jumbo one. Longer ones are lost. */
    int MAX_FRAME_BYTES = 9018;

    /** The shortest: addresses and type. Shorter ones are lost. */
    int HEADER_BYTES = 14;

    /**
     * Connects an interface.
     *
     * @throws ErrnoException EBUSY where there is no room for another; what the host says
     */
    Port attach() throws ErrnoException;

    /** Where an interface is connected. Any thread may send; one at a time receives. */
    interface Port extends AutoCloseable {
        /**
         * Sends a frame, without its check sequence, in one piece or several. It may be lost on the way, as on any Ethernet. Does not wait
         * for whoever receives.
         */
        void send(MemorySegment... frame);

        /** As {@link #take}; null, too, where none has come yet. */
        @Nullable
        MemorySegment poll();

        /**
         * Waits for a frame.
         *
         * @return native memory that is good until the next call of this or {@link #poll}; null once the port is closed
         */
        @Nullable
        MemorySegment take();

        /** Disconnects. Whoever waits for a frame comes out. */
        @Override
        void close();
    }
}
