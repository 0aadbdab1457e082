package org.rump4j.kern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rump.Lwproc;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

class KmemTest {
    private static OpenKernel withLimit(String limit) throws ErrnoException {
        OpenKernel k = OpenKernel.boot(Map.of("RUMP_MEMLIMIT", limit));
        k.handle.lwproc().rfork(Lwproc.RFCFDG);
        return k;
    }

    @ParameterizedTest
    @CsvSource({"1048576, 1048576", "512k, 524288", "3m, 3145728", "2g, 2147483648"})
    void theLimitIsANumberWithOrWithoutASuffix(String text, long bytes) throws Exception {
        try (OpenKernel k = withLimit(text)) {
            assertEquals(bytes, k.kernel.kmem().limitBytes());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "m",
                "1M",
                "1t",
                "-1m",
                " 1m",
                "1m ",
                "1.5m",
                "0x100000",
                "99999999999999999999",
                "9999999999999g",
                "0",
                "100k"
            })
    void aLimitThatMakesNoSenseIsInvalid(String text) {
        assertErrno(Errno.EINVAL, () -> withLimit(text));
    }

    @Test
    void withoutALimitThereAre512MiB() throws Exception {
        try (OpenKernel k = OpenKernel.boot()) {
            assertEquals(512 << 20, k.kernel.kmem().limitBytes());
        }
    }

    @Test
    void memoryIsCountedUntilThereIsNoMore() throws Exception {
        try (OpenKernel k = withLimit("1m")) {
            Kmem kmem = k.kernel.kmem();
            long before = kmem.usedBytes();
            MemorySegment memory = kmem.alloc(4096, 4096);
            assertEquals(4096, memory.byteSize());
            assertEquals(before + 4096, kmem.usedBytes());
            assertErrno(Errno.ENOMEM, () -> kmem.alloc((1 << 20) - before, 8));
            assertNull(kmem.tryAlloc((1 << 20) - before, 8));
            assertFalse(kmem.tryReserve((1 << 20) - before));
            assertErrno(Errno.ENOMEM, () -> kmem.reserve(Long.MAX_VALUE));
            kmem.free(memory);
            assertEquals(before, kmem.usedBytes());
            kmem.reserve((1 << 20) - before);
            kmem.release((1 << 20) - before);
        }
    }

    @Test
    void whoCanDoWithoutSomeIsAskedForIt() throws Exception {
        try (OpenKernel k = withLimit("1m")) {
            Kmem kmem = k.kernel.kmem();
            long[] cached = {600 << 10};
            List<Long> asked = new ArrayList<>();
            kmem.reserve(cached[0]);
            kmem.addReclaimer(wanted -> {
                asked.add(wanted);
                long given = Math.min(cached[0], Math.max(wanted, 100 << 10));
                cached[0] -= given;
                kmem.release(given);
                return given;
            });
            kmem.reserve(500 << 10);
            assertFalse(asked.isEmpty());
            assertErrno(Errno.ENOMEM, () -> kmem.reserve(900 << 10));
            assertEquals(0, cached[0]);
            int times = asked.size();
            assertErrno(Errno.ENOMEM, () -> kmem.reserve(2 << 20));
            assertEquals(times, asked.size(), "nobody is asked for what could never be enough");
        }
    }

    @Test
    void pipesCountAndGiveBack() throws Exception {
        try (OpenKernel k = withLimit("1m")) {
            long before = k.kernel.kmem().usedBytes();
            List<int[]> pipes = new ArrayList<>();
            assertErrno(Errno.ENOMEM, () -> {
                while (pipes.size() < 1000) {
                    pipes.add(k.sys.pipe2(0));
                }
            });
            assertTrue(pipes.size() > 3, pipes.size() + " pipes");
            int[] first = pipes.getFirst();
            k.sys.write(first[1], new byte[10]);
            for (int[] pipe : pipes) {
                k.sys.close(pipe[0]);
                k.sys.close(pipe[1]);
            }
            assertEquals(before, k.kernel.kmem().usedBytes());
            k.sys.pipe2(0);
        }
    }
}
