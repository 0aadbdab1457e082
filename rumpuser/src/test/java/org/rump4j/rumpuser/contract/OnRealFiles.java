package org.rump4j.rumpuser.contract;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.ThreadCalls.ThreadKind;

/** What hosts have in common whose files and threads are those of the machine. */
public abstract class OnRealFiles implements HostUnderTest {
    private final ThreadKind threads;
    private final Path folder;

    protected OnRealFiles(ThreadKind threads) {
        this.threads = threads;
        try {
            folder = Files.createTempDirectory("rumpuser");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public final ThreadKind threads() {
        return threads;
    }

    @Override
    public void run(Body body) throws Throwable {
        FutureTask<@Nullable Throwable> outcome = new FutureTask<>(() -> {
            try {
                body.run();
                return null;
            } catch (Throwable t) {
                return t;
            }
        });
        switch (threads) {
            case PLATFORM -> Thread.ofPlatform().daemon().name("test").start(outcome);
            case VIRTUAL -> Thread.ofVirtual().name("test").start(outcome);
        }
        Throwable thrown = outcome.get();
        if (thrown != null) {
            throw thrown;
        }
    }

    @Override
    public String path(String name) {
        return folder.resolve(name).toString();
    }

    @Override
    public void write(String name, byte[] contents) throws IOException {
        Files.write(folder.resolve(name), contents);
    }

    @Override
    public byte[] read(String name) throws IOException {
        return Files.readAllBytes(folder.resolve(name));
    }

    @Override
    public void makeFolder(String name) throws IOException {
        Files.createDirectory(folder.resolve(name));
    }

    @Override
    public void close() throws IOException {
        List<Path> all;
        try (Stream<Path> found = Files.walk(folder)) {
            all = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.delete(path);
        }
    }
}
