package org.rump4j.netbsd.net;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.bind.CMemory;
import org.rump4j.netbsd.bind.Guest;
import org.rump4j.netbsd.bind.Handles;
import org.rump4j.netbsd.bind.HostFunction;
import org.rump4j.netbsd.bind.HostHalf;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.RumpThread;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.ThreadCalls.ThreadKind;

/**
 * The host's half of {@code virtif}, the Ethernet interfaces {@code virt0}, {@code virt1} …: connects each to a {@link Link}. Source of its
 * functions: NetBSD's {@code libvirtif/virtif_user.h}.
 */
public final class Virtif implements HostHalf {
    private static final String CREATE = "rumpcomp_virt_create";
    private static final String DYING = "rumpcomp_virt_dying";
    private static final String DESTROY = "rumpcomp_virt_destroy";
    private static final String SEND = "rumpcomp_virt_send";
    private static final String DELIVER = "rump_virtif_virt_deliverpkt";

    private static final String TAP = "tap:";

    /** What the reference calls a device that an interface has by its number. */
    private static final String TAP_OF_NUMBER = "tun";

    private static final int IOVEC_BYTES = 16;
    private static final int ADDRESS_BYTES = 6;

    /** The bytes of an address that the driver has the same for all kernels, or nearly so. */
    private static final int RANDOM_FROM = 2;

    private static final int RANDOM_BYTES = 3;

    /** How many frames are delivered before the virtual CPU is given away. */
    private static final int BATCH = 64;

    private final Map<String, Link> links;

    /**
     * Says what interfaces are connected to.
     *
     * @param links by the string that the driver passes: the number of the interface, unless the driver was built with link strings. What
     *     is not among them is a {@link Tap}: {@code tap:NAME}, and for a number N {@code tunN}
     */
    public Virtif(Map<String, Link> links) {
        this.links = Map.copyOf(links);
    }

    @Override
    public Set<String> symbols() {
        return Set.of(CREATE, DYING, DESTROY, SEND);
    }

    @Override
    public Map<String, HostFunction> functions(Guest guest) {
        Interfaces i = new Interfaces(guest);
        return Map.of(
                CREATE, (name, sc, address, out, _, _, _) -> i.create(name, sc, address, out),
                DYING, (nic, _, _, _, _, _, _) -> i.dying(nic),
                DESTROY, (nic, _, _, _, _, _, _) -> i.destroy(nic),
                SEND, (nic, iov, count, _, _, _, _) -> i.send(nic, iov, count));
    }

    private Link link(String name) throws ErrnoException {
        Link found = links.get(name);
        if (found != null) {
            return found;
        }
        if (name.startsWith(TAP)) {
            return Tap.named(name.substring(TAP.length()));
        }
        if (!name.isEmpty() && name.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Tap.named(TAP_OF_NUMBER + name);
        }
        throw Errno.ENOENT.exception("there is no link " + name);
    }

    /** Those of one guest, which knows them by their descriptors. */
    private final class Interfaces {
        private final Guest guest;
        private final Rumpuser host;
        private final CMemory memory;

        Interfaces(Guest guest) {
            this.guest = guest;
            host = guest.host();
            memory = guest.memory();
        }

        private Nic nic(long number) throws ErrnoException {
            return guest.handles().get((int) number, Nic.class);
        }

        long create(long name, long sc, long address, long out) throws ErrnoException {
            String link = memory.string(name);
            long deliver;
            try {
                deliver = guest.images().function(DELIVER);
            } catch (LinkException e) {
                throw Errno.ENOSYS.exception(String.valueOf(e.getMessage()));
            }
            Link.Port port = link(link).attach();
            boolean made = false;
            try {
                randomize(memory.segment(address, ADDRESS_BYTES));
                Nic nic = new Nic(guest, port, deliver, sc);
                nic.thread = host.threadCreate(nic, ThreadKind.PLATFORM, "virt" + link, true, 0, -1);
                memory.putLong(out, guest.handles().descriptor(nic));
                made = true;
                return 0;
            } finally {
                if (!made) {
                    port.close();
                }
            }
        }

        /** The driver leaves one byte to chance, which is too few for many kernels on one network. */
        private void randomize(MemorySegment address) throws ErrnoException {
            byte[] random = new byte[RANDOM_BYTES];
            int got = host.getrandom(random, 0);
            MemorySegment.copy(random, 0, address, JAVA_BYTE, RANDOM_FROM, got);
        }

        long dying(long number) throws ErrnoException {
            nic(number).port.close();
            return 0;
        }

        long destroy(long number) throws ErrnoException {
            Nic nic = nic(number);
            if (nic.thread != null) {
                host.threadJoin(nic.thread);
            }
            guest.handles().close((int) number);
            return 0;
        }

        /** A void function. Without unscheduling: no link waits. */
        long send(long number, long iov, long count) throws ErrnoException {
            MemorySegment[] frame = new MemorySegment[(int) count];
            for (int i = 0; i < frame.length; i++) {
                long piece = iov + (long) i * IOVEC_BYTES;
                frame[i] = memory.segment(memory.getLong(piece), memory.getLong(piece + Long.BYTES));
            }
            nic(number).port.send(frame);
            return 0;
        }
    }

    /** An interface, and what its thread does: takes frames into the kernel. */
    private static final class Nic implements Handles.Described, Runnable {
        private final Guest guest;
        private final Link.Port port;
        private final long deliver;
        private final long sc;
        private @Nullable RumpThread thread;

        Nic(Guest guest, Link.Port port, long deliver, long sc) {
            this.guest = guest;
            this.port = port;
            this.deliver = deliver;
            this.sc = sc;
        }

        @Override
        public void run() {
            Rumpuser host = guest.host();
            host.componentKthread();
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment iovec = arena.allocate(IOVEC_BYTES, Long.BYTES);
                MemorySegment frame = port.take();
                while (frame != null) {
                    host.componentSchedule(0);
                    int delivered = 0;
                    while (frame != null && delivered < BATCH) {
                        iovec.set(JAVA_LONG, 0, frame.address());
                        iovec.set(JAVA_LONG, Long.BYTES, frame.byteSize());
                        long _ = guest.call(deliver, sc, iovec.address(), 1);
                        delivered++;
                        frame = port.poll();
                    }
                    int _ = host.componentUnschedule();
                    if (frame == null) {
                        frame = port.take();
                    }
                }
            }
            host.componentKthreadRelease();
        }

        @Override
        public void close() {
            port.close();
        }
    }
}
