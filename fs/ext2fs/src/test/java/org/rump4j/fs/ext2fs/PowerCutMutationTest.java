package org.rump4j.fs.ext2fs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Power cuts show what is wrong with a file system that does not keep order. */
class PowerCutMutationTest {
    private static final int CUTS = 150;

    private static final String PLAIN = "-t ext2 -b 1024";
    private static final String JOURNAL = "-t ext3 -b 1024 -J size=1";

    @TempDir
    Path temp;

    @Test
    void aKernelThatDoesNotFlushIsFoundOut() throws Exception {
        assertTrue(isFoundOut(PLAIN, Workload.REPLACE, WriteLog::withoutFlushes, false));
    }

    @Test
    void aKernelThatWritesStagesInTheWrongOrderIsFoundOut() throws Exception {
        assertTrue(isFoundOut(PLAIN, Workload.LARGE_DIRECTORY, WriteLog::withStagesSwapped, false));
    }

    @Test
    void aJournalThatDoesNotFlushIsFoundOut() throws Exception {
        assertTrue(isFoundOut(JOURNAL, Workload.MOVE, WriteLog::withoutFlushes, false));
    }

    @Test
    void aJournalThatIsCommittedBeforeItIsWrittenIsFoundOut() throws Exception {
        assertTrue(isFoundOut(JOURNAL, Workload.MOVE, WriteLog::withStagesSwapped, false));
    }

    @Test
    void aKernelThatReusesBlocksAtOnceIsFoundOut() throws Exception {
        assertTrue(isFoundOut(PLAIN, Workload.UNLINK, UnaryOperator.identity(), true));
    }

    private boolean isFoundOut(
            String options, Workload workload, UnaryOperator<WriteLog> mutation, boolean reusesAtOnce)
            throws Exception {
        byte[] image = Recording.image(temp, "8M", List.of(options.split(" ", -1)));
        Recording right = Recording.of(image, List.of(workload), 1, reusesAtOnce);
        Recording wrong = right.with(mutation.apply(right.log()));
        Random random = new Random(1);
        try (CrashMachine judge = new CrashMachine()) {
            for (int i = 0; i < CUTS; i++) {
                int position = 1 + random.nextInt(wrong.log().size());
                byte[] left = wrong.cut(position, WriteLog.Loss.SOMETHING, i);
                if (!wrong.faults(position, left, temp, judge, false).isEmpty()) {
                    return true;
                }
            }
        }
        return false;
    }
}
