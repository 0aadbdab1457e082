package org.rump4j.cli;

import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** {@code chown(8)}. */
final class ChownCommand implements Command {
    private static final int LEFT = -1;

    private final Flag recursive =
            new Flag("Change directories and all below them, symbolic links themselves", "-R", "--recursive");
    private final Flag noFollow = new Flag("Change symbolic links, not what they lead to", "-h");
    private final Operands operands =
            new Operands("OWNER", "2..*", "USER, USER:GROUP or :GROUP; and the files, IMAGE:/PATH");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "chown",
                                "[-hR] OWNER IMAGE:/PATH...",
                                "Changes owners of files in images.",
                                "USER and GROUP are numbers, or names that the image's own /etc/passwd and /etc/group have. With -v, says what is"
                                        + " changed.")
                        .addOption(recursive.spec())
                        .addOption(noFollow.spec())
                        .addPositional(operands.spec()),
                "rump4j chown -R www:www disk.img:/srv/www",
                "rump4j chown 1000 disk.img:/home/ada");
    }

    @Override
    public boolean tellsFiles() {
        return true;
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        List<String> texts = operands.texts();
        String owner = texts.getFirst();
        int colon = owner.indexOf(':');
        String user = colon < 0 ? owner : owner.substring(0, colon);
        String group = colon < 0 ? "" : owner.substring(colon + 1);
        if (user.isEmpty() && group.isEmpty()) {
            throw new UsageException("whose shall they be? USER, USER:GROUP or :GROUP");
        }
        TreeChange tree = new TreeChange(recursive, noFollow);
        run.change(texts.subList(1, texts.size()), (image, file) -> {
            int uid = user.isEmpty() ? LEFT : image.owners().uid(user);
            int gid = group.isEmpty() ? LEFT : image.owners().gid(group);
            tree.make(run, image, file, (node, flags) -> {
                node.image().sys().fchownat(node.dirfd(), node.name(), uid, gid, flags);
                return true;
            });
        });
    }
}
