package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Flock;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.OpaqueLwp;

/** Random locks of three processes on a file, beside an array of what each byte is locked with. */
class AdvisoryLockModelTest {
    private static final int FILE_BYTES = 40;
    private static final int STEPS = 400;

    @Property(tries = 25, shrinking = ShrinkingMode.OFF)
    void eachByteIsLockedAsItShouldBe(@ForAll long seed) throws Exception {
        try (TestKernel kernel = TestKernel.boot()) {
            run(new Random(seed), kernel.handle().syscalls(), kernel.handle().lwproc());
        }
    }

    private static void run(Random random, Syscalls sys, Lwproc lwproc) throws Exception {
        int processes = 3;
        int[][] model = new int[processes][FILE_BYTES];
        OpaqueLwp[] lwps = new OpaqueLwp[processes];
        int[] fds = new int[processes];
        lwproc.rfork(Lwproc.RFCFDG);
        OpaqueLwp observer = lwproc.curlwp();
        int observed = sys.open("/f", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
        for (int i = 0; i < processes; i++) {
            lwproc.rfork(Lwproc.RFCFDG);
            lwps[i] = Objects.requireNonNull(lwproc.curlwp());
            fds[i] = sys.open("/f", Fcntl.O_RDWR, 0);
        }
        for (int step = 0; step < STEPS; step++) {
            int self = random.nextInt(processes);
            int type = 1 + random.nextInt(3);
            int from = random.nextInt(FILE_BYTES);
            int to = from + 1 + random.nextInt(FILE_BYTES - from);
            lwproc.switchTo(lwps[self]);
            if (random.nextInt(50) == 0) {
                sys.close(sys.dup(fds[self]));
                model[self] = new int[FILE_BYTES];
            } else {
                boolean free = set(model, self, type, from, to);
                // Up to the end of the file is up to the end of what is looked at.
                Flock lock = Flock.of(type, from, to == FILE_BYTES ? 0 : to - from);
                if (free) {
                    sys.fcntl(fds[self], Fcntl.F_SETLK, lock);
                } else {
                    assertErrno(Errno.EAGAIN, () -> sys.fcntl(fds[self], Fcntl.F_SETLK, lock));
                }
            }
            lwproc.switchTo(observer);
            int at = random.nextInt(FILE_BYTES);
            int strongest = 0;
            for (int[] locks : model) {
                strongest = Math.max(strongest, locks[at]);
            }
            int expected = strongest == 0 ? Flock.F_UNLCK : strongest;
            assertEquals(
                    expected,
                    sys.fcntl(observed, Fcntl.F_GETLK, Flock.of(Flock.F_WRLCK, at, 1))
                            .type(),
                    "byte " + at + " after step " + step);
        }
    }

    /** Sets a lock in the model, unless one of somebody else is in the way; 0 is none there. */
    private static boolean set(int[][] model, int self, int type, int from, int to) {
        for (int other = 0; other < model.length && type != Flock.F_UNLCK; other++) {
            for (int at = from; at < to && other != self; at++) {
                int held = model[other][at];
                if (held != 0 && (held == Flock.F_WRLCK || type == Flock.F_WRLCK)) {
                    return false;
                }
            }
        }
        Arrays.fill(model[self], from, to, type == Flock.F_UNLCK ? 0 : type);
        return true;
    }
}
