package org.rump4j.cli;

import java.io.IOException;
import java.util.List;
import org.rump4j.rump.Dirent;
import picocli.CommandLine.Model.CommandSpec;

/** {@code chmod(1)}. */
final class ChmodCommand implements Command {
    private final Flag recursive =
            new Flag("Change directories and all below them; not symbolic links", "-R", "--recursive");
    private final Flag noFollow = new Flag("Change symbolic links, not what they lead to", "-h");
    private final Operands operands =
            new Operands("MODE", "2..*", "Octal, or such as u+x,go=rX; and the files, IMAGE:/PATH");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "chmod",
                                "[-hR] MODE IMAGE:/PATH...",
                                "Changes permissions of files in images.",
                                "MODE is an octal number, or clauses with commas between: whose (u, g, o, a), one of + - =, and which (r, w, x, X,"
                                        + " s, t, or u, g, o for those of others). With -v, says what is changed. A mode that begins with a hyphen follows"
                                        + " two hyphens.")
                        .addOption(recursive.spec())
                        .addOption(noFollow.spec())
                        .addPositional(operands.spec()),
                "rump4j chmod 600 disk.img:/etc/shadow",
                "rump4j chmod -R go-w,a+rX disk.img:/usr");
    }

    @Override
    public boolean tellsFiles() {
        return true;
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        List<String> texts = operands.texts();
        ModeChange change = Modes.change(texts.getFirst());
        TreeChange tree = new TreeChange(recursive, noFollow);
        run.change(
                texts.subList(1, texts.size()),
                (image, file) -> tree.make(run, image, file, (node, flags) -> {
                    if (tree.isRecursive() && node.type() == Dirent.DT_LNK) {
                        return false;
                    }
                    int mode = change.applied(node.stat().mode(), node.isDirectory());
                    node.image().sys().fchmodat(node.dirfd(), node.name(), mode, flags);
                    return true;
                }));
    }
}
