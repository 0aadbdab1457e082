package org.rump4j.cli;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.rump4j.rump.FilesystemMaker;
import org.rump4j.rump.NewFilesystem;
import org.rump4j.rumpuser.ErrnoException;

/** How large a file system must be that a tree of the host goes into: what files take in blocks, and those that lead to them. */
final class TreeSize extends SimpleFileVisitor<Path> {
    private static final int SMALL_BLOCK = 1024;
    private static final int SHIFTS = 7;

    /** Blocks that a file has before any is needed that leads to others. */
    private static final int DIRECT_BLOCKS = 12;

    /** Bytes of a name in a directory besides those of the name; and a directory is not full. */
    private static final int NAME_BYTES = 12;

    private static final int SPREAD = 2;

    /** A tenth more than there is now. */
    private static final int SLACK_DIVISOR = 10;

    private static final long ROUND_BYTES = 64 << 10;

    /** Blocks of 1, 2, 4, ... KiB. */
    private final long[] blocks = new long[SHIFTS];

    private long files;
    private long bytes;

    private TreeSize() {}

    /** Of a tree, as far as it can be read. */
    static TreeSize of(Path tree) throws ErrnoException {
        TreeSize size = new TreeSize();
        try {
            Files.walkFileTree(tree, size);
        } catch (IOException e) {
            throw HostErrors.translated(e);
        }
        return size;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) throws IOException {
        long names = 0;
        for (Path child : HostTree.children(directory)) {
            names += NAME_BYTES + child.getFileName().toString().length();
        }
        count(SPREAD * names + 1);
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        bytes += attributes.size();
        count(attributes.isRegularFile() || attributes.isSymbolicLink() ? attributes.size() : 0);
        return FileVisitResult.CONTINUE;
    }

    private void count(long size) {
        files++;
        for (int i = 0; i < SHIFTS; i++) {
            long blockBytes = (long) SMALL_BLOCK << i;
            long data = Math.ceilDiv(size, blockBytes);
            long pointers = blockBytes / Integer.BYTES;
            blocks[i] += data + (data > DIRECT_BLOCKS ? data / pointers + 2 : 0);
        }
    }

    /** Files, and directories. */
    long files() {
        return files;
    }

    /**
     * A file system that it fits in, with a tenth to spare.
     *
     * @param wanted makes what is wanted of it, for a size
     */
    FilesystemMaker.Plan fit(FilesystemMaker maker, Wanted wanted) throws ErrnoException {
        long size = Math.ceilDiv(bytes + bytes / SLACK_DIVISOR + ROUND_BYTES, ROUND_BYTES) * ROUND_BYTES;
        while (true) {
            FilesystemMaker.Plan plan = maker.plan(wanted.of(size));
            int shift = Integer.numberOfTrailingZeros(plan.blockBytes() / SMALL_BLOCK);
            long least = blocks[shift] + blocks[shift] / SLACK_DIVISOR + 1;
            if (plan.freeBlocks() >= least && plan.freeInodes() >= files) {
                return plan;
            }
            long missing = Math.max(0, least - plan.freeBlocks()) * plan.blockBytes();
            size += Math.ceilDiv(missing + size / (4 * SLACK_DIVISOR) + 1, ROUND_BYTES) * ROUND_BYTES;
        }
    }

    /** Makes what is wanted of a file system, for a size. */
    @FunctionalInterface
    interface Wanted {
        NewFilesystem of(long size);
    }
}
