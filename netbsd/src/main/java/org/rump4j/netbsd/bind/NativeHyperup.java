package org.rump4j.netbsd.bind;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.Hyperup;
import org.rump4j.rumpuser.OpaqueLwp;
import org.rump4j.rumpuser.RumpMutex;

/** The upcalls of a guest: the function pointers of {@code struct rumpuser_hyperup}, called through a gate. */
final class NativeHyperup implements Hyperup {

    private final Guest guest;
    private final Lwps lwps;
    private final Clients clients;
    private final long schedule;
    private final long unschedule;
    private final long backendUnschedule;
    private final long backendSchedule;
    private final long lwprocSwitch;
    private final long lwprocRelease;
    private final long lwprocRfork;
    private final long lwprocNewlwp;
    private final long lwprocCurlwp;
    private final long syscall;
    private final long lwpexit;
    private final long execnotify;
    private final long getpid;

    /** Copies the structure, whose members are in this order: the guest may use its memory for something else afterwards. */
    NativeHyperup(Guest guest, Lwps lwps, Clients clients, CMemory memory, long structure) {
        this.guest = guest;
        this.lwps = lwps;
        this.clients = clients;
        schedule = member(memory, structure, 0);
        unschedule = member(memory, structure, 1);
        backendUnschedule = member(memory, structure, 2);
        backendSchedule = member(memory, structure, 3);
        lwprocSwitch = member(memory, structure, 4);
        lwprocRelease = member(memory, structure, 5);
        lwprocRfork = member(memory, structure, 6);
        lwprocNewlwp = member(memory, structure, 7);
        lwprocCurlwp = member(memory, structure, 8);
        syscall = member(memory, structure, 9);
        lwpexit = member(memory, structure, 10);
        execnotify = member(memory, structure, 11);
        getpid = member(memory, structure, 12);
    }

    private static long member(CMemory memory, long structure, int number) {
        return memory.getLong(structure + (long) number * Long.BYTES);
    }

    @Override
    public void schedule() {
        long _ = guest.call(schedule);
    }

    @Override
    public void unschedule() {
        long _ = guest.call(unschedule);
    }

    @Override
    public int backendUnschedule(int nlocks, @Nullable RumpMutex interlock) {
        GuestThread thread = guest.thread();
        return unschedule(number(thread, interlock), thread);
    }

    @Override
    public void backendSchedule(int nlocks, @Nullable RumpMutex interlock) {
        schedule(nlocks, number(guest.thread(), interlock));
    }

    /** Gives the virtual CPU away, with an interlock as the guest knows it. */
    int unschedule(long interlock, GuestThread me) {
        long _ = guest.call(backendUnschedule, 0, me.countAddress(), interlock);
        return me.count();
    }

    /** Takes one again. */
    void schedule(int nlocks, long interlock) {
        long _ = guest.call(backendSchedule, nlocks, interlock);
    }

    /** The interlock is that of the wait which this thread is in. */
    private static long number(GuestThread thread, @Nullable RumpMutex interlock) {
        if (interlock == null) {
            return 0;
        }
        if (thread.interlock == 0) {
            throw new IllegalStateException("an interlock outside of a wait on a condition variable");
        }
        return thread.interlock;
    }

    @Override
    public void lwprocSwitch(@Nullable OpaqueLwp lwp) {
        long _ = guest.call(lwprocSwitch, Lwps.address(lwp));
    }

    @Override
    public void lwprocRelease() {
        long _ = guest.call(lwprocRelease);
    }

    @Override
    public void lwprocRfork(@Nullable Object client, int flags, @Nullable String comm) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long name = comm == null ? 0 : arena.allocateFrom(comm).address();
            require((int) guest.call(lwprocRfork, clients.number(client), flags, name));
        }
    }

    @Override
    public void lwprocNewlwp(int pid) throws ErrnoException {
        require((int) guest.call(lwprocNewlwp, pid));
    }

    private static void require(int error) throws ErrnoException {
        if (error != 0) {
            Errno errno = Errno.of(error);
            throw errno == null
                    ? Errno.EINVAL.exception("the kernel says " + error + ", which is no error")
                    : errno.exception();
        }
    }

    @Override
    public @Nullable OpaqueLwp lwprocCurlwp() {
        return lwps.lwp(guest.call(lwprocCurlwp));
    }

    @Override
    public int syscall(int number, MemorySegment arguments, long[] retval) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment words = arena.allocate(Math.max(Long.BYTES, arguments.byteSize()), Long.BYTES);
            words.copyFrom(arguments);
            MemorySegment results = arena.allocate(2 * Long.BYTES, Long.BYTES);
            int error = (int) guest.call(syscall, number, words.address(), results.address());
            if (error == 0) {
                MemorySegment.copy(results, ValueLayout.JAVA_LONG, 0, retval, 0, 2);
            }
            return error;
        }
    }

    @Override
    public void lwpexit() {
        long _ = guest.call(lwpexit);
    }

    @Override
    public void execnotify(String comm) {
        try (Arena arena = Arena.ofConfined()) {
            long _ = guest.call(execnotify, arena.allocateFrom(comm).address());
        }
    }

    @Override
    public int getpid() {
        return (int) guest.call(getpid);
    }
}
