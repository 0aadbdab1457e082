package org.rump4j.netbsd.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** A kernel of another release than is known is told by how far it writes. (That those of the build pass is seen whenever one boots.) */
final class LayoutCheckTest {
    private static MemorySegment written(int bytes) {
        byte[] room = new byte[100];
        Arrays.fill(room, bytes, room.length, (byte) 0xa5);
        return MemorySegment.ofArray(room);
    }

    @Test
    void aStructureMayBeNeitherLongerNorShorter() {
        assertNull(LayoutCheck.problem("stat", written(60), 60));
        assertEquals("struct stat has 68 bytes, not 60", LayoutCheck.problem("stat", written(68), 60));
        assertEquals("struct stat has 52 bytes, not 60", LayoutCheck.problem("stat", written(52), 60));
    }

    /** Records as NetBSD 2 had them, and as it has them now. */
    @Test
    void namesOfADirectoryAreWhereTheyAreKnownToBe() {
        MemorySegment now = MemorySegment.ofArray(new long[2]);
        now.set(ValueLayout.JAVA_LONG, 0, 2);
        now.set(ValueLayout.JAVA_SHORT, 8, (short) 16);
        now.set(ValueLayout.JAVA_SHORT, 10, (short) 1);
        now.set(ValueLayout.JAVA_BYTE, 13, (byte) '.');
        assertNull(LayoutCheck.problem(now));
        MemorySegment then = MemorySegment.ofArray(new long[2]);
        then.set(ValueLayout.JAVA_INT, 0, 2);
        then.set(ValueLayout.JAVA_SHORT, 4, (short) 12);
        then.set(ValueLayout.JAVA_BYTE, 7, (byte) 1);
        then.set(ValueLayout.JAVA_BYTE, 8, (byte) '.');
        assertEquals("struct dirent has its name elsewhere", LayoutCheck.problem(then));
    }
}
