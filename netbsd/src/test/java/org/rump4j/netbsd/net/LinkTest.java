package org.rump4j.netbsd.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** What frames travel on in the JVM. */
final class LinkTest {
    private static final int BROADCAST = 0xff;

    /** A frame between stations that have a number, with something in it. */
    private static MemorySegment frame(int to, int from, int bytes) {
        byte[] out = new byte[bytes];
        new Random(bytes).nextBytes(out);
        Arrays.fill(out, 0, 6, (byte) (to == BROADCAST ? BROADCAST : 0x02));
        out[5] = (byte) to;
        Arrays.fill(out, 6, 12, (byte) 0x02);
        out[11] = (byte) from;
        return MemorySegment.ofArray(out);
    }

    private static void assertGets(MemorySegment expected, Link.Port port) {
        MemorySegment got = port.poll();
        assertNotNull(got, "no frame");
        assertTrue(got.isNative());
        assertArrayEquals(expected.toArray(ValueLayout.JAVA_BYTE), got.toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void aWireCarriesFramesBothWaysAndInOrder() throws Exception {
        Wire wire = new Wire();
        Link.Port a = wire.attach();
        Link.Port b = wire.attach();
        for (int bytes : new int[] {14, 15, 1514, 9018}) {
            a.send(frame(2, 1, bytes));
            b.send(frame(1, 2, bytes));
        }
        for (int bytes : new int[] {14, 15, 1514, 9018}) {
            assertGets(frame(2, 1, bytes), b);
            assertGets(frame(1, 2, bytes), a);
        }
        assertNull(a.poll());
        assertEquals(
                Errno.EBUSY, assertThrows(ErrnoException.class, wire::attach).errno());
        b.close();
        a.send(frame(2, 1, 100));
        Link.Port c = wire.attach();
        assertNull(c.poll());
        a.send(frame(2, 1, 101));
        assertGets(frame(2, 1, 101), c);
    }

    @Test
    void aFrameInPiecesArrivesWhole() throws Exception {
        Wire wire = new Wire();
        Link.Port a = wire.attach();
        Link.Port b = wire.attach();
        MemorySegment whole = frame(2, 1, 1000);
        a.send(whole.asSlice(0, 3), whole.asSlice(3, 0), whole.asSlice(3, 500), whole.asSlice(503));
        assertGets(whole, b);
    }

    @Test
    void whatIsNoFrameIsLost() throws Exception {
        Wire wire = new Wire();
        Link.Port a = wire.attach();
        Link.Port b = wire.attach();
        a.send(frame(2, 1, 14).asSlice(0, 13));
        a.send();
        a.send(MemorySegment.ofArray(new byte[9019]));
        assertNull(b.poll());
    }

    @Test
    void frameAfterFrameGoesRoundTheRing() throws Exception {
        Wire wire = new Wire();
        Link.Port a = wire.attach();
        Link.Port b = wire.attach();
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            int bytes = 14 + random.nextInt(1501);
            a.send(frame(2, 1, bytes));
            assertGets(frame(2, 1, bytes), b);
        }
    }

    @Test
    void aQueueThatIsFullLosesTheNewestAndRecovers() throws Exception {
        Wire wire = new Wire();
        Link.Port a = wire.attach();
        Link.Port b = wire.attach();
        for (int i = 0; i < 10_000; i++) {
            a.send(frame(2, 1, 1000 + i % 100));
        }
        int got = 0;
        while (b.poll() != null) {
            got++;
        }
        assertTrue(got > 100 && got < 10_000, got + " frames");
        for (int i = 0; i < 2 * got; i++) {
            a.send(frame(2, 1, 700));
            assertGets(frame(2, 1, 700), b);
        }
    }

    @Test
    void whoWaitsGetsEachFrameOfManySenders() throws Exception {
        Switch network = new Switch();
        Link.Port receiver = network.attach();
        receiver.send(frame(BROADCAST, 9, 60));
        AtomicInteger count = new AtomicInteger();
        FutureTask<Integer> task = new FutureTask<>(() -> {
            while (receiver.take() != null) {
                count.incrementAndGet();
            }
            return count.get();
        });
        new Thread(task).start();
        Thread[] senders = new Thread[3];
        for (int i = 0; i < senders.length; i++) {
            Link.Port port = network.attach();
            int number = i;
            senders[i] = new Thread(() -> {
                for (int n = 0; n < 100; n++) {
                    port.send(frame(9, number, 200));
                }
            });
            senders[i].start();
        }
        for (Thread sender : senders) {
            sender.join();
        }
        // A frame that is lost is one that never comes.
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (count.get() < 300 && System.nanoTime() - deadline < 0) {
            Thread.onSpinWait();
        }
        receiver.close();
        assertEquals(300, task.get(60, TimeUnit.SECONDS));
        assertNull(receiver.take());
    }

    @Test
    void aSwitchLearnsWhoIsWhere() {
        Switch network = new Switch();
        Link.Port a = network.attach();
        Link.Port b = network.attach();
        Link.Port c = network.attach();
        a.send(frame(2, 1, 50));
        assertGets(frame(2, 1, 50), b);
        assertGets(frame(2, 1, 50), c);
        assertNull(a.poll());
        b.send(frame(1, 2, 51));
        assertGets(frame(1, 2, 51), a);
        assertNull(c.poll());
        a.send(frame(2, 1, 52));
        assertGets(frame(2, 1, 52), b);
        assertNull(c.poll());
        a.send(frame(BROADCAST, 1, 53));
        assertGets(frame(BROADCAST, 1, 53), b);
        assertGets(frame(BROADCAST, 1, 53), c);
        // It has moved.
        c.send(frame(1, 2, 54));
        assertGets(frame(1, 2, 54), a);
        a.send(frame(2, 1, 55));
        assertGets(frame(2, 1, 55), c);
        assertNull(b.poll());
        c.close();
        a.send(frame(2, 1, 56));
        assertGets(frame(2, 1, 56), b);
        // To itself.
        a.send(frame(1, 1, 57));
        assertNull(a.poll());
        assertNull(b.poll());
    }

    @Test
    void aSwitchThatKnowsTooManyStillForwards() {
        Switch network = new Switch();
        Link.Port a = network.attach();
        Link.Port b = network.attach();
        @Nullable MemorySegment got = null;
        for (int i = 0; i < 10_000; i++) {
            byte[] f = new byte[20];
            f[5] = 7;
            f[8] = (byte) (i >> 8);
            f[9] = (byte) i;
            a.send(MemorySegment.ofArray(f));
            got = b.poll();
            assertNotNull(got);
        }
        b.send(frame(1, 2, 60));
        assertGets(frame(1, 2, 60), a);
    }
}
