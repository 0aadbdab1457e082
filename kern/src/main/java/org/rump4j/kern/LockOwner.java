package org.rump4j.kern;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;

/**
 * Who has advisory locks: a process, those of {@code fcntl(2)}, or an open file, those of {@code flock(2)}. What is here is guarded by
 * the lock of {@link LockTable}.
 */
public final class LockOwner {
    private static final int NO_PID = -1;

    private final int pid;
    private final IntSupplier lwps;

    /** What it has locks in. In an order, so that a run repeats. */
    final Set<FileLocks> files = new LinkedHashSet<>(0);

    /** What its lwps wait for. */
    final List<FileLocks.Request> waiting = new ArrayList<>(0);

    private LockOwner(int pid, IntSupplier lwps) {
        this.pid = pid;
        this.lwps = lwps;
    }

    /**
     * A process.
     *
     * @param lwps how many there are, all of which must wait before it is the process that does
     */
    static LockOwner process(int pid, IntSupplier lwps) {
        return new LockOwner(pid, lwps);
    }

    /** An open file. */
    static LockOwner openFile() {
        return new LockOwner(NO_PID, () -> Integer.MAX_VALUE);
    }

    boolean isProcess() {
        return pid != NO_PID;
    }

    int pid() {
        return pid;
    }

    /** Whether none of it goes on before somebody else lets go of a lock. */
    boolean isStuck() {
        return !waiting.isEmpty() && waiting.size() >= lwps.getAsInt();
    }
}
