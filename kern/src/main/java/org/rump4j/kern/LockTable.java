package org.rump4j.kern;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.rump4j.kern.FileLocks.Held;
import org.rump4j.kern.FileLocks.Outcome;
import org.rump4j.kern.FileLocks.Request;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Flock;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Advisory locks ({@code vfs_lockf}): those of processes on bytes and those of open files on whole files, which keep one another out.
 * Source: NetBSD {@code fcntl(2)} and {@code flock(2)}, and POSIX {@code fcntl}.
 *
 * <p>One mutex guards the locks of all files, since looking for a deadlock leads from file to file. Whoever must wait leaves a request.
 * Whoever lets go of something grants, in the order in which they came, the requests that nothing is in the way of any more, and wakes
 * only those.
 *
 * <p>A process waits for another one that has a lock in its way, if all lwps of that one wait for locks themselves. Whoever would wait in a
 * circle is told so. Waiting for an open file is no part of a circle: anybody who has a descriptor may unlock.
 */
public final class LockTable {
    /** Locks of a user, other than the superuser. Unlocking the middle of one leaves two, which may make twice as many. */
    static final int MAX_PER_USER = 1024;

    /** Locks of all. */
    private static final int MAX = 1 << 16;

    /** Guards everything here, {@link FileLocks} and {@link LockOwner}. Only processes are locked inside. */
    private final Kmutex lock;

    private final Supplier<Kcondvar> condvars;

    /** Locks that there are, by user, and in all. */
    private final Map<Integer, Integer> countByUser = new HashMap<>();

    private int count;

    LockTable(Kmutex lock, Supplier<Kcondvar> condvars) {
        this.lock = lock;
        this.condvars = condvars;
    }

    /**
     * What {@code fcntl(2)} asks for.
     *
     * @param file by which it does
     * @param locks those of what it is
     * @param cmd F_GETLK, F_SETLK or F_SETLKW
     * @param asked has the type, and is the answer where nothing else is
     * @param range the bytes
     * @return for F_GETLK what is in the way, or asked with F_UNLCK; otherwise asked
     * @throws ErrnoException as {@link #lock} and {@link #unlock}; EINVAL for another type
     */
    public Flock fcntl(Lwp l, OpenFile file, FileLocks locks, int cmd, Flock asked, ByteRange range)
            throws ErrnoException {
        LockOwner owner = l.proc().lockOwner();
        boolean exclusive = switch (asked.type()) {
            case Flock.F_WRLCK -> true;
            case Flock.F_RDLCK, Flock.F_UNLCK -> false;
            default -> throw Errno.EINVAL.exception("lock type " + asked.type());
        };
        Held wanted = new Held(owner, exclusive, range, l.cred().euid());
        if (cmd == Fcntl.F_GETLK) {
            return inTheWay(locks, wanted, asked);
        }
        if (asked.type() == Flock.F_UNLCK) {
            unlock(owner, locks, range);
        } else {
            lock(file, locks, wanted, cmd == Fcntl.F_SETLKW);
        }
        return asked;
    }

    /**
     * What {@code flock(2)} asks for.
     *
     * @throws ErrnoException as {@link #lock}; EINVAL
     */
    public void flock(Lwp l, OpenFile file, FileLocks locks, int operation) throws ErrnoException {
        int what = operation & ~Fcntl.LOCK_NB;
        if (what != Fcntl.LOCK_SH && what != Fcntl.LOCK_EX && what != Fcntl.LOCK_UN) {
            throw Errno.EINVAL.exception("operation " + operation);
        }
        LockOwner owner = file.lockOwner();
        if (what == Fcntl.LOCK_UN) {
            unlock(owner, locks, ByteRange.ALL);
        } else {
            Held wanted = new Held(
                    owner, what == Fcntl.LOCK_EX, ByteRange.ALL, l.cred().euid());
            lock(file, locks, wanted, (operation & Fcntl.LOCK_NB) == 0);
        }
    }

    private Flock inTheWay(FileLocks locks, Held wanted, Flock asked) {
        lock.enter();
        Held other = locks.inTheWayOf(wanted);
        lock.exit();
        if (other == null) {
            return asked.withType(Flock.F_UNLCK);
        }
        return new Flock(
                other.range().first(),
                other.range().length(),
                other.owner().pid(),
                other.exclusive() ? Flock.F_WRLCK : Flock.F_RDLCK,
                Fcntl.SEEK_SET);
    }

    /**
     * Sets a lock.
     *
     * @param file by which
     * @param wait while something is in the way
     * @throws ErrnoException EAGAIN, EDEADLK, EINTR; ENOLCK where there are too many; ENXIO where the file has gone; EBADF, with nothing
     *     set, to look the descriptor up again
     */
    void lock(OpenFile file, FileLocks locks, Held wanted, boolean wait) throws ErrnoException {
        lock.enter();
        try {
            if (locks.dead) {
                throw gone();
            }
            requireFewer(wanted.uid(), MAX_PER_USER);
            if (!locks.anchored) {
                locks.anchored = true;
                locks.file.anchor();
            }
            if (locks.inTheWayOf(wanted) == null) {
                set(locks, wanted);
                // Where it was exclusive before, others may share it now.
                settle(locks);
            } else if (wait) {
                await(file, locks, wanted);
            } else {
                throw Errno.EAGAIN.exception();
            }
        } finally {
            exit(locks);
        }
    }

    /**
     * Takes off what an owner has within a range.
     *
     * @throws ErrnoException ENOLCK where too many would be left
     */
    void unlock(LockOwner owner, FileLocks locks, ByteRange range) throws ErrnoException {
        lock.enter();
        try {
            Held split = locks.splitBy(owner, range);
            if (split != null) {
                requireFewer(split.uid(), 2 * MAX_PER_USER);
            }
            clear(locks, owner, range);
            settle(locks);
        } finally {
            exit(locks);
        }
    }

    /** Takes off all that an owner has on a file: a process that has closed a descriptor of it, or an open file that is closed. */
    public void release(LockOwner owner, FileLocks locks) {
        lock.enter();
        clear(locks, owner, ByteRange.ALL);
        settle(locks);
        exit(locks);
    }

    /** Takes off all that a process has, which is gone. */
    void releaseAll(LockOwner owner) {
        while (true) {
            lock.enter();
            if (owner.files.isEmpty()) {
                lock.exit();
                return;
            }
            FileLocks locks = owner.files.iterator().next();
            clear(locks, owner, ByteRange.ALL);
            settle(locks);
            exit(locks);
        }
    }

    /** Sends whoever waits for a lock by an open file back to the descriptor, which may have been closed. */
    public void restart(OpenFile file, FileLocks locks) {
        lock.enter();
        for (Request request : List.copyOf(locks.waiting)) {
            if (request.by == file) {
                end(request, Outcome.RESTART);
            }
        }
        exit(locks);
    }

    /** The file has gone, though it was in use: so have its locks, and nobody gets one any more. */
    public void die(FileLocks locks) {
        lock.enter();
        locks.dead = true;
        for (Request request : List.copyOf(locks.waiting)) {
            end(request, Outcome.DEAD);
        }
        for (LockOwner owner : locks.owners()) {
            clear(locks, owner, ByteRange.ALL);
        }
        exit(locks);
    }

    // With the lock held

    /** Gives the lock back, and lets the file go where it has no use for it any more. */
    private void exit(FileLocks locks) {
        boolean letGo = locks.anchored && locks.isIdle();
        if (letGo) {
            locks.anchored = false;
        }
        lock.exit();
        if (letGo) {
            locks.file.letGo();
        }
    }

    private void await(OpenFile file, FileLocks locks, Held wanted) throws ErrnoException {
        LockOwner owner = wanted.owner();
        Request request = new Request(locks, wanted, file, condvars.get());
        locks.waiting.add(request);
        owner.waiting.add(request);
        try {
            if (owner.isProcess()) {
                requireNoCircle(request);
            } else {
                // An open file has one lock at a time. If it kept what it has, two that share would wait for one
                // another.
                clear(locks, owner, ByteRange.ALL);
                settle(locks);
            }
            while (request.outcome == Outcome.WAITING) {
                request.settled.awaitSig(lock);
            }
        } catch (ErrnoException e) {
            if (request.outcome == Outcome.WAITING) {
                end(request, Outcome.RESTART);
                throw e;
            }
        }
        switch (request.outcome) {
            case GRANTED -> {}
            case DEAD -> throw gone();
            case RESTART, WAITING -> throw Errno.EBADF.exception();
        }
    }

    private static void end(Request request, Outcome outcome) {
        request.outcome = outcome;
        request.locks.waiting.remove(request);
        request.wanted.owner().waiting.remove(request);
        request.settled.signal();
    }

    /** Grants what is waited for and can be had. */
    private static void settle(FileLocks locks) {
        boolean granted;
        do {
            granted = false;
            for (Request request : List.copyOf(locks.waiting)) {
                if (locks.inTheWayOf(request.wanted) == null) {
                    set(locks, request.wanted);
                    end(request, Outcome.GRANTED);
                    // In the place of what its owner had there, which may have been in the way of one that came before.
                    granted = true;
                }
            }
        } while (granted);
    }

    private static void set(FileLocks locks, Held wanted) {
        locks.set(wanted);
        wanted.owner().files.add(locks);
    }

    private static void clear(FileLocks locks, LockOwner owner, ByteRange range) {
        locks.clear(owner, range);
        if (!locks.hasAnyOf(owner)) {
            owner.files.remove(locks);
        }
    }

    /** EDEADLK where somebody who is in a request's way waits, by way of others perhaps, for whoever has made it. */
    private static void requireNoCircle(Request request) throws ErrnoException {
        LockOwner self = request.wanted.owner();
        Set<LockOwner> seen = new HashSet<>();
        Deque<Request> toFollow = new ArrayDeque<>();
        toFollow.add(request);
        while (!toFollow.isEmpty()) {
            Request next = toFollow.remove();
            for (LockOwner other : next.locks.ownersInTheWayOf(next.wanted)) {
                if (other == self) {
                    throw Errno.EDEADLK.exception();
                }
                if (seen.add(other) && other.isStuck()) {
                    toFollow.addAll(other.waiting);
                }
            }
        }
    }

    void count(int uid, int more) {
        count += more;
        int before = countByUser.getOrDefault(uid, 0);
        if (before + more == 0) {
            countByUser.remove(uid);
        } else {
            countByUser.put(uid, before + more);
        }
    }

    private void requireFewer(int uid, int most) throws ErrnoException {
        boolean superuser = uid == Cred.ROOT.euid();
        if (count >= MAX || (!superuser && countByUser.getOrDefault(uid, 0) >= most)) {
            throw Errno.ENOLCK.exception(superuser ? count + " locks" : "user " + uid + " has " + most + " locks");
        }
    }

    private static ErrnoException gone() {
        return Errno.ENXIO.exception("the file system has been unmounted");
    }
}
