package org.rump4j.bench;

import static org.rump4j.bench.BenchKernel.MOUNT_POINT;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.ErrnoException;

/**
 * What writing to an ext2 costs, by itself: small files made and removed in one directory and in many, a large file, fsync of one
 * block. For comparisons of two versions of this kernel on one machine; the comparison with the reference is elsewhere. Each round has an
 * image of its own, and the first ones warm the JVM.
 *
 * <p>Arguments: rounds, and {@code ext2}, {@code linear} (an ext2 without indices of directories) or {@code ext4}.
 */
public final class WritePath {
    private static final int FILES = 10_000;

    /** Has nothing in common with FILES. */
    private static final int STRIDE = 7919;

    private static final int DIRECTORIES = 100;
    private static final int SMALL_BYTES = 1 << 10;
    private static final long LARGE_BYTES = 64 << 20;
    private static final int WRITE_BYTES = 64 << 10;
    private static final int FSYNCS = 200;
    private static final int BLOCK_BYTES = 4096;
    private static final String IMAGE_SIZE = "256M";
    private static final double NANOS_PER_MICRO = 1e3;

    private final Map<String, List<Double>> figures = new LinkedHashMap<>();

    private WritePath() {}

    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
        String kind = args.length > 1 ? args[1] : "ext2";
        WritePath all = new WritePath();
        for (int i = 0; i < rounds; i++) {
            all.round(kind);
        }
        all.figures.forEach((what, values) -> {
            values.sort(null);
            System.out.printf(
                    "%-44s median %10.1f   least %10.1f%n", what, values.get(values.size() / 2), values.getFirst());
        });
    }

    private void round(String kind) throws Exception {
        Path image = Files.createTempFile("write", ".img");
        try {
            make(image, kind);
            RumpKernel kernel = BenchKernel.boot(1);
            BenchKernel.ownProcess(kernel);
            kernel.etfs().register("/dev/image", image.toString(), Etfs.Type.BLK);
            kernel.syscalls().mkdir(MOUNT_POINT, 0777);
            kernel.syscalls().mount("ext2fs", MOUNT_POINT, 0, new MountArgs.Device("/dev/image"));
            measure(kernel.syscalls());
            kernel.lwproc().releaselwp();
            kernel.halt();
        } finally {
            Files.delete(image);
        }
    }

    private static void make(Path image, String kind) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("mke2fs", "-q", "-F", "-b", "4096", "-N", "40000"));
        command.addAll(
                switch (kind) {
                    case "ext2" -> List.of("-t", "ext2");
                    case "linear" -> List.of("-t", "ext2", "-O", "^dir_index");
                    case "ext4" -> List.of("-t", "ext4", "-O", "^has_journal,^orphan_file");
                    default -> throw new IllegalArgumentException(kind);
                });
        command.addAll(List.of(image.toString(), IMAGE_SIZE));
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IllegalStateException("mke2fs: " + status);
        }
    }

    /** A part of a round. */
    private interface Work {
        void run() throws ErrnoException;
    }

    private void time(String what, double per, Work work) throws ErrnoException {
        long begin = System.nanoTime();
        work.run();
        double value = (System.nanoTime() - begin) / per;
        figures.computeIfAbsent(what, _ -> new ArrayList<>()).add(value);
    }

    private void measure(Syscalls sys) throws ErrnoException {
        byte[] small = new byte[SMALL_BYTES];
        double perFile = NANOS_PER_MICRO * FILES;
        sys.mkdir(MOUNT_POINT + "/one", 0755);
        time("create, one directory, us a file", perFile, () -> {
            for (int i = 0; i < FILES; i++) {
                create(sys, MOUNT_POINT + "/one/file" + i, small);
            }
        });
        time("sync after it, ms", 1e6, sys::sync);
        time("unlink, one directory, us a file", perFile, () -> {
            for (int i = 0; i < FILES; i++) {
                sys.unlink(MOUNT_POINT + "/one/file" + i);
            }
        });
        time("sync after it (2), ms", 1e6, sys::sync);
        for (int i = 0; i < FILES; i++) {
            sys.close(sys.open(MOUNT_POINT + "/one/file" + i, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL, 0644));
        }
        time("unlink in no order, one directory, us a file", perFile, () -> {
            for (int i = 0; i < FILES; i++) {
                sys.unlink(MOUNT_POINT + "/one/file" + (long) i * STRIDE % FILES);
            }
        });
        sys.sync();
        time("create, 100 directories, us a file", perFile, () -> {
            for (int d = 0; d < DIRECTORIES; d++) {
                sys.mkdir(MOUNT_POINT + "/d" + d, 0755);
                for (int i = 0; i < FILES / DIRECTORIES; i++) {
                    create(sys, MOUNT_POINT + "/d" + d + "/file" + i, small);
                }
            }
        });
        time("sync after it (3), ms", 1e6, sys::sync);
        time("unlink, 100 directories, us a file", perFile, () -> {
            for (int d = 0; d < DIRECTORIES; d++) {
                for (int i = 0; i < FILES / DIRECTORIES; i++) {
                    sys.unlink(MOUNT_POINT + "/d" + d + "/file" + i);
                }
                sys.rmdir(MOUNT_POINT + "/d" + d);
            }
        });
        time("sync after it (4), ms", 1e6, sys::sync);
        MemorySegment piece = MemorySegment.ofArray(new byte[WRITE_BYTES]);
        int fd = sys.open(MOUNT_POINT + "/large", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
        time("64 MiB written, ms", 1e6, () -> {
            for (long at = 0; at < LARGE_BYTES; at += WRITE_BYTES) {
                sys.write(fd, piece);
            }
        });
        time("fsync after it, ms", 1e6, () -> sys.fsync(fd));
        byte[] block = new byte[BLOCK_BYTES];
        time("a block written and fsync, us", NANOS_PER_MICRO * FSYNCS, () -> {
            for (int i = 0; i < FSYNCS; i++) {
                sys.pwrite(fd, block, (long) i * BLOCK_BYTES);
                sys.fsync(fd);
            }
        });
        time("a block appended and fsync, us", NANOS_PER_MICRO * FSYNCS, () -> {
            for (int i = 0; i < FSYNCS; i++) {
                sys.pwrite(fd, block, LARGE_BYTES + (long) i * BLOCK_BYTES);
                sys.fsync(fd);
            }
        });
        sys.close(fd);
    }

    private static void create(Syscalls sys, String path, byte[] bytes) throws ErrnoException {
        int fd = sys.open(path, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL, 0644);
        sys.write(fd, bytes);
        sys.close(fd);
    }
}
