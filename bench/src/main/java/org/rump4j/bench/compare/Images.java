package org.rump4j.bench.compare;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** The image that is read: an ext2 that mke2fs makes, as the reference's driver knows it. */
final class Images {
    private static final int PIECE_BYTES = 1 << 20;
    private static final String SIZE = "80M";

    private Images() {}

    /** Makes it, in a folder. Reading it once leaves it in the host's page cache. */
    static Path make(Path folder) throws IOException, InterruptedException {
        Path tree = Files.createDirectories(folder.resolve("tree"));
        Path file = tree.resolve(Workloads.BIG_FILE_NAME);
        Random random = new Random(1);
        byte[] piece = new byte[PIECE_BYTES];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long at = 0; at < Workloads.FILE_BYTES; at += PIECE_BYTES) {
                random.nextBytes(piece);
                out.write(piece);
            }
        }
        Path image = folder.resolve("image");
        int status = new ProcessBuilder(
                        "mke2fs", "-q", "-F", "-t", "ext2", "-b", "4096", "-d", tree.toString(), image.toString(), SIZE)
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
