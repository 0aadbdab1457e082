package org.rump4j.cli;

import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;

/**
 * Colours of names by what they name: pairs of letters for foreground and background, as FreeBSD's {@code ls(1)} documents
 * its {@code LSCOLORS}.
 */
final class Colours {
    private static final String DEFAULT = "exfxcxdxbxegedabagacad";
    private static final String RESET = "\033[m";

    private final String pairs;

    /**
     * Colours.
     *
     * @param lscolors pairs that differ from the usual ones; may be empty or too short
     */
    Colours(String lscolors) {
        int n = Math.min(lscolors.length(), DEFAULT.length());
        pairs = lscolors.substring(0, n) + DEFAULT.substring(n);
    }

    /** A name, coloured. */
    String around(String name, Stat st) {
        int kind = kind(st.mode());
        String start = kind < 0 ? "" : sequence(pairs.charAt(2 * kind), pairs.charAt(2 * kind + 1));
        return start.isEmpty() ? name : start + name + RESET;
    }

    /** Index of the pair for a mode, or −1 for a file that is not coloured. */
    private static int kind(int mode) {
        return switch (mode & SysStat.S_IFMT) {
            case SysStat.S_IFDIR -> {
                boolean othersWrite = (mode & 0002) != 0;
                yield !othersWrite ? 0 : (mode & SysStat.S_ISVTX) != 0 ? 9 : 10;
            }
            case SysStat.S_IFLNK -> 1;
            case SysStat.S_IFSOCK -> 2;
            case SysStat.S_IFIFO -> 3;
            case SysStat.S_IFBLK -> 5;
            case SysStat.S_IFCHR -> 6;
            default -> {
                boolean execute = (mode & 0111) != 0;
                yield !execute ? -1 : (mode & SysStat.S_ISUID) != 0 ? 7 : (mode & SysStat.S_ISGID) != 0 ? 8 : 4;
            }
        };
    }

    /** Letters a to h are the eight colours in the order of ECMA-48; capital letters are bold; x is the default. */
    private static String sequence(char foreground, char background) {
        StringBuilder codes = new StringBuilder();
        append(codes, foreground, 30);
        append(codes, background, 40);
        return codes.isEmpty() ? "" : "\033[" + codes.substring(1) + "m";
    }

    private static void append(StringBuilder codes, char letter, int base) {
        char lower = Character.toLowerCase(letter);
        if (lower >= 'a' && lower <= 'h') {
            codes.append(letter == lower || base == 40 ? "" : ";1").append(';').append(base + lower - 'a');
        }
    }
}
