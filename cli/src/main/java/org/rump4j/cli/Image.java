package org.rump4j.cli;

import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.OpaqueLwp;

/** An image that is mounted: what is in it is reached by paths from its root. */
final class Image {
    private final Session session;
    private final String name;
    private final OpaqueLwp lwp;

    /** Made by the session when the image is first used. */
    private final Owners owners = new Owners(this);

    Image(Session session, String name, OpaqueLwp lwp) {
        this.session = session;
        this.name = name;
        this.lwp = lwp;
    }

    /** Name on the host. */
    String name() {
        return name;
    }

    /** The lwp of its process. */
    OpaqueLwp lwp() {
        return lwp;
    }

    /** The system calls, with the root of the image for a root. To be asked for again after another image has been used. */
    Syscalls sys() {
        return session.as(this);
    }

    /** Names of those who own its files. */
    Owners owners() {
        return owners;
    }
}
