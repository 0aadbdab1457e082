package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.ErrnoException;

/** System calls on files below a directory, which a {@link Ledger} keeps account of. For one thread. */
final class CrashWork {
    private final Syscalls sys;
    private final Ledger ledger;
    final Random random;

    /** Told after each change. */
    private final Runnable afterChange;

    private final Map<String, Integer> open = new HashMap<>();
    private int stamp;

    CrashWork(Syscalls sys, Ledger ledger, Random random, Runnable afterChange) {
        this.sys = sys;
        this.ledger = ledger;
        this.random = random;
        this.afterChange = afterChange;
    }

    private static String full(String path) {
        return CrashMachine.ROOT + path;
    }

    private int fd(String path) {
        return Objects.requireNonNull(open.get(path));
    }

    boolean exists(String path) {
        return ledger.at(path) != null;
    }

    void mkdir(String path) throws ErrnoException {
        ledger.make(path, true);
        sys.mkdir(full(path), 0755);
        afterChange.run();
    }

    void rmdir(String path) throws ErrnoException {
        ledger.bind(path, null);
        sys.rmdir(full(path));
        afterChange.run();
    }

    /** Makes a file, and has it open. */
    void create(String path) throws ErrnoException {
        ledger.make(path, false);
        open.put(path, sys.open(full(path), Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_EXCL, 0644));
        afterChange.run();
    }

    void open(String path) throws ErrnoException {
        open.put(path, sys.open(full(path), Fcntl.O_RDWR, 0));
    }

    void close(String path) throws ErrnoException {
        sys.close(Objects.requireNonNull(open.remove(path)));
        afterChange.run();
    }

    /** Writes bytes that no other file has, and no other part of this one; none of them is 0. */
    void write(String path, int offset, int length) throws ErrnoException {
        Ledger.Node node = node(path);
        byte[] data = new byte[length];
        int seed = node.id * 31 + ++stamp;
        for (int i = 0; i < length; i++) {
            int word = (seed * 0x01000193) ^ ((offset + i) / 4 * 0x9E3779B1);
            data[i] = (byte) (word >>> (i % 4 * 8) | 1);
        }
        byte[] content = Arrays.copyOf(node.content(), Math.max(node.content().length, offset + length));
        System.arraycopy(data, 0, content, offset, length);
        ledger.content(node, content);
        long n = sys.pwrite(fd(path), MemorySegment.ofArray(data), offset);
        if (n != length) {
            throw new AssertionError(n + " of " + length + " bytes written");
        }
        afterChange.run();
    }

    void truncate(String path, int length) throws ErrnoException {
        Ledger.Node node = node(path);
        ledger.content(node, Arrays.copyOf(node.content(), length));
        sys.ftruncate(fd(path), length);
        afterChange.run();
    }

    void fsync(String path) throws ErrnoException {
        sys.fsync(fd(path));
        ledger.promiseFile(path);
    }

    void fdatasync(String path) throws ErrnoException {
        sys.fdatasync(fd(path));
        ledger.promiseFile(path);
    }

    void fsyncDirectory(String path) throws ErrnoException {
        int fd = sys.open(full(path), Fcntl.O_RDONLY, 0);
        try {
            sys.fsync(fd);
        } finally {
            sys.close(fd);
        }
        ledger.promiseNamesIn(path);
    }

    void sync() throws ErrnoException {
        sys.sync();
        ledger.promiseAll();
    }

    void unlink(String path) throws ErrnoException {
        ledger.bind(path, null);
        sys.unlink(full(path));
        afterChange.run();
    }

    void link(String path, String to) throws ErrnoException {
        ledger.bind(to, node(path));
        sys.link(full(path), full(to));
        afterChange.run();
    }

    void rename(String from, String to) throws ErrnoException {
        ledger.move(from, to);
        sys.rename(full(from), full(to));
        Integer fd = open.remove(from);
        if (fd != null) {
            open.put(to, fd);
        }
        afterChange.run();
    }

    private Ledger.Node node(String path) {
        Ledger.@Nullable Node node = ledger.at(path);
        return Objects.requireNonNull(node);
    }

    /** A new file with something in it, which is closed again. */
    void put(String path, int length, boolean synced) throws ErrnoException {
        create(path);
        if (length > 0) {
            write(path, 0, length);
        }
        if (synced) {
            fsync(path);
        }
        close(path);
    }
}
