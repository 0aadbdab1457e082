package org.rump4j.vfs;

import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Timespec;

/**
 * Which attributes of a file change ({@code struct vattr} as {@code VOP_SETATTR} takes it). What is null stays. Whether the
 * caller may do so has been looked at.
 *
 * @param mode permissions
 * @param uid owner
 * @param gid group
 * @param size bytes, of a regular file
 * @param atime last access
 * @param mtime last change of the data
 * @param flags file flags
 */
public record AttributeChanges(
        @Nullable Integer mode,
        @Nullable Integer uid,
        @Nullable Integer gid,
        @Nullable Long size,
        @Nullable Timespec atime,
        @Nullable Timespec mtime,
        @Nullable Integer flags) {

    /** Other permissions. */
    public static AttributeChanges ofMode(int mode) {
        return new AttributeChanges(mode, null, null, null, null, null, null);
    }

    /** Another length. */
    public static AttributeChanges ofSize(long size) {
        return new AttributeChanges(null, null, null, size, null, null, null);
    }

    /** Other file flags. */
    public static AttributeChanges ofFlags(int flags) {
        return new AttributeChanges(null, null, null, null, null, null, flags);
    }

    /** Other times; null for one that stays. */
    public static AttributeChanges ofTimes(@Nullable Timespec atime, @Nullable Timespec mtime) {
        return new AttributeChanges(null, null, null, null, atime, mtime, null);
    }

    /** Another owner, group and mode; null for what stays. */
    public static AttributeChanges ofOwner(@Nullable Integer uid, @Nullable Integer gid, @Nullable Integer mode) {
        return new AttributeChanges(mode, uid, gid, null, null, null, null);
    }
}
