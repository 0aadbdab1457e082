package org.rump4j.fs.ext2fs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Checksums against the check values that catalogues of CRCs give for the digits 1 to 9. */
final class ChecksumTest {
    private static final byte[] DIGITS = "123456789".getBytes(StandardCharsets.US_ASCII);

    @Test
    void crc32cOfTheDigitsIsThatOfTheCatalogue() {
        assertEquals(0xE3069283, ~Crc32c.update(Crc32c.INITIAL, DIGITS));
    }

    @Test
    void crc32cGoesOnFromAnyStateAsBitsDo() {
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            int state = random.nextInt();
            byte[] bytes = new byte[random.nextInt(100)];
            random.nextBytes(bytes);
            assertEquals(bitwise(state, bytes), Crc32c.update(state, bytes));
        }
    }

    @Test
    void crc32cOfNumbersIsThatOfTheirBytes() {
        byte[] bytes = {0x78, 0x56, 0x34, 0x12};
        assertEquals(Crc32c.update(7, bytes), Crc32c.updateLe32(7, 0x12345678));
        assertEquals(Crc32c.update(7, bytes), Crc32c.updateBe32(7, 0x78563412));
        assertEquals(Crc32c.update(7, new byte[] {0x78, 0x56}), Crc32c.updateLe16(7, 0x5678));
    }

    @Test
    void crc16OfTheDigitsIsThatOfTheCatalogue() {
        assertEquals(0x4B37, Crc16.update(Crc16.INITIAL, MemorySegment.ofArray(DIGITS), 0, DIGITS.length));
    }

    @Test
    void crc32OfTheJournalIsThatOfTheCatalogue() {
        assertEquals(0x0376E6E7, Crc32Be.update(Crc32Be.INITIAL, MemorySegment.ofArray(DIGITS)));
    }

    private static int bitwise(int state, byte[] bytes) {
        int crc = state;
        for (byte b : bytes) {
            crc ^= b & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) != 0 ? (crc >>> 1) ^ 0x82F63B78 : crc >>> 1;
            }
        }
        return crc;
    }
}
