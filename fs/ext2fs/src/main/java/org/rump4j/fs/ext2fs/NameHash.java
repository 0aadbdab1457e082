package org.rump4j.fs.ext2fs;

/**
 * Hashes of names, by which an indexed directory is ordered. There are three functions, each for characters with a sign and without one, as
 * machines had it that made the file systems.
 */
final class NameHash {
    static final int LEGACY = 0;
    static final int HALF_MD4 = 1;
    static final int TEA = 2;
    static final int LEGACY_UNSIGNED = 3;
    static final int HALF_MD4_UNSIGNED = 4;
    static final int TEA_UNSIGNED = 5;

    /** What to add to a function for characters without a sign. */
    static final int UNSIGNED = 3;

    private static final int HALF_MD4_BYTES = 32;
    private static final int TEA_BYTES = 16;

    /** No name has this: it says where a directory ends. */
    private static final int END = 0xFFFFFFFE;

    /** What MD4 begins with (RFC 1320). */
    private static final int[] MD4_INITIAL = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};

    /** What the second and third rounds of MD4 add. */
    private static final int MD4_K2 = 0x5A827999;

    private static final int MD4_K3 = 0x6ED9EBA1;

    private static final int TEA_DELTA = 0x9E3779B9;
    private static final int TEA_ROUNDS = 16;

    private NameHash() {}

    /** Whether there is a function of a number. */
    static boolean isKnown(int version) {
        return version >= LEGACY && version <= TEA_UNSIGNED;
    }

    /**
     * The hash of a name; the lowest bit is 0.
     *
     * @param version which function
     * @param seed four words, of which not all are 0, or what to do without
     */
    static int hash(byte[] name, int version, int[] seed) {
        boolean signed = version < UNSIGNED;
        int hash = switch (signed ? version : version - UNSIGNED) {
            case LEGACY -> legacy(name, signed);
            case HALF_MD4 -> halfMd4(name, signed, state(seed));
            case TEA -> tea(name, signed, state(seed));
            default -> throw new IllegalArgumentException("hash function " + version);
        };
        hash &= ~1;
        return hash == END ? END - 2 : hash;
    }

    private static int[] state(int[] seed) {
        for (int word : seed) {
            if (word != 0) {
                return seed.clone();
            }
        }
        return MD4_INITIAL.clone();
    }

    private static int character(byte b, boolean signed) {
        return signed ? b : b & 0xFF;
    }

    private static int legacy(byte[] name, boolean signed) {
        int before = 0x37ABE8F9;
        int current = 0x12A3FE2D;
        for (byte b : name) {
            int next = before + (current ^ character(b, signed) * 7152373);
            if (next < 0) {
                next -= 0x7FFFFFFF;
            }
            before = current;
            current = next;
        }
        return current << 1;
    }

    private static int halfMd4(byte[] name, boolean signed, int[] state) {
        int[] words = new int[HALF_MD4_BYTES / Integer.BYTES];
        for (int at = 0; at < name.length; at += HALF_MD4_BYTES) {
            words(name, at, signed, words);
            halfMd4Transform(state, words);
        }
        return state[1];
    }

    private static int tea(byte[] name, boolean signed, int[] state) {
        int[] words = new int[TEA_BYTES / Integer.BYTES];
        for (int at = 0; at < name.length; at += TEA_BYTES) {
            words(name, at, signed, words);
            teaTransform(state, words);
        }
        return state[0];
    }

    /** The name from a byte on as words, the first character highest, filled up with its length. */
    private static void words(byte[] name, int at, boolean signed, int[] words) {
        int left = name.length - at;
        int pad = (left | left << 8) * 0x10001;
        int take = Math.min(left, words.length * Integer.BYTES);
        int word = pad;
        int n = 0;
        for (int i = 0; i < take; i++) {
            word = character(name[at + i], signed) + (word << 8);
            if (i % Integer.BYTES == Integer.BYTES - 1) {
                words[n++] = word;
                word = pad;
            }
        }
        if (n < words.length) {
            words[n++] = word;
        }
        while (n < words.length) {
            words[n++] = pad;
        }
    }

    private static void halfMd4Transform(int[] state, int[] in) {
        int a = state[0];
        int b = state[1];
        int c = state[2];
        int d = state[3];
        for (int i = 0; i < 8; i += 4) {
            a = Integer.rotateLeft(a + choose(b, c, d) + in[i], 3);
            d = Integer.rotateLeft(d + choose(a, b, c) + in[i + 1], 7);
            c = Integer.rotateLeft(c + choose(d, a, b) + in[i + 2], 11);
            b = Integer.rotateLeft(b + choose(c, d, a) + in[i + 3], 19);
        }
        for (int i = 1; i >= 0; i--) {
            a = Integer.rotateLeft(a + majority(b, c, d) + in[i] + MD4_K2, 3);
            d = Integer.rotateLeft(d + majority(a, b, c) + in[i + 2] + MD4_K2, 5);
            c = Integer.rotateLeft(c + majority(d, a, b) + in[i + 4] + MD4_K2, 9);
            b = Integer.rotateLeft(b + majority(c, d, a) + in[i + 6] + MD4_K2, 13);
        }
        for (int i = 3; i >= 1; i -= 2) {
            a = Integer.rotateLeft(a + (b ^ c ^ d) + in[i] + MD4_K3, 3);
            d = Integer.rotateLeft(d + (a ^ b ^ c) + in[i + 4] + MD4_K3, 9);
            c = Integer.rotateLeft(c + (d ^ a ^ b) + in[i - 1] + MD4_K3, 11);
            b = Integer.rotateLeft(b + (c ^ d ^ a) + in[i + 3] + MD4_K3, 15);
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }

    private static int choose(int x, int y, int z) {
        return z ^ (x & (y ^ z));
    }

    private static int majority(int x, int y, int z) {
        return (x & y) + ((x ^ y) & z);
    }

    private static void teaTransform(int[] state, int[] in) {
        int b0 = state[0];
        int b1 = state[1];
        int sum = 0;
        for (int i = 0; i < TEA_ROUNDS; i++) {
            sum += TEA_DELTA;
            b0 += ((b1 << 4) + in[0]) ^ (b1 + sum) ^ ((b1 >>> 5) + in[1]);
            b1 += ((b0 << 4) + in[2]) ^ (b0 + sum) ^ ((b0 >>> 5) + in[3]);
        }
        state[0] += b0;
        state[1] += b1;
    }
}
