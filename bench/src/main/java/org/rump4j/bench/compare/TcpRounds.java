package org.rump4j.bench.compare;

import java.lang.foreign.MemorySegment;
import org.rump4j.bench.compare.Workloads.Round;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.Sockaddr;
import org.rump4j.rump.SysSocket;
import org.rump4j.rump.Syscalls;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Work over a TCP connection, from one kernel to another, which may be the same. The other end is a thread of its own. */
final class TcpRounds {
    private static final int PORT = 4711;
    private static final int ROUND_TRIPS = 2000;
    private static final long RETRY_NANOS = 20_000_000;
    private static final int RETRIES = 500;

    private final RumpKernel client;
    private final RumpKernel server;
    private final Sockaddr address;

    /**
     * Begins.
     *
     * @param address of the server, as the client knows it
     */
    TcpRounds(RumpKernel client, RumpKernel server, String address) {
        this.client = client;
        this.server = server;
        this.address = Sockaddr.Inet.of(address, PORT);
    }

    /** What an end does with its connection, for ever. */
    private interface End {
        void serve(Syscalls sys, int s) throws ErrnoException;
    }

    /** Much data one way, and then a byte back: it has all arrived. */
    Round stream() throws ErrnoException {
        serve((sys, s) -> {
            MemorySegment buffer = Workloads.buffer(Workloads.CALL_BYTES);
            MemorySegment one = buffer.asSlice(0, 1);
            while (true) {
                for (long at = 0; at < Workloads.FILE_BYTES; ) {
                    at += moved(sys.read(s, buffer));
                }
                moved(sys.write(s, one));
            }
        });
        Syscalls sys = client.syscalls();
        int s = connect(sys);
        MemorySegment buffer = Workloads.buffer(Workloads.CALL_BYTES);
        return () -> {
            long begin = System.nanoTime();
            for (long at = 0; at < Workloads.FILE_BYTES; ) {
                at += moved(sys.write(s, buffer));
            }
            moved(sys.read(s, buffer.asSlice(0, 1)));
            return Workloads.mibPerSecond(Workloads.FILE_BYTES, begin);
        };
    }

    /** A byte there and a byte back. */
    Round roundTrip() throws ErrnoException {
        serve((sys, s) -> {
            MemorySegment one = Workloads.buffer(1);
            while (true) {
                moved(sys.read(s, one));
                moved(sys.write(s, one));
            }
        });
        Syscalls sys = client.syscalls();
        int s = connect(sys);
        MemorySegment one = Workloads.buffer(1);
        return () -> {
            long begin = System.nanoTime();
            for (int i = 0; i < ROUND_TRIPS; i++) {
                moved(sys.write(s, one));
                moved(sys.read(s, one));
            }
            return (System.nanoTime() - begin) / 1e3 / ROUND_TRIPS;
        };
    }

    private void serve(End end) throws ErrnoException {
        Syscalls sys = server.syscalls();
        int listening = sys.socket(SysSocket.AF_INET, SysSocket.SOCK_STREAM, 0);
        sys.bind(listening, Sockaddr.Inet.of("0.0.0.0", PORT));
        sys.listen(listening, 1);
        Thread.ofPlatform()
                .daemon()
                .start(() -> Workloads.failHard(() -> {
                    server.lwproc().newlwp(1);
                    int s = sys.accept(listening).s();
                    sys.setsockopt(s, SysSocket.IPPROTO_TCP, SysSocket.TCP_NODELAY, 1);
                    end.serve(sys, s);
                }));
    }

    private int connect(Syscalls sys) throws ErrnoException {
        client.lwproc().newlwp(1);
        int s = sys.socket(SysSocket.AF_INET, SysSocket.SOCK_STREAM, 0);
        sys.setsockopt(s, SysSocket.IPPROTO_TCP, SysSocket.TCP_NODELAY, 1);
        for (int i = 0; ; i++) {
            try {
                sys.connect(s, address);
                return s;
            } catch (ErrnoException e) {
                // An interface needs some time before its address is one.
                if (e.errno() == Errno.ECONNREFUSED || i == RETRIES) {
                    throw e;
                }
                sys.nanosleep(Timespec.ofNanos(RETRY_NANOS));
            }
        }
    }

    private static long moved(long bytes) {
        if (bytes <= 0) {
            throw new IllegalStateException("the other end is gone");
        }
        return bytes;
    }
}
