package org.rump4j.kern;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The advisory locks on one file, and who waits for some. The locks of one owner do not overlap, and two of them that meet differ in
 * kind. Guarded by the lock of {@link LockTable}.
 */
public final class FileLocks {
    /** What has locks on it stays in memory. */
    public interface File {
        /** Stays from now on. Called with the table's lock held. */
        void anchor();

        /** May go. Called without locks. */
        void letGo();
    }

    /** A lock that somebody has, or wants. */
    record Held(LockOwner owner, boolean exclusive, ByteRange range, int uid) {
        private Held at(ByteRange other) {
            return new Held(owner, exclusive, other, uid);
        }

        private boolean isInTheWayOf(Held wanted) {
            return owner != wanted.owner && (exclusive || wanted.exclusive) && range.overlaps(wanted.range);
        }
    }

    enum Outcome {
        WAITING,
        GRANTED,
        /** The descriptor is to be looked up again. */
        RESTART,
        /** The file has gone. */
        DEAD
    }

    /** A lock that somebody waits for. */
    static final class Request {
        final FileLocks locks;
        final Held wanted;

        /** By which it was asked for: closing a descriptor of that ends the waiting. */
        final OpenFile by;

        final Kcondvar settled;

        Outcome outcome = Outcome.WAITING;

        Request(FileLocks locks, Held wanted, OpenFile by, Kcondvar settled) {
            this.locks = locks;
            this.wanted = wanted;
            this.by = by;
            this.settled = settled;
        }
    }

    private final LockTable table;
    final File file;

    /** By their first bytes. */
    private final List<Held> held = new ArrayList<>();

    /** In the order in which they came. */
    final List<Request> waiting = new ArrayList<>();

    boolean anchored;
    boolean dead;

    /** Of a file that has none. */
    public FileLocks(LockTable table, File file) {
        this.table = table;
        this.file = file;
    }

    /** Whether anybody waits for one. A guess, without the table's lock. */
    public boolean hasWaiters() {
        return !waiting.isEmpty();
    }

    /** Whether nobody has or wants any. */
    boolean isIdle() {
        return held.isEmpty() && waiting.isEmpty();
    }

    /** Everybody who has some, perhaps several times. */
    List<LockOwner> owners() {
        List<LockOwner> owners = new ArrayList<>();
        for (Held lock : held) {
            owners.add(lock.owner);
        }
        return owners;
    }

    /** The first lock of somebody else that is in the way of one, or null. */
    @Nullable
    Held inTheWayOf(Held wanted) {
        for (Held lock : held) {
            if (lock.isInTheWayOf(wanted)) {
                return lock;
            }
        }
        return null;
    }

    /** Everybody else who has a lock that is in the way of one, perhaps several times. */
    List<LockOwner> ownersInTheWayOf(Held wanted) {
        List<LockOwner> owners = new ArrayList<>();
        for (Held lock : held) {
            if (lock.isInTheWayOf(wanted)) {
                owners.add(lock.owner);
            }
        }
        return owners;
    }

    /** Whether an owner has any. */
    boolean hasAnyOf(LockOwner owner) {
        for (Held lock : held) {
            if (lock.owner == owner) {
                return true;
            }
        }
        return false;
    }

    /** Sets a lock that nobody else's is in the way of, in the place of what its owner has there. */
    void set(Held lock) {
        clear(lock.owner, lock.range);
        ByteRange range = lock.range;
        for (int i = held.size() - 1; i >= 0; i--) {
            Held other = held.get(i);
            if (other.owner == lock.owner && other.exclusive == lock.exclusive && other.range.meets(range)) {
                range = range.span(other.range);
                remove(i);
            }
        }
        insert(lock.at(range));
    }

    /** The lock of which taking off what an owner has within a range leaves two pieces, or null. */
    @Nullable
    Held splitBy(LockOwner owner, ByteRange range) {
        for (Held lock : held) {
            if (lock.owner == owner && lock.range.first() < range.first() && range.last() < lock.range.last()) {
                return lock;
            }
        }
        return null;
    }

    /** Takes off what an owner has within a range. */
    void clear(LockOwner owner, ByteRange range) {
        List<Held> pieces = new ArrayList<>();
        for (int i = held.size() - 1; i >= 0; i--) {
            Held lock = held.get(i);
            if (lock.owner != owner || !lock.range.overlaps(range)) {
                continue;
            }
            remove(i);
            if (lock.range.first() < range.first()) {
                pieces.add(lock.at(new ByteRange(lock.range.first(), range.first() - 1)));
            }
            if (lock.range.last() > range.last()) {
                pieces.add(lock.at(new ByteRange(range.last() + 1, lock.range.last())));
            }
        }
        for (Held piece : pieces) {
            insert(piece);
        }
    }

    private void insert(Held lock) {
        int at = held.size();
        while (at > 0 && held.get(at - 1).range.first() > lock.range.first()) {
            at--;
        }
        held.add(at, lock);
        table.count(lock.uid, 1);
    }

    private void remove(int at) {
        table.count(held.remove(at).uid, -1);
    }
}
