package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** Random changes to a file in a kernel of very little memory, on a disk that is full of rubbish, beside an array that is changed alike. */
class FileWriterModelTest {
    private static final int MAX_BYTES = 700 << 10;
    private static final int STEPS = 60;

    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    void theFileIsWhatItShouldBe(@ForAll long seed, @ForAll @IntRange(min = 9, max = 16) int blockShift)
            throws Exception {
        Random random = new Random(seed);
        try (TestKernel kernel =
                TestKernel.builder().environment("RUMP_MEMLIMIT", "512k").boot()) {
            RecordingDisk disk = new RecordingDisk(2 << 20);
            WritableFile file = new WritableFile(kernel, new ScatteredFile(disk, 1 << blockShift, random));
            byte[] model = new byte[0];
            for (int step = 0; step < STEPS; step++) {
                int at = random.nextInt(MAX_BYTES);
                int bytes = 1 + random.nextInt(1 << (1 + random.nextInt(17)));
                switch (random.nextInt(8)) {
                    case 0, 1, 2 -> {
                        int offset = random.nextBoolean() ? model.length : at;
                        bytes = Math.min(bytes, MAX_BYTES - Math.min(offset, MAX_BYTES - 1));
                        offset = Math.min(offset, MAX_BYTES - bytes);
                        byte[] data = new byte[bytes];
                        random.nextBytes(data);
                        file.write(offset, data);
                        model = Arrays.copyOf(model, Math.max(model.length, offset + bytes));
                        System.arraycopy(data, 0, model, offset, bytes);
                    }
                    case 3 -> {
                        int size = random.nextInt(3) == 0 ? 0 : at;
                        file.truncate(size);
                        model = Arrays.copyOf(model, size);
                    }
                    case 4 -> {
                        int from = Math.min(at, model.length);
                        int to = Math.min(from + bytes, model.length);
                        if (from < to) {
                            file.punch(from, to);
                            Arrays.fill(model, from, to, (byte) 0);
                        }
                    }
                    case 5 -> file.flush();
                    case 6 -> {
                        file.flush();
                        file.forget();
                    }
                    default -> {
                        int from = Math.min(at, model.length);
                        int n = Math.min(bytes, model.length - from);
                        assertArrayEquals(Arrays.copyOfRange(model, from, from + n), file.read(from, n));
                    }
                }
            }
            assertArrayEquals(model, file.read(0, model.length));
            file.flush();
            assertArrayEquals(model, file.source.onDisk());
        }
    }
}
