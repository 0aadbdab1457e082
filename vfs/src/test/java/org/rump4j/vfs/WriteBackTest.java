package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.SysctlValue;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** When what is changed in files reaches the disk: by system calls, on a small file system. */
class WriteBackTest {
    private static final int DISK_BYTES = 4 << 20;
    private static final int NEVER = 3600;
    private static final int BLOCK = TinyFs.BLOCK;

    private TinyMachine machine;

    @BeforeEach
    void boot() throws Exception {
        machine = new TinyMachine(new RecordingDisk(TinyFs.image(DISK_BYTES)), "16m", NEVER);
    }

    @AfterEach
    void halt() {
        machine.close();
    }

    /** What a machine finds that is switched on with the disk as it is. */
    private static byte[] after(byte[] image, int file) throws Exception {
        try (TinyMachine next = new TinyMachine(new RecordingDisk(image), "16m", NEVER)) {
            return next.read(file);
        }
    }

    private RecordingDisk disk() {
        return machine.disk;
    }

    @Test
    void nothingReachesTheDiskByItself() throws Exception {
        machine.write(machine.open(1), 0, FileWriterTest.pattern(1, 100_000));
        assertEquals(List.of(), disk().takeEvents());
    }

    @Test
    void fsyncMakesAFileDurable() throws Exception {
        byte[] data = FileWriterTest.pattern(1, 100_000);
        int fd = machine.open(1);
        machine.write(fd, 0, data);
        machine.sys.fsync(fd);
        assertArrayEquals(data, after(disk().durable(), 1));
    }

    @Test
    void fsyncOfNothingWritesNothing() throws Exception {
        int fd = machine.open(1);
        machine.write(fd, 0, new byte[10]);
        machine.sys.fsync(fd);
        disk().takeEvents();
        machine.sys.fsync(fd);
        assertEquals(List.of(), disk().takeWrites());
    }

    @Test
    void fdatasyncOfABlockThatWasThereWritesThatAlone() throws Exception {
        int fd = machine.open(1);
        machine.write(fd, 0, new byte[10 * BLOCK]);
        machine.sys.fsync(fd);
        disk().takeEvents();
        machine.write(fd, 3 * BLOCK, FileWriterTest.pattern(1, BLOCK));
        machine.sys.fdatasync(fd);
        List<RecordingDisk.Event> events = disk().takeEvents();
        assertEquals(2, events.size(), events::toString);
        assertEquals(BLOCK, ((RecordingDisk.Write) events.get(0)).bytes());
        assertEquals(new RecordingDisk.Flush(), events.get(1));
    }

    @Test
    void dataIsDurableBeforeWhatPointsToIt() throws Exception {
        int fd = machine.open(1);
        machine.write(fd, 0, new byte[10 * BLOCK]);
        machine.sys.sync();
        List<RecordingDisk.Event> events = disk().takeEvents();
        int flush = events.indexOf(new RecordingDisk.Flush());
        for (int i = 0; i < events.size(); i++) {
            if (events.get(i) instanceof RecordingDisk.Write write) {
                boolean inode = write.offset() < (long) TinyFs.FILES * BLOCK;
                assertEquals(inode, i > flush, events::toString);
            }
        }
        assertEquals(new RecordingDisk.Flush(), events.getLast());
    }

    @Test
    void anOpenFileThatWritesSynchronouslyIsDurable() throws Exception {
        int fd = machine.sys.open(TinyMachine.DIR + "/1", Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_SYNC, 0644);
        byte[] data = FileWriterTest.pattern(1, 5000);
        machine.write(fd, 0, data);
        assertArrayEquals(data, after(disk().durable(), 1));
    }

    @Test
    void whoReadsSynchronouslyReadsWhatIsDurable() throws Exception {
        int writer = machine.open(1);
        byte[] data = FileWriterTest.pattern(1, 5000);
        machine.write(writer, 0, data);
        String path = TinyMachine.DIR + "/1";
        int dataOnly = machine.sys.open(path, Fcntl.O_RDONLY | Fcntl.O_DSYNC | Fcntl.O_RSYNC, 0);
        machine.sys.read(dataOnly, new byte[100]);
        assertEquals(List.of(), disk().takeWrites());
        int both = machine.sys.open(path, Fcntl.O_RDONLY | Fcntl.O_SYNC | Fcntl.O_RSYNC, 0);
        machine.sys.read(both, new byte[100]);
        assertArrayEquals(data, after(disk().durable(), 1));
    }

    @Test
    void aSynchronousMountWritesDurably() throws Exception {
        machine.sys.mount(
                "tinyfs",
                TinyMachine.DIR,
                SysMount.MNT_UPDATE | SysMount.MNT_SYNCHRONOUS,
                new MountArgs.Device(TinyMachine.DEVICE));
        byte[] data = FileWriterTest.pattern(1, 5000);
        machine.write(machine.open(1), 0, data);
        assertArrayEquals(data, after(disk().durable(), 1));
    }

    @Test
    void syncMakesAllFilesDurable() throws Exception {
        for (int i = 0; i < 5; i++) {
            machine.write(machine.open(i), 0, FileWriterTest.pattern(i, 10_000));
        }
        machine.sys.sync();
        for (int i = 0; i < 5; i++) {
            assertArrayEquals(FileWriterTest.pattern(i, 10_000), after(disk().durable(), i));
        }
    }

    @Test
    void unmountingWritesEverythingBack() throws Exception {
        int fd = machine.open(1);
        machine.write(fd, 0, FileWriterTest.pattern(1, 300_000));
        machine.sys.close(fd);
        machine.unmount();
        assertArrayEquals(FileWriterTest.pattern(1, 300_000), after(disk().durable(), 1));
        machine.mount(0);
        assertArrayEquals(FileWriterTest.pattern(1, 300_000), machine.read(1));
    }

    @Test
    void haltingWritesEverythingBackAlsoOfFilesThatAreOpen() throws Exception {
        machine.write(machine.open(1), 0, FileWriterTest.pattern(1, 300_000));
        machine.close();
        assertArrayEquals(FileWriterTest.pattern(1, 300_000), after(disk().durable(), 1));
    }

    @Test
    void aFileThatIsForgottenIsWrittenBefore() throws Exception {
        machine.sys.sysctl("kern.maxvnodes", new SysctlValue.Int(4));
        for (int i = 0; i < TinyFs.FILES; i++) {
            int fd = machine.open(i);
            machine.write(fd, 0, FileWriterTest.pattern(i, 20_000));
            machine.sys.close(fd);
        }
        for (int i = 0; i < TinyFs.FILES; i++) {
            assertArrayEquals(FileWriterTest.pattern(i, 20_000), machine.read(i));
        }
    }

    @Test
    void aFileThatIsRemovedIsNotWritten() throws Exception {
        machine.sys.close(machine.open(1));
        machine.sys.sync();
        disk().takeEvents();
        int fd = machine.open(1);
        machine.write(fd, 0, FileWriterTest.pattern(1, 100_000));
        machine.sys.unlink(TinyMachine.DIR + "/1");
        machine.sys.close(fd);
        machine.sys.sync();
        assertEquals(
                List.of(),
                disk().takeWrites().stream()
                        .filter(write -> write.offset() >= (long) TinyFs.FILES * BLOCK)
                        .toList());
    }

    // Mounting read-only

    @Test
    void whileAFileIsOpenForWritingTheMountDoesNotBecomeReadOnly() throws Exception {
        int fd = machine.open(1);
        assertEquals(
                Errno.EBUSY,
                assertThrows(ErrnoException.class, () -> machine.makeReadOnly(0))
                        .errno());
        machine.write(fd, 0, new byte[10]);
        machine.sys.close(fd);
        int reader = machine.sys.open(TinyMachine.DIR + "/1", Fcntl.O_RDONLY, 0);
        machine.makeReadOnly(0);
        machine.sys.close(reader);
    }

    @Test
    void becomingReadOnlyWritesEverythingBack() throws Exception {
        int fd = machine.open(1);
        machine.write(fd, 0, FileWriterTest.pattern(1, 10_000));
        machine.makeReadOnly(SysMount.MNT_FORCE);
        assertArrayEquals(FileWriterTest.pattern(1, 10_000), after(disk().durable(), 1));
        assertEquals(
                Errno.EROFS,
                assertThrows(ErrnoException.class, () -> machine.write(fd, 0, new byte[10]))
                        .errno());
        disk().takeEvents();
        machine.sys.sync();
        machine.sys.close(fd);
        machine.unmount();
        assertEquals(List.of(), disk().takeWrites());
    }

    // Errors

    @Test
    void whatCannotBeWrittenIsToldByFsync() throws Exception {
        int fd = machine.open(1);
        machine.write(fd, 0, FileWriterTest.pattern(1, 10_000));
        disk().failsAt = _ -> true;
        machine.sys.sync();
        disk().failsAt = _ -> false;
        assertEquals(
                Errno.EIO,
                assertThrows(ErrnoException.class, () -> machine.sys.fsync(fd)).errno());
        machine.sys.fsync(fd);
        assertArrayEquals(FileWriterTest.pattern(1, 10_000), after(disk().durable(), 1));
    }

    @Test
    void aFlushThatFailsIsToldByFsync() throws Exception {
        int fd = machine.open(1);
        machine.write(fd, 0, new byte[10]);
        disk().failsFlush = true;
        assertEquals(
                Errno.EIO,
                assertThrows(ErrnoException.class, () -> machine.sys.fsync(fd)).errno());
    }

    @Test
    void aMountWhoseDiskIsBrokenIsUnmountedByForce() throws Exception {
        int fd = machine.open(1);
        machine.write(fd, 0, FileWriterTest.pattern(1, 10_000));
        machine.sys.close(fd);
        disk().failsAt = _ -> true;
        assertEquals(
                Errno.EIO,
                assertThrows(ErrnoException.class, () -> machine.unmount()).errno());
        assertThrows(ErrnoException.class, () -> machine.sys.unmount(TinyMachine.DIR, SysMount.MNT_FORCE));
        disk().failsAt = _ -> false;
        machine.mount(0);
    }

    /** Neither what is written behind nor what somebody else is just writing comes to a disk that is somebody else's by then. */
    @Test
    @Timeout(60)
    void aForcedUnmountWaitsForWritesThatAreUnderWay() throws Exception {
        byte[] data = FileWriterTest.pattern(1, 3 << 19);
        int fd = machine.open(1);
        disk().holds = true;
        machine.write(fd, 0, data);
        assertTrue(disk().heldBack() > 0, "writing behind has begun");
        disk().takeEvents();
        CompletableFuture<List<RecordingDisk.Event>> unmounted = CompletableFuture.supplyAsync(() -> {
            try {
                machine.sys.unmount(TinyMachine.DIR, SysMount.MNT_FORCE);
                return disk().takeEvents();
            } catch (ErrnoException e) {
                throw new AssertionError(e);
            }
        });
        Thread.sleep(50);
        assertFalse(unmounted.isDone());
        disk().holds = false;
        machine.kernel.inside(_ -> {
            disk().finishHeld();
            return disk();
        });
        assertEquals(new RecordingDisk.Close(), unmounted.get().getLast());
        machine.sys.sync();
        assertEquals(List.of(), disk().takeEvents());
        assertArrayEquals(data, after(disk().contents(), 1));
    }

    /** As a file without names is not written, there is nobody who waits for the write but who forgets its data. */
    @Test
    @Timeout(60)
    void aForcedUnmountWaitsForWritesOfFilesThatWereRemoved() throws Exception {
        int fd = machine.open(1);
        disk().holds = true;
        machine.write(fd, 0, new byte[3 << 19]);
        assertTrue(disk().heldBack() > 0, "writing behind has begun");
        machine.sys.unlink(TinyMachine.DIR + "/1");
        disk().failsAt = _ -> true;
        CompletableFuture<Errno> unmounted = CompletableFuture.supplyAsync(() -> assertThrows(
                        ErrnoException.class, () -> machine.sys.unmount(TinyMachine.DIR, SysMount.MNT_FORCE))
                .errno());
        Thread.sleep(50);
        assertFalse(unmounted.isDone());
        disk().holds = false;
        machine.kernel.inside(_ -> {
            disk().finishHeld();
            return disk();
        });
        assertEquals(Errno.EIO, unmounted.get());
        assertEquals(new RecordingDisk.Close(), disk().takeEvents().getLast());
        disk().failsAt = _ -> false;
        machine.sys.sync();
        assertEquals(List.of(), disk().takeEvents());
    }

    @Test
    @Timeout(60)
    void whoeverWritesMoreThanTheCacheHoldsToABrokenDiskIsToldSoAndDoesNotWaitForever() throws Exception {
        RecordingDisk broken = new RecordingDisk(TinyFs.image(DISK_BYTES));
        try (TinyMachine small = new TinyMachine(broken, "512k", NEVER)) {
            int first = small.open(1);
            broken.failsAt = _ -> true;
            ErrnoException e = assertThrows(ErrnoException.class, () -> {
                for (int file = 1; file < TinyFs.FILES; file++) {
                    int fd = small.open(file);
                    for (long at = 0; at < 150_000; at += 10_000) {
                        small.write(fd, at, new byte[10_000]);
                    }
                    small.sys.close(fd);
                }
                small.sys.fsync(first);
            });
            assertEquals(Errno.EIO, e.errno());
            assertThrows(ErrnoException.class, () -> small.sys.unmount(TinyMachine.DIR, SysMount.MNT_FORCE));
            assertEquals(
                    Errno.ENXIO,
                    assertThrows(ErrnoException.class, () -> small.write(first, 0, new byte[1]))
                            .errno());
        }
    }

    // The syncer

    @Test
    void whatIsDirtyIsSyncedByItselfAndThenThereIsNothingMoreToDo() throws Exception {
        machine.sys.sysctl("vfs.sync.delay", new SysctlValue.Int(0));
        byte[] data = FileWriterTest.pattern(1, 10_000);
        machine.write(machine.open(1), 0, data);
        for (int i = 0;
                !Arrays.equals(disk().contents(), disk().durable())
                        || disk().takeWrites().isEmpty();
                i++) {
            if (i > 2000) {
                fail("never synced");
            }
            Thread.sleep(5);
        }
        // Whatever was armed while it went on has come to its end.
        Thread.sleep(100);
        assertArrayEquals(data, after(disk().durable(), 1));
        disk().takeEvents();
        Thread.sleep(100);
        assertEquals(List.of(), disk().takeEvents());
    }

    @Test
    void aKernelWithoutThreadsWritesToo() throws Exception {
        machine.close();
        try (TestKernel kernel = TestKernel.builder()
                .environment("RUMP_THREADS", "0")
                .type(new TinyFs())
                .boot()) {
            assertFalse(kernel.kernel().kthreads().areAllowed());
            RecordingDisk disk = new RecordingDisk(4 << 20);
            WritableFile file = new WritableFile(kernel, new ScatteredFile(disk, BLOCK, null));
            file.write(0, FileWriterTest.pattern(1, 3 << 20));
            file.flush();
            assertArrayEquals(FileWriterTest.pattern(1, 3 << 20), file.source.onDisk());
        }
    }

    // Power cuts

    @Test
    void aPowerCutLosesNothingThatWasSynced() throws Exception {
        for (int seed = 0; seed < 40; seed++) {
            machine.close();
            powerCut(seed);
        }
    }

    /** Files that are changed at random; the power goes; what was synced and not changed afterwards is there, and nothing strange. */
    private void powerCut(int seed) throws Exception {
        Random random = new Random(seed);
        int files = 6;
        int max = 60 * BLOCK;
        machine = new TinyMachine(
                new RecordingDisk(TinyFs.image(DISK_BYTES)), random.nextBoolean() ? "512k" : "8m", NEVER);
        int[] fds = new int[files];
        byte[][] model = new byte[files][0];
        byte[][] synced = new byte[files][0];
        BitSet[] changed = new BitSet[files];
        for (int f = 0; f < files; f++) {
            fds[f] = machine.open(f);
            changed[f] = new BitSet();
            machine.sys.fsync(fds[f]);
        }
        disk().cutAfter(1 + random.nextInt(150), random);
        for (int step = 0; step < 80 && disk().leftByCut() == null; step++) {
            int f = random.nextInt(files);
            switch (random.nextInt(6)) {
                case 0, 1, 2 -> {
                    int offset = random.nextInt(max);
                    byte[] data = new byte[1 + random.nextInt(Math.min(max - offset, 40_000))];
                    Arrays.fill(data, (byte) (f * 16 + 1 + random.nextInt(15)));
                    int end = offset + data.length;
                    changed[f].set(Math.min(offset, model[f].length), end);
                    machine.write(fds[f], offset, data);
                    model[f] = Arrays.copyOf(model[f], Math.max(model[f].length, end));
                    System.arraycopy(data, 0, model[f], offset, data.length);
                }
                case 3 -> {
                    int size = random.nextInt(max);
                    changed[f].set(Math.min(size, model[f].length), max);
                    machine.sys.ftruncate(fds[f], size);
                    model[f] = Arrays.copyOf(model[f], size);
                }
                case 4 -> {
                    machine.sys.fsync(fds[f]);
                    if (disk().leftByCut() == null) {
                        synced[f] = model[f].clone();
                        changed[f].clear();
                    }
                }
                default -> {
                    if (random.nextInt(4) == 0) {
                        machine.sys.sync();
                        for (int i = 0; i < files && disk().leftByCut() == null; i++) {
                            synced[i] = model[i].clone();
                            changed[i].clear();
                        }
                    }
                }
            }
        }
        byte[] left = disk().leftByCut();
        byte[] image = left == null ? disk().powerCut(random) : left;
        try (TinyMachine next = new TinyMachine(new RecordingDisk(image), "8m", NEVER)) {
            for (int f = 0; f < files; f++) {
                byte[] found = next.read(f);
                for (int i = 0; i < synced[f].length; i++) {
                    if (!changed[f].get(i)) {
                        assertTrue(
                                i < found.length && found[i] == synced[f][i],
                                "seed " + seed + ": byte " + i + " of file " + f + " was synced");
                    }
                }
                for (byte b : found) {
                    assertTrue(b == 0 || b >> 4 == f, "seed " + seed + ": file " + f + " has a byte " + b);
                }
            }
        }
    }
}
