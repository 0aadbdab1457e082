package org.rump4j.fs.ext2fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The power goes at any write: whatever was synced is there after {@code e2fsck -fy}, and nothing is there that was not written. In the
 * nightly profile with more seeds and cuts; {@code -Drump4j.seed=N} takes another first seed.
 */
class PowerCutTest {
    private static final boolean NIGHTLY = Boolean.getBoolean("rump4j.nightly");
    private static final long FIRST_SEED = Long.getLong("rump4j.seed", 1);
    private static final int SEEDS = NIGHTLY ? 6 : 1;
    private static final int CUTS = NIGHTLY ? 30 : 5;

    private static final List<WriteLog.Loss> LOSSES = List.of(WriteLog.Loss.values());

    /** One cut in so many is looked at by debugfs too, and repaired twice. */
    private static final int THOROUGH = 10;

    /** Kinds of file systems. */
    enum Kind {
        EXT2_1K("6M", "-t ext2 -b 1024"),
        EXT2_4K("8M", "-t ext2 -b 4096"),
        EXT4_1K("6M", "-t ext4 -b 1024 -O ^has_journal"),
        EXT4_4K("8M", "-t ext4 -b 4096 -O ^has_journal,64bit,metadata_csum"),
        EXT3_1K("7M", "-t ext3 -b 1024 -J size=1"),
        EXT4_JOURNAL_1K("7M", "-t ext4 -b 1024 -J size=1"),
        EXT4_JOURNAL_4K("12M", "-t ext4 -b 4096 -J size=4 -O orphan_file,metadata_csum_seed");

        private final String size;
        private final String options;

        Kind(String size, String options) {
            this.size = size;
            this.options = options;
        }

        byte[] image(Path directory) throws IOException {
            return Recording.image(directory, size, List.of(options.split(" ", -1)));
        }
    }

    @TempDir
    Path temp;

    static Stream<List<Object>> pairs() {
        List<List<Object>> pairs = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            for (Workload workload : Workload.values()) {
                pairs.add(List.of(kind, workload));
            }
        }
        return pairs.stream();
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void whatWasSyncedIsThere(List<Object> pair) throws Exception {
        Kind kind = (Kind) pair.get(0);
        Workload workload = (Workload) pair.get(1);
        byte[] image = kind.image(temp);
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            check(Recording.of(image, List.of(workload), seed, false), seed);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void whatTwoThreadsHaveSyncedIsThere(Kind kind) throws Exception {
        byte[] image = kind.image(temp);
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            check(Recording.of(image, List.of(Workload.MIXED, Workload.REPLACE), seed, false), seed);
        }
    }

    @Test
    void whatIsReplacedNeverShowsBlocksThatWereNotWritten() throws Exception {
        byte[] image = Kind.EXT2_1K.image(temp);
        Recording recording = Recording.of(image, List.of(Workload.REPLACE_UNWRITTEN), 1, false);
        try (CrashMachine judge = new CrashMachine()) {
            for (int position = 1; position <= recording.log().size(); position++) {
                byte[] left = recording.cut(position, WriteLog.Loss.EVERYTHING, 0);
                assertEquals(List.of(), recording.faults(position, left, temp, judge, false), "cut " + position);
            }
        }
    }

    /** The kernel was halted in the end. */
    private void requireClean(byte[] end) throws IOException {
        Path file = Files.write(temp.resolve("end"), end);
        String said = Tools.run("e2fsck", "-fn", file.toString());
        assertTrue(!said.replace("Optimize? no", "").contains("? no"), said);
    }

    private void check(Recording recording, long seed) throws Exception {
        requireClean(recording.log().end());
        Random random = new Random(seed);
        try (CrashMachine judge = new CrashMachine()) {
            for (int i = 0; i < CUTS; i++) {
                int position = 1 + random.nextInt(recording.log().size());
                WriteLog.Loss loss = LOSSES.get(i % LOSSES.size());
                byte[] left = recording.cut(position, loss, seed + i);
                List<String> faults = recording.faults(position, left, temp, judge, i % THOROUGH == 0);
                if (!faults.isEmpty()) {
                    fail("seed " + seed + ", cut " + i + " after " + position + " of "
                            + recording.log().size() + " events, losing " + loss + ": "
                            + String.join("\n", faults));
                }
            }
        }
    }
}
