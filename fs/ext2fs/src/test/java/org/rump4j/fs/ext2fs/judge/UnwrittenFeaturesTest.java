package org.rump4j.fs.ext2fs.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rump4j.rump.SysMount;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * File systems with features that are not written, asked to be mounted for writing: they are mounted to be read, with a message that names
 * the feature, and whatever is tried does not change a byte.
 */
@ExtendWith(Images.class)
class UnwrittenFeaturesTest {
    private static final int STEPS = 60;

    @ParameterizedTest
    @CsvSource({
        "bigalloc, bigalloc, ''",
        "inline_data, inline_data, ''",
        "ea_inode, ea_inode, ''",
        "encrypt, encrypt, ''",
        "casefold, casefold, ''",
        "quota, quota, ''",
        "'quota,project', project, ''",
        "mmp, mmp, ''",
        "verity, verity, ''",
        // What mke2fs does not make.
        "'', read-only, feature read-only",
        "'', shared_blocks, feature shared_blocks",
        // A feature that is written, of which there is nothing here.
        "'', the file of files without names, feature FEATURE_R16",
        "'', imagic_inodes, feature imagic_inodes"
    })
    void theFeatureIsNamedAndNothingChanges(String more, String name, String debugfs, Images.Shelf images)
            throws Exception {
        Path image = images.directory().resolve("unwritten.img");
        String features = WrittenImages.EXT4 + (more.isEmpty() ? "" : "," + more);
        List<String> options =
                new ArrayList<>(Recipe.of("unwritten", features, "-b", "1024").mke2fsOptions());
        options.addAll(List.of("-d", DamagedImages.tree(images).toString()));
        E2fsprogs.mke2fs(image, options, "8M");
        if (!debugfs.isEmpty()) {
            E2fsprogs.run("debugfs", "-w", "-R", debugfs, image.toString()).require(0);
        }
        long before = Images.digest(image);
        try (Machine machine = new Machine()) {
            machine.mount(image, SysMount.MNT_NODEV);
            assertTrue((machine.sys().statvfs1(Machine.MOUNT, 0).flag() & SysMount.MNT_RDONLY) != 0);
            String console = machine.console();
            assertTrue(console.contains("mounted read-only: ") && console.contains(name), console);
            ErrnoException e =
                    assertThrows(ErrnoException.class, () -> machine.sys().mkdir(Machine.MOUNT + "/new", 0755));
            assertEquals(Errno.EROFS, e.errno());
            BlindChanges changes = new BlindChanges(machine.sys(), new Random(9), null);
            changes.run(STEPS);
            machine.sys().sync();
            machine.unmount();
        }
        assertEquals(before, Images.digest(image));
        Files.delete(image);
    }
}
