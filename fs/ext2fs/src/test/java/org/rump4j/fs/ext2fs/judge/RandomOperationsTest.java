package org.rump4j.fs.ext2fs.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Sequences of random operations on file systems of many configurations, also nearly full ones, by one lwp and by several at once, in
 * kernels with much memory and with little. A model says what each operation answers and what is there afterwards: as the caches have it,
 * as e2fsck and debugfs find it, and as another mount reads it. {@code -Drump4j.operations.seed=N} repeats a sequence, and a failure says
 * which; with several lwps not everything is the same again.
 */
@ExtendWith(Images.class)
class RandomOperationsTest {
    private static final int SAMPLE = 200;
    private static final int ALL = 5000;
    private static final int STEPS = 120;
    private static final int LWPS = 3;
    private static final int MOST_FAILURES = 3;

    private static final Map<String, String> LITTLE_MEMORY = Map.of("RUMP_MEMLIMIT", "8m");

    /** Of the configurations of {@link WrittenImages} those that can be small: without a journal and long inodes. */
    private static List<Recipe> recipes() {
        return Stream.concat(WrittenImages.singles(), WrittenImages.pairs())
                .filter(recipe -> recipe.inodeBytes() <= 1024 && !recipe.has("has_journal"))
                .toList();
    }

    @Test
    void someSequencesEndAsTheModelSays(Images.Shelf images) throws Exception {
        Long only = Long.getLong("rump4j.operations.seed");
        if (only != null) {
            run(images, only, 1);
        } else {
            run(images, System.currentTimeMillis(), Integer.getInteger("rump4j.operations.count", SAMPLE));
        }
    }

    @Test
    @Tag("nightly")
    void thousandsOfSequencesEndAsTheModelSays(Images.Shelf images) throws Exception {
        run(images, System.currentTimeMillis(), ALL);
    }

    private static void run(Images.Shelf images, long firstSeed, int count) throws Exception {
        System.out.println("random operations of seeds " + firstSeed + " to " + (firstSeed + count - 1));
        List<String> failures = new ArrayList<>();
        List<Recipe> recipes = recipes();
        for (long seed = firstSeed; seed < firstSeed + count && failures.size() < MOST_FAILURES; seed++) {
            Recipe recipe = recipes.get((int) Long.remainderUnsigned(seed, recipes.size()));
            Sequence sequence = new Sequence(recipe, seed, images);
            try {
                sequence.run();
            } catch (Exception | AssertionError e) {
                failures.add("seed " + seed + ", " + sequence + "\n" + sequence.story() + "\n" + e);
                if (failures.size() == 1) {
                    e.printStackTrace();
                }
            }
        }
        if (!failures.isEmpty()) {
            fail(failures.size() + " failures:\n" + String.join("\n", failures));
        }
    }

    /** One image, what is done to it, and what must be there then. */
    private static final class Sequence {
        private final Recipe recipe;
        private final Random random;
        private final Images.Shelf images;
        private final boolean full;
        private final boolean little;
        private final int lwps;
        private final boolean atimes;
        private final Model model;
        private final List<RandomOperations> operations = new ArrayList<>();

        Sequence(Recipe recipe, long seed, Images.Shelf images) {
            this.recipe = recipe;
            this.images = images;
            this.model = new Model(recipe.blockBytes());
            // Neighbouring seeds of java.util.Random begin alike.
            this.random = new Random(seed * 0x9E3779B97F4A7C15L);
            this.full = random.nextBoolean();
            this.little = random.nextInt(3) == 0;
            this.lwps = random.nextInt(4) == 0 ? LWPS : 1;
            this.atimes = random.nextInt(3) == 0;
        }

        @Override
        public String toString() {
            return recipe
                    + (full ? ", nearly full" : "")
                    + (little ? ", little memory" : "")
                    + (lwps > 1 ? ", " + lwps + " lwps" : "");
        }

        String story() {
            return String.join(
                    "\n--\n", operations.stream().map(RandomOperations::story).toList());
        }

        private Path image() throws Exception {
            boolean large = recipe.blockBytes() > 4096;
            String size = full ? large ? "12M" : "1500K" : large ? "32M" : "6M";
            Path empty = images.made("random-%s-%s".formatted(recipe.name(), size), image -> {
                List<String> options = new ArrayList<>(recipe.mke2fsOptions());
                options.addAll(List.of("-N", full ? "200" : "1500"));
                E2fsprogs.mke2fs(image, options, size);
                E2fsprogs.tune2fs(image, recipe.tuning());
            });
            return images.copy(empty, "random");
        }

        void run() throws Exception {
            Path image = image();
            Model.Node lost = model.file(SysStat.S_IFDIR, 0700);
            model.enter("lost+found", lost);
            try (Machine machine = new Machine(little ? LITTLE_MEMORY : Map.of())) {
                machine.sys().umask(0);
                int flags = atimes ? 0 : SysMount.MNT_NOATIME;
                List<ModelledFiles> files = begin(machine, image, flags);
                int size = recipe.blockBytes() > 4096 ? 1 << 20 : 200_000;
                for (ModelledFiles each : files) {
                    operations.add(new RandomOperations(each, new Random(random.nextLong()), size));
                }
                work(machine);
                if (random.nextInt(3) == 0) {
                    operations.forEach(RandomOperations::closeAll);
                    updateReadOnly(machine, image, flags);
                    work(machine);
                }
                check(machine, image, flags);
            }
            Files.delete(image);
        }

        /** Mounts the image, with a directory and a model for each lwp if there are several. */
        private List<ModelledFiles> begin(Machine machine, Path image, int flags) throws ErrnoException {
            machine.mount(image, flags);
            boolean largeInodes = recipe.inodeBytes() > 128;
            if (lwps == 1) {
                return List.of(new ModelledFiles(machine.sys(), Machine.MOUNT, model, largeInodes));
            }
            List<ModelledFiles> files = new ArrayList<>();
            for (int i = 0; i < lwps; i++) {
                Model part = new Model(recipe.blockBytes());
                machine.sys().mkdir(Machine.MOUNT + "/lwp" + i, 0755);
                model.enter("lwp" + i, part.root);
                files.add(new ModelledFiles(machine.sys(), Machine.MOUNT + "/lwp" + i, part, largeInodes));
            }
            return files;
        }

        private void work(Machine machine) throws Exception {
            if (lwps == 1) {
                work(operations.getFirst());
            } else {
                machine.inParallel(lwps, number -> work(operations.get(number)));
            }
        }

        private static void work(RandomOperations each) throws ErrnoException {
            for (int i = 0; i < STEPS; i++) {
                each.step();
            }
        }

        private static void updateReadOnly(Machine machine, Path image, int flags) throws ErrnoException {
            MountArgs args = new MountArgs.Device(machine.device());
            machine.sys().mount("ext2fs", Machine.MOUNT, flags | SysMount.MNT_UPDATE | SysMount.MNT_RDONLY, args);
            E2fsprogs.requireClean(image);
            machine.sys().mount("ext2fs", Machine.MOUNT, flags | SysMount.MNT_UPDATE, args);
        }

        private void check(Machine machine, Path image, int flags) throws Exception {
            if (atimes) {
                forgetAtimes(model.root);
            }
            assertEquals(0, machine.sys().statvfs1(Machine.MOUNT, 0).flag() & SysMount.MNT_RDONLY);
            ModelComparison.assertSame(model, witness(machine));
            operations.forEach(RandomOperations::closeAll);
            machine.unmount();
            if (random.nextInt(3) == 0) {
                ModelComparison.assertSame(model, image);
            } else {
                E2fsprogs.requireClean(image);
                machine.mount(image, flags);
                ModelComparison.assertSame(model, witness(machine));
                machine.unmount();
            }
        }

        private static Witness witness(Machine machine) {
            return new KernelWitness(machine.sys(), Machine.MOUNT);
        }

        private static void forgetAtimes(Model.@Nullable Node node) {
            if (node != null) {
                node.atime = null;
                node.entries.values().forEach(Sequence::forgetAtimes);
            }
        }
    }
}
