package org.rump4j.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** The image that is read: an ext2 that mke2fs makes, as the reference's driver knows it. */
public final class Images {
    /** The file that is in it. */
    public static final String FILE_NAME = "big";

    private static final int PIECE_BYTES = 1 << 20;

    /** What the file system needs beyond the file, as a part of it. */
    private static final int OVERHEAD_PART = 4;

    private Images() {}

    /**
     * Makes it, in a folder. It has been read once then, so that the host has it in memory.
     *
     * @param fileBytes how long the file in it is, whole MiB
     */
    public static Path make(Path folder, long fileBytes) throws IOException, InterruptedException {
        Path tree = Files.createDirectories(folder.resolve("tree"));
        Path file = tree.resolve(FILE_NAME);
        Random random = new Random(1);
        byte[] piece = new byte[PIECE_BYTES];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long at = 0; at < fileBytes; at += PIECE_BYTES) {
                random.nextBytes(piece);
                out.write(piece);
            }
        }
        Path image = folder.resolve("image");
        long kib = (fileBytes + fileBytes / OVERHEAD_PART) >> 10;
        int status = new ProcessBuilder(
                        "mke2fs",
                        "-q",
                        "-F",
                        "-t",
                        "ext2",
                        "-b",
                        "4096",
                        "-d",
                        tree.toString(),
                        image.toString(),
                        kib + "k")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException("mke2fs: exit status " + status);
        }
        Files.delete(file);
        Files.copy(image, OutputStream.nullOutputStream());
        return image;
    }
}
