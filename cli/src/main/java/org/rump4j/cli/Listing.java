package org.rump4j.cli;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.ErrnoException;

/** Lists of files as {@code ls} prints them. */
final class Listing {
    /** How files are put on lines. */
    enum Layout {
        ONE_COLUMN,
        COLUMNS,
        LONG
    }

    /** A file to be listed. */
    static final class Row {
        private final Image image;
        private final Node node;
        private final String name;
        private final @Nullable Stat stat;
        private final @Nullable String target;

        private Row(Image image, Node node, String name, @Nullable Stat stat, @Nullable String target) {
            this.image = image;
            this.node = node;
            this.name = name;
            this.stat = stat;
            this.target = target;
        }

        /** With all that is known of it. */
        static Row of(Image image, Node node, String name) throws ErrnoException {
            return of(image, node, name, true);
        }

        /**
         * A row.
         *
         * @param name what it is called in the list
         * @param withStat whether more than the name is wanted
         */
        static Row of(Image image, Node node, String name, boolean withStat) throws ErrnoException {
            return withStat
                    ? new Row(image, node, name, node.stat(), node.target())
                    : new Row(image, node, name, null, null);
        }

        String name() {
            return name;
        }

        /** What the user can call it. */
        String text() {
            return node.text();
        }

        Stat stat() {
            Stat known = stat;
            if (known == null) {
                throw new IllegalStateException("this list is of names only");
            }
            return known;
        }

        /** What it says, where it is a symbolic link. */
        @Nullable
        String target() {
            return target;
        }
    }

    private final Output out;
    private final Layout layout;
    private final boolean inode;
    private final boolean blocks;
    private final boolean human;
    private final boolean numeric;
    private final boolean indicate;
    private final long blockSize;
    private final int terminalColumns;
    private final @Nullable Colours colours;
    private @Nullable Dates dates;

    Listing(
            Run run,
            Layout layout,
            boolean inode,
            boolean blocks,
            boolean human,
            boolean numeric,
            boolean indicate,
            long blockSize) {
        out = run.out();
        terminalColumns = run.stdio().columns();
        colours = run.stdio().colours() ? new Colours(run.stdio().variable("LSCOLORS")) : null;
        this.layout = layout;
        this.inode = inode;
        this.blocks = blocks;
        this.human = human;
        this.numeric = numeric;
        this.indicate = indicate;
        this.blockSize = blockSize;
    }

    /** Whether rows need more than names. */
    boolean needsStat() {
        return layout == Layout.LONG || inode || blocks || indicate || colours != null;
    }

    /**
     * Prints a list.
     *
     * @param rows in order
     * @param ofDirectory whether they are all that is in a directory, so that their sum means something
     */
    void print(List<Row> rows, boolean ofDirectory) throws IOException {
        if (ofDirectory && (blocks || layout == Layout.LONG)) {
            long sum = 0;
            for (Row row : rows) {
                sum += row.stat().blocks();
            }
            out.println("total " + (human ? Sizes.human(sum * Sizes.DEV_BSIZE) : Sizes.blocks(sum, blockSize)));
        }
        Widths widths = new Widths(rows);
        switch (layout) {
            case LONG -> {
                for (Row row : rows) {
                    printLong(row, widths);
                }
            }
            case ONE_COLUMN -> {
                for (Row row : rows) {
                    printShort(row, widths);
                    out.println();
                }
            }
            case COLUMNS -> printColumns(rows, widths);
        }
    }

    /** How wide columns must be. */
    private final class Widths {
        int inode;
        int blocks;
        int nlink;
        int user;
        int group;
        int size;
        int major;
        int minor;

        Widths(List<Row> rows) {
            if (!needsStat()) {
                return;
            }
            boolean devices = false;
            for (Row row : rows) {
                Stat st = row.stat();
                inode = Math.max(inode, Long.toUnsignedString(st.ino()).length());
                blocks = Math.max(blocks, blocksOf(st).length());
                nlink = Math.max(nlink, Integer.toString(st.nlink()).length());
                if (layout == Layout.LONG) {
                    user = Math.max(user, Names.width(out.shown(userOf(row))));
                    group = Math.max(group, Names.width(out.shown(groupOf(row))));
                }
                if (Modes.isDevice(st.mode())) {
                    devices = true;
                    major = Math.max(
                            major, Integer.toString(SysStat.major(st.rdev())).length());
                    minor = Math.max(
                            minor, Integer.toString(SysStat.minor(st.rdev())).length());
                } else {
                    size = Math.max(size, sizeOf(st).length());
                }
            }
            if (devices) {
                size = Math.max(size, major + 2 + minor);
                minor = size - major - 2;
            }
        }

        /** Columns that what is before the name takes in the short layouts. */
        int beforeName() {
            return (Listing.this.inode ? inode + 1 : 0) + (Listing.this.blocks ? blocks + 1 : 0);
        }
    }

    private void printLong(Row row, Widths widths) throws IOException {
        Stat st = row.stat();
        printBeforeName(st, widths);
        out.print(Modes.text(st.mode())).print("  ");
        right(Integer.toString(st.nlink()), widths.nlink).print(" ");
        left(userOf(row), widths.user).print("  ");
        left(groupOf(row), widths.group).print("  ");
        if (Modes.isDevice(st.mode())) {
            right(Integer.toString(SysStat.major(st.rdev())), widths.major).print(", ");
            right(Integer.toString(SysStat.minor(st.rdev())), widths.minor).print(" ");
        } else {
            right(sizeOf(st), widths.size).print(" ");
        }
        out.print(dates().brief(st.mtime())).print(" ");
        printName(row);
        String target = row.target();
        if (target != null) {
            out.print(" -> ").name(target);
        }
        out.println();
    }

    /** Prints one file without an end of line, and gives the columns that it takes. */
    private int printShort(Row row, Widths widths) throws IOException {
        if (inode || blocks) {
            printBeforeName(row.stat(), widths);
        }
        return widths.beforeName() + printName(row);
    }

    private void printBeforeName(Stat st, Widths widths) throws IOException {
        if (inode) {
            right(Long.toUnsignedString(st.ino()), widths.inode).print(" ");
        }
        if (blocks) {
            right(blocksOf(st), widths.blocks).print(" ");
        }
    }

    /** Down first, then across: as many columns as fit when all are as wide as the widest name. */
    private void printColumns(List<Row> rows, Widths widths) throws IOException {
        int widest = 0;
        for (Row row : rows) {
            widest = Math.max(widest, Names.width(out.shown(row.name())));
        }
        int width = widths.beforeName() + widest + (indicate ? 1 : 0) + 1;
        int columns = Math.max(1, terminalColumns / width);
        int lines = Math.ceilDiv(rows.size(), columns);
        int spread = Math.max(width, terminalColumns / columns);
        for (int line = 0; line < lines; line++) {
            int padding = 0;
            for (int i = line; i < rows.size(); i += lines) {
                out.print(" ".repeat(padding));
                padding = Math.max(1, spread - printShort(rows.get(i), widths));
            }
            out.println();
        }
    }

    private int printName(Row row) throws IOException {
        String name = out.shown(row.name());
        if (colours == null) {
            out.print(name);
        } else {
            out.print(colours.around(name, row.stat()));
        }
        char mark = indicate ? Modes.indicator(row.stat().mode()) : 0;
        if (mark != 0) {
            out.print(String.valueOf(mark));
        }
        return Names.width(name) + (mark == 0 ? 0 : 1);
    }

    private Output right(String text, int width) throws IOException {
        return out.print(" ".repeat(Math.max(0, width - text.length()))).print(text);
    }

    private Output left(String text, int width) throws IOException {
        String shown = out.shown(text);
        return out.print(shown).print(" ".repeat(Math.max(0, width - Names.width(shown))));
    }

    private String userOf(Row row) {
        int uid = row.stat().uid();
        return numeric ? Integer.toUnsignedString(uid) : row.image.owners().user(uid);
    }

    private String groupOf(Row row) {
        int gid = row.stat().gid();
        return numeric ? Integer.toUnsignedString(gid) : row.image.owners().group(gid);
    }

    private String sizeOf(Stat st) {
        return human ? Sizes.human(st.size()) : Long.toString(st.size());
    }

    private String blocksOf(Stat st) {
        return human ? Sizes.human(st.blocks() * Sizes.DEV_BSIZE) : Long.toString(Sizes.blocks(st.blocks(), blockSize));
    }

    private Dates dates() {
        Dates known = dates;
        if (known == null) {
            dates = known = new Dates();
        }
        return known;
    }
}
