package org.rump4j.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** Images that are worked on: as mke2fs and makefs make them, and as the reference's drivers know them. */
public final class Images {
    /** The file that is in the image which is read. */
    public static final String FILE_NAME = "big";

    private static final int PIECE_BYTES = 1 << 20;
    private static final long EMPTY_KIB = 1 << 20;

    /** What the file system needs beyond the file, as a part of it. */
    private static final int OVERHEAD_PART = 4;

    private Images() {}

    /** What is on an image. */
    public enum Format {
        EXT2("ext2fs"),
        FFS("ffs");

        private final String type;

        Format(String type) {
            this.type = type;
        }

        /** The type of file system, as mount(2) calls it. */
        public String type() {
            return type;
        }
    }

    /** As the other, of ext2. */
    public static Path make(Path folder, long fileBytes) throws IOException, InterruptedException {
        return make(folder, Format.EXT2, fileBytes);
    }

    /**
     * Makes the image which is read, in a folder. It has been read once then, so that the host has it in memory.
     *
     * @param fileBytes how long the file in it is, whole MiB
     */
    public static Path make(Path folder, Format format, long fileBytes) throws IOException, InterruptedException {
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
        Path image = folder.resolve("image-" + format.type());
        make(format, tree, image, (fileBytes + fileBytes / OVERHEAD_PART) >> 10);
        Files.delete(file);
        Files.copy(image, OutputStream.nullOutputStream());
        return image;
    }

    /** Makes one to be written to: 1 GiB, of which little is allocated on the host. */
    public static Path makeEmpty(Path image, Format format) throws IOException, InterruptedException {
        Files.deleteIfExists(image);
        Path nothing = Files.createTempDirectory("rump4j-nothing");
        try {
            make(format, nothing, image, EMPTY_KIB);
        } finally {
            Files.delete(nothing);
        }
        return image;
    }

    private static void make(Format format, Path tree, Path image, long kib) throws IOException, InterruptedException {
        run(
                format == Format.EXT2
                        ? List.of(
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
                        : List.of(
                                "makefs",
                                "-t",
                                "ffs",
                                "-s",
                                kib + "k",
                                "-o",
                                "bsize=16384,fsize=2048",
                                image.toString(),
                                tree.toString()));
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        int status = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException(command.getFirst() + ": exit status " + status);
        }
    }
}
