package org.rump4j.fs.ext2fs.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.SysMount;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** What can be mounted, what not, and what a mount leaves alone. */
@ExtendWith(Images.class)
class MountTest {
    private static Recipe recipe(String name) {
        return Recipe.matrix()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    static Stream<Recipe> some() {
        return Stream.of("ext2-1k", "ext3-4k", "ext4-1k", "ext4-inline_data-256")
                .map(MountTest::recipe);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("some")
    void theProbeKnowsAFileSystem(Recipe recipe, Images.Shelf images) throws Exception {
        try (Machine machine = new Machine()) {
            machine.kernel().etfs().register("/dev/probed", images.of(recipe).toString(), Etfs.Type.BLK);
            assertEquals("ext2fs", machine.kernel().probe("/dev/probed"));
        }
    }

    /** Bits that no driver knows, and the names that e2fsprogs has for them. */
    @ParameterizedTest
    @CsvSource({"0x60, 0x00000001, compression", "0x60, 0x00080000, FEATURE_I19", "0x60, 0x40000000, FEATURE_I30"})
    void anUnknownIncompatibleFeatureIsRefusedByName(String field, String bits, String name, Images.Shelf images)
            throws Exception {
        Path image = withFeature(images, Integer.decode(field), Integer.decode(bits));
        try (Machine machine = new Machine()) {
            ErrnoException e = assertThrows(ErrnoException.class, () -> machine.mountReadOnly(image));
            assertEquals(Errno.EFTYPE, e.errno());
            assertTrue(e.getMessage().contains(name), e::getMessage);
        }
    }

    @Test
    void aFeatureThatIsOnlyInTheWayOfWritingDoesNotMatterToAReader(Images.Shelf images) throws Exception {
        Path image = withFeature(images, 0x64, 0x40000000);
        try (Machine machine = new Machine()) {
            machine.mountReadOnly(image);
            assertTrue(machine.sys().stat(Machine.MOUNT + "/sizes").isDirectory());
            machine.unmount();
            ErrnoException e = assertThrows(ErrnoException.class, () -> machine.mount(image, 0));
            assertEquals(Errno.EROFS, e.errno());
        }
    }

    /** A copy of an image without checksums with more bits in one of its words of features. */
    private static Path withFeature(Images.Shelf images, int offset, int bits) throws IOException {
        Path copy = images.copy(images.of(recipe("ext2-1k")), "with-feature");
        byte[] bytes = Files.readAllBytes(copy);
        for (int i = 0; i < Integer.BYTES; i++) {
            bytes[1024 + offset + i] |= (byte) (bits >> (i * Byte.SIZE));
        }
        return Files.write(copy, bytes);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 512, 1024, 1500, 2047, 4096, 1 << 20})
    void whatIsNoFileSystemIsRefused(int bytes, Images.Shelf images) throws Exception {
        Path file = Files.write(images.directory().resolve("nothing-" + bytes), new byte[bytes]);
        try (Machine machine = new Machine()) {
            ErrnoException e = assertThrows(ErrnoException.class, () -> machine.mountReadOnly(file));
            assertEquals(Errno.EINVAL, e.errno());
        }
    }

    @Test
    void aJournalDeviceIsNotTakenForAFileSystem(Images.Shelf images) throws Exception {
        Path image = images.made(
                "journal-device", path -> E2fsprogs.mke2fs(path, List.of("-O", "journal_dev", "-b", "1024"), "2M"));
        try (Machine machine = new Machine()) {
            ErrnoException e = assertThrows(ErrnoException.class, () -> machine.mountReadOnly(image));
            assertEquals(Errno.EFTYPE, e.errno());
            assertTrue(e.getMessage().contains("journal"), e::getMessage);
        }
    }

    @Test
    void anImageThatMayOnlyBeReadIsMounted(Images.Shelf images) throws Exception {
        Path image = images.copy(images.of(recipe("ext4-1k")), "write-protected");
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("r--r--r--"));
        // Permissions do not stop root; what makes a file immutable does, where the host has it.
        boolean immutable = false;
        try {
            immutable = E2fsprogs.run("chattr", "+i", image.toString()).status() == 0;
        } catch (RuntimeException e) {
            // There is no such tool.
        }
        try (Machine machine = new Machine()) {
            machine.mountReadOnly(image);
            Comparison.assertSame(machine.sys(), image);
            machine.unmount();
            // As one that nobody has asked to leave alone, too.
            machine.kernel().etfs().register("/dev/other", image.toString(), Etfs.Type.BLK);
            assertEquals("ext2fs", machine.kernel().probe("/dev/other"));
        } finally {
            if (immutable) {
                E2fsprogs.run("chattr", "-i", image.toString());
            }
        }
    }

    @Test
    void nothingOnAReadOnlyMountCanBeChanged(Images.Shelf images) throws Exception {
        Path image = images.of(recipe("ext4-1k"));
        long before = Images.digest(image);
        try (Machine machine = new Machine()) {
            machine.mountReadOnly(image);
            machine.sys().chdir(Machine.MOUNT);
            Map<String, Machine.Task> changes = Map.ofEntries(
                    Map.entry("create", _ -> machine.sys().open("new", Fcntl.O_CREAT | Fcntl.O_RDWR, 0644)),
                    Map.entry("open to write", _ -> machine.sys().open("sizes/1", Fcntl.O_RDWR, 0)),
                    Map.entry("truncate", _ -> machine.sys().truncate("sizes/1", 0)),
                    Map.entry("mkdir", _ -> machine.sys().mkdir("new", 0755)),
                    Map.entry("rmdir", _ -> machine.sys().rmdir("sticky")),
                    Map.entry("unlink", _ -> machine.sys().unlink("sizes/1")),
                    Map.entry("link", _ -> machine.sys().link("sizes/1", "sizes/other")),
                    Map.entry("symlink", _ -> machine.sys().symlink("sizes/1", "other")),
                    Map.entry("rename", _ -> machine.sys().rename("sizes/1", "sizes/other")),
                    Map.entry("mkfifo", _ -> machine.sys().mkfifo("other", 0644)),
                    Map.entry("chmod", _ -> machine.sys().chmod("sizes/1", 0600)),
                    Map.entry("chown", _ -> machine.sys().chown("sizes/1", 1, 1)),
                    Map.entry("chflags", _ -> machine.sys().chflags("sizes/1", 0)),
                    Map.entry("access", _ -> machine.sys().access("sizes/1", Fcntl.W_OK)));
            for (Map.Entry<String, Machine.Task> change : changes.entrySet()) {
                ErrnoException e = assertThrows(
                        ErrnoException.class, () -> change.getValue().run(0), change::getKey);
                assertEquals(Errno.EROFS, e.errno(), change::getKey);
            }
            machine.unmount();
        }
        assertEquals(before, Images.digest(image));
    }

    @Test
    void theSameImageIsMountedAgainAndAgain(Images.Shelf images) throws Exception {
        Path image = images.of(recipe("ext4-1k"));
        try (Machine machine = new Machine(Map.of("RUMP_MEMLIMIT", "4m"))) {
            for (int i = 0; i < 40; i++) {
                machine.mountReadOnly(image);
                Explorer explorer = new Explorer(machine.sys());
                explorer.explore();
                assertEquals(0, explorer.errors());
                machine.unmount();
            }
        }
    }

    @Test
    void aForcedUnmountLeavesWhoeverIsInsideWithErrors(Images.Shelf images) throws Exception {
        Path image = images.of(recipe("ext2-1k"));
        try (Machine machine = new Machine()) {
            machine.mountReadOnly(image);
            int fd = machine.sys().open(Machine.MOUNT + "/sizes/65537", Fcntl.O_RDONLY, 0);
            assertEquals(
                    Errno.EBUSY,
                    assertThrows(ErrnoException.class, () -> machine.sys().unmount(Machine.MOUNT, 0))
                            .errno());
            machine.sys().unmount(Machine.MOUNT, SysMount.MNT_FORCE);
            assertThrows(ErrnoException.class, () -> machine.sys().pread(fd, new byte[10], 0));
            machine.sys().close(fd);
        }
    }
}
