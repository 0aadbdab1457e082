package org.rump4j.netbsd.net;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * A tap device of Linux: the other end of the link is an interface of the operating system. Opening one takes the capability
 * CAP_NET_ADMIN, or a device that was made for the user. Source: {@code Documentation/networking/tuntap.rst} of the Linux kernel.
 */
public final class Tap implements Link {
    private static final String CLONE_DEVICE = "/dev/net/tun";
    private static final long TUNSETIFF = 0x400454caL;
    private static final short IFF_TAP = 0x0002;
    private static final short IFF_NO_PI = 0x1000;
    private static final int IFREQ_BYTES = 40;
    private static final int IFR_FLAGS = 16;
    private static final int MOST_OF_NAME = 15;

    private final String name;
    private final @Nullable Path namespace;
    private final FrameLog log;

    private Tap(String name, @Nullable Path namespace, FrameLog log) {
        this.name = name;
        this.namespace = namespace;
        this.log = log;
    }

    /** A device by its name. It is opened when an interface is connected to it, and made then where it is not there. */
    public static Tap named(String name) {
        return new Tap(name, null, FrameLog.NONE);
    }

    /**
     * The same device of another network namespace.
     *
     * @param file that the namespace is mounted at: {@code /run/netns/NAME} for one of {@code ip netns}
     */
    public Tap in(Path file) {
        return new Tap(name, file, log);
    }

    /** The same device, with its frames of both directions written down. */
    public Tap logged(FrameLog to) {
        return new Tap(name, namespace, to);
    }

    @Override
    public Port attach() throws ErrnoException {
        return new Device(new Waitable(namespace == null ? open() : openIn(namespace)), log);
    }

    private int open() throws ErrnoException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MOST_OF_NAME) {
            throw Errno.ENAMETOOLONG.exception(name);
        }
        int fd = Unix.open(CLONE_DEVICE, Unix.O_RDWR | Unix.O_NONBLOCK);
        boolean set = false;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(IFREQ_BYTES, Long.BYTES);
            MemorySegment.copy(bytes, 0, request, JAVA_BYTE, 0, bytes.length);
            request.set(JAVA_SHORT, IFR_FLAGS, (short) (IFF_TAP | IFF_NO_PI));
            Unix.ioctl(fd, TUNSETIFF, request, name);
            set = true;
            return fd;
        } finally {
            if (!set) {
                Unix.close(fd);
            }
        }
    }

    /** On a thread of its own, which stays in the namespace as long as it lives. */
    private int openIn(Path file) throws ErrnoException {
        int[] fd = new int[1];
        ErrnoException[] failed = new ErrnoException[1];
        Thread thread = Thread.ofPlatform().daemon().name("tap " + name).start(() -> {
            try {
                enter(file);
                fd[0] = open();
            } catch (ErrnoException e) {
                failed[0] = e;
            }
        });
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failed[0] != null) {
            throw failed[0];
        }
        return fd[0];
    }

    /** Moves the calling thread to a network namespace, for good. */
    static void enter(Path namespace) throws ErrnoException {
        int fd = Unix.open(namespace.toString(), Unix.O_RDONLY);
        try {
            Unix.setns(fd, Unix.CLONE_NEWNET);
        } finally {
            Unix.close(fd);
        }
    }

    private static final class Device implements Port {
        private final Waitable device;
        private final FrameLog log;
        private final MemorySegment arrived = Arena.ofAuto().allocate(MAX_FRAME_BYTES);
        private final ReentrantLock sending = new ReentrantLock();

        /** A frame in one piece. Guarded by {@link #sending}. */
        private final MemorySegment leaving = Arena.ofAuto().allocate(MAX_FRAME_BYTES);

        Device(Waitable device, FrameLog log) {
            this.device = device;
            this.log = log;
        }

        @Override
        public void send(MemorySegment... frame) {
            sending.lock();
            try {
                long bytes = 0;
                for (MemorySegment piece : frame) {
                    if (piece.byteSize() > MAX_FRAME_BYTES - bytes) {
                        return;
                    }
                    MemorySegment.copy(piece, 0, leaving, bytes, piece.byteSize());
                    bytes += piece.byteSize();
                }
                log.frame(frame);
                int _ = device.write(leaving.asSlice(0, bytes));
            } catch (ErrnoException e) {
                // The other side is down, or takes no such frame: it is lost.
            } finally {
                sending.unlock();
            }
        }

        @Override
        public @Nullable MemorySegment poll() {
            try {
                return read();
            } catch (ErrnoException e) {
                // Whoever waits for the next one is told.
                return null;
            }
        }

        @Override
        public @Nullable MemorySegment take() {
            try {
                while (device.await()) {
                    MemorySegment frame = read();
                    if (frame != null) {
                        return frame;
                    }
                }
            } catch (ErrnoException e) {
                // The device has been taken away: no frame will come.
            }
            return null;
        }

        private @Nullable MemorySegment read() throws ErrnoException {
            int bytes = device.read(arrived);
            if (bytes < HEADER_BYTES) {
                return null;
            }
            MemorySegment frame = arrived.asSlice(0, bytes);
            log.frame(frame);
            return frame;
        }

        @Override
        public void close() {
            device.close();
        }
    }
}
