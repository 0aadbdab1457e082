package org.rump4j.fs.ext2fs.judge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import org.rump4j.fs.ext2fs.Ext2Maker;
import org.rump4j.rump.FilesystemMaker;
import org.rump4j.rump.NewFilesystem;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.ErrnoException;

/** A file system of our own making, by the words that {@code mke2fs(8)} has for what is wanted. */
final class NewImage {
    static final String UUID = "01234567-89ab-cdef-0123-456789abcdef";
    static final String HASH_SEED = "fedcba98-7654-3210-fedc-ba9876543210";

    private NewImage() {}

    static NewFilesystem wanted(String type, long bytes, List<String> options) {
        NewFilesystem wanted = new NewFilesystem(type, bytes)
                .uuid(hex(UUID))
                .hashSeed(hex(HASH_SEED))
                .time(new Timespec(Long.parseLong(E2fsprogs.NOW), 0));
        for (int i = 0; i < options.size(); i += 2) {
            String value = options.get(i + 1);
            switch (options.get(i)) {
                case "-b" -> wanted.blockBytes(Integer.parseInt(value));
                case "-i" -> wanted.bytesPerInode(Long.parseLong(value));
                case "-N" -> wanted.inodes(Long.parseLong(value));
                case "-I" -> wanted.inodeBytes(Integer.parseInt(value));
                case "-m" -> wanted.reservedPercent(Double.parseDouble(value));
                case "-L" -> wanted.label(value);
                case "-O" -> List.of(value.split(",", -1)).forEach(wanted::feature);
                default -> throw new IllegalArgumentException(options.get(i));
            }
        }
        return wanted;
    }

    private static byte[] hex(String uuid) {
        return HexFormat.of().parseHex(uuid.replace("-", ""));
    }

    static FilesystemMaker.Plan make(Path image, String type, long bytes, List<String> options) throws ErrnoException {
        FilesystemMaker.Plan plan = new Ext2Maker().plan(wanted(type, bytes, options));
        write(image, plan);
        return plan;
    }

    /** Writes to a file that is new: what is not written is a hole, and the file as long as the file system. */
    static void write(Path image, FilesystemMaker.Plan plan) throws ErrnoException {
        try (FileChannel channel = FileChannel.open(
                image, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            plan.write(new FilesystemMaker.Sink() {
                @Override
                public void write(MemorySegment from, long offset) {
                    try {
                        ByteBuffer bytes = from.asByteBuffer();
                        while (bytes.hasRemaining()) {
                            channel.write(bytes, offset + bytes.position());
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }

                @Override
                public void zero(long offset, long bytes) {
                    if (offset < 0 || bytes < 0 || offset + bytes > plan.sizeBytes()) {
                        throw new IllegalArgumentException(bytes + " bytes at " + offset);
                    }
                }
            });
            if (channel.size() > plan.sizeBytes()) {
                throw new IllegalStateException("written past the end");
            }
            if (channel.size() < plan.sizeBytes()) {
                channel.write(ByteBuffer.allocate(1), plan.sizeBytes() - 1);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
