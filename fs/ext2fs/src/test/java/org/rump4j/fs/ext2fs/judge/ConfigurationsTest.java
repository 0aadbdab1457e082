package org.rump4j.fs.ext2fs.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One tree of files in file systems of all configurations, each compared with what debugfs says. */
@ExtendWith(Images.class)
class ConfigurationsTest {
    /** Names of the tree, those of each directory for itself and its parent among them. */
    private static final int MORE_THAN = 450;

    static Stream<Recipe> matrix() {
        return Recipe.matrix();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("matrix")
    void allIsAsDebugfsSaysAndTheImageStaysAsItIs(Recipe recipe, Images.Shelf images) throws Exception {
        Path image = images.of(recipe);
        long before = Images.digest(image);
        try (Machine machine = new Machine()) {
            machine.mountReadOnly(image);
            Comparison.Extent compared = Comparison.assertSame(machine.sys(), image);
            assertTrue(compared.names() > MORE_THAN, () -> "only " + compared);
            machine.unmount();
        }
        assertEquals(before, Images.digest(image));
    }
}
