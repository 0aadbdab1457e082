package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

class BufCacheTest {
    private TestKernel kernel;
    private FakeDisk disk;
    private BufCache cache;

    @BeforeEach
    void boot() throws Exception {
        boot("4m");
    }

    private void boot(String memory) throws Exception {
        kernel = TestKernel.builder().environment("RUMP_MEMLIMIT", memory).boot();
        disk = new FakeDisk(16 << 20);
        cache = new BufCache(kernel.vfs().pageCache(), disk, () -> {}, "disk");
    }

    @AfterEach
    void halt() {
        kernel.close();
    }

    private interface Body {
        void run() throws Exception;
    }

    private void inside(Body body) throws Exception {
        kernel.inside(_ -> {
            body.run();
            return true;
        });
    }

    private void assertBlock(long offset, int bytes) throws ErrnoException {
        try (Buf buf = cache.bread(offset, bytes)) {
            assertEquals(offset, buf.offset());
            assertEquals(bytes, buf.data().byteSize());
            assertArrayEquals(FakeDisk.bytes(offset, bytes), buf.data().toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Test
    void blocksOfEverySizeAreRead() throws Exception {
        inside(() -> {
            long at = 0;
            for (int bytes = 1024; bytes <= 64 << 10; bytes *= 2) {
                at = (at + bytes - 1) & -bytes;
                assertBlock(at, bytes);
                at += bytes;
            }
        });
    }

    @Test
    void aBlockIsReadOnceAndIsOneForAll() throws Exception {
        inside(() -> {
            try (Buf first = cache.bread(8192, 4096);
                    Buf second = cache.bread(8192, 4096);
                    Buf other = cache.bread(0, 4096)) {
                assertSame(first.data(), second.data());
                assertNotSame(first.data(), other.data());
            }
            assertBlock(8192, 4096);
            assertEquals(2, disk.reads.size());
            cache.clear();
            assertBlock(8192, 4096);
            assertEquals(3, disk.reads.size());
        });
    }

    @Test
    void whatIsNotOnTheDeviceIsAnError() throws Exception {
        inside(() -> {
            for (long offset : new long[] {-4096, 16 << 20, (16 << 20) - 2048, Long.MAX_VALUE - 100}) {
                ErrnoException e = assertThrows(ErrnoException.class, () -> cache.bread(offset, 4096));
                assertEquals(Errno.EIO, e.errno());
                cache.readahead(offset, 4096);
            }
            assertEquals(List.of(), disk.reads);
        });
    }

    @Test
    void anErrorIsToldAndNotRemembered() throws Exception {
        inside(() -> {
            disk.failAfter.set(0);
            ErrnoException e = assertThrows(ErrnoException.class, () -> cache.bread(0, 1024));
            assertEquals(Errno.EIO, e.errno());
            disk.failAfter.set(Integer.MAX_VALUE);
            assertBlock(0, 1024);
        });
    }

    @Test
    void whatIsWantedSoonIsThereAlready() throws Exception {
        inside(() -> {
            cache.readahead(4096, 4096);
            assertBlock(4096, 4096);
            assertEquals(List.of(new FakeDisk.Transfer(4096, 4096, true)), disk.reads);
            disk.failAfter.set(0);
            cache.readahead(8192, 4096);
            disk.failAfter.set(Integer.MAX_VALUE);
            assertBlock(8192, 4096);
        });
    }

    @Test
    void whoWantsWhatIsUnderWayWaitsForIt() throws Exception {
        disk.holdAsync = true;
        inside(() -> cache.readahead(0, 4096));
        List<Throwable> failures = new ArrayList<>();
        Thread waiter = Thread.ofPlatform().start(() -> {
            try {
                inside(() -> assertBlock(0, 4096));
            } catch (Throwable t) {
                failures.add(t);
            }
        });
        inside(disk::finishAsync);
        waiter.join();
        assertEquals(List.of(), failures);
        assertEquals(1, disk.reads.size());
    }

    @Test
    void blocksInUseStayAndOthersGo() throws Exception {
        kernel.close();
        boot("256k");
        inside(() -> {
            try (Buf held = cache.bread(0, 4096)) {
                byte[] before = held.data().toArray(ValueLayout.JAVA_BYTE);
                for (int i = 1; i < 500; i++) {
                    assertBlock(i * 4096L, 4096);
                }
                assertArrayEquals(before, held.data().toArray(ValueLayout.JAVA_BYTE));
                assertTrue(kernel.kernel().kmem().usedBytes() <= 256 << 10);
            }
        });
    }

    @Test
    void whereAllAreInUseItIsENOMEM() throws Exception {
        kernel.close();
        boot("256k");
        inside(() -> {
            List<Buf> held = new ArrayList<>();
            ErrnoException e = assertThrows(ErrnoException.class, () -> {
                for (int i = 0; i < 100; i++) {
                    held.add(cache.bread(i * 65536L, 65536));
                }
            });
            assertEquals(Errno.ENOMEM, e.errno());
            assertTrue(!held.isEmpty());
            held.forEach(Buf::close);
            held.forEach(Buf::close);
            assertBlock(65536 * 50, 65536);
        });
    }
}
