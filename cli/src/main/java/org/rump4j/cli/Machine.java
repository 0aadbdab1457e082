package org.rump4j.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.ErrnoException;

/**
 * What the commands of a script share, and a single command has for itself: standard streams, a kernel that boots when the first
 * image is wanted, and whether the user wants it all to end.
 */
final class Machine {
    /** Makes the session. */
    @FunctionalInterface
    interface Booter {
        /**
         * Boots.
         *
         * @param console where the kernel's messages go
         * @param images that are going to be used; none where that is not known
         */
        Session boot(Settings settings, Console console, List<String> images) throws ErrnoException, UsageException;
    }

    private final Stdio stdio;
    private final Settings settings;
    private final Booter booter;
    private final Output out;
    private final Output err;
    private @Nullable Session session;
    private @Nullable ErrnoException bootFailure;
    private List<String> images = List.of();
    private volatile boolean stopped;
    private volatile boolean writes;

    /** The thread that waits for somebody outside of the kernel. */
    private volatile @Nullable Thread waiting;

    Machine(Stdio stdio, Settings settings, Booter booter) {
        this.stdio = stdio;
        this.settings = settings;
        this.booter = booter;
        out = new Output(stdio.out(), stdio.outIsTerminal(), stdio.utf8());
        err = new Output(stdio.err(), stdio.errIsTerminal(), stdio.utf8());
    }

    Stdio stdio() {
        return stdio;
    }

    /** Standard output. */
    Output out() {
        return out;
    }

    /** Standard error. */
    Output err() {
        return err;
    }

    /**
     * The kernel with its images.
     *
     * @throws ErrnoException where it cannot be booted
     */
    Session session() throws ErrnoException, UsageException {
        Session booted = session;
        if (bootFailure != null) {
            throw bootFailure;
        }
        if (booted == null) {
            try {
                Console console = new Console(err, settings.verbose() ? Set.of() : Console.CHATTER);
                session = booted = booter.boot(settings, console, images);
            } catch (ErrnoException e) {
                bootFailure = e;
                throw e;
            }
        }
        return booted;
    }

    /** Images that are going to be used, all of them, while there is no session yet. */
    void expect(List<String> expected) {
        images = List.copyOf(expected);
    }

    /** An image is going to be written: whoever is asked to end has to wait for the end. */
    void writes() {
        writes = true;
    }

    /**
     * Lets everything end as soon as it can. By any thread.
     *
     * @return whether there is something to wait for
     */
    boolean stop() {
        stopped = true;
        Thread waits = waiting;
        if (waits != null) {
            waits.interrupt();
        }
        return writes;
    }

    /**
     * To be called between system calls by whatever may take long.
     *
     * @throws StoppedException where everything is to end
     */
    void stopIfAsked() {
        if (stopped) {
            throw new StoppedException();
        }
    }

    /** Reads standard input: gives the bytes that were read, or −1 at the end. */
    int read(ByteBuffer into) throws IOException {
        try {
            waiting = Thread.currentThread();
            stopIfAsked();
            return stdio.in().read(into);
        } catch (ClosedByInterruptException e) {
            stopIfAsked();
            throw e;
        } finally {
            doneWaiting();
        }
    }

    /** Waits for a program of the host. */
    int waitFor(Process process) throws InterruptedException {
        try {
            waiting = Thread.currentThread();
            stopIfAsked();
            return process.waitFor();
        } finally {
            doneWaiting();
        }
    }

    private void doneWaiting() {
        waiting = null;
        if (stopped) {
            // The kernel has nothing to do with it.
            Thread.interrupted();
        }
    }

    /**
     * Ends the kernel.
     *
     * @param failed told what could not be written back
     */
    void close(BiConsumer<Image, ErrnoException> failed) {
        Session ending = session;
        session = null;
        if (ending != null) {
            ending.close(failed);
        }
    }
}
