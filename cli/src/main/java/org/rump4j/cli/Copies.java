package org.rump4j.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Copies that are being made: what is the same wherever they come from. */
final class Copies {
    private static final int OWNER_ALL = 0700;
    private static final int OWNER_READ_WRITE = 0600;

    /**
     * How to copy.
     *
     * @param preserve whether copies get owners, permissions and times of the originals
     * @param links whether files that have several names in a tree have them in the copy, too
     * @param force whether what cannot be written over is removed
     * @param keep whether what is there already stays
     */
    record How(boolean preserve, boolean links, boolean force, boolean keep) {}

    private final Run run;
    private final Target target;
    private final How how;
    private final Progress progress;

    /** Where files with several names have gone, by device and number. */
    private final Map<Long, Map<Long, String>> known = new HashMap<>();

    /** What has gone wrong with a copy, not with the original, and what that is called. */
    private @Nullable ErrnoException wrong;

    private String wrongWith = "";
    private int failures;

    private boolean allOrNothing;
    private @Nullable Timespec latest;

    Copies(Run run, Target target, How how, Progress progress) {
        this.run = run;
        this.target = target;
        this.how = how;
        this.progress = progress;
    }

    /**
     * Everything is to be copied, or nothing is of use: what cannot be copied ends the command. Sockets do not count. No time of a copy is
     * later than one.
     *
     * @param latest the time, which access times are not taken into account for then; or null
     */
    void allOrNothing(@Nullable Timespec latest) {
        allOrNothing = true;
        this.latest = latest;
    }

    /** So many bytes more are done. */
    void add(long bytes) throws IOException {
        run.stopIfAsked();
        progress.add(bytes);
    }

    /**
     * Begins a copy.
     *
     * @return whether it is to be made
     */
    boolean begin(String from, String to, Stat st) throws IOException, ErrnoException {
        if (how.keep && !st.isDirectory() && target.stat(to) != null) {
            return false;
        }
        if (allOrNothing && (st.mode() & SysStat.S_IFMT) == SysStat.S_IFSOCK) {
            progress.hide();
            run.say(run.err().shown(from) + ": a socket, left out");
            return false;
        }
        if (run.settings().tells()) {
            progress.hide();
            run.out().name(from).print(" -> ").name(target.text(to)).println();
        }
        return true;
    }

    /** Makes a directory. */
    void directory(String to, Stat st, boolean throughLinks) throws ErrnoException {
        blaming(to, () -> target.directory(to, st.mode() & 0777, throughLinks));
    }

    /** Nothing goes into a directory any more: it gets its times and permissions. */
    void leave(String to, Stat st) throws ErrnoException {
        try {
            if (how.preserve) {
                blaming(to, () -> target.attributes(to, dated(st)));
            } else if ((st.mode() & OWNER_ALL) != OWNER_ALL) {
                blaming(to, () -> target.restrict(to, st));
            }
        } finally {
            target.settle(to);
        }
    }

    /** Gives a file that has been copied under another name this one, and says whether it has. */
    boolean linked(String to, Stat st) throws ErrnoException {
        if (!how.links || st.nlink() < 2) {
            return false;
        }
        String before = known.computeIfAbsent(st.dev(), _ -> new HashMap<>()).putIfAbsent(st.ino(), to);
        if (before == null) {
            return false;
        }
        try {
            blaming(to, () -> target.link(to, before));
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENAMETOOLONG || e.errno() == Errno.EMLINK) {
                return false;
            }
            throw e;
        }
    }

    /** Opens a file. */
    Target.Sink file(String to, Stat st, boolean throughLinks) throws ErrnoException {
        // Times are set before permissions are, which may be none at all.
        int mode = (st.mode() & 0777) | (how.preserve ? OWNER_READ_WRITE : 0);
        try {
            return new Blamed(to, target.file(to, mode, throughLinks));
        } catch (ErrnoException e) {
            if (!how.force || !isInTheWay(to)) {
                throw blamed(to, e);
            }
            target.remove(to);
            return new Blamed(to, target.file(to, mode, throughLinks));
        }
    }

    /** Makes something that is neither a file nor a directory. */
    void other(String to, Stat st, @Nullable String linkTarget) throws ErrnoException {
        if (linkTarget != null) {
            blaming(to, () -> target.symlink(to, linkTarget));
        } else if ((st.mode() & SysStat.S_IFMT) == SysStat.S_IFSOCK) {
            throw Errno.EOPNOTSUPP.exception("a socket, not copied");
        } else {
            blaming(to, () -> target.special(to, st.mode(), st.rdev()));
        }
    }

    /** Something that is no directory is complete. */
    void complete(String to, Stat st) throws ErrnoException {
        if (how.preserve) {
            blaming(to, () -> target.attributes(to, dated(st)));
        }
    }

    /** With times that are the same however often the original is read, where that is wanted. */
    private Stat dated(Stat st) {
        Timespec last = latest;
        if (last == null) {
            return st;
        }
        Timespec mtime = st.mtime().compareTo(last) < 0 ? st.mtime() : last;
        return st.withTimes(mtime, mtime);
    }

    /** Something that is no directory is as complete as it gets: it stays as far as it has got, as any cp leaves it. */
    void settle(String to) throws ErrnoException {
        target.settle(to);
    }

    /**
     * Something could not be copied.
     *
     * @param text the original, which is named unless it is the copy that something was wrong with
     */
    void failed(String text, ErrnoException e) throws IOException {
        progress.hide();
        failures++;
        run.fail(e == wrong ? wrongWith : text, e);
        wrong = null;
        if (allOrNothing) {
            throw new StoppedException();
        }
    }

    /** How many things could not be copied. */
    int failures() {
        return failures;
    }

    private boolean isInTheWay(String to) throws ErrnoException {
        Stat there = target.stat(to);
        return there != null && !there.isDirectory();
    }

    private void blaming(String to, Change change) throws ErrnoException {
        try {
            change.make();
        } catch (ErrnoException e) {
            throw blamed(to, e);
        }
    }

    private ErrnoException blamed(String to, ErrnoException e) {
        wrong = e;
        wrongWith = target.text(to);
        return e;
    }

    /** Something that is done to the target. */
    @FunctionalInterface
    private interface Change {
        void make() throws ErrnoException;
    }

    /** A file that is to blame for what goes wrong with it. */
    private final class Blamed implements Target.Sink {
        private final String to;
        private final Target.Sink sink;

        Blamed(String to, Target.Sink sink) {
            this.to = to;
            this.sink = sink;
        }

        @Override
        public void write(ByteBuffer bytes, long offset) throws ErrnoException {
            blaming(to, () -> sink.write(bytes, offset));
        }

        @Override
        public void finish(long size) throws ErrnoException {
            blaming(to, () -> sink.finish(size));
        }

        @Override
        public void close() throws ErrnoException {
            blaming(to, sink::close);
        }
    }
}
