package org.rump4j.netbsd.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.rump4j.rump.Sockaddr;
import org.rump4j.rump.SysSocket;
import org.rump4j.rump.Syscalls;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** TCP between kernels. */
final class Traffic {
    static final int PORT = 4711;

    private static final int CHUNK = 1 << 16;
    private static final int PATIENCE_SECONDS = 120;
    private static final int ATTEMPTS = 100;
    private static final Set<Errno> EARLY =
            EnumSet.of(Errno.EADDRNOTAVAIL, Errno.EHOSTDOWN, Errno.EHOSTUNREACH, Errno.ENETUNREACH);

    private Traffic() {}

    /** Does something on a thread of its own. */
    static <T> FutureTask<T> start(Callable<T> body) {
        FutureTask<T> task = new FutureTask<>(body);
        Thread thread = new Thread(task, "traffic");
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    static <T> T join(FutureTask<T> task) throws Exception {
        return task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** A call that fails as long as addresses and ways to them are not known yet. */
    private interface Early {
        void call() throws ErrnoException;
    }

    /** Makes a call, and tries again for some time. */
    private static void soon(Syscalls sys, Early call) throws ErrnoException {
        for (int attempt = 1; ; attempt++) {
            try {
                call.call();
                return;
            } catch (ErrnoException e) {
                if (!EARLY.contains(e.errno()) || attempt == ATTEMPTS) {
                    throw e;
                }
                sys.nanosleep(Timespec.ofNanos(50_000_000));
            }
        }
    }

    static int listen(Syscalls sys, Sockaddr name) throws ErrnoException {
        int s = sys.socket(name.family(), SysSocket.SOCK_STREAM, 0);
        sys.setsockopt(s, SysSocket.SOL_SOCKET, SysSocket.SO_REUSEADDR, 1);
        soon(sys, () -> sys.bind(s, name));
        sys.listen(s, 5);
        return s;
    }

    static int connect(Syscalls sys, Sockaddr name) throws ErrnoException {
        int s = sys.socket(name.family(), SysSocket.SOCK_STREAM, 0);
        soon(sys, () -> sys.connect(s, name));
        return s;
    }

    /** Where bytes go to. */
    private interface Sink {
        void send(byte[] bytes) throws Exception;
    }

    /** Sends bytes that depend on a seed alone, and gives their digest. */
    private static byte[] send(Sink sink, long bytes, int seed) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] chunk = new byte[CHUNK];
        new Random(seed).nextBytes(chunk);
        for (long left = bytes; left > 0; left -= CHUNK) {
            chunk[0]++;
            digest.update(chunk);
            sink.send(chunk);
        }
        return digest.digest();
    }

    static byte[] send(Syscalls sys, int s, long bytes, int seed) throws Exception {
        byte[] digest = send(
                chunk -> {
                    MemorySegment data = MemorySegment.ofArray(chunk);
                    long at = 0;
                    while (at < CHUNK) {
                        at += sys.send(s, data.asSlice(at), 0);
                    }
                },
                bytes,
                seed);
        sys.shutdown(s, SysSocket.SHUT_WR);
        return digest;
    }

    static byte[] send(OutputStream out, long bytes, int seed) throws Exception {
        return send(out::write, bytes, seed);
    }

    /** The digest of all that comes, which is so much. */
    static byte[] receive(Syscalls sys, int s, long bytes) throws Exception {
        return receive(sys, s, bytes, Long.MAX_VALUE);
    }

    /** The digest of so much, and no more than that where it need not be all. */
    static byte[] receive(Syscalls sys, int s, long bytes, long most) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] chunk = new byte[CHUNK];
        long got = 0;
        int n;
        do {
            n = sys.recv(s, chunk, 0);
            got += n;
            digest.update(chunk, 0, n);
        } while (n > 0 && got < most);
        assertEquals(bytes, got);
        return digest.digest();
    }

    static byte[] receive(InputStream in) throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(in.readAllBytes());
    }

    /** Sends so many bytes both ways at once over a connection, and compares them. */
    static void bothWays(Syscalls client, Syscalls server, Sockaddr name, long bytes) throws Exception {
        int listening = listen(server, name);
        FutureTask<Integer> accepted = start(() -> server.accept(listening).s());
        int a = connect(client, name);
        int b = join(accepted);
        FutureTask<byte[]> there = start(() -> send(client, a, bytes, 1));
        FutureTask<byte[]> back = start(() -> send(server, b, bytes, 2));
        FutureTask<byte[]> arrivedThere = start(() -> receive(server, b, bytes));
        FutureTask<byte[]> arrivedBack = start(() -> receive(client, a, bytes));
        assertArrayEquals(join(there), join(arrivedThere));
        assertArrayEquals(join(back), join(arrivedBack));
        client.close(a);
        server.close(b);
        server.close(listening);
    }

    /** Sends so many bytes to whom sends them back, and compares them. */
    static void echo(Syscalls sys, int s, long bytes) throws Exception {
        FutureTask<byte[]> sent = start(() -> send(sys, s, bytes, 3));
        FutureTask<byte[]> back = start(() -> receive(sys, s, bytes));
        assertArrayEquals(join(sent), join(back));
    }
}
