package org.rump4j.fs.ext2fs.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rump4j.fs.ext2fs.judge.PendingJournal.Transaction;

/** File systems that were not unmounted: what a reader sees is what e2fsck would make of them, and the image stays as it is. */
@ExtendWith(Images.class)
class JournalTest {
    private static final byte[] JOURNAL_MAGIC = {(byte) 0xc0, 0x3b, 0x39, (byte) 0x98};

    private static final String NO_CHECKSUMS = "";
    private static final String CHECKSUMS_V2 = "-c -v 2";
    private static final String CHECKSUMS_V3 = "-c -v 3";

    record Case(String recipe, String journalOptions) {
        Recipe configuration() {
            return Recipe.matrix()
                    .filter(each -> each.name().equals(recipe))
                    .findFirst()
                    .orElseThrow();
        }

        @Override
        public String toString() {
            return recipe + " " + journalOptions;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case("ext3-1k", NO_CHECKSUMS),
                new Case("ext3-4k", NO_CHECKSUMS),
                new Case("ext3-4k", CHECKSUMS_V2),
                new Case("ext4-32bit", NO_CHECKSUMS),
                new Case("ext4-32bit", CHECKSUMS_V2),
                new Case("ext4-32bit", CHECKSUMS_V3),
                new Case("ext4-1k", NO_CHECKSUMS),
                new Case("ext4-1k", CHECKSUMS_V2),
                new Case("ext4-1k", CHECKSUMS_V3),
                new Case("ext4-4k", CHECKSUMS_V3),
                new Case("ext4-metadata_csum_seed", CHECKSUMS_V3),
                new Case("ext4-bigalloc-16k", CHECKSUMS_V3),
                new Case("ext4-meta_bg", CHECKSUMS_V3),
                new Case("ext4-inline_data-256", CHECKSUMS_V3),
                new Case("ext4-fast_commit", CHECKSUMS_V3));
    }

    /** What debugfs writes of revocations into journals with checksums and block numbers of 32 bits, e2fsck does not accept. */
    static Stream<Case> casesWithRevocations() {
        return cases().filter(each -> each.journalOptions().equals(NO_CHECKSUMS)
                || !List.of("ext3-4k", "ext4-32bit").contains(each.recipe()));
    }

    /** The image after work that is only in the journal, and what that work has changed. */
    private record Crashed(Path image, PendingJournal journal, SortedMap<Long, byte[]> changes) {}

    private static Crashed crash(Case what, Images.Shelf images, String name) throws Exception {
        Recipe recipe = what.configuration();
        Path image = images.copy(images.of(recipe), name);
        Path worked = images.copy(image, name + "-worked");
        Path data = images.directory().resolve("journaled-data");
        // Blocks that begin like the journal's own must be told from them.
        byte[] contents = new byte[20_000];
        new Random(5).nextBytes(contents);
        for (int at = 0; at < contents.length; at += 1024) {
            System.arraycopy(JOURNAL_MAGIC, 0, contents, at, JOURNAL_MAGIC.length);
        }
        Files.write(data, contents);
        E2fsprogs.debugfs(
                worked,
                List.of(
                        "mkdir new",
                        "write " + data + " new/data",
                        "write " + data + " sizes/data",
                        "symlink new/link somewhere",
                        "rm sizes/twice-indirect",
                        "rm links/one",
                        "set_inode_field owners/large uid 17",
                        "rm devices/fifo-of-debugfs"));
        E2fsprogs.repair(worked, "-fy");
        int blockBytes = Integer.parseInt(E2fsprogs.dumpe2fs(image).get("Block size"));
        SortedMap<Long, byte[]> changes = PendingJournal.difference(image, worked, blockBytes);
        Files.delete(worked);
        return new Crashed(image, new PendingJournal(image, blockBytes, what.journalOptions()), changes);
    }

    private static void compareWithWhatE2fsckMakesOfIt(Path image, Images.Shelf images, Map<String, String> environment)
            throws Exception {
        Path recovered = images.copy(image, "recovered");
        E2fsprogs.repair(recovered, "-fy");
        try (Debugfs judge = new Debugfs(recovered)) {
            assertTrue(judge.ls(2).stream().anyMatch(entry -> entry.name().equals("new")), "the judge has recovered");
        }
        long before = Images.digest(image);
        try (Machine machine = new Machine(environment)) {
            machine.mountReadOnly(image);
            Comparison.assertSame(machine.sys(), recovered);
            machine.unmount();
        }
        assertEquals(before, Images.digest(image));
        Files.delete(recovered);
        Files.delete(image);
    }

    private static SortedMap<Long, byte[]> rubbish(SortedMap<Long, byte[]> blocks) {
        SortedMap<Long, byte[]> result = new TreeMap<>(blocks);
        Random random = new Random(6);
        result.replaceAll((number, contents) -> {
            byte[] other = new byte[contents.length];
            random.nextBytes(other);
            return other;
        });
        return result;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void laterTransactionsWinAndTheLastIsIgnoredWithoutACommit(Case what, Images.Shelf images) throws Exception {
        Crashed crashed = crash(what, images, "several-transactions");
        SortedMap<Long, byte[]> changes = crashed.changes();
        long middle = changes.keySet().stream().toList().get(changes.size() / 2);
        crashed.journal()
                .write(List.of(
                        Transaction.of(rubbish(changes.headMap(middle))),
                        Transaction.of(rubbish(changes.tailMap(middle))),
                        Transaction.of(changes),
                        new Transaction(rubbish(changes), List.of(), false)));
        compareWithWhatE2fsckMakesOfIt(crashed.image(), images, Map.of());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("casesWithRevocations")
    void whatIsRevokedIsNotReplayed(Case what, Images.Shelf images) throws Exception {
        Crashed crashed = crash(what, images, "revoked");
        // Blocks that are right on the disk already, and wrong in a transaction that comes before their revocation.
        SortedMap<Long, byte[]> untouched = new TreeMap<>();
        try (Debugfs judge = new Debugfs(crashed.image())) {
            Inode directory = judge.stat(judge.ls(2).stream()
                    .filter(entry -> entry.name().equals("many"))
                    .findFirst()
                    .orElseThrow()
                    .ino());
            for (Inode.Run run : directory.runs()) {
                for (long i = 0; i < run.count(); i++) {
                    untouched.put(run.physical() + i, new byte[crashed.journal().blockBytes()]);
                }
            }
        }
        untouched.keySet().removeAll(crashed.changes().keySet());
        crashed.journal()
                .write(List.of(
                        Transaction.of(rubbish(untouched)),
                        new Transaction(crashed.changes(), new ArrayList<>(untouched.keySet()), true)));
        compareWithWhatE2fsckMakesOfIt(crashed.image(), images, Map.of());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void aLogThatWrapsAroundIsReplayed(Case what, Images.Shelf images) throws Exception {
        Crashed crashed = crash(what, images, "wrapped");
        crashed.journal().write(List.of(Transaction.of(rubbish(crashed.changes())), Transaction.of(crashed.changes())));
        crashed.journal().wrapAround();
        compareWithWhatE2fsckMakesOfIt(crashed.image(), images, Map.of());
    }

    @Test
    void aJournalLargerThanTheKernelsMemoryIsReplayed(Images.Shelf images) throws Exception {
        Crashed crashed = crash(new Case("ext4-fast_commit", CHECKSUMS_V3), images, "large-journal");
        List<Transaction> transactions = new ArrayList<>();
        // The free blocks at the end of the disk may hold anything.
        long end = Files.size(crashed.image()) / crashed.journal().blockBytes();
        for (int i = 0; i < 15; i++) {
            SortedMap<Long, byte[]> anything = new TreeMap<>();
            for (int block = 0; block < 200; block++) {
                anything.put(
                        end - 3_000 + i * 200L + block,
                        new byte[crashed.journal().blockBytes()]);
            }
            anything.keySet().removeAll(crashed.changes().keySet());
            transactions.add(Transaction.of(rubbish(anything)));
        }
        transactions.add(Transaction.of(crashed.changes()));
        crashed.journal().write(transactions);
        compareWithWhatE2fsckMakesOfIt(crashed.image(), images, Map.of("RUMP_MEMLIMIT", "2m"));
    }
}
