package org.rump4j.rump;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * File names as strings, without loss. Bytes that are UTF-8 are the characters that they encode; any other byte is the lone
 * surrogate U+DC00 plus its value, which UTF-8 proper never yields. (Python calls this {@code surrogateescape}.)
 */
public final class PathCodec {
    private static final char ESCAPE_BASE = 0xDC00;
    private static final char FIRST_ESCAPE = 0xDC80;
    private static final char LAST_ESCAPE = 0xDCFF;

    private PathCodec() {}

    /** The string for length bytes of a name. Every array of bytes has one. */
    public static String decode(byte[] bytes, int offset, int length) {
        for (int i = 0; i < length; i++) {
            if (bytes[offset + i] < 0) {
                return decodeSlowly(bytes, offset, length);
            }
        }
        return new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
    }

    /** The string for the bytes of a name. */
    public static String decode(byte[] bytes) {
        return decode(bytes, 0, bytes.length);
    }

    /**
     * The bytes of a name.
     *
     * @throws ErrnoException EILSEQ where the string has a lone surrogate that stands for no byte
     */
    public static byte[] encode(String name) throws ErrnoException {
        if (!hasSurrogates(name)) {
            return name.getBytes(StandardCharsets.UTF_8);
        }
        byte[] out = new byte[name.length() * 3];
        int n = 0;
        for (int i = 0; i < name.length(); ) {
            int c = name.codePointAt(i);
            i += Character.charCount(c);
            if (c >= FIRST_ESCAPE && c <= LAST_ESCAPE) {
                out[n++] = (byte) (c - ESCAPE_BASE);
            } else if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                throw Errno.EILSEQ.exception("lone surrogate U+%04X in a file name".formatted(c));
            } else {
                byte[] utf8 = Character.toString(c).getBytes(StandardCharsets.UTF_8);
                System.arraycopy(utf8, 0, out, n, utf8.length);
                n += utf8.length;
            }
        }
        return Arrays.copyOf(out, n);
    }

    /**
     * How many bytes {@link #encode} gives.
     *
     * @throws ErrnoException EILSEQ as {@link #encode}
     */
    public static int encodedLength(String name) throws ErrnoException {
        int n = name.length();
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) >= 0x80) {
                return encode(name).length;
            }
        }
        return n;
    }

    /**
     * The one string among several for the same bytes that {@link #decode} gives: escapes that together are UTF-8 become
     * the character. Names are compared in this form.
     *
     * @throws ErrnoException EILSEQ as {@link #encode}
     */
    public static String canonical(String name) throws ErrnoException {
        return hasSurrogates(name) ? decode(encode(name)) : name;
    }

    private static boolean hasSurrogates(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (Character.isSurrogate(name.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    private static String decodeSlowly(byte[] bytes, int offset, int length) {
        StringBuilder out = new StringBuilder(length);
        int end = offset + length;
        for (int i = offset; i < end; ) {
            int size = utf8SequenceLength(bytes, i, end);
            if (size == 0) {
                out.append((char) (ESCAPE_BASE + (bytes[i] & 0xFF)));
                i++;
            } else {
                out.append(new String(bytes, i, size, StandardCharsets.UTF_8));
                i += size;
            }
        }
        return out.toString();
    }

    /** Length of the well-formed UTF-8 sequence at i (Unicode 3.9, table 3-7), or 0 where there is none. */
    private static int utf8SequenceLength(byte[] bytes, int i, int end) {
        int lead = bytes[i] & 0xFF;
        int size = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
        if (size == 0 || i + size > end) {
            return 0;
        }
        for (int k = 1; k < size; k++) {
            int trail = bytes[i + k] & 0xFF;
            int low = k == 1 && lead == 0xE0 ? 0xA0 : k == 1 && lead == 0xF0 ? 0x90 : 0x80;
            int high = k == 1 && lead == 0xED ? 0x9F : k == 1 && lead == 0xF4 ? 0x8F : 0xBF;
            if (trail < low || trail > high) {
                return 0;
            }
        }
        return size;
    }
}
