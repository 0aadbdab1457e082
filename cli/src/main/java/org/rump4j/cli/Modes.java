package org.rump4j.cli;

import org.jspecify.annotations.Nullable;
import org.rump4j.rump.SysStat;

/** Modes of files in words. */
final class Modes {
    private Modes() {}

    /** The option of commands that make files. */
    static Value option() {
        return new Value("MODE", "Permissions, as chmod takes them, whatever the umask", "-m", "--mode");
    }

    /**
     * A change of modes as the user has written it, with the umask.
     *
     * @param text null for none
     */
    static ModeChange change(@Nullable String text) throws UsageException {
        return text == null ? ModeChange.of("+", 0) : ModeChange.of(text, HostUmask.get());
    }

    /** Ten characters as {@code strmode(3)} gives, without the one for access control lists. */
    static String text(int mode) {
        StringBuilder out = new StringBuilder(10);
        out.append(letter(mode));
        triple(out, mode >> 6, (mode & SysStat.S_ISUID) != 0, 's', 'S');
        triple(out, mode >> 3, (mode & SysStat.S_ISGID) != 0, 's', 'S');
        triple(out, mode, (mode & SysStat.S_ISVTX) != 0, 't', 'T');
        return out.toString();
    }

    /** The letter that {@code ls -l} has for a type. */
    static char letter(int mode) {
        return switch (mode & SysStat.S_IFMT) {
            case SysStat.S_IFIFO -> 'p';
            case SysStat.S_IFCHR -> 'c';
            case SysStat.S_IFDIR -> 'd';
            case SysStat.S_IFBLK -> 'b';
            case SysStat.S_IFREG -> '-';
            case SysStat.S_IFLNK -> 'l';
            case SysStat.S_IFSOCK -> 's';
            default -> '?';
        };
    }

    /** The name that {@code stat} has for a type. */
    static String type(int mode) {
        return switch (mode & SysStat.S_IFMT) {
            case SysStat.S_IFIFO -> "Fifo File";
            case SysStat.S_IFCHR -> "Character Device";
            case SysStat.S_IFDIR -> "Directory";
            case SysStat.S_IFBLK -> "Block Device";
            case SysStat.S_IFREG -> "Regular File";
            case SysStat.S_IFLNK -> "Symbolic Link";
            case SysStat.S_IFSOCK -> "Socket";
            default -> "???";
        };
    }

    /** The character that {@code ls -F} puts behind a name, or 0. */
    static char indicator(int mode) {
        return switch (mode & SysStat.S_IFMT) {
            case SysStat.S_IFDIR -> '/';
            case SysStat.S_IFIFO -> '|';
            case SysStat.S_IFLNK -> '@';
            case SysStat.S_IFSOCK -> '=';
            case SysStat.S_IFREG -> (mode & 0111) != 0 ? '*' : 0;
            default -> 0;
        };
    }

    /** Whether it is a block or character device. */
    static boolean isDevice(int mode) {
        int type = mode & SysStat.S_IFMT;
        return type == SysStat.S_IFBLK || type == SysStat.S_IFCHR;
    }

    private static void triple(StringBuilder out, int bits, boolean special, char withExecute, char without) {
        out.append((bits & 4) != 0 ? 'r' : '-').append((bits & 2) != 0 ? 'w' : '-');
        boolean execute = (bits & 1) != 0;
        out.append(special ? (execute ? withExecute : without) : execute ? 'x' : '-');
    }
}
