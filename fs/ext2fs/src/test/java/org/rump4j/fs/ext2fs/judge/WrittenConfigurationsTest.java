package org.rump4j.fs.ext2fs.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rump4j.rump.SysMount;

/** File systems of all configurations are changed in all ways; e2fsck finds nothing, and debugfs sees what should be there. */
@ExtendWith(Images.class)
class WrittenConfigurationsTest {
    static Stream<Recipe> singles() {
        return WrittenImages.singles();
    }

    static Stream<Recipe> pairs() {
        return WrittenImages.pairs();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("singles")
    void whatIsWrittenIsWhatDebugfsReads(Recipe recipe, Images.Shelf images) throws Exception {
        write(recipe, images);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pairs")
    void featuresGoTogether(Recipe recipe, Images.Shelf images) throws Exception {
        write(recipe, images);
    }

    private static void write(Recipe recipe, Images.Shelf images) throws Exception {
        Path image = images.copy(WrittenImages.image(recipe, images), "written");
        Model model = Model.of(image);
        boolean largeFiles = !recipe.features().isEmpty();
        try (Machine machine = new Machine()) {
            machine.sys().umask(0);
            machine.mount(image, SysMount.MNT_NOATIME);
            assertEquals(0, machine.sys().statvfs1(Machine.MOUNT, 0).flag() & SysMount.MNT_RDONLY, machine.console());
            ModelledFiles files = new ModelledFiles(machine.sys(), Machine.MOUNT, model, recipe.inodeBytes() > 128);
            new Workload(files, recipe, largeFiles).run();
            ModelComparison.assertSame(model, new KernelWitness(machine.sys(), Machine.MOUNT));
            machine.unmount();
            ModelComparison.assertSame(model, image);
            machine.mountReadOnly(image);
            ModelComparison.assertSame(model, new KernelWitness(machine.sys(), Machine.MOUNT));
            machine.unmount();
        }
    }
}
