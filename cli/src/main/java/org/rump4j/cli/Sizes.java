package org.rump4j.cli;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Sizes for people: in blocks of the length that they like, or with a letter. */
final class Sizes {
    /** What {@code st_blocks} counts. */
    static final int DEV_BSIZE = 512;

    private static final String LETTERS = "BKMGTPE";
    private static final int MAX_DIGITS = 18;
    private static final long MAX_BLOCK = 1L << 30;
    private static final long LESS_THAN_FOUR_CHARACTERS = 99_950;

    private Sizes() {}

    /**
     * In four characters, as {@code humanize_number(3)} does for {@code ls -h}: three digits, or a digit, a point and a
     * digit, and a letter.
     */
    static String human(long bytes) {
        long scaled = bytes;
        long rest = 0;
        int letter = 0;
        // The rest is kept to round what is printed; 99 950 hundredths would be printed with four digits.
        long hundredths = Math.multiplyHigh(bytes, 100) == 0 ? bytes * 100 : Long.MAX_VALUE;
        while (hundredths >= LESS_THAN_FOUR_CHARACTERS && letter < LETTERS.length() - 1) {
            rest = scaled & 1023;
            scaled >>= 10;
            hundredths = scaled > Long.MAX_VALUE / 200 ? Long.MAX_VALUE : scaled * 100 + rest * 100 / 1024;
            letter++;
        }
        if (letter > 0 && hundredths < 995) {
            long tenths = (hundredths + 5) / 10;
            return tenths / 10 + "." + tenths % 10 + LETTERS.charAt(letter);
        }
        return (hundredths + 50) / 100 + LETTERS.substring(letter, letter + 1);
    }

    /**
     * The length of a block that {@code BLOCKSIZE} asks for, as {@code getbsize(3)} reads it.
     *
     * @return bytes; a multiple of 512
     */
    static long blockSize(Stdio stdio) {
        String text = stdio.variable("BLOCKSIZE").toUpperCase(Locale.ROOT);
        int digits = 0;
        while (digits < text.length() && Character.digit(text.charAt(digits), 10) >= 0) {
            digits++;
        }
        if (text.isEmpty() || digits > 9) {
            return DEV_BSIZE;
        }
        long number = digits == 0 ? 1 : Long.parseLong(text.substring(0, digits));
        int shift = switch (text.substring(digits)) {
            case "" -> 0;
            case "K" -> 10;
            case "M" -> 20;
            case "G" -> 30;
            default -> -1;
        };
        if (shift < 0 || number == 0) {
            return DEV_BSIZE;
        }
        long bytes = number > MAX_BLOCK ? MAX_BLOCK : Math.min(number << shift, MAX_BLOCK);
        return Math.max(DEV_BSIZE, bytes / DEV_BSIZE * DEV_BSIZE);
    }

    /** Bytes, from a number with a letter behind it or not; or null where it is no such number or too large. */
    static @Nullable Long parse(String text) {
        int digits = 0;
        while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
            digits++;
        }
        String letter = text.substring(digits).toUpperCase(Locale.ROOT);
        int power = letter.isEmpty() ? 0 : LETTERS.indexOf(letter);
        if (digits == 0 || digits > MAX_DIGITS || power < 0 || letter.length() > 1) {
            return null;
        }
        long number = Long.parseLong(text.substring(0, digits));
        int shift = 10 * power;
        return number > Long.MAX_VALUE >> shift ? null : number << shift;
    }

    /** What a column is called that counts such blocks. */
    static String blockName(long blockSize) {
        for (int shift = 30; shift >= 10; shift -= 10) {
            if (blockSize % (1L << shift) == 0) {
                return (blockSize >> shift) + LETTERS.substring(shift / 10, shift / 10 + 1) + "-blocks";
            }
        }
        return blockSize + "-blocks";
    }

    /** Blocks of a length that as many blocks of 512 bytes are, rounded up. */
    static long blocks(long devBlocks, long blockSize) {
        return Math.ceilDiv(devBlocks, blockSize / DEV_BSIZE);
    }
}
