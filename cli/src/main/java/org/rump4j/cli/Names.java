package org.rump4j.cli;

import java.util.Arrays;
import org.rump4j.rump.PathCodec;
import org.rump4j.rumpuser.ErrnoException;

/** What can be done with names besides printing them. */
final class Names {
    private Names() {}

    /** In the order of their bytes, as {@code strcmp} has it. */
    static int compare(String a, String b) {
        int n = Math.min(a.length(), b.length());
        for (int i = 0; i < n; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x >= 0x80 || y >= 0x80) {
                return Arrays.compareUnsigned(bytes(a), bytes(b));
            }
            if (x != y) {
                return Integer.compare(x, y);
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    /** With a question mark for each character that a terminal would take for something else or could not show. */
    static String printable(String name, boolean utf8) {
        for (int i = 0; i < name.length(); i++) {
            if (!isPlain(name.charAt(i))) {
                return replaced(name, utf8);
            }
        }
        return name;
    }

    /** Columns that a printable name takes on a terminal: two for East Asian wide characters, none for combining marks. */
    static int width(String name) {
        int width = 0;
        for (int i = 0; i < name.length(); ) {
            int c = name.codePointAt(i);
            i += Character.charCount(c);
            width += c < 0x300 ? 1 : isCombining(c) ? 0 : isWide(c) ? 2 : 1;
        }
        return width;
    }

    private static boolean isPlain(char c) {
        return c >= 0x20 && c < 0x7F;
    }

    private static String replaced(String name, boolean utf8) {
        StringBuilder out = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); ) {
            int c = name.codePointAt(i);
            i += Character.charCount(c);
            boolean show = c < 0x80 ? isPlain((char) c) : utf8 && isGraphic(c);
            if (show) {
                out.appendCodePoint(c);
            } else {
                // One for each byte where the terminal knows bytes only.
                out.repeat('?', utf8 || c < 0x80 ? 1 : bytes(Character.toString(c)).length);
            }
        }
        return out.toString();
    }

    private static boolean isGraphic(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    private static boolean isCombining(int c) {
        int type = Character.getType(c);
        return type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK;
    }

    /** Unicode's property East_Asian_Width W or F, by the blocks that have it (UAX #11), and pictographs. */
    private static boolean isWide(int c) {
        return (c >= 0x1100 && c <= 0x115F)
                || (c >= 0x2E80 && c <= 0x303E)
                || (c >= 0x3041 && c <= 0xA4CF)
                || (c >= 0xA960 && c <= 0xA97C)
                || (c >= 0xAC00 && c <= 0xD7A3)
                || (c >= 0xF900 && c <= 0xFAFF)
                || (c >= 0xFE30 && c <= 0xFE6F)
                || (c >= 0xFF00 && c <= 0xFF60)
                || (c >= 0xFFE0 && c <= 0xFFE6)
                || (c >= 0x1F300 && c <= 0x1F64F)
                || (c >= 0x1F900 && c <= 0x1F9FF)
                || (c >= 0x20000 && c <= 0x3FFFD);
    }

    private static byte[] bytes(String name) {
        try {
            return PathCodec.encode(name);
        } catch (ErrnoException e) {
            throw new IllegalArgumentException(name, e);
        }
    }
}
