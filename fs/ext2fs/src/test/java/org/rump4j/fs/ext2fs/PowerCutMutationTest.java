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

    @TempDir
    Path temp;

    @Test
    void aKernelThatDoesNotFlushIsFoundOut() throws Exception {
        assertTrue(isFoundOut(Workload.REPLACE, WriteLog::withoutFlushes, false));
    }

    @Test
    void aKernelThatWritesStagesInTheWrongOrderIsFoundOut() throws Exception {
        assertTrue(isFoundOut(Workload.LARGE_DIRECTORY, WriteLog::withStagesSwapped, false));
    }

    @Test
    void aKernelThatReusesBlocksAtOnceIsFoundOut() throws Exception {
        assertTrue(isFoundOut(Workload.UNLINK, UnaryOperator.identity(), true));
    }

    private boolean isFoundOut(Workload workload, UnaryOperator<WriteLog> mutation, boolean reusesAtOnce)
            throws Exception {
        byte[] image = Recording.image(temp, "8M", List.of("-t", "ext2", "-b", "1024"));
        Recording right = Recording.of(image, List.of(workload), 1, false, reusesAtOnce);
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
