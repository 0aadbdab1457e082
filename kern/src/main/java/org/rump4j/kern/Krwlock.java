package org.rump4j.kern;

import org.rump4j.rumpuser.RumpRwLock;
import org.rump4j.rumpuser.RumpRwLock.Kind;

/** A reader/writer lock of the kernel ({@code rwlock(9)}). Not recursive, for readers neither. */
public final class Krwlock {
    private final RumpRwLock lock;

    Krwlock(RumpRwLock lock) {
        this.lock = lock;
    }

    /** Takes it for reading. While it waits the virtual CPU is free for others. */
    public void enterRead() {
        lock.enter(Kind.READER);
    }

    /** Takes it for writing. While it waits the virtual CPU is free for others. */
    public void enterWrite() {
        lock.enter(Kind.WRITER);
    }

    /** Takes it for reading if that needs no waiting. */
    public boolean tryEnterRead() {
        return lock.tryenter(Kind.READER);
    }

    /** Takes it for writing if that needs no waiting. */
    public boolean tryEnterWrite() {
        return lock.tryenter(Kind.WRITER);
    }

    /** Makes the only reader the writer; false where there are others. */
    public boolean tryUpgrade() {
        return lock.tryupgrade();
    }

    /** Makes the writer a reader, with no writer in between. */
    public void downgrade() {
        lock.downgrade();
    }

    /** Gives it back. */
    public void exit() {
        lock.exit();
    }

    /** Whether the current lwp holds it for writing. For assertions. */
    public boolean writeHeld() {
        return lock.held(Kind.WRITER);
    }

    /** Whether anybody holds it for reading. For assertions. */
    public boolean readHeld() {
        return lock.held(Kind.READER);
    }

    /** Ends it. It must be free. */
    public void destroy() {
        lock.destroy();
    }
}
