package org.rump4j.fs.ext2fs.judge;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.PathCodec;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;

/**
 * What the {@code stat} command of debugfs says of a file.
 *
 * @param mode type and permissions, as {@link SysStat} has them
 * @param flags as they are stored
 * @param blockcount in units of 512 bytes
 * @param crtime when it was made, or null where the inode has no room for that
 * @param rdev the device that it is, as {@link SysStat#makedev} has it
 * @param target what a symbolic link says, where debugfs tells; null otherwise
 * @param inline whether the data is in the inode
 * @param fileAcl block of the extended attributes, or 0
 * @param runs where the data is, in order
 * @param mapBlocks blocks by which the data is found: indirect ones and those of the extent tree
 */
record Inode(
        long ino,
        int mode,
        long flags,
        int generation,
        int uid,
        int gid,
        long size,
        int links,
        long blockcount,
        Timespec ctime,
        Timespec atime,
        Timespec mtime,
        @Nullable Timespec crtime,
        long rdev,
        @Nullable String target,
        boolean inline,
        long fileAcl,
        List<Run> runs,
        List<Long> mapBlocks) {

    /**
     * Blocks of a file that are contiguous on the device.
     *
     * @param unwritten whether they are only allocated, and read as zeros
     */
    record Run(long logical, long physical, long count, boolean unwritten) {
        long end() {
            return logical + count;
        }
    }

    private static final int IMMUTABLE_FL = 0x10;
    private static final int APPEND_FL = 0x20;
    private static final int NODUMP_FL = 0x40;

    private static final Pattern HEAD =
            Pattern.compile("Inode: (\\d+) +Type: (.+?) +Mode: +(\\d+) +Flags: 0x([0-9a-f]+)");
    private static final Pattern GENERATION = Pattern.compile("Generation: (\\d+)");
    private static final Pattern OWNER = Pattern.compile("User: +(-?\\d+) +Group: +(-?\\d+).* Size: (\\d+)");
    private static final Pattern FILE_ACL = Pattern.compile("File ACL: (\\d+)");
    private static final Pattern LINKS = Pattern.compile("Links: (\\d+) +Blockcount: (\\d+)");
    private static final Pattern DEVICE = Pattern.compile("evice major/minor number: (\\d+):(\\d+)");
    private static final Pattern TARGET = Pattern.compile("Fast link dest: \"(.*)\"", Pattern.DOTALL);
    private static final Pattern RUN =
            Pattern.compile("\\((?:(\\d+)(?:-(\\d+))?(\\[u])?|([A-Z]+\\d*))\\):(\\d+)(?:-(\\d+))?");

    /** The time's epoch is extended by two bits; the others count nanoseconds. Source: the ext4 disk layout, inode timestamps. */
    private static final int EPOCH_BITS = 2;

    static Inode parse(byte[] output) {
        String text = new String(output, StandardCharsets.ISO_8859_1);
        Matcher head = find(HEAD, text);
        Matcher owner = find(OWNER, text);
        Matcher links = find(LINKS, text);
        Matcher device = DEVICE.matcher(text);
        Matcher target = TARGET.matcher(text);
        List<Run> runs = new ArrayList<>();
        List<Long> mapBlocks = new ArrayList<>();
        parseRuns(text, runs, mapBlocks);
        Timespec epoch = Timespec.ZERO;
        return new Inode(
                Long.parseLong(head.group(1)),
                type(head.group(2)) | Integer.parseInt(head.group(3), 8),
                Long.parseLong(head.group(4), 16),
                Integer.parseUnsignedInt(find(GENERATION, text).group(1)),
                Integer.parseInt(owner.group(1)),
                Integer.parseInt(owner.group(2)),
                Long.parseLong(owner.group(3)),
                Integer.parseInt(links.group(1)),
                Long.parseLong(links.group(2)),
                orElse(time("ctime", text), epoch),
                orElse(time("atime", text), epoch),
                orElse(time("mtime", text), epoch),
                time("crtime", text),
                device.find()
                        ? SysStat.makedev(Integer.parseInt(device.group(1)), Integer.parseInt(device.group(2)))
                        : 0,
                target.find() ? PathCodec.decode(target.group(1).getBytes(StandardCharsets.ISO_8859_1)) : null,
                text.contains("\nSize of inline data: "),
                Long.parseLong(find(FILE_ACL, text).group(1)),
                List.copyOf(runs),
                List.copyOf(mapBlocks));
    }

    boolean isDirectory() {
        return (mode & SysStat.S_IFMT) == SysStat.S_IFDIR;
    }

    boolean isRegular() {
        return (mode & SysStat.S_IFMT) == SysStat.S_IFREG;
    }

    boolean isSymlink() {
        return (mode & SysStat.S_IFMT) == SysStat.S_IFLNK;
    }

    /** The flags as {@code stat(2)} has them. */
    int fileFlags() {
        return ((flags & IMMUTABLE_FL) != 0 ? SysStat.SF_IMMUTABLE : 0)
                | ((flags & APPEND_FL) != 0 ? SysStat.SF_APPEND : 0)
                | ((flags & NODUMP_FL) != 0 ? SysStat.UF_NODUMP : 0);
    }

    private static int type(String words) {
        return switch (words) {
            case "regular" -> SysStat.S_IFREG;
            case "directory" -> SysStat.S_IFDIR;
            case "symlink" -> SysStat.S_IFLNK;
            case "character special" -> SysStat.S_IFCHR;
            case "block special" -> SysStat.S_IFBLK;
            case "FIFO" -> SysStat.S_IFIFO;
            case "socket" -> SysStat.S_IFSOCK;
            default -> 0;
        };
    }

    private static @Nullable Timespec time(String name, String text) {
        Matcher matcher = Pattern.compile("\\b" + name + ": 0x([0-9a-f]+)(?::([0-9a-f]+))? --")
                .matcher(text);
        if (!matcher.find()) {
            return null;
        }
        int seconds = Integer.parseUnsignedInt(matcher.group(1), 16);
        int extra = matcher.group(2) == null ? 0 : Integer.parseUnsignedInt(matcher.group(2), 16);
        long epochs = extra & ((1 << EPOCH_BITS) - 1);
        return new Timespec(seconds + (epochs << Integer.SIZE), extra >>> EPOCH_BITS);
    }

    private static void parseRuns(String text, List<Run> runs, List<Long> mapBlocks) {
        int begin = Math.max(text.indexOf("\nBLOCKS:\n"), text.indexOf("\nEXTENTS:\n"));
        if (begin < 0) {
            return;
        }
        Matcher matcher = RUN.matcher(text);
        matcher.region(begin, text.length());
        while (matcher.find()) {
            long physical = Long.parseLong(matcher.group(5));
            if (matcher.group(4) != null) {
                mapBlocks.add(physical);
            } else {
                long first = Long.parseLong(matcher.group(1));
                long last = matcher.group(2) == null ? first : Long.parseLong(matcher.group(2));
                runs.add(new Run(first, physical, last - first + 1, matcher.group(3) != null));
            }
        }
    }

    private static Matcher find(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IllegalStateException("debugfs does not say \"" + pattern + "\":\n" + text);
        }
        return matcher;
    }

    private static Timespec orElse(@Nullable Timespec time, Timespec other) {
        return time == null ? other : time;
    }
}
