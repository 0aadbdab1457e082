package org.rump4j.fs.ext2fs.judge;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Compares the files of a model with what a witness says: names, attributes, what links say, every byte that was written, and that holes
 * are holes. Collects differences, so that a failure tells how much is wrong.
 */
final class ModelComparison {
    private static final int MOST_TOLD = 25;
    private static final int CHUNK_BYTES = 1 << 18;

    private final Witness witness;
    private final List<String> differences = new ArrayList<>();

    /** The files by their numbers, and the other way round: names of one file lead to one file. */
    private final Map<Long, Model.Node> nodes = new HashMap<>();

    private final Map<Model.Node, Long> numbers = new HashMap<>();

    private ModelComparison(Witness witness) {
        this.witness = witness;
    }

    /** Asserts that a witness sees what the model says. */
    static void assertSame(Model model, Witness witness) throws ErrnoException {
        ModelComparison comparison = new ModelComparison(witness);
        comparison.file("", model.root);
        List<String> all = comparison.differences;
        if (!all.isEmpty()) {
            Assertions.fail(all.size() + " differences:\n"
                    + String.join("\n", all.subList(0, Math.min(MOST_TOLD, all.size()))));
        }
    }

    /** As the other, with the judge as the witness: e2fsck has nothing to say against the image, and debugfs sees the model. */
    static void assertSame(Model model, Path image) throws Exception {
        E2fsprogs.requireClean(image);
        try (DebugfsWitness witness = new DebugfsWitness(image)) {
            assertSame(model, witness);
        }
    }

    private void file(String path, Model.Node node) throws ErrnoException {
        try {
            Witness.Attributes said = witness.attributes(path);
            boolean known = numbers.containsKey(node);
            attributes(path, node, said);
            if (node.isDirectory()) {
                directory(path, node);
            } else if (node.isSymlink()) {
                same(path, "target", node.target, witness.target(path));
            } else if (node.isRegular() && !known) {
                same(path, "size", node.contents.size(), said.size());
                contents(path, node.contents);
            }
        } catch (ErrnoException e) {
            differences.add(path + ": " + e);
        }
    }

    private void directory(String path, Model.Node node) throws ErrnoException {
        Set<String> names = witness.names(path);
        if (!names.equals(node.entries.keySet())) {
            Set<String> missing = new TreeSet<>(node.entries.keySet());
            missing.removeAll(names);
            Set<String> unexpected = new TreeSet<>(names);
            unexpected.removeAll(node.entries.keySet());
            differences.add(path + ": " + witness.name() + " does not see " + missing + ", and sees " + unexpected);
        }
        for (Map.Entry<String, Model.Node> entry : node.entries.entrySet()) {
            if (names.contains(entry.getKey())) {
                file(Model.below(path, entry.getKey()), entry.getValue());
            }
        }
    }

    private void attributes(String path, Model.Node node, Witness.Attributes said) {
        Model.Node other = nodes.putIfAbsent(said.ino(), node);
        Long number = numbers.putIfAbsent(node, said.ino());
        if ((other != null && other != node) || (number != null && number != said.ino())) {
            differences.add(path + ": is not the file that it should be, but inode " + said.ino());
        }
        same(path, "mode", Integer.toOctalString(node.mode()), Integer.toOctalString(said.mode()));
        same(path, "uid", Integer.toUnsignedString(node.uid), Integer.toUnsignedString(said.uid()));
        same(path, "gid", Integer.toUnsignedString(node.gid), Integer.toUnsignedString(said.gid()));
        same(path, "links", node.links(), said.links());
        same(path, "flags", Integer.toHexString(node.flags), Integer.toHexString(said.flags()));
        if (node.type == SysStat.S_IFCHR || node.type == SysStat.S_IFBLK) {
            same(path, "rdev", node.rdev, said.rdev());
        }
        time(path, "atime", node.atime, said.atime());
        time(path, "mtime", node.mtime, said.mtime());
        String attributes = witness.extendedAttributes(path);
        if (node.attributes != null && attributes != null) {
            same(path, "extended attributes", node.attributes, attributes);
        }
    }

    private void time(String path, String which, @Nullable Timespec expected, Timespec said) {
        if (expected != null) {
            same(path, which, expected, said);
        }
    }

    private void contents(String path, Contents contents) throws ErrnoException {
        for (long at = contents.nextData(0); at < contents.size(); ) {
            int bytes = (int) Math.min(CHUNK_BYTES, contents.nextHole(at) - at);
            byte[] expected = contents.read(at, bytes);
            byte[] said = witness.read(path, at, bytes);
            int mismatch = Arrays.mismatch(expected, said);
            if (mismatch >= 0) {
                differences.add(path + ": " + witness.name() + " sees other bytes from " + (at + mismatch) + " on: "
                        + (mismatch < said.length ? said[mismatch] : "the end") + ", not "
                        + (mismatch < expected.length ? expected[mismatch] : "the end"));
                return;
            }
            at = contents.nextData(at + bytes);
        }
        for (JudgedFile.Range range : witness.data(path)) {
            for (long at = range.begin(); at < range.end(); at = contents.nextHole(at)) {
                if (contents.nextData(at) != at) {
                    differences.add(path + ": " + witness.name() + " sees data at " + at + ", where there is a hole");
                    return;
                }
            }
        }
    }

    private void same(String path, String what, Object expected, Object said) {
        if (!expected.equals(said)) {
            differences.add(
                    path + ": " + what + ": " + said + ", says " + witness.name() + ", but should be " + expected);
        }
    }
}
