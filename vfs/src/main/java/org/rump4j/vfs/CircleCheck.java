package org.rump4j.vfs;

import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Sees that a way up from directory to directory comes to an end, whatever is stored: it remembers one that it has passed, after
 * twice as many steps each time (Brent's method). Not a reference: a number is all that is compared.
 */
final class CircleCheck {
    private int steps;
    private int next = 1;
    private long fileno;
    private long fsid;

    /**
     * The way leads through a directory.
     *
     * @throws ErrnoException EIO where it has been there before
     */
    void step(Vnode dir) throws ErrnoException {
        if (steps > 0 && dir.fileno() == fileno && dir.mount().fsid() == fsid) {
            throw Errno.EIO.exception("the directories above " + dir + " lead in a circle");
        }
        if (++steps == next) {
            next *= 2;
            fileno = dir.fileno();
            fsid = dir.mount().fsid();
        }
    }
}
