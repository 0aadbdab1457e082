package org.rump4j.netbsd.net;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;
import org.rump4j.netbsd.bind.Guest;
import org.rump4j.netbsd.bind.Handles;
import org.rump4j.netbsd.bind.HostFunction;
import org.rump4j.netbsd.bind.HostHalf;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * The host's half of {@code shmif}, Ethernet interfaces whose network is a file that all who are on it map: kernels of this JVM, of others,
 * and of programs in C. The driver knows what is in the file; here it is mapped, and watched for writes, which is how one tells the others that
 * there are new frames. Source of the functions: NetBSD's {@code libshmif/shmif_user.h}.
 */
public final class Shmif implements HostHalf {
    private static final String MMAP = "rumpcomp_shmif_mmap";
    private static final String WATCHSETUP = "rumpcomp_shmif_watchsetup";
    private static final String WATCHWAIT = "rumpcomp_shmif_watchwait";

    /** Room for many a {@code struct inotify_event}. What they say does not matter. */
    private static final int EVENTS_BYTES = 4096;

    /** For every guest. */
    public Shmif() {}

    @Override
    public Set<String> symbols() {
        return Set.of(MMAP, WATCHSETUP, WATCHWAIT);
    }

    @Override
    public Map<String, HostFunction> functions(Guest guest) {
        return Map.of(
                MMAP, (fd, bytes, out, _, _, _, _) -> mmap(guest, (int) fd, bytes, out),
                WATCHSETUP, (handle, fd, _, _, _, _, _) -> watchsetup(guest, handle, (int) fd),
                WATCHWAIT, (handle, _, _, _, _, _, _) -> watchwait(guest, (int) handle));
    }

    /** Makes a file as long as that, and maps it. */
    @SuppressWarnings("MustBeClosedChecker") // by the guest, which unmaps it
    private static long mmap(Guest guest, int fd, long bytes, long out) throws ErrnoException {
        String path = guest.handles().path(fd);
        Arena arena = Arena.ofShared();
        boolean mapped = false;
        try (FileChannel file = FileChannel.open(Path.of(path), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (file.size() > bytes) {
                FileChannel _ = file.truncate(bytes);
            }
            // Makes it longer where it is shorter.
            MemorySegment memory = file.map(MapMode.READ_WRITE, 0, bytes, arena);
            guest.handles().mapping(memory, arena);
            guest.memory().putLong(out, memory.address());
            mapped = true;
            return 0;
        } catch (IOException e) {
            throw Errno.EIO.exception(path + ": " + e.getMessage());
        } finally {
            if (!mapped) {
                arena.close();
            }
        }
    }

    private static long watchsetup(Guest guest, long handle, int fd) throws ErrnoException {
        Watch watch = new Watch(new Waitable(Unix.inotify(guest.handles().path(fd))));
        guest.memory().putInt(handle, guest.handles().descriptor(watch));
        return 0;
    }

    /** Waits for a write that has not been waited for; several since the last time count as one. */
    private static long watchwait(Guest guest, int handle) throws ErrnoException {
        Watch watch = guest.handles().get(handle, Watch.class);
        int nlocks = guest.host().componentUnschedule();
        try {
            if (watch.writes.await()) {
                int _ = watch.writes.read(watch.events);
            }
            return 0;
        } finally {
            guest.host().componentSchedule(nlocks);
        }
    }

    /** What the receiving thread of an interface waits on. */
    private record Watch(Waitable writes, MemorySegment events) implements Handles.Described {
        Watch(Waitable writes) {
            this(writes, Arena.ofAuto().allocate(EVENTS_BYTES, Long.BYTES));
        }

        @Override
        public void close() {
            writes.close();
        }
    }
}
