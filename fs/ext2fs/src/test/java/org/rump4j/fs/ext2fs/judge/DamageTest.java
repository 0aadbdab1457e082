package org.rump4j.fs.ext2fs.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Images with random damage. Whatever is wrong with one: an errno that says where, and never an exception of the JVM, a panic, a
 * hang, memory beyond the kernel's limit, a leaked vnode or a changed byte. {@code -Drump4j.damage.seed=N} repeats one, and a
 * failure says which.
 */
@ExtendWith(Images.class)
class DamageTest {
    private static final int SAMPLE = 500;
    private static final int ALL = 10_000;
    private static final int MOST_FAILURES = 20;
    private static final long HANG_MILLIS = 60_000;
    private static final long POLL_MILLIS = 100;

    /** What a walk through a small image may allocate in the JVM's heap, over and over again included. */
    private static final long MOST_HEAP_BYTES = 96L << 20;

    private static final Map<String, String> SMALL = Map.of("RUMP_MEMLIMIT", "8m");

    /** What a mount may say of an image that it does not like. */
    private static final Set<Errno> REFUSALS = EnumSet.of(Errno.EIO, Errno.EINVAL, Errno.EFTYPE);

    @Test
    void someDamagedImagesGiveErrorsThatSayWhere(Images.Shelf images) throws Exception {
        Long only = Long.getLong("rump4j.damage.seed");
        if (only != null) {
            run(images, only, 1);
        } else {
            run(images, 1, Integer.getInteger("rump4j.damage.count", SAMPLE));
        }
    }

    @Test
    @Tag("nightly")
    void tenThousandDamagedImagesGiveErrorsThatSayWhere(Images.Shelf images) throws Exception {
        long first = System.currentTimeMillis();
        System.out.println("damage of seeds " + first + " to " + (first + ALL - 1));
        run(images, first, ALL);
    }

    private static void run(Images.Shelf images, long firstSeed, int count) throws Exception {
        Worker worker = new Worker(images, images.directory().resolve("damaged.img"), firstSeed, count);
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
        assertEquals(count, worker.tried, "all have been tried");
        // Where nothing fails, nothing was damaged; where all fails at once, nothing was walked.
        if (count >= SAMPLE) {
            assertTrue(worker.refused > count / 50, "refused: " + worker.refused);
            assertTrue(worker.errors > count / 2, "errors: " + worker.errors);
            assertTrue(worker.refused < count * 2 / 3, "refused: " + worker.refused);
        }
    }

    /** Tries the images, one after the other, in one kernel as long as it lives. */
    private static final class Worker implements Runnable {
        private final Images.Shelf images;
        private final List<DamagedImages> kinds = DamagedImages.all().toList();
        private final Map<DamagedImages, Anatomy> anatomies = new HashMap<>();
        private final Path file;
        private final long firstSeed;
        private final int count;
        private final List<String> failures = new ArrayList<>();
        private int tried;
        private int refused;
        private int errors;

        /** For whoever watches. */
        private volatile long begunMillis = System.currentTimeMillis();

        private volatile String current = "booting";

        private @Nullable Machine machine;

        Worker(Images.Shelf images, Path file, long firstSeed, int count) {
            this.images = images;
            this.file = file;
            this.firstSeed = firstSeed;
            this.count = count;
        }

        @Override
        public void run() {
            for (long seed = firstSeed; seed < firstSeed + count && failures.size() < MOST_FAILURES; seed++) {
                DamagedImages kind = kinds.get((int) Long.remainderUnsigned(seed, kinds.size()));
                Damage damage =
                        new Damage(anatomies.computeIfAbsent(kind, each -> new Anatomy(each.image(images))), seed);
                byte[] image = damage.inflict();
                current = "seed %d: %s: %s".formatted(seed, kind, damage.story());
                begunMillis = System.currentTimeMillis();
                try {
                    attempt(image);
                    tried++;
                } catch (Throwable e) {
                    failures.add(current + "\n    " + describe(e));
                    machine = null;
                }
            }
            if (machine != null) {
                machine.close();
            }
        }

        private void attempt(byte[] image) throws IOException, ErrnoException {
            Files.write(file, image);
            Machine here = machine;
            if (here == null) {
                here = new Machine(SMALL);
                machine = here;
            }
            long heap = allocatedBytes();
            walk(here);
            long used = allocatedBytes() - heap;
            if (used > MOST_HEAP_BYTES) {
                throw new AssertionError(used + " bytes of heap for an image of " + image.length + " bytes");
            }
            if (!Arrays.equals(image, Files.readAllBytes(file))) {
                throw new AssertionError("the image has changed");
            }
        }

        private void walk(Machine here) throws ErrnoException {
            try {
                here.mountReadOnly(file);
            } catch (ErrnoException e) {
                refused++;
                // Features that are not known have names, not numbers.
                boolean clear = e.errno() == Errno.EFTYPE ? e.detail() != null : Explorer.saysWhere(e);
                if (!REFUSALS.contains(e.errno()) || !clear) {
                    throw new AssertionError("mount: " + e, e);
                }
                return;
            }
            Explorer explorer = new Explorer(here.sys());
            explorer.explore();
            errors += explorer.errors();
            here.unmount();
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
