package org.rump4j.rump.suite;

/**
 * What a kernel is known to do otherwise than the suites want: where the standards leave it open, where an older release of NetBSD does not
 * know something yet, and where one has a mistake. A suite that meets one asserts what such a kernel does instead, or leaves out what it
 * would not survive. A kernel says which it has by {@link KernelUnderTest#differences}; ours has none.
 */
public enum Difference {
    // System calls

    /** Flags of {@code faccessat(2)} and its like that there are not mean nothing, and are no error. NetBSD to 7. */
    FLAGS_OF_AT_CALLS_UNCHECKED,

    /** An absolute path needs a directory's descriptor all the same, and an open one. NetBSD to 7 takes it before it looks at the path. */
    ABSOLUTE_PATHS_NEED_A_DESCRIPTOR,

    /** A descriptor of a file in place of a directory's is ENOTDIR, and the file is busy for ever: NetBSD 7's namei forgets a reference. */
    FILES_FOR_DIRECTORIES_STAY_BUSY,

    /** O_EXEC and O_SEARCH are not known yet: the latter is a flag that NetBSD to 7 has no use for, beside O_RDONLY. */
    NO_OPENING_FOR_EXECUTION,

    /** O_REGULAR is not known yet, and means nothing. NetBSD to 7. */
    REGULAR_MEANS_NOTHING,

    /** Nanoseconds of {@code utimensat(2)} and {@code clock_settime(2)} may be any number. NetBSD to 8. */
    TIMES_UNCHECKED,

    /** To sleep for less than no time is over at once, and no error. NetBSD's {@code itimespecfix}. */
    NEGATIVE_SLEEPS_ARE_OVER,

    /** Bits of {@code fsync_range(2)} that mean nothing are no error, nor is the rest of a file from a negative offset on. */
    FSYNC_RANGE_UNCHECKED,

    /** {@code umask(2)} keeps bits beyond the permissions, which no use of it looks at. */
    UMASK_KEEPS_SPECIAL_BITS,

    /** RLIMIT_FSIZE bounds what is written, but not {@code truncate(2)}. POSIX wants both. */
    TRUNCATING_HAS_NO_LIMIT,

    /** A write that RLIMIT_FSIZE has room for in part is EFBIG, and not a short one. POSIX wants the latter. */
    A_LIMIT_CUTS_NO_WRITE_SHORT,

    /** {@code rename(2)} of one name of a file to another takes the first away; POSIX's is a system call of its own in NetBSD. */
    RENAMING_TAKES_A_NAME_OF_THE_SAME_FILE_AWAY,

    /** Where two errors apply, it is told the other one. POSIX leaves that open. */
    ANOTHER_ERROR_COMES_FIRST,

    /** Rump kernels have some of the nodes of {@code sysctl(7)} only: neither kern.maxproc nor hw.usermem64. */
    FEWER_NODES_OF_SYSCTL,

    // Processes and waiting

    /**
     * A process that has limits of its own shares them with processes that it forks from then on: those of rump kernels are not marked as
     * shared.
     */
    LIMITS_ARE_SHARED_WITH_CHILDREN,

    /** RLIMIT_NPROC is counted, but rump kernels fork beyond it: {@code lwproc_newproc}. */
    PROCESSES_HAVE_NO_LIMIT,

    /** Who writes to a full pipe goes on waiting when the descriptor is closed, and so does who closes it: NetBSD 7 wakes the other end. */
    CLOSING_WAKES_NO_WRITER_OF_A_PIPE,

    /** Who reads from a fifo goes on waiting when the descriptor is closed, and so does who closes it: only pipes and sockets wake. NetBSD. */
    CLOSING_WAKES_NO_READER_OF_A_FIFO,

    /** Between the two halves of {@code dup2(2)} the descriptor is none, and a call that waited on it may find that. */
    A_REPLACED_DESCRIPTOR_IS_FIRST_CLOSED,

    /** Who polls for nothing is not woken by a hang-up: NetBSD remembers those who poll for reading or writing only. */
    HANGING_UP_WAKES_WHO_POLLS_FOR_MORE,

    /** Circles of processes that wait for locks are not found: NetBSD looks for them in sleep queues, which rump kernels do not have. */
    CIRCLES_OF_LOCKS_ARE_NOT_FOUND,

    /** Locks may be on bytes that no file can have. */
    LOCKS_LIE_BEYOND_ALL_BYTES,

    /** Who has more locks than the kernel lets a user have is told ENOMEM; POSIX has ENOLCK for that. */
    TOO_MANY_LOCKS_ARE_ENOMEM,

    // Mounting

    /** A file system can be mounted on the root of another. */
    MOUNTS_LIE_ON_MOUNTS,

    /** Flags of {@code mount(2)} and {@code unmount(2)} that there are not mean nothing, and are no error. */
    FLAGS_OF_MOUNT_UNCHECKED,

    /** By force a file system goes though another is mounted in it, which nothing leads to any more. */
    FORCE_TEARS_NESTED_MOUNTS_OFF,

    /** Who waits at a fifo of a file system that goes by force waits for ever. */
    FORCE_THROWS_NOBODY_OUT,

    /** By force a file system is busy as long as a system call is on its way through it. */
    FORCE_WAITS_FOR_NOBODY,

    /** Reading from a read-only file system moves access times in memory. NetBSD's FFS and ext2fs. */
    READ_ONLY_TIMES_MOVE,

    /** {@code fsync(2)} of a file whose file system has gone by force goes well. */
    SYNCING_WHAT_IS_GONE_IS_NOTHING,

    /** A file system becomes read-only though files are open for writing, and the kernel panics when it is unmounted. NetBSD 7's tmpfs. */
    BECOMING_READ_ONLY_ENDS_BADLY,

    /** MNT_NOATIME means nothing. NetBSD's tmpfs. */
    NOATIME_MEANS_NOTHING,

    // Files

    /** There is neither {@code fdiscard(2)} nor {@code posix_fallocate(2)} in the file system: EOPNOTSUPP. NetBSD 7 has them in LFS only. */
    SPACE_IS_NOT_MANAGED,

    /** {@code read(2)} gives what the file system keeps in a directory. NetBSD's FFS and ext2fs; POSIX leaves it open. */
    DIRECTORIES_ARE_READ_AS_FILES,

    /** Memory is set aside for holes, too. NetBSD's tmpfs. */
    HOLES_TAKE_SPACE,

    /** Writing does not take set-id bits off. NetBSD's tmpfs to 9. */
    WRITING_KEEPS_SET_ID_BITS,

    /** With the set-id bits of a file all its permissions go when somebody writes to it: NetBSD 7's ext2fs keeps what it should take off. */
    WRITING_TAKES_PERMISSIONS_OFF,

    /** What is behind the end of a file that is cut, within a page, is there again when it grows. NetBSD 7's ext2fs with small blocks. */
    CUTTING_LEAVES_REMAINS,

    /** Of the flags of {@code chflags(2)} there are few. NetBSD's ext2fs keeps two: as many as ext2 has room for. */
    FLAGS_OF_FILES_ARE_FEW,

    /** Times are numbers of 32 bits without a sign. NetBSD's ext2fs; Linux reads them with one. */
    TIMES_BEFORE_1970_ARE_TO_COME,

    /** {@code chown(2)} takes off the set-id bit of what it changes, not both; POSIX's is a system call of its own in NetBSD. */
    CHANGING_THE_GROUP_KEEPS_SET_UID,

    /** {@code truncate(2)} of a fifo does nothing, and is no error. POSIX leaves it open. */
    TRUNCATING_A_FIFO_IS_NOTHING,

    /** {@code mknod(2)} makes no fifos, which {@code mkfifo(2)} does. NetBSD to 9. */
    MKNOD_MAKES_DEVICES_ONLY,

    /**
     * Renaming and looking up take the locks of a directory and of one in it in either order: while directories move into one another,
     * two threads may wait for each other for ever.
     */
    DIRECTORIES_THAT_MOVE_MAY_LOCK_UP,

    // Devices, and files of the host

    /** There is no {@code full(4)} before NetBSD 8, and no console in rump kernels. */
    NEITHER_FULL_NOR_CONSOLE,

    /** Of a directory of the host nothing can be read unless all below it is lent, too: rumpfs takes a descriptor for data. */
    ETFS_LENDS_WHOLE_TREES_ONLY,

    /** Of a regular file of the host only the beginning can be left out. */
    ETFS_LENDS_FILES_TO_THEIR_END,

    /** A descriptor of {@code rnd(4)} is of what opening has made, and does not say which device that was. */
    RANDOM_IS_A_CLONE,

    /** {@code /dev/random} gives 16 bytes at once. */
    RANDOM_GIVES_LITTLE_AT_ONCE,

    /** In a directory of the host that is lent nothing leads up: EOPNOTSUPP. */
    ETFS_TREES_HAVE_NO_WAY_UP,

    /** A file of the host that is in use can be taken away; who reads it sees to it that nobody does. */
    ETFS_TAKES_AWAY_WHAT_IS_IN_USE,

    /** A disk that is lent for reading is EACCES to who opens it for writing, not EROFS. */
    ETFS_DISKS_FOR_READING_ARE_FORBIDDEN,

    /** The file system in memory that is the root has no {@code rename(2)}: EOPNOTSUPP. */
    ROOT_HAS_NO_RENAME,

    /** What is written at the end of a disk is no bytes, and no error. */
    WRITING_AT_THE_END_OF_A_DISK_IS_NOTHING,

    /** {@code lseek(2)} does not look for data and holes of devices: EINVAL. */
    DEVICES_HAVE_NO_HOLES,

    /** No key can be within that of a directory that is lent. */
    ETFS_KEYS_DO_NOT_NEST,
}
