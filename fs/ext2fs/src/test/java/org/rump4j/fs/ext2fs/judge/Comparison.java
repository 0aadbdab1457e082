package org.rump4j.fs.ext2fs.judge;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Assertions;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Statvfs;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Compares all that is in a file system, as a kernel shows it, with what debugfs says: every name, attribute and byte, where
 * files have holes, what links say. Collects differences, so that a failure tells how much is wrong.
 */
final class Comparison {
    private static final int MAX_TOLD = 25;
    private static final int CHUNK_BYTES = 1 << 20;
    private static final int RANDOM_READS = 8;
    private static final int LARGEST_RANDOM_READ = 150_000;

    private final Syscalls sys;
    private final Debugfs judge;
    private final FileChannel image;
    private final int blockBytes;
    private final boolean typesInDirectories;
    private final Random random = new Random(4711);
    private final List<String> differences = new ArrayList<>();
    private final Set<Long> compared = new HashSet<>();
    private int names;
    private long bytes;

    private Comparison(Syscalls sys, Debugfs judge, FileChannel image, Map<String, String> superblock) {
        this.sys = sys;
        this.judge = judge;
        this.image = image;
        blockBytes = Integer.parseInt(superblock.getOrDefault("Block size", "0"));
        typesInDirectories = List.of(
                        superblock.getOrDefault("Filesystem features", "").split(" "))
                .contains("filetype");
    }

    /** What has been compared. */
    record Extent(int names, long bytes) {}

    /**
     * Asserts that what is mounted is as the judge says.
     *
     * @param sys of a kernel that has something mounted at {@link Machine#MOUNT}
     * @param judged the image to ask debugfs about: the one that is mounted, or what it should be like
     */
    static Extent assertSame(Syscalls sys, Path judged) throws IOException, ErrnoException {
        Map<String, String> superblock = E2fsprogs.dumpe2fs(judged);
        try (Debugfs judge = new Debugfs(judged);
                FileChannel image = FileChannel.open(judged, StandardOpenOption.READ)) {
            Comparison comparison = new Comparison(sys, judge, image, superblock);
            comparison.usage(sys.statvfs1(Machine.MOUNT, SysMount.ST_WAIT), superblock);
            sys.chdir(Machine.MOUNT);
            Inode root = judge.stat(2);
            comparison.attributes("/", root, sys.stat("."));
            comparison.directory("/", 2);
            sys.chdir("/");
            comparison.report();
            return new Extent(comparison.names, comparison.bytes);
        }
    }

    private void report() {
        if (!differences.isEmpty()) {
            List<String> told = differences.subList(0, Math.min(differences.size(), MAX_TOLD));
            Assertions.fail(differences.size() + " differences:\n" + String.join("\n", told));
        }
    }

    private void usage(Statvfs actual, Map<String, String> superblock) {
        long free = number(superblock, "Free blocks");
        long reserved = number(superblock, "Reserved block count");
        same("statvfs", "bsize", blockBytes, actual.bsize());
        same("statvfs", "frsize", blockBytes, actual.frsize());
        same("statvfs", "bfree", free, actual.bfree());
        same("statvfs", "bavail", Math.max(0, free - reserved), actual.bavail());
        same("statvfs", "files", number(superblock, "Inode count"), actual.files());
        same("statvfs", "ffree", number(superblock, "Free inodes"), actual.ffree());
        same("statvfs", "namemax", 255, actual.namemax());
        same("statvfs", "fstypename", "ext2fs", actual.fstypename());
        // What the file system needs for itself is no room for files.
        long overhead = number(superblock, "Overhead clusters");
        if (overhead > 0) {
            long clusterBytes =
                    superblock.containsKey("Cluster size") ? number(superblock, "Cluster size") : blockBytes;
            long blocks = number(superblock, "Block count") - overhead * (clusterBytes / blockBytes);
            same("statvfs", "blocks", blocks, actual.blocks());
        }
    }

    private static long number(Map<String, String> superblock, String key) {
        return Long.parseLong(superblock.getOrDefault(key, "-1"));
    }

    /** The working directory, which is that of the judge with a number, and all below it. */
    private void directory(String path, long ino) throws ErrnoException {
        Map<String, Long> expected = new TreeMap<>();
        for (Debugfs.Entry entry : judge.ls(ino)) {
            if (expected.put(entry.name(), entry.ino()) != null) {
                differ(path, "judge", "names only once", entry.name());
            }
        }
        Map<String, Long> actual = new TreeMap<>();
        for (Dirent entry : entries()) {
            if (actual.put(entry.name(), entry.fileno()) != null) {
                differ(path, "getdents", "names only once", entry.name());
            }
            Long judged = expected.get(entry.name());
            if (judged != null) {
                direntType(path + entry.name(), entry.type(), judge.stat(judged));
            }
        }
        if (!expected.equals(actual)) {
            differ(path, "names", without(expected, actual), without(actual, expected));
        }
        for (Map.Entry<String, Long> entry : expected.entrySet()) {
            names++;
            String name = entry.getKey();
            if (path.equals("/") && name.equals("..")) {
                // Leads out of what is mounted.
                continue;
            }
            Inode inode = judge.stat(entry.getValue());
            try {
                Stat stat = sys.lstat(name);
                attributes(path + name, inode, stat);
                if (!name.equals(".") && !name.equals("..")) {
                    contents(path + name, name, inode);
                }
            } catch (ErrnoException e) {
                differ(path + name, "error", "none", e);
            }
        }
        try {
            sys.lstat("no such name");
            differ(path, "lookup of a name that is not there", Errno.ENOENT, "found");
        } catch (ErrnoException e) {
            same(path, "lookup of a name that is not there", Errno.ENOENT, e.errno());
        }
    }

    private static Map<String, Long> without(Map<String, Long> all, Map<String, Long> other) {
        Map<String, Long> rest = new TreeMap<>(all);
        rest.entrySet().removeAll(other.entrySet());
        return rest;
    }

    private List<Dirent> entries() throws ErrnoException {
        int fd = sys.open(".", Fcntl.O_RDONLY | Fcntl.O_DIRECTORY, 0);
        try {
            List<Dirent> all = new ArrayList<>();
            List<Dirent> some = sys.getdents(fd);
            while (!some.isEmpty()) {
                all.addAll(some);
                some = sys.getdents(fd);
            }
            return all;
        } finally {
            sys.close(fd);
        }
    }

    private void direntType(String path, int actual, Inode inode) {
        if (typesInDirectories || actual != Dirent.DT_UNKNOWN) {
            same(path, "d_type", Dirent.typeOf(inode.mode()), actual);
        }
    }

    private void attributes(String path, Inode inode, Stat stat) {
        same(path, "ino", inode.ino(), stat.ino());
        same(path, "mode", Integer.toOctalString(inode.mode()), Integer.toOctalString(stat.mode()));
        same(path, "nlink", inode.links(), stat.nlink());
        same(path, "uid", Integer.toUnsignedString(inode.uid()), Integer.toUnsignedString(stat.uid()));
        same(path, "gid", Integer.toUnsignedString(inode.gid()), Integer.toUnsignedString(stat.gid()));
        same(path, "size", inode.size(), stat.size());
        same(path, "blocks", inode.blockcount(), stat.blocks());
        same(path, "blksize", blockBytes, stat.blksize());
        same(path, "atime", inode.atime(), stat.atime());
        same(path, "mtime", inode.mtime(), stat.mtime());
        same(path, "ctime", inode.ctime(), stat.ctime());
        Timespec crtime = inode.crtime();
        same(path, "birthtime", crtime == null ? Timespec.ZERO : crtime, stat.birthtime());
        same(path, "gen", inode.generation(), stat.gen());
        same(path, "flags", inode.fileFlags(), stat.flags());
        int type = inode.mode() & SysStat.S_IFMT;
        if (type == SysStat.S_IFCHR || type == SysStat.S_IFBLK) {
            same(path, "rdev", inode.rdev(), stat.rdev());
        }
    }

    private void contents(String path, String name, Inode inode) throws ErrnoException {
        if (inode.isDirectory()) {
            sys.chdir(name);
            directory(path + "/", inode.ino());
            sys.chdir("..");
        } else if (inode.isSymlink()) {
            same(path, "target", judge.readlink(inode), sys.readlink(name));
        } else if (inode.isRegular() && compared.add(inode.ino())) {
            int fd = sys.open(name, Fcntl.O_RDONLY, 0);
            try {
                regular(path, fd, new JudgedFile(inode, judge, image, blockBytes));
            } finally {
                sys.close(fd);
            }
        }
    }

    private void regular(String path, int fd, JudgedFile file) throws ErrnoException {
        same(path, "data", file.data(), dataRanges(fd, file.size()));
        byte[] buf = new byte[CHUNK_BYTES];
        long holeFrom = 0;
        for (JudgedFile.Range range : file.data()) {
            hole(path, fd, file, holeFrom, range.begin(), buf);
            for (long at = range.begin(); at < range.end(); at += CHUNK_BYTES) {
                piece(path, fd, file, at, Arrays.copyOf(buf, (int) Math.min(CHUNK_BYTES, range.end() - at)));
            }
            holeFrom = range.end();
        }
        hole(path, fd, file, holeFrom, file.size(), buf);
        for (int i = 0; i < RANDOM_READS; i++) {
            long offset = random.nextLong(file.size() + blockBytes);
            piece(path, fd, file, offset, new byte[1 + random.nextInt(LARGEST_RANDOM_READ)]);
        }
        vectors(path, fd, file);
        same(path, "read at the end", 0, sys.pread(fd, new byte[1], file.size()));
        same(path, "read behind the end", 0, sys.pread(fd, new byte[1], file.size() + (1L << 40)));
    }

    /** A hole, of a large one the beginning and the end. */
    private void hole(String path, int fd, JudgedFile file, long begin, long end, byte[] buf) throws ErrnoException {
        if (begin < end) {
            piece(path, fd, file, begin, Arrays.copyOf(buf, (int) Math.min(CHUNK_BYTES, end - begin)));
            long tail = Math.max(begin, end - CHUNK_BYTES / 2);
            piece(path, fd, file, tail, Arrays.copyOf(buf, (int) (end - tail)));
        }
    }

    private void piece(String path, int fd, JudgedFile file, long offset, byte[] buf) throws ErrnoException {
        Arrays.fill(buf, (byte) 0x5a);
        int n = sys.pread(fd, buf, offset);
        byte[] expected = file.read(offset, buf.length);
        bytes += n;
        if (n != expected.length) {
            differ(path, buf.length + " bytes at " + offset, expected.length + " bytes", n);
        }
        int at = Arrays.mismatch(expected, 0, Math.min(n, expected.length), buf, 0, Math.min(n, expected.length));
        if (at >= 0) {
            differ(path, "byte " + (offset + at), expected[at], buf[at]);
        }
    }

    /** The first bytes, read from the position into three buffers. */
    private void vectors(String path, int fd, JudgedFile file) throws ErrnoException {
        byte[][] parts = {new byte[1], new byte[blockBytes + 3], new byte[17]};
        MemorySegment[] iov = Arrays.stream(parts).map(MemorySegment::ofArray).toArray(MemorySegment[]::new);
        sys.lseek(fd, 0, Fcntl.SEEK_SET);
        long n = sys.readv(fd, iov);
        byte[] expected = file.read(0, 1 + blockBytes + 3 + 17);
        byte[] actual = new byte[expected.length];
        int filled = 0;
        for (byte[] part : parts) {
            int length = Math.min(part.length, expected.length - filled);
            System.arraycopy(part, 0, actual, filled, length);
            filled += length;
        }
        same(path, "bytes of readv", expected.length, n);
        same(path, "position behind readv", expected.length, sys.lseek(fd, 0, Fcntl.SEEK_CUR));
        if (!Arrays.equals(expected, actual)) {
            differ(path, "what readv gives", "the file", "something else");
        }
    }

    private List<JudgedFile.Range> dataRanges(int fd, long size) throws ErrnoException {
        List<JudgedFile.Range> ranges = new ArrayList<>();
        long at = 0;
        while (at < size) {
            try {
                long begin = sys.lseek(fd, at, Fcntl.SEEK_DATA);
                at = sys.lseek(fd, begin, Fcntl.SEEK_HOLE);
                ranges.add(new JudgedFile.Range(begin, at));
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENXIO) {
                    throw e;
                }
                at = size;
            }
        }
        return ranges;
    }

    private void same(String path, String what, long expected, long actual) {
        if (expected != actual) {
            differ(path, what, expected, actual);
        }
    }

    private void same(String path, String what, Object expected, Object actual) {
        if (!expected.equals(actual)) {
            differ(path, what, expected, actual);
        }
    }

    private void differ(String path, String what, Object expected, Object actual) {
        differences.add(path + ": " + what + ": " + actual + ", but the judge says " + expected);
    }
}
