package org.rump4j.vfs;

import org.rump4j.kern.Kcondvar;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Kmutex;

/**
 * Transfers of a device that have been started and are not over. Whoever closes the device waits for them here, and none is started
 * afterwards: a request must not reach a descriptor of the host that is somebody else's by then.
 */
final class Transfers {
    /** Guards what follows. A leaf. */
    private final Kmutex lock;

    private final Kcondvar over;
    private int underWay;
    private boolean closed;

    Transfers(Kernel kernel) {
        lock = kernel.mutex();
        over = kernel.condvar();
    }

    /** One is going to be started, and to {@link #end}. False where the device is closed: then it must not be. */
    boolean begin() {
        lock.enter();
        boolean may = !closed;
        if (may) {
            underWay++;
        }
        lock.exit();
        return may;
    }

    /** One is over: whoever asked for it has been told. */
    void end() {
        lock.enter();
        if (--underWay == 0 && closed) {
            over.broadcast();
        }
        lock.exit();
    }

    /** None is under way when this returns, nor is one started from now on. */
    void close() {
        lock.enter();
        closed = true;
        while (underWay > 0) {
            over.await(lock);
        }
        lock.exit();
    }
}
