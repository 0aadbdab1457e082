package org.rump4j.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;

/**
 * Formats of {@code stat(1)}: {@code %}, flags out of {@code #+-0} and space, a width, a precision, an output format out of
 * {@code DOUXFS}, a part out of {@code HML}, and what is wanted. Source: NetBSD's manual page.
 */
final class StatFormat {
    private static final char NONE = 0;
    private static final String FLAGS = "#+-0 ";
    private static final String OUTPUTS = "DOUXFS";
    private static final String PARTS = "HML";
    private static final String DATA = "dipluagmcBrzbkfvTYNZ";

    /**
     * A file to be shown.
     *
     * @param name as the user wrote it
     * @param target what it says, where it is a symbolic link
     */
    record Subject(String name, Stat stat, @Nullable String target, Owners owners) {}

    /**
     * A piece of a format: text, or a conversion.
     *
     * @param output one of DOUXFS, or 0 for the usual one
     * @param part one of HML, or 0 for the whole
     * @param datum one of the letters for what is wanted, or 0 for the text
     */
    private record Piece(String text, String flags, int width, int precision, char output, char part, char datum) {
        static Piece literal(String text) {
            return new Piece(text, "", 0, -1, NONE, NONE, NONE);
        }

        boolean has(char flag) {
            return flags.indexOf(flag) >= 0;
        }
    }

    private final List<Piece> pieces;
    private final String timeFormat;
    private @Nullable Dates dates;

    private StatFormat(List<Piece> pieces, String timeFormat) {
        this.pieces = pieces;
        this.timeFormat = timeFormat;
    }

    /**
     * Reads a format.
     *
     * @param timeFormat for times as strings
     * @throws UsageException where it makes no sense
     */
    static StatFormat parse(String format, String timeFormat) throws UsageException {
        return new StatFormat(new Parser(format).pieces(), timeFormat);
    }

    /** What the format says of a file. */
    String format(Subject subject) {
        StringBuilder out = new StringBuilder();
        for (Piece piece : pieces) {
            if (piece.datum == NONE) {
                out.append(piece.text);
            } else {
                convert(out, piece, subject);
            }
        }
        return out.toString();
    }

    private static final class Parser {
        private final String format;
        private int pos;

        Parser(String format) {
            this.format = format;
        }

        List<Piece> pieces() throws UsageException {
            List<Piece> pieces = new ArrayList<>();
            while (pos < format.length()) {
                int percent = format.indexOf('%', pos);
                int end = percent < 0 ? format.length() : percent;
                if (end > pos) {
                    pieces.add(Piece.literal(format.substring(pos, end)));
                }
                pos = end;
                if (percent >= 0) {
                    pos++;
                    pieces.add(conversion(percent));
                }
            }
            return pieces;
        }

        private Piece conversion(int start) throws UsageException {
            String flags = span(FLAGS);
            int width = number(0);
            int precision = -1;
            if (peek() == '.') {
                pos++;
                precision = number(0);
            }
            int special = "nt%".indexOf(peek());
            if (pos < format.length() && special >= 0) {
                pos++;
                return Piece.literal("\n\t%".substring(special, special + 1));
            }
            char output = one(OUTPUTS);
            char part = one(PARTS);
            char datum = one(DATA);
            if (datum == NONE) {
                throw new UsageException("-f: bad format " + format.substring(start));
            }
            return new Piece("", flags, width, precision, output, part, datum);
        }

        private char peek() {
            return pos < format.length() ? format.charAt(pos) : 0;
        }

        private String span(String of) {
            int start = pos;
            while (pos < format.length() && of.indexOf(format.charAt(pos)) >= 0) {
                pos++;
            }
            return format.substring(start, pos);
        }

        private int number(int otherwise) throws UsageException {
            String digits = span("0123456789");
            if (digits.length() > 4) {
                throw new UsageException("-f: " + digits + " is too wide");
            }
            return digits.isEmpty() ? otherwise : Integer.parseInt(digits);
        }

        private char one(String of) {
            char c = peek();
            if (c == 0 || of.indexOf(c) < 0) {
                return 0;
            }
            pos++;
            return c;
        }
    }

    private void convert(StringBuilder out, Piece c, Subject subject) {
        Stat st = subject.stat;
        switch (c.datum) {
            case 'd' -> device(out, c, st.dev());
            case 'r' -> device(out, c, st.rdev());
            case 'i' -> number(out, c, st.ino(), 'U');
            case 'p' -> mode(out, c, st.mode());
            case 'l' -> number(out, c, st.nlink(), 'U');
            case 'u' -> owner(out, c, st.uid(), c.output == 'S' ? subject.owners.user(st.uid()) : "");
            case 'g' -> owner(out, c, st.gid(), c.output == 'S' ? subject.owners.group(st.gid()) : "");
            case 'a' -> time(out, c, st.atime());
            case 'm' -> time(out, c, st.mtime());
            case 'c' -> time(out, c, st.ctime());
            case 'B' -> time(out, c, st.birthtime());
            case 'z' -> number(out, c, st.size(), 'U');
            case 'b' -> number(out, c, st.blocks(), 'U');
            case 'k' -> number(out, c, st.blksize(), 'U');
            case 'f' -> number(out, c, st.flags() & 0xFFFF_FFFFL, 'U');
            case 'v' -> number(out, c, st.gen() & 0xFFFF_FFFFL, 'U');
            case 'T' -> {
                char mark = Modes.indicator(st.mode());
                text(out, c, c.part == 'H' ? Modes.type(st.mode()) : mark == 0 ? "" : String.valueOf(mark));
            }
            case 'Y' ->
                text(out, c, subject.target == null ? "" : c.output == 'S' ? " -> " + subject.target : subject.target);
            case 'N' -> text(out, c, subject.name);
            case 'Z' -> {
                if (Modes.isDevice(st.mode())) {
                    text(out, c, SysStat.major(st.rdev()) + "," + SysStat.minor(st.rdev()));
                } else {
                    number(out, c, st.size(), 'U');
                }
            }
            default -> throw new IllegalStateException("the parser let %" + c.datum + " through");
        }
    }

    /** Mode: three parts are the type, what set-id and sticky bits there are, and what owner, group and others may do. */
    private static void mode(StringBuilder out, Piece c, int mode) {
        if (c.output == 'S') {
            String letters = Modes.text(mode);
            text(
                    out,
                    c,
                    switch (c.part) {
                        case 'H' -> letters.substring(1, 4);
                        case 'M' -> letters.substring(4, 7);
                        case 'L' -> letters.substring(7);
                        default -> letters;
                    });
            return;
        }
        number(
                out,
                c,
                switch (c.part) {
                    case 'H' -> (mode & SysStat.S_IFMT) >> 12;
                    case 'M' -> (mode >> 9) & 7;
                    case 'L' -> mode & 0777;
                    default -> mode;
                },
                'O');
    }

    private static void device(StringBuilder out, Piece c, long dev) {
        if (c.output == 'S') {
            // There are no names for the devices of a kernel that nobody has made nodes in.
            text(out, c, "???");
            return;
        }
        number(
                out,
                c,
                switch (c.part) {
                    case 'H' -> SysStat.major(dev);
                    case 'L' -> SysStat.minor(dev);
                    default -> dev;
                },
                'U');
    }

    private static void owner(StringBuilder out, Piece c, int id, String name) {
        if (c.output == 'S') {
            text(out, c, name);
        } else {
            number(out, c, id & 0xFFFF_FFFFL, 'U');
        }
    }

    private void time(StringBuilder out, Piece c, Timespec time) {
        if (c.output == 'S') {
            Dates known = dates;
            if (known == null) {
                dates = known = new Dates();
            }
            text(out, c, known.format(timeFormat, time));
        } else if (c.output == 'F') {
            int digits = c.precision < 0 ? 9 : Math.min(c.precision, 9);
            String fraction = "%09d".formatted(time.nsec()).substring(0, digits);
            pad(out, c, time.sec() + (digits == 0 ? "" : "." + fraction), false);
        } else {
            number(out, c, time.sec(), 'D');
        }
    }

    private static void text(StringBuilder out, Piece c, String text) {
        boolean cut = c.precision >= 0 && c.precision < text.length();
        pad(out, c, cut ? text.substring(0, c.precision) : text, false);
    }

    /** As {@code printf(3)} would with the same flags. */
    private static void number(StringBuilder out, Piece c, long value, char usual) {
        char output = c.output == 0 || c.output == 'S' || c.output == 'F' ? usual : c.output;
        String digits = switch (output) {
            case 'O' -> Long.toOctalString(value);
            case 'X' -> Long.toHexString(value);
            case 'U' -> Long.toUnsignedString(value);
            default -> Long.toString(value);
        };
        if (c.precision > digits.length()) {
            digits = "0".repeat(c.precision - digits.length()) + digits;
        }
        if (c.has('#') && value != 0) {
            digits = (output == 'O' ? "0" : output == 'X' ? "0x" : "") + digits;
        }
        if (output == 'D' && value >= 0 && (c.has('+') || c.has(' '))) {
            digits = (c.has('+') ? "+" : " ") + digits;
        }
        pad(out, c, digits, c.has('0') && c.precision < 0);
    }

    private static void pad(StringBuilder out, Piece c, String text, boolean zeros) {
        int missing = Math.max(0, c.width - text.length());
        if (c.has('-')) {
            out.append(text).repeat(' ', missing);
        } else {
            out.repeat(zeros ? '0' : ' ', missing).append(text);
        }
    }
}
