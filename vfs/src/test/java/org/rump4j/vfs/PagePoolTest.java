package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PagePoolTest {
    private static final int KIB = 1024;

    private TestKernel kernel;

    @BeforeEach
    void boot() throws Exception {
        kernel = TestKernel.boot();
    }

    @AfterEach
    void halt() {
        kernel.close();
    }

    private interface Body {
        void run(PagePool pool) throws Exception;
    }

    private void with(long maxBytes, Body body) throws Exception {
        kernel.inside(_ -> {
            body.run(new PagePool(kernel.kernel().kmem(), maxBytes));
            return true;
        });
    }

    @Test
    void sizesArePowersOfTwoFromOneToSixtyFourKiB() {
        assertEquals(10, PagePool.shiftFor(1));
        assertEquals(10, PagePool.shiftFor(1024));
        assertEquals(11, PagePool.shiftFor(1025));
        assertEquals(12, PagePool.shiftFor(4096));
        assertEquals(16, PagePool.shiftFor(32 * KIB + 1));
        assertEquals(16, PagePool.shiftFor(64 * KIB));
    }

    @Test
    void piecesDoNotOverlap() throws Exception {
        with(1024 * KIB, pool -> {
            Random random = new Random(42);
            List<PagePool.Piece> pieces = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                if (random.nextInt(3) > 0) {
                    PagePool.Piece piece = pool.allocate(10 + random.nextInt(7));
                    if (piece != null) {
                        for (PagePool.Piece other : pieces) {
                            assertTrue(piece.memory
                                    .asOverlappingSlice(other.memory)
                                    .isEmpty());
                        }
                        pieces.add(piece);
                        assertEquals(0, piece.memory.address() % piece.bytes());
                    }
                } else if (!pieces.isEmpty()) {
                    pool.free(pieces.remove(random.nextInt(pieces.size())));
                }
            }
            pieces.forEach(pool::free);
            assertTrue(pool.slabBytes() <= 1024 * KIB);
            assertTrue(pool.trim() > 0);
            assertEquals(0, pool.slabBytes());
        });
    }

    @Test
    void whatIsFreeGrowsTogether() throws Exception {
        with(256 * KIB, pool -> {
            List<PagePool.Piece> small = new ArrayList<>();
            for (PagePool.Piece piece = pool.allocate(10); piece != null; piece = pool.allocate(10)) {
                small.add(piece);
            }
            assertEquals(256, small.size());
            assertNull(pool.allocate(16));
            small.forEach(pool::free);
            for (int i = 0; i < 4; i++) {
                assertNotNull(pool.allocate(16));
            }
            assertNull(pool.allocate(10));
        });
    }

    @Test
    void aSmallPoolHasSmallSlabs() throws Exception {
        with(192 * KIB, pool -> {
            for (int i = 0; i < 3; i++) {
                assertNotNull(pool.allocate(16));
            }
            assertNull(pool.allocate(10));
        });
    }

    @Test
    void slabsInUseAreNotTrimmed() throws Exception {
        with(4096 * KIB, pool -> {
            PagePool.Piece piece = pool.allocate(10);
            assertNotNull(piece);
            assertEquals(0, pool.trim());
            MemorySegment memory = piece.memory;
            memory.fill((byte) 1);
            pool.free(piece);
            assertTrue(pool.trim() > 0);
        });
    }

    @Test
    void theKernelsLimitHolds() throws Exception {
        kernel.close();
        kernel = TestKernel.builder().environment("RUMP_MEMLIMIT", "256k").boot();
        with(Long.MAX_VALUE / 2, pool -> {
            long got = 0;
            for (PagePool.Piece piece = pool.allocate(16); piece != null; piece = pool.allocate(16)) {
                got += piece.bytes();
            }
            assertTrue(got > 0 && got <= 256 * KIB, got + " bytes");
            assertFalse(kernel.kernel().kmem().usedBytes() > 256 * KIB);
        });
    }
}
