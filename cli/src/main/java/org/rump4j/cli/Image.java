package org.rump4j.cli;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.OpaqueLwp;

/** An image that is mounted: what is in it is reached by paths from its root. */
final class Image {
    private final Session session;
    private final String name;
    private final OpaqueLwp lwp;
    private final Place place;

    /**
     * Where it is.
     *
     * @param directory that it is mounted on
     * @param device that it is for the kernel
     * @param lock that keeps others from writing it, or null where it is not written itself
     */
    record Place(String directory, String device, @Nullable ImageLock lock) {}

    /** Made by the session when the image is first used. */
    private final Owners owners = new Owners(this);

    Image(Session session, String name, OpaqueLwp lwp, Place place) {
        this.session = session;
        this.name = name;
        this.lwp = lwp;
        this.place = place;
    }

    /** Name on the host. */
    String name() {
        return name;
    }

    /** Where it is mounted. */
    Place place() {
        return place;
    }

    /** Whether it is mounted for writing. */
    boolean isWritten() {
        return place.lock != null;
    }

    /** The lwp of its process. */
    OpaqueLwp lwp() {
        return lwp;
    }

    /** The system calls, with the root of the image for a root. To be asked for again after another image has been used. */
    Syscalls sys() {
        return session.as(this);
    }

    /** Writes all of a buffer where a descriptor is. */
    void write(int fd, ByteBuffer buffer) throws ErrnoException {
        MemorySegment bytes = MemorySegment.ofBuffer(buffer);
        for (long done = 0; done < bytes.byteSize(); ) {
            done += sys().write(fd, bytes.asSlice(done));
        }
        buffer.position(buffer.limit());
    }

    /** Names of those who own its files. */
    Owners owners() {
        return owners;
    }
}
