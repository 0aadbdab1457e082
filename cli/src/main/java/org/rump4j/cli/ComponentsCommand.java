package org.rump4j.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.rump4j.netbsd.kernel.Inventory;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code rump4j components}: what a folder of NetBSD's kernel offers. */
final class ComponentsCommand implements Command {
    private static final String BASE = "rump";
    private static final int SIZE_COLUMNS = 6;

    private final Flag json = new Flag("As JSON, one object a component", "--json");
    private final Operands folder = new Operands(
            "DIR", "0..1", "Folder of librump*.so, or one that has them in lib (default: as for --kernel netbsd)");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "components",
                                "[--json] [DIR]",
                                "Lists the components that a NetBSD kernel can have.",
                                "Of each: its kind (base, faction or driver), the size of its file, what it is, which others come"
                                        + " along with it, whether a half of it runs on the host, and why it cannot be linked where"
                                        + " that is so.")
                        .addOption(json.spec())
                        .addPositional(folder.spec()),
                "rump4j components /usr/lib");
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        String said = folder.texts().isEmpty() ? "" : folder.texts().getFirst();
        Inventory inventory;
        try {
            inventory = Inventory.of(HostPath.toJvm(said));
        } catch (LinkException e) {
            run.fail(String.valueOf(e.getMessage()));
            return;
        } catch (ErrnoException e) {
            run.fail(said, e);
            return;
        }
        if (json.isSet()) {
            printJson(run.out(), inventory);
        } else {
            printTable(run.out(), inventory);
        }
    }

    private static void printTable(Output out, Inventory inventory) throws IOException {
        int nameColumns = 0;
        int kindColumns = 0;
        for (Inventory.Entry entry : inventory.entries()) {
            nameColumns = Math.max(nameColumns, entry.name().length());
            kindColumns = Math.max(kindColumns, entry.kind().length());
        }
        String indent = " ".repeat(nameColumns + kindColumns + SIZE_COLUMNS + 4);
        for (Inventory.Entry entry : inventory.entries()) {
            String size = Sizes.human(entry.bytes());
            out.name(entry.name()).print(" ".repeat(nameColumns - entry.name().length() + 2));
            out.print(entry.kind()).print(" ".repeat(kindColumns - entry.kind().length()));
            out.print(" ".repeat(Math.max(1, SIZE_COLUMNS - size.length()))).print(size);
            out.print("  ").println(entry.description());
            for (String line : remarks(entry)) {
                out.print(indent).println(line);
            }
        }
    }

    private static List<String> remarks(Inventory.Entry entry) {
        List<String> lines = new ArrayList<>();
        List<String> needs = new ArrayList<>(entry.needs());
        // Everybody does.
        needs.remove(BASE);
        if (!needs.isEmpty()) {
            lines.add("needs " + String.join(", ", needs));
        }
        if (!entry.hostHalf().isEmpty()) {
            lines.add("has a half on the host: " + entry.hostHalf().size() + " functions");
        }
        List<String> problems = entry.problem().lines().toList();
        if (!problems.isEmpty()) {
            String more = problems.size() == 1 ? "" : ", and " + (problems.size() - 1) + " more like that";
            lines.add("cannot be linked: " + problems.getFirst() + more);
        }
        return lines;
    }

    private static void printJson(Output out, Inventory inventory) throws IOException {
        try (Json document = new Json(out)) {
            for (Inventory.Entry entry : inventory.entries()) {
                document.begin().member("name", entry.name()).member("kind", entry.kind());
                document.member("description", entry.description());
                document.member("file", HostPath.fromJvm(entry.file().toString()))
                        .member("size", entry.bytes());
                document.member("needs", entry.needs().toArray(String[]::new));
                document.member("hostHalf", entry.hostHalf().toArray(String[]::new));
                document.member("libc", entry.library().toArray(String[]::new));
                if (!entry.problem().isEmpty()) {
                    document.member("problem", entry.problem());
                }
                document.end();
            }
        }
    }
}
