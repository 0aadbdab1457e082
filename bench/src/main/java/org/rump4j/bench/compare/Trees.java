package org.rump4j.bench.compare;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Trees of 1 GiB that images are built from. They have been written just now, so the host has them in memory. */
final class Trees {
    static final long BYTES = 1L << 30;

    private static final int LARGE_FILES = 8;
    private static final int SMALL_FILES = 20_000;
    private static final int FOLDER_FILES = 100;
    private static final int PIECE_BYTES = 1 << 20;

    private final Path folder;
    private final Random random = new Random(1);
    private final byte[] piece = new byte[PIECE_BYTES];

    Trees(Path folder) {
        this.folder = folder;
        random.nextBytes(piece);
    }

    /** A few large files. */
    Path large() throws IOException {
        Path tree = folder.resolve("tree-large");
        if (!Files.exists(tree)) {
            Files.createDirectory(tree);
            for (int i = 0; i < LARGE_FILES; i++) {
                write(tree.resolve("file" + i), BYTES / LARGE_FILES);
            }
        }
        return tree;
    }

    /** Twenty thousand files, most of them much smaller than the mean, in two hundred folders. */
    Path small() throws IOException {
        Path tree = folder.resolve("tree-small");
        if (!Files.exists(tree)) {
            double mean = (double) BYTES / SMALL_FILES;
            for (int i = 0; i < SMALL_FILES; i++) {
                Path parent = tree.resolve("folder" + i / FOLDER_FILES);
                if (i % FOLDER_FILES == 0) {
                    Files.createDirectories(parent);
                }
                write(parent.resolve("file" + i), (long) (-Math.log(1 - random.nextDouble()) * mean));
            }
        }
        return tree;
    }

    /** What debugfs is told in order to copy {@link #small} into an image. */
    Path debugfsScript() throws IOException {
        Path tree = small();
        Path script = folder.resolve("debugfs-script");
        try (BufferedWriter out = Files.newBufferedWriter(script, StandardCharsets.US_ASCII)) {
            for (int i = 0; i < SMALL_FILES; i++) {
                String parent = "folder" + i / FOLDER_FILES;
                if (i % FOLDER_FILES == 0) {
                    out.write("cd /\nmkdir " + parent + "\ncd " + parent + "\n");
                }
                out.write("write " + tree.resolve(parent).resolve("file" + i) + " file" + i + "\n");
            }
        }
        return script;
    }

    private void write(Path file, long bytes) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long left = bytes; left > 0; left -= PIECE_BYTES) {
                out.write(piece, 0, (int) Math.min(left, PIECE_BYTES));
            }
        }
    }
}
