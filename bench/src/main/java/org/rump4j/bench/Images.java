package org.rump4j.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Images that are worked on: ext2 as mke2fs makes them, and as the reference's driver knows it. */
public final class Images {
    /** The file that is in the image which is read. */
    public static final String FILE_NAME = "big";

    private static final int PIECE_BYTES = 1 << 20;

    /** What the file system needs beyond the file, as a part of it. */
    private static final int OVERHEAD_PART = 4;

    private Images() {}

    /**
     * Makes the image which is read, in a folder. It has been read once then, so that the host has it in memory.
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
        mke2fs("-d", tree.toString(), image.toString(), kib + "k");
        Files.delete(file);
        Files.copy(image, OutputStream.nullOutputStream());
        return image;
    }

    /** Makes one to be written to: 1 GiB, of which nothing is allocated on the host. */
    public static Path makeEmpty(Path image) throws IOException, InterruptedException {
        Files.deleteIfExists(image);
        mke2fs(image.toString(), "1g");
        return image;
    }

    private static void mke2fs(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("mke2fs", "-q", "-F", "-t", "ext2", "-b", "4096"));
        Collections.addAll(command, arguments);
        int status = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException("mke2fs: exit status " + status);
        }
    }
}
