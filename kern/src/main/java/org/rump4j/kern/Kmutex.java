package org.rump4j.kern;

import org.rump4j.rumpuser.CurlwpCalls;
import org.rump4j.rumpuser.RumpMutex;

/** A mutual exclusion lock of the kernel ({@code mutex(9)}). Not recursive. */
public final class Kmutex {
    final RumpMutex mutex;
    private final CurlwpCalls host;

    Kmutex(CurlwpCalls host, RumpMutex mutex) {
        this.host = host;
        this.mutex = mutex;
    }

    /** Takes it. While it waits the virtual CPU is free for others, unless this is a spin mutex. */
    public void enter() {
        mutex.enter();
    }

    /** Takes it if it is free. */
    public boolean tryEnter() {
        return mutex.tryenter();
    }

    /** Gives it back. */
    public void exit() {
        mutex.exit();
    }

    /** Whether the current lwp holds it. For assertions. */
    public boolean owned() {
        return mutex.owner() == host.curlwp();
    }

    /** Ends it. It must be free. */
    public void destroy() {
        mutex.destroy();
    }
}
