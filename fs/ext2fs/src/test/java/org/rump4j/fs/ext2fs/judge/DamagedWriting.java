package org.rump4j.fs.ext2fs.judge;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.function.LongPredicate;
import org.rump4j.rump.SysMount;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Changes file systems that are damaged, at random. What fails must fail as an ordinary error. Where what is damaged are files, and not
 * what says which blocks are free, half of the trials leave those alone: then all other files that are left alone must stay as they are, to
 * the byte.
 */
final class DamagedWriting implements DamageRun.Trial {
    private static final int STEPS = 60;

    /** Structures that say something of one file only. */
    private static final Set<Anatomy.Kind> OF_FILES = EnumSet.of(
            Anatomy.Kind.INODE,
            Anatomy.Kind.DIRECTORY_BLOCK,
            Anatomy.Kind.MAP_BLOCK,
            Anatomy.Kind.ATTRIBUTE_BLOCK,
            Anatomy.Kind.LINK_BLOCK);

    private int refused;
    private int guarded;
    private int errors;
    private int successes;

    int refused() {
        return refused;
    }

    /** Trials in which files had to stay as they were. */
    int guarded() {
        return guarded;
    }

    int errors() {
        return errors;
    }

    int successes() {
        return successes;
    }

    @Override
    public void attempt(Machine machine, DamageRun.Patient patient) throws IOException, ErrnoException {
        byte[] before = Files.readAllBytes(patient.file());
        try {
            // What looks like a device could be the image itself.
            machine.mount(patient.file(), SysMount.MNT_NOATIME | SysMount.MNT_NODEV);
        } catch (ErrnoException e) {
            refused++;
            // Features by which it must not be written have names, as others.
            if (e.errno() != Errno.EROFS || e.detail() == null) {
                DamageRun.requireRefusal(e);
            }
            requireSame(before, Files.readAllBytes(patient.file()));
            return;
        }
        boolean readOnly =
                (machine.sys().statvfs1(Machine.MOUNT, SysMount.ST_NOWAIT).flag() & SysMount.MNT_RDONLY) != 0;
        boolean ofFiles = patient.damage().damaged().stream().allMatch(region -> OF_FILES.contains(region.kind()))
                && before.length == patient.anatomy().bytes().length;
        Random random = new Random(patient.seed());
        Set<Long> damaged = new HashSet<>();
        patient.damage().damaged().forEach(region -> damaged.add((long) region.number()));
        boolean careful = ofFiles && random.nextBoolean();
        BlindChanges changes = new BlindChanges(machine.sys(), random, careful ? damaged : null);
        changes.run(STEPS);
        errors += changes.errors();
        successes += changes.successes();
        try {
            machine.unmount();
        } catch (ErrnoException e) {
            BlindChanges.acceptable("unmount", e);
            machine.unmountByForce();
        }
        byte[] after = Files.readAllBytes(patient.file());
        if (readOnly) {
            refused++;
            requireSame(before, after);
        } else if (careful) {
            guarded++;
            requireOthersSame(patient.anatomy(), ino -> damaged.contains(ino) || changes.isTouched(ino), before, after);
        }
    }

    private static void requireSame(byte[] before, byte[] after) {
        if (!Arrays.equals(before, after)) {
            throw new AssertionError("the image has changed");
        }
    }

    /** Files that are not damaged and were left alone have the bytes that they had, inodes and all. */
    private static void requireOthersSame(Anatomy anatomy, LongPredicate touched, byte[] before, byte[] after) {
        for (Anatomy.Piece piece : anatomy.contents()) {
            if (!touched.test(piece.number())) {
                requireSame("contents", piece.offset(), piece.length(), piece.number(), before, after);
            }
        }
        for (Anatomy.Region region : anatomy.regions()) {
            boolean kept = region.kind() == Anatomy.Kind.INODE || region.kind() == Anatomy.Kind.MAP_BLOCK;
            if (kept && !touched.test(region.number())) {
                String what = region.kind().toString();
                requireSame(what, region.offset(), region.length(), region.number(), before, after);
            }
        }
    }

    private static void requireSame(String what, int offset, int length, long ino, byte[] before, byte[] after) {
        int at = Arrays.mismatch(before, offset, offset + length, after, offset, offset + length);
        if (at >= 0) {
            throw new AssertionError(
                    what + " of inode " + ino + ", which was left alone, at byte " + (offset + at) + " of the image");
        }
    }
}
