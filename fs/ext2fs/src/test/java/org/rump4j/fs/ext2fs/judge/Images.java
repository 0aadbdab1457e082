package org.rump4j.fs.ext2fs.judge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** The images of a test run: each is made when it is first wanted, and all are gone at the end. A parameter of tests. */
public final class Images implements ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(Images.class);

    /** The directory of one test run. */
    static final class Shelf implements AutoCloseable {
        private final Path directory;
        private final Map<String, Path> made = new ConcurrentHashMap<>();

        private Shelf() {
            try {
                E2fsprogs.assumeInstalled();
                directory = Files.createTempDirectory("ext2fs-judge");
                Path tree = Files.createDirectory(directory.resolve("tree"));
                SourceTree.make(tree);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Where tests can put what they need. */
        Path directory() {
            return directory;
        }

        /** An image of a configuration that holds {@link SourceTree}. Not to be changed. */
        Path of(Recipe recipe) {
            return made(recipe.name(), image -> {
                List<String> options = new ArrayList<>(recipe.mke2fsOptions());
                options.addAll(List.of("-d", directory.resolve("tree").toString()));
                E2fsprogs.mke2fs(image, options, recipe.size());
                E2fsprogs.debugfs(image, recipe.additions());
                E2fsprogs.tune2fs(image, recipe.tuning());
                // Directories of more than one block get their indices here, where the features allow it.
                E2fsprogs.repair(image, "-fyD");
                E2fsprogs.requireClean(image);
                E2fsprogs.tune2fs(image, recipe.finish());
            });
        }

        /** An image that a test makes itself. Not to be changed afterwards. */
        Path made(String name, Consumer<Path> maker) {
            return made.computeIfAbsent(name, key -> {
                Path image = directory.resolve(key + ".img");
                maker.accept(image);
                return image;
            });
        }

        /** A copy of an image, with which one may do what one likes. Blocks of zeros become holes. */
        Path copy(Path image, String name) {
            Path copy = directory.resolve(name + ".img");
            try (FileChannel from = FileChannel.open(image);
                    FileChannel to = FileChannel.open(
                            copy,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE)) {
                ByteBuffer buf = ByteBuffer.allocateDirect(1 << 16);
                ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 16);
                long size = from.size();
                for (long at = 0; at < size; at += buf.capacity()) {
                    from.read(buf.clear(), at);
                    if (buf.flip().mismatch(zeros.slice(0, buf.limit())) >= 0) {
                        to.write(buf, at);
                    }
                }
                // The size, by its last byte.
                from.read(buf.clear().limit(1), size - 1);
                to.write(buf.flip(), size - 1);
                return copy;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                        throws IOException {
                    Files.delete(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        }
    }

    /** A number that changes when a byte of a file does, and when its size does. */
    static long digest(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            CRC32C crc = new CRC32C();
            ByteBuffer buf = ByteBuffer.allocateDirect(1 << 20);
            while (channel.read(buf.clear()) >= 0) {
                crc.update(buf.flip());
            }
            return crc.getValue() | channel.size() << Integer.SIZE;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext extension) {
        return parameter.getParameter().getType() == Shelf.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext extension) {
        return extension.getRoot().getStore(NAMESPACE).getOrComputeIfAbsent(Shelf.class, _ -> new Shelf(), Shelf.class);
    }
}
