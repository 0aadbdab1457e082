package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.rumpuser.ErrnoException;

/** Blocks of a device that are changed, and when they are written. */
class BufWriteTest {
    private static final int BLOCK = 4096;

    private TestKernel kernel;
    private RecordingDisk disk;
    private BufCache bufs;
    private final AtomicInteger dirtied = new AtomicInteger();

    @BeforeEach
    void boot() throws Exception {
        kernel = TestKernel.builder().environment("RUMP_MEMLIMIT", "2m").boot();
        disk = new RecordingDisk(8 << 20);
        bufs = kernel.inside(_ -> new BufCache(kernel.vfs().pageCache(), disk, dirtied::incrementAndGet, "disk"));
    }

    @AfterEach
    void halt() {
        kernel.close();
    }

    private interface Body {
        void run() throws ErrnoException;
    }

    private void inside(Body body) throws Exception {
        kernel.inside(_ -> {
            body.run();
            return kernel;
        });
    }

    /** Fills a block with a byte. */
    private void change(int number, int value, WriteStage stage) throws ErrnoException {
        try (Buf buf = bufs.bread((long) number * BLOCK, BLOCK)) {
            buf.data().fill((byte) value);
            buf.dirty(stage);
        }
    }

    private static RecordingDisk.Write write(int number, int blocks) {
        return new RecordingDisk.Write((long) number * BLOCK, blocks * BLOCK);
    }

    @Test
    void aStageIsWrittenWhenItIsToldTo() throws Exception {
        inside(() -> {
            change(1, 1, WriteStage.LOSE);
            change(2, 2, WriteStage.MAP);
            change(3, 3, WriteStage.GAIN);
            change(4, 4, WriteStage.FRESH);
            assertEquals(4, dirtied.get());
            assertEquals(List.of(), disk.takeEvents());
            for (WriteStage stage : WriteStage.values()) {
                assertTrue(bufs.writeStage(stage));
                assertFalse(bufs.writeStage(stage));
            }
            assertEquals(List.of(write(4, 1), write(2, 1), write(3, 1), write(1, 1)), disk.takeEvents());
        });
    }

    @Test
    void theLaterStageCountsButWhatIsFreshStaysSo() throws Exception {
        inside(() -> {
            change(1, 1, WriteStage.LOSE);
            change(1, 1, WriteStage.MAP);
            change(2, 1, WriteStage.MAP);
            change(2, 1, WriteStage.GAIN);
            change(3, 1, WriteStage.FRESH);
            change(3, 1, WriteStage.LOSE);
            try (Buf one = bufs.bread(BLOCK, BLOCK);
                    Buf two = bufs.bread(2 * BLOCK, BLOCK);
                    Buf three = bufs.bread(3 * BLOCK, BLOCK)) {
                assertEquals(WriteStage.LOSE, one.stage());
                assertEquals(WriteStage.GAIN, two.stage());
                assertEquals(WriteStage.FRESH, three.stage());
                bufs.writeStage(WriteStage.FRESH);
                assertNull(three.stage());
                three.dirty(WriteStage.MAP);
                assertEquals(WriteStage.MAP, three.stage());
            }
        });
    }

    @Test
    void neighboursAreWrittenInOneRequestInOrder() throws Exception {
        inside(() -> {
            for (int number : new int[] {9, 3, 5, 4, 100, 10}) {
                change(number, number, WriteStage.MAP);
            }
            bufs.writeStage(WriteStage.MAP);
            assertEquals(List.of(write(3, 3), write(9, 2), write(100, 1)), disk.takeEvents());
        });
        for (int number : new int[] {9, 3, 5, 4, 100, 10}) {
            byte[] expected = new byte[BLOCK];
            Arrays.fill(expected, (byte) number);
            assertArrayEquals(expected, disk.contents((long) number * BLOCK, BLOCK));
        }
    }

    @Test
    void aBlockThatIsMadeIsNotReadAndIsZeros() throws Exception {
        inside(() -> {
            int reads = disk.reads();
            try (Buf buf = bufs.getblk(7 * BLOCK, BLOCK)) {
                buf.dirty(WriteStage.FRESH);
            }
            assertEquals(reads, disk.reads());
            bufs.writeStage(WriteStage.FRESH);
        });
        assertArrayEquals(new byte[BLOCK], disk.contents(7 * BLOCK, BLOCK));
    }

    @Test
    void whatIsDiscardedIsNotWritten() throws Exception {
        inside(() -> {
            change(1, 1, WriteStage.FRESH);
            change(2, 2, WriteStage.MAP);
            try (Buf inUse = bufs.bread(BLOCK, BLOCK)) {
                bufs.discard(BLOCK);
                inUse.data().fill((byte) 9);
                inUse.dirty(WriteStage.MAP);
                bufs.discard(BLOCK);
            }
            bufs.discard(3 * BLOCK);
            bufs.writeStage(WriteStage.FRESH);
            bufs.writeStage(WriteStage.MAP);
            assertEquals(List.of(write(2, 1)), disk.takeEvents());
            try (Buf again = bufs.bread(BLOCK, BLOCK)) {
                assertEquals(RecordingDisk.RUBBISH, again.data().get(ValueLayout.JAVA_BYTE, 0));
            }
        });
    }

    @Test
    void whatIsDirtyStaysWhileOthersAreTakenAway() throws Exception {
        inside(() -> {
            change(0, 42, WriteStage.MAP);
            for (int number = 1; number < 2000; number++) {
                bufs.bread((long) number * BLOCK, BLOCK).close();
            }
            assertEquals(List.of(), disk.takeEvents());
            int reads = disk.reads();
            try (Buf buf = bufs.bread(0, BLOCK)) {
                assertEquals(42, buf.data().get(ValueLayout.JAVA_BYTE, 0));
            }
            assertEquals(reads, disk.reads());
        });
    }

    @Test
    void whoMakesMuchDirtyIsToldToCommitBeforeMemoryEnds() throws Exception {
        inside(() -> {
            int made = 0;
            while (!bufs.needsCommit()) {
                change(made++, 1, WriteStage.MAP);
            }
            assertTrue((long) made * BLOCK > bufs.dirtyLimitBytes());
            assertTrue((long) (made - 1) * BLOCK <= bufs.dirtyLimitBytes());
            change(made++, 1, WriteStage.MAP);
            bufs.writeStage(WriteStage.MAP);
            assertFalse(bufs.needsCommit());
        });
    }

    @Test
    void whatCannotBeWrittenStaysDirtyAndIsTriedAgain() throws Exception {
        inside(() -> {
            change(1, 1, WriteStage.MAP);
            change(50, 2, WriteStage.MAP);
            disk.failsAt = offset -> offset < 2 * BLOCK;
            assertThrows(ErrnoException.class, () -> bufs.writeStage(WriteStage.MAP));
            assertEquals(List.of(write(50, 1)), disk.takeEvents());
            disk.failsAt = _ -> false;
            assertTrue(bufs.writeStage(WriteStage.MAP));
            assertEquals(List.of(write(1, 1)), disk.takeEvents());
        });
    }

    @Test
    void clearingDropsWhatIsDirty() throws Exception {
        inside(() -> {
            change(1, 1, WriteStage.MAP);
            bufs.clear();
            assertFalse(bufs.writeStage(WriteStage.MAP));
            assertEquals(List.of(), disk.takeEvents());
        });
    }
}
