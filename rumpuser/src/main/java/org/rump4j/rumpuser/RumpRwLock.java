package org.rump4j.rumpuser;

/** A reader/writer lock of the host. It is not recursive, for readers neither: a writer that waits keeps new readers out. */
public interface RumpRwLock {
    /** How it is held. The order is that of the numbers in {@code rumpuser.h}. */
    enum Kind {
        READER,
        WRITER
    }

    /** Takes it. Unschedules when contended. */
    void enter(Kind kind);

    /**
     * Takes it if that needs no waiting. Does not unschedule.
     *
     * @return false where it does ({@code EBUSY})
     */
    boolean tryenter(Kind kind);

    /**
     * Makes the caller, a reader, the writer if it is the only reader. Does not unschedule.
     *
     * @return false where it is not ({@code EBUSY}): it is a reader still
     */
    boolean tryupgrade();

    /** Makes the caller, the writer, a reader; no other writer comes in between. Unschedules once at the most. */
    void downgrade();

    /** Gives it back, however it is held. Does not unschedule. */
    void exit();

    /** WRITER: whether the calling lwp holds it for writing. READER: whether anybody holds it for reading. Does not unschedule. */
    boolean held(Kind kind);

    /** Ends it. It must be free. Does not unschedule. */
    void destroy();
}
