package org.rump4j.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.rump4j.rump.Statvfs;
import org.rump4j.rump.SysMount;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code df(1)}. */
final class DfCommand implements Command {
    private static final int NAME_COLUMNS = 10;
    private static final int NUMBER_COLUMNS = 10;

    private final Flag human = new Flag("Show sizes with a letter", "-h");
    private final Flag inodes = new Flag("Show how many files there are and could be, too", "-i");
    private final Flag kilobytes = new Flag("Count blocks of 1024 bytes", "-k");
    private final Flag json = new Flag("As JSON, one object an image", "--json");
    private final Operands files = new Operands("IMAGE[:/PATH]", "1..*", "Images to look at");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(this, "df", "[-hik] [--json] IMAGE[:/PATH]...", "Shows how full file systems are.")
                        .addOption(human.spec())
                        .addOption(inodes.spec())
                        .addOption(kilobytes.spec())
                        .addOption(json.spec())
                        .addPositional(files.spec()),
                "rump4j df -h disk.img");
    }

    private record Row(String image, Statvfs vfs) {}

    @Override
    public void run(Run run) throws IOException, UsageException {
        List<Row> rows = new ArrayList<>();
        for (String text : files.texts()) {
            Operand.InImage file = Operand.inImage(text);
            Image image = run.image(file);
            if (image != null) {
                try {
                    rows.add(new Row(file.image(), image.sys().statvfs1(file.path(), SysMount.ST_WAIT)));
                } catch (ErrnoException e) {
                    run.fail(text, e);
                }
            }
        }
        if (json.isSet()) {
            printJson(run.out(), rows);
        } else if (!rows.isEmpty()) {
            printTable(run, rows);
        }
    }

    private void printTable(Run run, List<Row> rows) throws IOException {
        Output out = run.out();
        long blockSize = kilobytes.isSet() ? 1024 : Sizes.blockSize(run.stdio());
        int width = NAME_COLUMNS;
        for (Row row : rows) {
            width = Math.max(width, Names.width(out.shown(row.image)));
        }
        out.print(padded("Filesystem", width)).print(" ");
        out.print(right(human.isSet() ? "Size" : Sizes.blockName(blockSize)));
        out.print(right("Used")).print(right("Avail")).print(" %Cap");
        out.print(inodes.isSet() ? right("iUsed") + right("iAvail") + " %iCap" : "")
                .println(" Mounted on");
        for (Row row : rows) {
            Statvfs vfs = row.vfs;
            long used = vfs.blocks() - vfs.bfree();
            String name = out.shown(row.image);
            out.print(name).print(" ".repeat(width - Names.width(name) + 1));
            out.print(right(size(vfs, vfs.blocks(), blockSize)));
            out.print(right(size(vfs, used, blockSize)));
            out.print(right(size(vfs, vfs.bavail(), blockSize)));
            out.print(" ").print(percent(used, used + vfs.bavail(), 4));
            if (inodes.isSet()) {
                long usedFiles = vfs.files() - vfs.ffree();
                out.print(right(Long.toString(usedFiles))).print(right(Long.toString(vfs.favail())));
                out.print(" ").print(percent(usedFiles, vfs.files(), 5));
            }
            out.print(" ").name(row.image).println(":/");
        }
    }

    private static void printJson(Output out, List<Row> rows) throws IOException {
        try (Json document = new Json(out)) {
            for (Row row : rows) {
                Statvfs vfs = row.vfs;
                document.begin().member("image", row.image).member("type", vfs.fstypename());
                document.member("bsize", vfs.bsize())
                        .member("frsize", vfs.frsize())
                        .member("iosize", vfs.iosize());
                document.member("blocks", vfs.blocks())
                        .member("bfree", vfs.bfree())
                        .member("bavail", vfs.bavail());
                document.member("files", vfs.files())
                        .member("ffree", vfs.ffree())
                        .member("favail", vfs.favail());
                document.member("namemax", vfs.namemax());
                document.end();
            }
        }
    }

    /** A count of the file system's fragments, in what the user wants. */
    private String size(Statvfs vfs, long fragments, long blockSize) {
        long bytes = fragments * vfs.frsize();
        return human.isSet() ? Sizes.human(bytes) : Long.toString(Math.ceilDiv(bytes, blockSize));
    }

    private static String right(String text) {
        return " ".repeat(Math.max(1, NUMBER_COLUMNS + 1 - text.length())) + text;
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    /** Rounded to the nearest; all of nothing is as full as can be. */
    private static String percent(long part, long whole, int width) {
        long percent = whole <= 0 ? 100 : Math.round(100.0 * part / whole);
        String text = percent + "%";
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }
}
