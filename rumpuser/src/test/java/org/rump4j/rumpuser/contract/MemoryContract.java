package org.rump4j.rumpuser.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rumpuser.Errno;

/** Memory. */
abstract class MemoryContract extends Contract {
    private static final long PAGE = 4096;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 8, 64, 4096, 65536})
    void memoryIsAlignedAsAskedAndAsLargeAsAsked(long alignment) throws Throwable {
        for (long size : new long[] {1, 7, 4096, 100_000}) {
            MemorySegment memory = host.malloc(size, alignment);
            assertEquals(0, memory.address() % alignment);
            assertEquals(size, memory.byteSize());
            memory.fill((byte) 0x5a);
            assertEquals(0x5a, memory.get(ValueLayout.JAVA_BYTE, size - 1));
            host.free(memory);
        }
    }

    @Test
    void noAlignmentMeansThatOfAPointer() throws Throwable {
        MemorySegment memory = host.malloc(24, 0);
        assertEquals(0, memory.address() % 8);
        host.free(memory);
    }

    @Test
    void nothingIsAPlaceOfItsOwn() throws Throwable {
        MemorySegment one = host.malloc(0, 0);
        MemorySegment another = host.malloc(0, 0);
        assertEquals(0, one.byteSize());
        assertNotEquals(0, one.address());
        assertNotEquals(one.address(), another.address());
        host.free(one);
        host.free(another);
    }

    @Test
    void freeingNullDoesNothingAndFreeingTwiceIsAMistake() throws Throwable {
        host.free(null);
        MemorySegment memory = host.malloc(16, 0);
        host.free(memory);
        assertMistake(IllegalArgumentException.class, () -> host.free(memory));
    }

    @Test
    void freedMemoryIsOutOfReach() throws Throwable {
        MemorySegment memory = host.malloc(16, 0);
        host.free(memory);
        assertThrows(IllegalStateException.class, () -> memory.get(ValueLayout.JAVA_BYTE, 0));
    }

    @Test
    void anotherThreadMayUseAndFreeMemory() throws Throwable {
        MemorySegment memory = host.malloc(16, 0);
        start("other", () -> {
                    memory.fill((byte) 1);
                    host.free(memory);
                })
                .join();
    }

    @Test
    void moreThanThereIsIsAnErrorAndNotADisaster() {
        assertErrno(Errno.ENOMEM, () -> host.malloc(Long.MAX_VALUE / 4, 0));
        assertErrno(Errno.ENOMEM, () -> host.malloc(Long.MAX_VALUE, 4096));
        assertErrno(Errno.ENOMEM, () -> host.anonmmap(0, Long.MAX_VALUE / 4, 0, false));
    }

    @Test
    void argumentsThatMakeNoSenseAreErrors() {
        assertErrno(Errno.EINVAL, () -> host.malloc(-1, 0));
        assertErrno(Errno.EINVAL, () -> host.malloc(16, 24));
        assertErrno(Errno.EINVAL, () -> host.malloc(16, -8));
        assertErrno(Errno.EINVAL, () -> host.anonmmap(0, 0, 0, false));
        assertErrno(Errno.EINVAL, () -> host.anonmmap(0, -4096, 0, false));
        assertErrno(Errno.EINVAL, () -> host.anonmmap(0, 4096, -1, false));
        assertErrno(Errno.EINVAL, () -> host.anonmmap(0, 4096, 63, false));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 12, 16, 21})
    void anonymousMemoryIsZeroedAndAlignedToAPageAtLeast(int alignbit) throws Throwable {
        MemorySegment memory = host.anonmmap(0, 3 * PAGE, alignbit, false);
        assertEquals(0, memory.address() % Math.max(PAGE, 1L << alignbit));
        assertEquals(-1, memory.mismatch(MemorySegment.ofArray(new byte[(int) (3 * PAGE)])));
        memory.fill((byte) 7);
        host.unmap(memory);
        assertThrows(IllegalStateException.class, () -> memory.get(ValueLayout.JAVA_BYTE, 0));
    }

    @Test
    void unmappingWhatIsNotMappedIsIgnored() throws Throwable {
        MemorySegment memory = host.anonmmap(0, PAGE, 0, false);
        host.unmap(memory);
        host.unmap(memory);
        host.unmap(room(16));
    }
}
