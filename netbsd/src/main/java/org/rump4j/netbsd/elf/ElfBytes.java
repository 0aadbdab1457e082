package org.rump4j.netbsd.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The bytes of a file, in pieces that are known to be in it. */
final class ElfBytes implements AutoCloseable {
    /** No table is larger. Symbol names of a kernel with everything are a hundredth of that. */
    private static final long MAX_PIECE_BYTES = 64 << 20;

    final String file;
    final long size;
    private final byte @Nullable [] array;
    private final @Nullable FileChannel channel;

    private ElfBytes(String file, long size, byte @Nullable [] array, @Nullable FileChannel channel) {
        this.file = file;
        this.size = size;
        this.array = array;
        this.channel = channel;
    }

    /** Where the bytes of an object are, so that what is seldom needed can be read later. */
    static final class Origin {
        final String file;
        final @Nullable Path path;
        private final byte @Nullable [] array;
        private final @Nullable Stamp stamp;

        private Origin(String file, @Nullable Path path, byte @Nullable [] array, @Nullable Stamp stamp) {
            this.file = file;
            this.path = path;
            this.array = array;
            this.stamp = stamp;
        }

        static Origin of(String file, byte[] array) {
            return new Origin(file, null, array, null);
        }

        static Origin of(Path path) throws ElfException {
            return new Origin(path.toString(), path, null, Stamp.of(path));
        }

        /** Opens it, and looks whether it still is the file that it was. */
        ElfBytes open() throws ElfException {
            if (array != null) {
                return new ElfBytes(file, array.length, array, null);
            }
            Path existing = Objects.requireNonNull(path);
            requireUnchanged();
            try {
                FileChannel channel = FileChannel.open(existing, StandardOpenOption.READ);
                return new ElfBytes(file, Objects.requireNonNull(stamp).size, null, channel);
            } catch (IOException e) {
                throw unreadable(file, e);
            }
        }

        void requireUnchanged() throws ElfException {
            if (path != null && !Stamp.of(path).isSame(Objects.requireNonNull(stamp))) {
                throw new ElfException(file, "file", "has changed since it was first read");
            }
        }
    }

    /** What tells a file from another that took its place. */
    record Stamp(long size, long modifiedNanos, @Nullable Object key) {
        /** Not equals: what a record makes of that costs more than the file's header. */
        boolean isSame(Stamp other) {
            return size == other.size && modifiedNanos == other.modifiedNanos && Objects.equals(key, other.key);
        }

        static Stamp of(Path path) throws ElfException {
            try {
                BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
                if (!attributes.isRegularFile()) {
                    throw new ElfException(path.toString(), "file", "is no regular file");
                }
                return new Stamp(
                        attributes.size(),
                        attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS),
                        attributes.fileKey());
            } catch (IOException e) {
                throw unreadable(path.toString(), e);
            }
        }
    }

    private static ElfException unreadable(String file, IOException e) {
        String reason = e.getMessage() == null || e.getMessage().equals(file) ? "" : e.getMessage();
        return new ElfException(
                file,
                "file",
                "cannot be read (" + e.getClass().getSimpleName() + (reason.isEmpty() ? "" : ": " + reason) + ")",
                e);
    }

    /** An exception about a field of this file. */
    ElfException bad(String field, String problem) {
        return new ElfException(file, field, problem);
    }

    /** Fails unless bytes from an offset on are in the file, both taken as unsigned. */
    void require(long offset, long bytes, String field) throws ElfException {
        if (offset < 0 || bytes < 0 || offset > size || bytes > size - offset) {
            throw bad(
                    field,
                    Long.toUnsignedString(bytes) + " bytes at offset " + Long.toUnsignedString(offset)
                            + " are beyond the end of the file, which has " + size);
        }
    }

    /** A piece of the file, from its position to its limit. */
    ByteBuffer read(long offset, long bytes, String field) throws ElfException {
        require(offset, bytes, field);
        if (bytes > MAX_PIECE_BYTES) {
            throw bad(field, bytes + " bytes are more than the " + MAX_PIECE_BYTES + " that are read at once");
        }
        if (array != null) {
            return ByteBuffer.wrap(array, (int) offset, (int) bytes).slice().order(ByteOrder.LITTLE_ENDIAN);
        }
        ByteBuffer piece = ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
        try {
            FileChannel from = Objects.requireNonNull(channel);
            while (piece.hasRemaining() && from.read(piece, offset + piece.position()) > 0) {
                // Goes on until it has all of it.
            }
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        if (piece.hasRemaining()) {
            throw bad(field, "the file has become shorter while it was read");
        }
        return piece.flip();
    }

    byte[] bytes(long offset, long bytes, String field) throws ElfException {
        ByteBuffer piece = read(offset, bytes, field);
        byte[] out = new byte[(int) bytes];
        piece.get(out);
        return out;
    }

    /** 64-bit numbers. */
    long[] longs(long offset, long count, String field) throws ElfException {
        ByteBuffer piece = read(offset, product(count, Long.BYTES, field), field);
        long[] out = new long[(int) count];
        piece.asLongBuffer().get(out);
        return out;
    }

    /** 32-bit numbers. */
    int[] ints(long offset, long count, String field) throws ElfException {
        ByteBuffer piece = read(offset, product(count, Integer.BYTES, field), field);
        int[] out = new int[(int) count];
        piece.asIntBuffer().get(out);
        return out;
    }

    /** 16-bit numbers. */
    short[] shorts(long offset, long count, String field) throws ElfException {
        ByteBuffer piece = read(offset, product(count, Short.BYTES, field), field);
        short[] out = new short[(int) count];
        piece.asShortBuffer().get(out);
        return out;
    }

    private long product(long count, int bytes, String field) throws ElfException {
        if (count < 0 || count > MAX_PIECE_BYTES / bytes) {
            throw bad(field, Long.toUnsignedString(count) + " entries are more than a file like this can have");
        }
        return count * bytes;
    }

    @Override
    public void close() throws ElfException {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                throw unreadable(file, e);
            }
        }
    }
}
