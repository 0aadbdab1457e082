package org.rump4j.netbsd.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import org.rump4j.rump.MountArgs;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * What {@code mount(2)} is passed, of which each file system has a structure of its own. Files of file systems that know no owners and
 * permissions are the superuser's, and everybody may read them. Sources: {@code msdosfsmount.h}, {@code ntfsmount.h}, {@code udf_mount.h},
 * {@code cd9660_mount.h}, {@code nilfs_mount.h}, {@code efs_mount.h}, {@code v7fs_args.h}, {@code ptyfs.h}, {@code tmpfs_args.h}, {@code
 * union.h}, {@code layer.h}, {@code procfs.h} of NetBSD, each as a 64-bit kernel lays it out.
 */
final class MountArguments {
    /** Of those who look at how much they are passed. The others look at whether it is enough. */
    private static final int PTYFS_BYTES = 16;

    /** More than any structure. What is behind a structure's end is not looked at. */
    private static final int ROOM_BYTES = 512;

    /** Where most of them have the address of a device's or a directory's name. */
    private static final int FSPEC = 0;

    private static final int PERMISSIONS = 0755;

    // struct msdosfs_args

    private static final int MSDOS_MASK = 144;
    private static final int MSDOS_FLAGS = 148;
    private static final int MSDOS_VERSION = 152;
    private static final int MSDOS_DIRMASK = 156;
    private static final int MSDOSFSMNT_LONGNAME = 2;
    private static final int MSDOSFSMNT_VERSIONED = 16;
    private static final int MSDOSFSMNT_UTF8 = 32;
    private static final int MSDOSFSMNT_VERSION = 3;

    // struct ntfs_args

    private static final int NTFS_MODE = 144;

    // struct udf_args and struct nilfs_args

    private static final int UDF_VERSION = 0;
    private static final int UDF_FSPEC = 8;
    private static final int UDFMNT_VERSION = 1;

    // struct v7fs_args

    private static final int V7FS_ENDIAN = 8;

    // struct ptyfs_args

    private static final int PTYFS_VERSION = 0;
    private static final int PTYFS_MODE = 8;
    private static final int PTYFS_ARGSVERSION = 2;
    private static final int PTYFS_MODE_OF_TTYS = 0620;

    // struct procfs_args

    private static final int PROCFS_VERSION = 0;
    private static final int PROCFS_ARGSVERSION = 1;

    // struct union_args

    private static final int UNION_MNTFLAGS = 8;
    private static final int UNMNT_ABOVE = 1;

    // struct tmpfs_args

    private static final int TMPFS_VERSION = 0;
    private static final int TMPFS_NODES_MAX = 8;
    private static final int TMPFS_SIZE_MAX = 16;
    private static final int TMPFS_ROOT_MODE = 32;
    private static final int TMPFS_ARGS_VERSION = 1;

    private MountArguments() {}

    /** The structure of a type of file system, of as many bytes as are to be passed. */
    static MemorySegment of(Frame f, String type, MountArgs args) throws ErrnoException {
        MemorySegment out = f.room(ROOM_BYTES);
        switch (args) {
            case MountArgs.Device device -> {
                if (type.equals("tmpfs")) {
                    throw Errno.EINVAL.exception("tmpfs is on no device");
                }
                device(out, type, f.name(device.fspec()));
            }
            case MountArgs.Layer layer -> {
                out.set(JAVA_LONG, FSPEC, f.name(layer.target()));
                if (type.equals("union")) {
                    out.set(JAVA_INT, UNION_MNTFLAGS, UNMNT_ABOVE);
                }
            }
            case MountArgs.Memory memory -> {
                out.set(JAVA_INT, TMPFS_VERSION, TMPFS_ARGS_VERSION);
                out.set(JAVA_LONG, TMPFS_NODES_MAX, memory.nodesMax());
                out.set(JAVA_LONG, TMPFS_SIZE_MAX, memory.sizeMax());
                out.set(JAVA_INT, TMPFS_ROOT_MODE, PERMISSIONS);
            }
            case MountArgs.Nothing _ -> {
                if (type.equals("ptyfs")) {
                    out.set(JAVA_INT, PTYFS_VERSION, PTYFS_ARGSVERSION);
                    out.set(JAVA_INT, PTYFS_MODE, PTYFS_MODE_OF_TTYS);
                    return out.asSlice(0, PTYFS_BYTES);
                }
                if (type.equals("procfs")) {
                    out.set(JAVA_INT, PROCFS_VERSION, PROCFS_ARGSVERSION);
                }
            }
        }
        return out;
    }

    private static void device(MemorySegment out, String type, long fspec) {
        switch (type) {
            case "udf", "nilfs" -> {
                out.set(JAVA_INT, UDF_VERSION, UDFMNT_VERSION);
                out.set(JAVA_LONG, UDF_FSPEC, fspec);
            }
            case "msdos" -> {
                out.set(JAVA_LONG, FSPEC, fspec);
                out.set(JAVA_INT, MSDOS_MASK, PERMISSIONS);
                out.set(JAVA_INT, MSDOS_DIRMASK, PERMISSIONS);
                out.set(JAVA_INT, MSDOS_FLAGS, MSDOSFSMNT_VERSIONED | MSDOSFSMNT_LONGNAME | MSDOSFSMNT_UTF8);
                out.set(JAVA_INT, MSDOS_VERSION, MSDOSFSMNT_VERSION);
            }
            case "ntfs" -> {
                out.set(JAVA_LONG, FSPEC, fspec);
                out.set(JAVA_INT, NTFS_MODE, PERMISSIONS);
            }
            default -> out.set(JAVA_LONG, FSPEC, fspec);
        }
    }

    /** What the order of an image's bytes is, where the kernel is to be told: as {@code sys/endian.h} has it. */
    static void setByteOrder(MemorySegment arguments, int order) {
        arguments.set(JAVA_INT, V7FS_ENDIAN, order);
    }
}
