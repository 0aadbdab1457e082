package org.rump4j.bench.compare;

import static org.rump4j.bench.BenchKernel.MOUNT_POINT;

import java.lang.foreign.MemorySegment;
import org.rump4j.bench.compare.Workloads.Round;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.ErrnoException;

/** Work that writes to an image which is mounted from the first round on. Each round leaves it as it was. */
final class WritingRounds {
    private static final String FILE = MOUNT_POINT + "/written";
    private static final String FOLDER = MOUNT_POINT + "/files";
    private static final int FILES = 10_000;
    private static final int SMALL_BYTES = 1024;
    private static final int FSYNCS = 200;
    private static final int MODE = 0644;

    private final Syscalls sys;
    private final MemorySegment call;

    WritingRounds(RumpKernel kernel) {
        sys = kernel.syscalls();
        call = Workloads.buffer(Workloads.CALL_BYTES);
        call.fill((byte) 'x');
    }

    /** A new file, written from its beginning to its end and made durable. */
    Round writeAndFsync() {
        return () -> {
            int fd = create(FILE);
            long begin = System.nanoTime();
            writeAll(fd);
            sys.fsync(fd);
            double speed = Workloads.mibPerSecond(Workloads.FILE_BYTES, begin);
            sys.close(fd);
            sys.unlink(FILE);
            sys.sync();
            return speed;
        };
    }

    /** A block of a file, written over and made durable. */
    Round fsyncOfOneBlock() throws ErrnoException {
        int fd = create(FILE);
        writeAll(fd);
        sys.fsync(fd);
        MemorySegment page = call.asSlice(0, Workloads.PAGE_BYTES);
        Workloads.Pages pages = new Workloads.Pages();
        return () -> {
            long begin = System.nanoTime();
            for (int i = 0; i < FSYNCS; i++) {
                written(sys.pwrite(fd, page, pages.next() * Workloads.PAGE_BYTES), Workloads.PAGE_BYTES);
                sys.fsync(fd);
            }
            return (System.nanoTime() - begin) / 1e3 / FSYNCS;
        };
    }

    /** Small files in one directory, until all of them are durable. */
    Round create() {
        return () -> {
            sys.mkdir(FOLDER, 0755);
            long begin = System.nanoTime();
            createFiles();
            double micros = (System.nanoTime() - begin) / 1e3 / FILES;
            removeFiles();
            return micros;
        };
    }

    /** Their removal, until it is durable. */
    Round remove() {
        return () -> {
            sys.mkdir(FOLDER, 0755);
            createFiles();
            long begin = System.nanoTime();
            removeFiles();
            return (System.nanoTime() - begin) / 1e3 / FILES;
        };
    }

    private void createFiles() throws ErrnoException {
        MemorySegment contents = call.asSlice(0, SMALL_BYTES);
        for (int i = 0; i < FILES; i++) {
            int fd = create(FOLDER + "/f" + i);
            written(sys.write(fd, contents), SMALL_BYTES);
            sys.close(fd);
        }
        sys.sync();
    }

    private void removeFiles() throws ErrnoException {
        for (int i = 0; i < FILES; i++) {
            sys.unlink(FOLDER + "/f" + i);
        }
        sys.rmdir(FOLDER);
        sys.sync();
    }

    private int create(String path) throws ErrnoException {
        return sys.open(path, Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_EXCL, MODE);
    }

    private void writeAll(int fd) throws ErrnoException {
        for (long at = 0; at < Workloads.FILE_BYTES; at += Workloads.CALL_BYTES) {
            written(sys.pwrite(fd, call, at), Workloads.CALL_BYTES);
        }
    }

    private static void written(long bytes, long wanted) {
        if (bytes != wanted) {
            throw new IllegalStateException("only " + bytes + " bytes were written");
        }
    }
}
