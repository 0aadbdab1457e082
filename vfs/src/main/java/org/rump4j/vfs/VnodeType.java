package org.rump4j.vfs;

import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.SysStat;

/** What a vnode is ({@code enum vtype}). */
public enum VnodeType {
    /** Regular file. */
    VREG(SysStat.S_IFREG),
    /** Directory. */
    VDIR(SysStat.S_IFDIR),
    /** Block device. */
    VBLK(SysStat.S_IFBLK),
    /** Character device. */
    VCHR(SysStat.S_IFCHR),
    /** Symbolic link. */
    VLNK(SysStat.S_IFLNK),
    /** Socket. */
    VSOCK(SysStat.S_IFSOCK),
    /** Named pipe. */
    VFIFO(SysStat.S_IFIFO);

    private final int format;

    VnodeType(int format) {
        this.format = format;
    }

    /** The type's bits of a mode. */
    public int format() {
        return format;
    }

    /** The type as directory entries say it. */
    public int direntType() {
        return Dirent.typeOf(format);
    }

    /** The type that a mode says, or null where it says none of these. */
    public static @Nullable VnodeType ofMode(int mode) {
        return switch (mode & SysStat.S_IFMT) {
            case SysStat.S_IFREG -> VREG;
            case SysStat.S_IFDIR -> VDIR;
            case SysStat.S_IFBLK -> VBLK;
            case SysStat.S_IFCHR -> VCHR;
            case SysStat.S_IFLNK -> VLNK;
            case SysStat.S_IFSOCK -> VSOCK;
            case SysStat.S_IFIFO -> VFIFO;
            default -> null;
        };
    }
}
