package org.rump4j.rump;

/**
 * NetBSD's numbers of the system calls that {@link Syscalls} has. Where NetBSD has renamed a call to keep old programs
 * working, the number is that of the newest. Source: NetBSD {@code sys/syscall.h}.
 */
public enum Sysno {
    GETPID("getpid", 20),
    GETPPID("getppid", 39),
    GETUID("getuid", 24),
    GETEUID("geteuid", 25),
    GETGID("getgid", 47),
    GETEGID("getegid", 43),
    SETUID("setuid", 23),
    SETEUID("seteuid", 183),
    SETGID("setgid", 181),
    SETEGID("setegid", 182),
    GETGROUPS("getgroups", 79),
    SETGROUPS("setgroups", 80),
    UMASK("umask", 60),
    GETRLIMIT("getrlimit", 194),
    SETRLIMIT("setrlimit", 195),
    CLOSE("close", 6),
    DUP("dup", 41),
    DUP2("dup2", 90),
    DUP3("dup3", 454),
    FCNTL("fcntl", 92),
    FLOCK("flock", 131),
    READ("read", 3),
    READV("readv", 120),
    WRITE("write", 4),
    WRITEV("writev", 121),
    PREAD("pread", 173),
    PREADV("preadv", 289),
    PWRITE("pwrite", 174),
    PWRITEV("pwritev", 290),
    LSEEK("lseek", 199),
    IOCTL("ioctl", 54),
    POLL("poll", 209),
    PIPE2("pipe2", 453),
    FSYNC("fsync", 95),
    FDATASYNC("fdatasync", 241),
    FSYNC_RANGE("fsync_range", 354),
    FTRUNCATE("ftruncate", 201),
    POSIX_FALLOCATE("posix_fallocate", 479),
    FDISCARD("fdiscard", 480),
    GETDENTS("__getdents30", 390),
    FSTAT("__fstat50", 440),
    FSTATVFS1("fstatvfs1", 358),
    FCHDIR("fchdir", 13),
    FCHMOD("fchmod", 124),
    FCHOWN("fchown", 123),
    FCHFLAGS("fchflags", 35),
    FUTIMENS("futimens", 472),
    OPEN("open", 5),
    OPENAT("openat", 468),
    MKDIR("mkdir", 136),
    MKDIRAT("mkdirat", 461),
    RMDIR("rmdir", 137),
    UNLINK("unlink", 10),
    UNLINKAT("unlinkat", 471),
    LINK("link", 9),
    LINKAT("linkat", 457),
    SYMLINK("symlink", 57),
    SYMLINKAT("symlinkat", 470),
    READLINK("readlink", 58),
    READLINKAT("readlinkat", 469),
    RENAME("rename", 128),
    RENAMEAT("renameat", 458),
    STAT("__stat50", 439),
    LSTAT("__lstat50", 441),
    FSTATAT("fstatat", 466),
    STATVFS1("statvfs1", 357),
    CHMOD("chmod", 15),
    LCHMOD("lchmod", 274),
    FCHMODAT("fchmodat", 463),
    CHOWN("chown", 16),
    LCHOWN("lchown", 275),
    FCHOWNAT("fchownat", 464),
    UTIMENSAT("utimensat", 467),
    CHFLAGS("chflags", 34),
    LCHFLAGS("lchflags", 304),
    MKFIFO("mkfifo", 132),
    MKFIFOAT("mkfifoat", 459),
    MKNOD("__mknod50", 450),
    MKNODAT("mknodat", 460),
    ACCESS("access", 33),
    FACCESSAT("faccessat", 462),
    TRUNCATE("truncate", 200),
    CHDIR("chdir", 12),
    CHROOT("chroot", 61),
    FCHROOT("fchroot", 297),
    GETCWD("__getcwd", 296),
    MOUNT("__mount50", 410),
    UNMOUNT("unmount", 22),
    GETVFSSTAT("getvfsstat", 356),
    SYNC("sync", 36),
    SOCKET("__socket30", 394),
    SOCKETPAIR("socketpair", 135),
    BIND("bind", 104),
    LISTEN("listen", 106),
    ACCEPT("accept", 30),
    PACCEPT("paccept", 456),
    CONNECT("connect", 98),
    SHUTDOWN("shutdown", 134),
    GETSOCKNAME("getsockname", 32),
    GETPEERNAME("getpeername", 31),
    SENDTO("sendto", 133),
    SENDMSG("sendmsg", 28),
    RECVFROM("recvfrom", 29),
    RECVMSG("recvmsg", 27),
    SETSOCKOPT("setsockopt", 105),
    GETSOCKOPT("getsockopt", 118),
    CLOCK_GETTIME("__clock_gettime50", 427),
    CLOCK_SETTIME("__clock_settime50", 428),
    CLOCK_GETRES("__clock_getres50", 429),
    NANOSLEEP("__nanosleep50", 430),
    SYSCTL("__sysctl", 202),
    REBOOT("reboot", 208);

    private final String netbsdName;
    private final int number;

    Sysno(String netbsdName, int number) {
        this.netbsdName = netbsdName;
        this.number = number;
    }

    /** The name in NetBSD's table, such as {@code __stat50}. */
    public String netbsdName() {
        return netbsdName;
    }

    /** The number. */
    public int number() {
        return number;
    }

    /** The name in the manual, such as {@code stat}. */
    public String manualName() {
        String name = netbsdName.startsWith("__") ? netbsdName.substring(2) : netbsdName;
        int end = name.length();
        while (end > 0 && Character.isDigit(name.charAt(end - 1))) {
            end--;
        }
        return netbsdName.startsWith("__") ? name.substring(0, end) : name;
    }
}
