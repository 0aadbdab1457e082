package org.rump4j.netbsd.bind;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.Toolchain;
import org.rump4j.netbsd.link.Catalogue;
import org.rump4j.rumpuser.BlockIoCalls;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.real.RealHost;

/** Who does a request, on a host whose clock says how long each takes. */
final class BlockIoTest {
    private static final int READ = BlockIoCalls.BIO_READ;
    private static final int WRITE = BlockIoCalls.BIO_WRITE;
    private static final int DURABLE = BlockIoCalls.BIO_WRITE | BlockIoCalls.BIO_SYNC;
    private static final long FAST = 1_000;
    private static final long SLOW = 1_000_000;

    /** 1 where the caller has done it, 2 where another thread has; an error is negative. */
    private static final String SOURCE = """
            static __thread int who;
            static int *by, error;
            static size_t count;
            static void done(void *arg, size_t n, int e) {
                count = n;
                error = e;
                __sync_synchronize();
                *(int **)arg = &who;
            }
            static char data[512] = "data";
            long request(int fd, int op, long off) {
                by = 0;
                rumpuser_bio(fd, op, data, sizeof(data), off, done, &by);
                while (!*(int *volatile *)&by) rumpuser_clock_sleep(0, 0, 100000);
                return error ? -error : count != sizeof(data) ? -1000 : by == &who ? 1 : 2;
            }
            int open_(const char *path) { int fd; return rumpuser_open(path, 2, &fd) ? -1 : fd; }
            """;

    @TempDir
    Path dir;

    private final AtomicLong step = new AtomicLong(FAST);
    private Guest guest;
    private long request;
    private int fd;
    private Path disk;

    @BeforeEach
    void load() throws Exception {
        Toolchain.assumeGuests();
        AtomicLong now = new AtomicLong();
        RealHost real =
                RealHost.builder().console(OutputStream.nullOutputStream()).build();
        Rumpuser host = (Rumpuser) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Rumpuser.class}, (_, method, arguments) -> {
                    if (method.getName().equals("clockGettime")) {
                        return now.addAndGet(step.get());
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        String library = CGuest.library(dir, SOURCE).toString();
        guest = Guest.load(Guest.plan(Catalogue.of(List.of()), List.of(library)), host);
        guest.hearsOfBlockIoAtOnce();
        assertEquals(0, guest.call(guest.images().function("init"), Rumpuser.VERSION));
        request = guest.images().function("request");
        disk = Files.write(dir.resolve("disk"), new byte[4096]);
        try (Arena arena = Arena.ofConfined()) {
            long path = arena.allocateFrom(disk.toString()).address();
            fd = (int) guest.call(guest.images().function("open_"), path);
        }
    }

    @AfterEach
    void close() {
        if (guest != null) {
            guest.close();
        }
    }

    private long request(int op, long off) {
        return guest.call(request, fd, op, off);
    }

    @Test
    void whatIsAnsweredAtOnceIsDoneByItsCaller() throws Exception {
        for (int op : new int[] {WRITE, DURABLE, READ, READ | BlockIoCalls.BIO_SYNC}) {
            assertEquals(1, request(op, 512));
            assertEquals(1, request(op, 512));
        }
        byte[] all = Files.readAllBytes(disk);
        assertArrayEquals(
                new byte[] {0, 'd', 'a', 't', 'a'}, new byte[] {all[511], all[512], all[513], all[514], all[515]});
    }

    @Test
    void afterASlowOneTheNextAreDoneByOthersAndThenItIsTriedAgain() {
        step.set(SLOW);
        assertEquals(1, request(READ, 0));
        step.set(FAST);
        for (int i = 0; i < 64; i++) {
            assertEquals(2, request(i % 2 == 0 ? READ : WRITE, 0));
        }
        assertEquals(1, request(READ, 0));
        assertEquals(1, request(WRITE, 0));
    }

    @Test
    void slowFlushesAreForOthersAndReadsAreNot() {
        step.set(SLOW / 10);
        assertEquals(1, request(DURABLE, 0));
        for (int i = 0; i < 64; i++) {
            assertEquals(2, request(DURABLE, 0));
            assertEquals(1, request(READ, 0));
            assertEquals(1, request(WRITE, 0));
        }
        assertEquals(1, request(DURABLE, 0));
    }

    @Test
    void aMistakeIsAnOutcomeWhoeverFindsIt() {
        for (int op : new int[] {WRITE, DURABLE, READ}) {
            assertEquals(-22, request(op, -512));
            assertEquals(-9, guest.call(request, 4711, op, 0));
        }
    }
}
