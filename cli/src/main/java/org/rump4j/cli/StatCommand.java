package org.rump4j.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code stat(1)}. */
final class StatCommand implements Command {
    private static final String TIME = "%b %e %T %Y";
    private static final String TIME_WITH_DAY = "%a %b %e %T %Y";
    private static final String DEFAULT = "%d %i %Sp %l %Su %Sg %r %z \"%Sa\" \"%Sm\" \"%Sc\" \"%SB\" %k %b %#Xf %N";
    private static final String RAW = "%d %i %#p %l %u %g %r %z %a %m %c %B %k %b %f %N";
    private static final String LS = "%Sp %l %Su %Sg %Z %Sm %N%SY";
    private static final String SHELL = "st_dev=%d st_ino=%i st_mode=%#p st_nlink=%l st_uid=%u st_gid=%g st_rdev=%r"
            + " st_size=%z st_atime=%a st_mtime=%m st_ctime=%c st_birthtime=%B st_blksize=%k st_blocks=%b st_flags=%f";
    private static final String LINUX = "  File: \"%N\"%n  Size: %-11z  FileType: %HT%n"
            + "  Mode: (%01Mp%03OLp/%.10Sp)         Uid: (%5u/%8Su)  Gid: (%5g/%8Sg)%n"
            + "Device: %Hd,%Ld   Inode: %i    Links: %l%nAccess: %Sa%nModify: %Sm%nChange: %Sc";

    private final Flag follow = new Flag("Look at what symbolic links lead to", "-L");
    private final Flag noNewline = new Flag("End no line", "-n");
    private final Flag ls = new Flag("As ls -lT does", "-l");
    private final Flag raw = new Flag("Everything as numbers", "-r");
    private final Flag shell = new Flag("As assignments that a shell can read", "-s");
    private final Flag verbose = new Flag("On several lines, with words", "-x");
    private final Value format = new Value("FORMAT", "As FORMAT says, such as '%z %N'; see stat(1) of NetBSD", "-f");
    private final Value timeFormat =
            new Value("FORMAT", "Times as FORMAT says: a b d e m H M S T Y after percent signs", "-T");
    private final Flag json = new Flag("As JSON, one object a file", "--json");
    private final Operands files = new Operands("IMAGE[:/PATH]", "1..*", "What to show");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "stat",
                                "[-Ln] [-f FORMAT | -l | -r | -s | -x | --json] [-T FORMAT] IMAGE[:/PATH]...",
                                "Shows all that is known of files.")
                        .addOption(follow.spec())
                        .addOption(noNewline.spec())
                        .addOption(format.spec())
                        .addOption(ls.spec())
                        .addOption(raw.spec())
                        .addOption(shell.spec())
                        .addOption(verbose.spec())
                        .addOption(timeFormat.spec())
                        .addOption(json.spec())
                        .addPositional(files.spec()),
                "rump4j stat -x disk.img:/etc/fstab",
                "rump4j stat -f '%z %N' disk.img:/etc/fstab");
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        StatFormat as = json.isSet() ? null : chosen();
        try (Json document = json.isSet() ? new Json(run.out()) : null) {
            for (String text : files.texts()) {
                Operand.InImage file = Operand.inImage(text);
                Image image = run.image(file);
                if (image == null) {
                    continue;
                }
                try {
                    Node node = Node.of(image, file, follow.isSet());
                    if (document != null) {
                        document.begin()
                                .file(text, text, node.stat(), node.target())
                                .end();
                    } else if (as != null) {
                        print(run.out(), as, new StatFormat.Subject(text, node.stat(), node.target(), image.owners()));
                    }
                } catch (ErrnoException e) {
                    run.fail(text, e);
                }
            }
        }
    }

    private void print(Output out, StatFormat as, StatFormat.Subject subject) throws IOException {
        out.name(as.format(subject));
        if (!noNewline.isSet()) {
            out.println();
        }
    }

    private StatFormat chosen() throws UsageException {
        List<String> formats = new ArrayList<>();
        add(formats, format.text());
        add(formats, ls.isSet() ? LS : null);
        add(formats, raw.isSet() ? RAW : null);
        add(formats, shell.isSet() ? SHELL : null);
        add(formats, verbose.isSet() ? LINUX : null);
        if (formats.size() > 1) {
            throw new UsageException("only one of -f, -l, -r, -s and -x can be had");
        }
        String chosen = formats.isEmpty() ? DEFAULT : formats.getFirst();
        String times = timeFormat.text();
        return StatFormat.parse(chosen, times != null ? times : verbose.isSet() ? TIME_WITH_DAY : TIME);
    }

    private static void add(List<String> formats, @Nullable String chosen) {
        if (chosen != null) {
            formats.add(chosen);
        }
    }
}
