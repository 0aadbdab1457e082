package org.rump4j.kern;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Fcntl;

/**
 * An open file ({@code struct file}), which descriptors refer to, of several processes too.
 *
 * <p>It is closed when the last reference goes. A descriptor is one, and so is a system call at work on it: a file that is
 * closed meanwhile stays until the call is done.
 */
public final class OpenFile {
    private static final VarHandle REFERENCES;
    private static final VarHandle FLAGS;
    private static final VarHandle LOCK_OWNER;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            REFERENCES = lookup.findVarHandle(OpenFile.class, "references", int.class);
            FLAGS = lookup.findVarHandle(OpenFile.class, "flags", int.class);
            LOCK_OWNER = lookup.findVarHandle(OpenFile.class, "lockOwner", LockOwner.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Flags that a file keeps, and that {@code fcntl(2)} can change. */
    static final int SETTABLE =
            Fcntl.O_NONBLOCK | Fcntl.O_APPEND | Fcntl.O_SYNC | Fcntl.O_DSYNC | Fcntl.O_RSYNC | Fcntl.O_NOSIGPIPE;

    private static final int F_READ = 1;
    private static final int F_WRITE = 2;

    private final FileOps ops;
    private final Object data;
    private final int access;

    /** O_NONBLOCK, O_APPEND and the like. */
    private volatile int flags;

    /** 0 when it is closed for good. */
    private volatile int references = 1;

    /** Guards the position, for as long as a transfer takes that uses it. */
    final Kmutex offsetLock;

    private long offset;

    /** Null while nobody has wanted to lock it. */
    private volatile @Nullable LockOwner lockOwner;

    /**
     * A file with one reference, the caller's.
     *
     * @param openFlags as of {@code open(2)}; those that are for the opening only are not kept
     * @param data what ops works on
     */
    public OpenFile(Kernel kernel, FileOps ops, Object data, int openFlags) {
        this.ops = ops;
        this.data = data;
        this.access = switch (openFlags & (Fcntl.O_ACCMODE | Fcntl.O_EXEC | Fcntl.O_SEARCH)) {
            case Fcntl.O_EXEC, Fcntl.O_SEARCH, Fcntl.O_EXEC | Fcntl.O_SEARCH -> 0;
            case Fcntl.O_RDONLY -> F_READ;
            case Fcntl.O_WRONLY -> F_WRITE;
            default -> F_READ | F_WRITE;
        };
        this.flags = openFlags & (SETTABLE | Fcntl.O_EXEC | Fcntl.O_SEARCH);
        this.offsetLock = kernel.mutex();
    }

    /** What it does. */
    public FileOps ops() {
        return ops;
    }

    /** What it does that to. */
    public Object data() {
        return data;
    }

    /** Whether it was opened for reading. */
    public boolean isReadable() {
        return (access & F_READ) != 0;
    }

    /** Whether it was opened for writing. */
    public boolean isWritable() {
        return (access & F_WRITE) != 0;
    }

    /** Flags as of {@code open(2)}, the access mode not among them. */
    public int flags() {
        return flags;
    }

    /** Whether a flag is set. */
    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Where it is, of a file that has a position. The system call at work has locked it. */
    public long offset() {
        return offset;
    }

    /** Goes elsewhere. */
    public void setOffset(long to) {
        offset = to;
    }

    /** Sets some flags, those of mask, and leaves the others. */
    void setFlags(int mask, int to) {
        int before;
        do {
            before = flags;
        } while (!FLAGS.compareAndSet(this, before, (before & ~mask) | (to & mask)));
    }

    /** Access mode and flags as of {@code open(2)}. */
    int openFlags() {
        return flags | Math.max(access - 1, 0);
    }

    /** One more reference. False where it has been closed for good. */
    boolean tryReference() {
        while (true) {
            int n = references;
            if (n == 0) {
                return false;
            }
            if (REFERENCES.compareAndSet(this, n, n + 1)) {
                return true;
            }
        }
    }

    /** What locks of {@code flock(2)} belong to, or null where it has never had one. */
    public @Nullable LockOwner lockOwnerIfAny() {
        return lockOwner;
    }

    /** As the other, and from now on there is one. */
    LockOwner lockOwner() {
        LockOwner there = lockOwner;
        if (there == null) {
            LockOwner made = LockOwner.openFile();
            LockOwner before = (LockOwner) LOCK_OWNER.compareAndExchange(this, null, made);
            there = before == null ? made : before;
        }
        return there;
    }

    /** Whether there are references beside the caller's: other descriptors, or calls at work on it. */
    public boolean hasOtherUsers() {
        return references > 1;
    }

    /** One reference less; the last one closes. */
    public void release(Lwp l) {
        if ((int) REFERENCES.getAndAdd(this, -1) == 1) {
            ops.close(l, this);
        }
    }
}
