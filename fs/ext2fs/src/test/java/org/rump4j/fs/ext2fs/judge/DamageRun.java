package org.rump4j.fs.ext2fs.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Damages images by seeds and tries each, one after the other, in one kernel as long as it lives. Watches for hangs and for memory
 * beyond the limit; {@code -Drump4j.damage.seed=N} repeats one, and a failure says which.
 */
final class DamageRun {
    private static final int MOST_FAILURES = 20;
    private static final long HANG_MILLIS = 60_000;
    private static final long POLL_MILLIS = 100;

    /** What the calls on a small image may allocate in the JVM's heap, over and over again included. */
    private static final long MOST_HEAP_BYTES = 96L << 20;

    private static final Map<String, String> SMALL = Map.of("RUMP_MEMLIMIT", "8m");

    /** What a mount may say of an image that it does not like. */
    private static final Set<Errno> REFUSALS = EnumSet.of(Errno.EIO, Errno.EINVAL, Errno.EFTYPE);

    /**
     * A damaged image.
     *
     * @param file where it is
     * @param damage what was done to it
     */
    record Patient(Path file, Anatomy anatomy, Damage damage, long seed) {}

    /** What is done with a damaged image. */
    @FunctionalInterface
    interface Trial {
        /** Anything that is thrown but what a call may answer is a failure. */
        void attempt(Machine machine, Patient patient) throws Exception;
    }

    private DamageRun() {}

    /** Tries so many images, from a seed on, or the one that was asked for. */
    static void run(Images.Shelf images, List<DamagedImages> kinds, long firstSeed, int count, Trial trial)
            throws InterruptedException {
        Long only = Long.getLong("rump4j.damage.seed");
        Worker worker = only == null
                ? new Worker(images, kinds, firstSeed, Integer.getInteger("rump4j.damage.count", count), trial)
                : new Worker(images, kinds, only, 1, trial);
        Thread thread = new Thread(worker, "damage");
        thread.start();
        while (thread.isAlive()) {
            thread.join(POLL_MILLIS);
            long begun = worker.begunMillis;
            if (thread.isAlive() && System.currentTimeMillis() - begun > HANG_MILLIS) {
                fail("hangs: " + worker.current + "\n" + Arrays.toString(thread.getStackTrace()));
            }
        }
        if (!worker.failures.isEmpty()) {
            fail(worker.failures.size() + " failures:\n" + String.join("\n", worker.failures));
        }
        assertEquals(worker.count, worker.tried, "all have been tried");
    }

    /** Whether a test has been asked for one image or for a number of its own. */
    static boolean isWhole() {
        return Long.getLong("rump4j.damage.seed") == null && Integer.getInteger("rump4j.damage.count") == null;
    }

    /** Fails where a mount may not be refused so. */
    static void requireRefusal(ErrnoException e) {
        // Features that are not known have names, not numbers.
        boolean clear = e.errno() == Errno.EFTYPE ? e.detail() != null : Explorer.saysWhere(e);
        if (!REFUSALS.contains(e.errno()) || !clear) {
            throw new AssertionError("mount: " + e, e);
        }
    }

    private static final class Worker implements Runnable {
        private final Images.Shelf images;
        private final List<DamagedImages> kinds;
        private final Map<DamagedImages, Anatomy> anatomies = new HashMap<>();
        private final long firstSeed;
        private final int count;
        private final Trial trial;
        private final List<String> failures = new ArrayList<>();
        private int tried;

        /** For whoever watches. */
        private volatile long begunMillis = System.currentTimeMillis();

        private volatile String current = "booting";

        private @Nullable Machine machine;

        Worker(Images.Shelf images, List<DamagedImages> kinds, long firstSeed, int count, Trial trial) {
            this.images = images;
            this.kinds = kinds;
            this.firstSeed = firstSeed;
            this.count = count;
            this.trial = trial;
        }

        @Override
        public void run() {
            for (long seed = firstSeed; seed < firstSeed + count && failures.size() < MOST_FAILURES; seed++) {
                DamagedImages kind = kinds.get((int) Long.remainderUnsigned(seed, kinds.size()));
                Anatomy anatomy = anatomies.computeIfAbsent(kind, each -> new Anatomy(each.image(images)));
                Damage damage = new Damage(anatomy, seed);
                byte[] image = damage.inflict();
                current = "seed %d: %s: %s".formatted(seed, kind, damage.story());
                begunMillis = System.currentTimeMillis();
                try {
                    Path file = images.directory().resolve("damaged.img");
                    Files.write(file, image);
                    attempt(new Patient(file, anatomy, damage, seed), image.length);
                    tried++;
                } catch (Throwable e) {
                    failures.add(current + "\n    " + describe(e));
                    halt();
                }
            }
            halt();
        }

        /** A kernel that has failed may have the image mounted still: its syncer must not write into the next one. */
        private void halt() {
            if (machine != null) {
                Machine failed = machine;
                machine = null;
                try {
                    failed.close();
                } catch (RuntimeException | AssertionError e) {
                    failures.add("halt after " + current + "\n    " + describe(e));
                }
            }
        }

        private void attempt(Patient patient, int bytes) throws Exception {
            Machine here = machine;
            if (here == null) {
                here = new Machine(SMALL);
                machine = here;
            }
            long heap = allocatedBytes();
            trial.attempt(here, patient);
            long used = allocatedBytes() - heap;
            if (used > MOST_HEAP_BYTES) {
                throw new AssertionError(used + " bytes of heap for an image of " + bytes + " bytes");
            }
        }

        private static long allocatedBytes() {
            return ManagementFactory.getThreadMXBean() instanceof ThreadMXBean bean
                    ? bean.getCurrentThreadAllocatedBytes()
                    : 0;
        }

        private static String describe(Throwable e) {
            StringBuilder text = new StringBuilder();
            for (Throwable each = e; each != null; each = each.getCause()) {
                text.append(each).append('\n');
                StackTraceElement[] trace = each.getStackTrace();
                for (int i = 0; i < Math.min(trace.length, 8); i++) {
                    text.append("        at ").append(trace[i]).append('\n');
                }
            }
            return text.toString();
        }
    }
}
