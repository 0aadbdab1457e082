package org.rump4j.kern;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Pollfd;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** {@code poll(2)}. */
final class PollCalls {
    /** More than this, and more than the process has, are too many, as on NetBSD. */
    private static final int SPARE_FDS = 1000;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Kernel kernel;

    PollCalls(Kernel kernel) {
        this.kernel = kernel;
    }

    int[] poll(Lwp l, int timeoutMillis, Pollfd[] given) throws ErrnoException {
        Pollfd[] fds = given.clone();
        for (Pollfd fd : fds) {
            if (fd == null) {
                throw Errno.EFAULT.exception("null");
            }
        }
        if (timeoutMillis < Pollfd.INFTIM) {
            throw Errno.EINVAL.exception("timeout " + timeoutMillis);
        }
        if (fds.length > SPARE_FDS + l.proc().files().highest() + 1) {
            throw Errno.EINVAL.exception(fds.length + " descriptors");
        }
        int[] revents = new int[fds.length];
        if (scan(l, fds, revents, null) || timeoutMillis == 0) {
            return revents;
        }
        long deadline = kernel.clock().uptimeNanos() + timeoutMillis * NANOS_PER_MILLI;
        Poller poller = new Poller(kernel);
        try {
            while (!scan(l, fds, revents, poller)) {
                if (timeoutMillis == Pollfd.INFTIM) {
                    poller.await();
                } else if (!poller.await(deadline)) {
                    break;
                }
            }
            return revents;
        } finally {
            poller.forgetAll();
        }
    }

    /** Looks at each descriptor, which may refer to another file each time. Whether there is anything to tell. */
    private static boolean scan(Lwp l, Pollfd[] fds, int[] revents, @Nullable Poller poller) {
        Arrays.setAll(revents, i -> fds[i].fd() < 0 ? 0 : scan(l, fds[i], poller));
        return Arrays.stream(revents).anyMatch(events -> events != 0);
    }

    private static int scan(Lwp l, Pollfd pollfd, @Nullable Poller poller) {
        OpenFile file;
        try {
            file = l.proc().files().get(pollfd.fd());
        } catch (ErrnoException e) {
            return Pollfd.POLLNVAL;
        }
        try {
            Selinfo selinfo = file.ops().selinfo(l, file);
            if (poller != null && selinfo != null) {
                poller.record(selinfo);
            }
            return file.ops().poll(l, file, pollfd.events());
        } finally {
            file.release(l);
        }
    }
}
