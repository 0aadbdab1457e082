package org.rump4j.vfs;

import org.jspecify.annotations.Nullable;

/**
 * What a file is to be that is made.
 *
 * @param type what
 * @param mode permissions, the umask applied
 * @param uid owner
 * @param gid group
 * @param rdev the device, for a device node
 * @param target what it says, for a symbolic link
 */
public record NewFile(
        VnodeType type,
        int mode,
        int uid,
        int gid,
        long rdev,
        @Nullable String target) {}
