package org.rump4j.netbsd.kernel;

import java.util.EnumSet;
import java.util.Set;
import org.rump4j.rump.suite.Difference;

/** Which differences NetBSD's kernel has, as of the sources of August 2016. */
final class Differences {
    /** Whatever the file system is. */
    static final Set<Difference> OF_THE_KERNEL = EnumSet.of(
            Difference.FLAGS_OF_AT_CALLS_UNCHECKED,
            Difference.ABSOLUTE_PATHS_NEED_A_DESCRIPTOR,
            Difference.FILES_FOR_DIRECTORIES_STAY_BUSY,
            Difference.NO_OPENING_FOR_EXECUTION,
            Difference.REGULAR_MEANS_NOTHING,
            Difference.TIMES_UNCHECKED,
            Difference.NEGATIVE_SLEEPS_ARE_OVER,
            Difference.FSYNC_RANGE_UNCHECKED,
            Difference.A_LIMIT_CUTS_NO_WRITE_SHORT,
            Difference.CHANGING_THE_GROUP_KEEPS_SET_UID,
            Difference.TRUNCATING_A_FIFO_IS_NOTHING,
            Difference.MKNOD_MAKES_DEVICES_ONLY,
            Difference.FORCE_THROWS_NOBODY_OUT,
            Difference.FEWER_NODES_OF_SYSCTL,
            Difference.RANDOM_IS_A_CLONE,
            Difference.RANDOM_GIVES_LITTLE_AT_ONCE,
            Difference.ETFS_TREES_HAVE_NO_WAY_UP,
            Difference.UMASK_KEEPS_SPECIAL_BITS,
            Difference.TRUNCATING_HAS_NO_LIMIT,
            Difference.RENAMING_TAKES_A_NAME_OF_THE_SAME_FILE_AWAY,
            Difference.ANOTHER_ERROR_COMES_FIRST,
            Difference.LIMITS_ARE_SHARED_WITH_CHILDREN,
            Difference.PROCESSES_HAVE_NO_LIMIT,
            Difference.CLOSING_WAKES_NO_WRITER_OF_A_PIPE,
            Difference.CLOSING_WAKES_NO_READER_OF_A_FIFO,
            Difference.HANGING_UP_WAKES_WHO_POLLS_FOR_MORE,
            Difference.CIRCLES_OF_LOCKS_ARE_NOT_FOUND,
            Difference.DIRECTORIES_THAT_MOVE_MAY_LOCK_UP,
            Difference.LOCKS_LIE_BEYOND_ALL_BYTES,
            Difference.TOO_MANY_LOCKS_ARE_ENOMEM,
            Difference.A_REPLACED_DESCRIPTOR_IS_FIRST_CLOSED,
            Difference.FORCE_WAITS_FOR_NOBODY,
            Difference.SYNCING_WHAT_IS_GONE_IS_NOTHING,
            Difference.MOUNTS_LIE_ON_MOUNTS,
            Difference.FLAGS_OF_MOUNT_UNCHECKED,
            Difference.FORCE_TEARS_NESTED_MOUNTS_OFF,
            Difference.SPACE_IS_NOT_MANAGED,
            Difference.NEITHER_FULL_NOR_CONSOLE,
            Difference.ETFS_LENDS_WHOLE_TREES_ONLY,
            Difference.ETFS_LENDS_FILES_TO_THEIR_END,
            Difference.ETFS_TAKES_AWAY_WHAT_IS_IN_USE,
            Difference.ETFS_DISKS_FOR_READING_ARE_FORBIDDEN,
            Difference.ETFS_KEYS_DO_NOT_NEST,
            Difference.ROOT_HAS_NO_RENAME,
            Difference.WRITING_AT_THE_END_OF_A_DISK_IS_NOTHING,
            Difference.DEVICES_HAVE_NO_HOLES);

    static final Set<Difference> OF_TMPFS = EnumSet.of(
            Difference.BECOMING_READ_ONLY_ENDS_BADLY,
            Difference.NOATIME_MEANS_NOTHING,
            Difference.WRITING_KEEPS_SET_ID_BITS,
            Difference.HOLES_TAKE_SPACE);

    static final Set<Difference> OF_FFS =
            EnumSet.of(Difference.READ_ONLY_TIMES_MOVE, Difference.DIRECTORIES_ARE_READ_AS_FILES);

    static final Set<Difference> OF_EXT2FS = EnumSet.of(
            Difference.READ_ONLY_TIMES_MOVE,
            Difference.DIRECTORIES_ARE_READ_AS_FILES,
            Difference.WRITING_TAKES_PERMISSIONS_OFF,
            Difference.CUTTING_LEAVES_REMAINS,
            Difference.FLAGS_OF_FILES_ARE_FEW,
            Difference.TIMES_BEFORE_1970_ARE_TO_COME);

    private Differences() {}
}
