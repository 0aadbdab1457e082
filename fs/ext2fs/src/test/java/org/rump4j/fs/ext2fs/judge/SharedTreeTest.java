package org.rump4j.fs.ext2fs.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rump4j.rump.SysMount;

/** Several lwps that change the same files of one tree, at random, on more than one virtual CPU; what comes of it nobody knows, but it is sound. */
@ExtendWith(Images.class)
@Timeout(300)
class SharedTreeTest {
    private static final int LWPS = 4;
    private static final int STEPS = 250;

    static Stream<DamagedImages> kinds() {
        return DamagedImages.all().filter(DamagedImages::isWritten);
    }

    static Stream<DamagedImages> kindsOftenEnough() {
        List<DamagedImages> kinds = kinds().toList();
        return IntStream.range(0, 300).mapToObj(i -> kinds.get(i % kinds.size()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void whatManyChangeAtOnceIsSound(DamagedImages kind, Images.Shelf images) throws Exception {
        change(kind, images);
    }

    @Tag("nightly")
    @ParameterizedTest(name = "{0}")
    @MethodSource("kindsOftenEnough")
    void whatManyChangeAtOnceIsSoundEachTime(DamagedImages kind, Images.Shelf images) throws Exception {
        change(kind, images);
    }

    private static void change(DamagedImages kind, Images.Shelf images) throws Exception {
        Path image = images.copy(kind.image(images), "shared");
        long seed = System.nanoTime();
        AtomicInteger successes = new AtomicInteger();
        AtomicInteger damages = new AtomicInteger();
        try (Machine machine = new Machine(Map.of("RUMP_NCPU", "2"))) {
            machine.mount(image, SysMount.MNT_NODEV | SysMount.MNT_NOATIME);
            machine.inParallel(LWPS, number -> {
                BlindChanges changes = new BlindChanges(machine.sys(), new Random(seed + number), null);
                changes.run(STEPS);
                successes.addAndGet(changes.successes());
                damages.addAndGet(changes.damages());
            });
            assertEquals(0, damages.get(), "calls that say that something is damaged");
            assertTrue(successes.get() > LWPS * STEPS / 4, successes + " successes");
            machine.unmount();
            E2fsprogs.requireClean(image);
            machine.mountReadOnly(image);
            Comparison.assertSame(machine.sys(), image);
            machine.unmount();
        }
    }
}
