package org.rump4j.fs.ext2fs.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Images with random damage, read and written. Whatever is wrong with one: an errno that says where, and never an exception of the JVM,
 * a panic, a hang, memory beyond the kernel's limit, or a leaked vnode; what is only read is not changed by a byte, and what is written
 * is not written over files that have nothing to do with it. {@link DamageRun} repeats a seed.
 */
@ExtendWith(Images.class)
class DamageTest {
    private static final int SAMPLE = 500;
    private static final int WRITTEN_SAMPLE = 300;
    private static final int ALL = 10_000;

    @Test
    void someDamagedImagesGiveErrorsThatSayWhere(Images.Shelf images) throws Exception {
        read(images, 1, SAMPLE);
    }

    @Test
    void someDamagedImagesAreWrittenWithoutFurtherDamage(Images.Shelf images) throws Exception {
        write(images, Long.getLong("rump4j.damage.first", 1), WRITTEN_SAMPLE);
    }

    @Test
    @Tag("nightly")
    void tenThousandDamagedImagesGiveErrorsThatSayWhere(Images.Shelf images) throws Exception {
        read(images, first(), ALL);
    }

    @Test
    @Tag("nightly")
    void tenThousandDamagedImagesAreWrittenWithoutFurtherDamage(Images.Shelf images) throws Exception {
        write(images, first(), ALL);
    }

    @Test
    void anInodeThatIsInUseIsNotGivenOutWhateverItsBitmapSays(Images.Shelf images) throws Exception {
        Path image = images.directory().resolve("in-use.img");
        E2fsprogs.mke2fs(
                image, Recipe.of("in-use", WrittenImages.EXT4, "-b", "1024").mke2fsOptions(), "4M");
        E2fsprogs.debugfs(image, List.of("symlink link somewhere", "freei link"));
        try (Machine machine = new Machine()) {
            Syscalls sys = machine.sys();
            machine.mount(image, SysMount.MNT_NOATIME);
            long ino = sys.lstat(Machine.MOUNT + "/link").ino();
            ErrnoException e = assertThrows(ErrnoException.class, () -> sys.mkdir(Machine.MOUNT + "/new", 0755));
            assertEquals(Errno.EIO, e.errno());
            assertTrue(String.valueOf(e.detail()).contains("inode " + ino + ": it is in use"), e.toString());
            sys.mkdir(Machine.MOUNT + "/new", 0755);
            assertEquals("somewhere", sys.readlink(Machine.MOUNT + "/link"));
            machine.unmount();
        }
        E2fsprogs.repair(image, "-fy");
        try (Debugfs judge = new Debugfs(image)) {
            assertEquals(
                    List.of(".", "..", "lost+found", "link", "new"),
                    judge.ls(2).stream().map(Debugfs.Entry::name).toList());
        }
        Files.delete(image);
    }

    @Test
    @Timeout(60)
    void aFileThatClaimsToBeEndlessCanBeRemoved(Images.Shelf images) throws Exception {
        Path image = images.directory().resolve("endless.img");
        Recipe recipe = Recipe.of("endless", WrittenImages.EXT4, "-b", "1024", "-g", "256");
        E2fsprogs.mke2fs(image, recipe.mke2fsOptions(), "4M");
        E2fsprogs.debugfs(
                image, List.of("write /dev/null file", "set_inode_field file size " + (Long.MAX_VALUE - 5000)));
        try (Machine machine = new Machine()) {
            machine.mount(image, 0);
            machine.sys().unlink(Machine.MOUNT + "/file");
            machine.unmount();
        }
        E2fsprogs.requireClean(image);
        Files.delete(image);
    }

    private static long first() {
        long first = System.currentTimeMillis();
        System.out.println("damage of seeds " + first + " to " + (first + ALL - 1));
        return first;
    }

    private static void read(Images.Shelf images, long firstSeed, int count) throws Exception {
        Reading reading = new Reading();
        DamageRun.run(images, DamagedImages.all().toList(), firstSeed, count, reading);
        // Where nothing fails, nothing was damaged; where all fails at once, nothing was walked.
        if (DamageRun.isWhole()) {
            assertTrue(reading.refused > count / 50, "refused: " + reading.refused);
            assertTrue(reading.errors > count / 2, "errors: " + reading.errors);
            assertTrue(reading.refused < count * 2 / 3, "refused: " + reading.refused);
        }
    }

    private static void write(Images.Shelf images, long firstSeed, int count) throws Exception {
        List<DamagedImages> kinds =
                DamagedImages.all().filter(DamagedImages::isWritten).toList();
        DamagedWriting writing = new DamagedWriting();
        DamageRun.run(images, kinds, firstSeed, count, writing);
        if (DamageRun.isWhole()) {
            assertTrue(writing.refused() < count / 2, "refused: " + writing.refused());
            assertTrue(writing.guarded() > count / 10, "with files that must stay: " + writing.guarded());
            assertTrue(writing.errors() > count, "errors: " + writing.errors());
            assertTrue(writing.successes() > 10 * count, "successes: " + writing.successes());
        }
    }

    /** Walks through all that is there. */
    private static final class Reading implements DamageRun.Trial {
        private int refused;
        private int errors;

        @Override
        public void attempt(Machine machine, DamageRun.Patient patient) throws IOException, ErrnoException {
            byte[] image = Files.readAllBytes(patient.file());
            walk(machine, patient);
            if (!Arrays.equals(image, Files.readAllBytes(patient.file()))) {
                throw new AssertionError("the image has changed");
            }
        }

        private void walk(Machine machine, DamageRun.Patient patient) throws ErrnoException {
            try {
                machine.mountReadOnly(patient.file());
            } catch (ErrnoException e) {
                refused++;
                DamageRun.requireRefusal(e);
                return;
            }
            Explorer explorer = new Explorer(machine.sys());
            explorer.explore();
            errors += explorer.errors();
            machine.unmount();
        }
    }
}
