package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.Syscalls;
import org.rump4j.rump.SysctlValue;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** How vnodes come, stay and go: bounds, forced unmounts in the middle of everything, file systems that make no sense. */
@Timeout(60)
class VnodeLifeTest {
    private final HookFs fs = new HookFs();
    private TestKernel kernel;
    private Syscalls sys;

    /** Whether threads wait for one another, so that the kernel cannot be halted. */
    private boolean stuck;

    private final List<Throwable> failures = new ArrayList<>();

    @BeforeEach
    void boot() throws Exception {
        kernel = TestKernel.builder().environment("RUMP_NCPU", "4").type(fs).boot();
        sys = kernel.handle().syscalls();
        sys.mkdir("/m", 0755);
    }

    @AfterEach
    void halt() {
        if (!stuck) {
            kernel.close();
        }
    }

    private interface Body {
        void run() throws Exception;
    }

    private static void fails(Errno errno, Body body) {
        ErrnoException e = assertThrows(ErrnoException.class, body::run);
        assertEquals(errno, e.errno(), e::toString);
    }

    private Thread start(Body body) {
        return Thread.ofPlatform().daemon().start(() -> {
            try {
                body.run();
            } catch (Throwable t) {
                synchronized (failures) {
                    failures.add(t);
                }
            }
        });
    }

    private void mount() throws ErrnoException {
        sys.mount("hookfs", "/m", 0, new MountArgs.Memory());
    }

    private int count(String name) throws ErrnoException {
        return ((SysctlValue.Int) sys.sysctl(name)).value();
    }

    /** Sees that threads end, and that nothing went wrong in any. */
    private void join(Thread... threads) throws InterruptedException {
        for (Thread thread : threads) {
            stuck |= !thread.join(Duration.ofSeconds(20));
        }
        assertFalse(stuck, "threads wait for one another");
        assertEquals(List.of(), failures);
    }

    /** Lets another thread go first: until it waits for somebody, or long has passed. */
    private static void awaitThread(Thread thread) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (thread.getState() != Thread.State.WAITING && System.nanoTime() < end) {
            Thread.sleep(1);
        }
    }

    private void await(CountDownLatch latch) {
        int cookie = kernel.kernel().host().componentUnschedule();
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            kernel.kernel().host().componentSchedule(cookie);
        }
    }

    // Bounds

    @Test
    void thereAreNoMoreVnodesThanTheLimitUnlessTheyAreInUse() throws Exception {
        sys.sysctl("kern.maxvnodes", new SysctlValue.Int(50));
        for (int i = 0; i < 300; i++) {
            sys.mkdir("/d" + i, 0755);
        }
        assertTrue(count("vfs.generic.vnodes") <= 50);
        List<Integer> fds = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            fds.add(sys.open("/d" + i, Fcntl.O_RDONLY, 0));
        }
        assertTrue(count("vfs.generic.vnodes") >= 100);
        for (int fd : fds) {
            sys.close(fd);
        }
        assertTrue(count("vfs.generic.vnodes") <= 50);
        for (int i = 0; i < 300; i++) {
            assertTrue(sys.stat("/d" + i).isDirectory());
        }
    }

    @Test
    void aLowerLimitHoldsAtOnce() throws Exception {
        for (int i = 0; i < 300; i++) {
            sys.mkdir("/d" + i, 0755);
        }
        assertTrue(count("vfs.generic.vnodes") > 300);
        sys.sysctl("kern.maxvnodes", new SysctlValue.Int(10));
        assertEquals(10, count("vfs.generic.vnodes"));
        fails(Errno.EINVAL, () -> sys.sysctl("kern.maxvnodes", new SysctlValue.Int(0)));
    }

    @Test
    void aVnodeThatIsStillThereIsFoundAgain() throws Exception {
        fs.file(10).entry(HookFs.ROOT, "f", 10);
        mount();
        for (int i = 0; i < 5; i++) {
            sys.stat("/m/f");
        }
        assertEquals(2, fs.loads.get());
        sys.unmount("/m", 0);
        assertEquals(2, fs.reclaims.get());
        assertEquals(1, fs.unmounts.get());
    }

    @Test
    void aFileThatDoesNotComeToLifeLeavesNothing() throws Exception {
        fs.entry(HookFs.ROOT, "none", 99).file(10).entry(HookFs.ROOT, "broken", 10);
        fs.onLoad.put(10L, () -> {
            throw Errno.EIO.exception("broken");
        });
        mount();
        int before = count("vfs.generic.vnodes");
        fails(Errno.ENOENT, () -> sys.stat("/m/none"));
        fails(Errno.EIO, () -> sys.stat("/m/broken"));
        assertTrue(count("vfs.generic.vnodes") <= before + 1);
        fs.onLoad.clear();
        sys.stat("/m/broken");
        sys.unmount("/m", 0);
    }

    @Test
    void manyWaitForOneFileToComeToLife() throws Exception {
        fs.file(10).entry(HookFs.ROOT, "f", 10);
        CountDownLatch go = new CountDownLatch(1);
        fs.onLoad.put(10L, () -> await(go));
        mount();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            threads.add(start(() -> sys.stat("/m/f")));
        }
        for (Thread thread : threads) {
            awaitThread(thread);
        }
        go.countDown();
        join(threads.toArray(Thread[]::new));
        assertEquals(2, fs.loads.get());
        sys.unmount("/m", 0);
    }

    // Unmounting in the middle of something

    @Test
    void aForcedUnmountDoesNotWaitForWhoWaitsForIt() throws Exception {
        // Some of the directories go before the file that is in them, and some behind it.
        for (long d = 5; d < 15; d++) {
            String directory = "/m/d" + d;
            fs.directory(d, HookFs.ROOT).entry(HookFs.ROOT, "d" + d, d);
            fs.file(20).entry(d, "f", 20).entry(d, "g", 20);
            mount();
            int held = sys.open(directory + "/f", Fcntl.O_RDONLY, 0);
            CountDownLatch inside = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            fs.onLookup.put(d, () -> {
                inside.countDown();
                await(go);
            });
            Thread lookup = start(() -> fails(Errno.ENXIO, () -> sys.stat(directory + "/g")));
            inside.await();
            Mount mount = kernel.inside(_ -> kernel.vfs().mounts().getLast());
            Thread unmounter = start(() -> sys.unmount("/m", SysMount.MNT_FORCE));
            while (!kernel.inside(_ -> isUnmounting(mount))) {
                Thread.sleep(1);
            }
            go.countDown();
            join(lookup, unmounter);
            fails(Errno.ENXIO, () -> sys.read(held, new byte[1]));
            sys.close(held);
            assertEquals(fs.loads.get(), fs.reclaims.get());
        }
    }

    private boolean isUnmounting(Mount mount) {
        kernel.vfs().vnodes().lock();
        boolean unmounting = mount.unmounting;
        kernel.vfs().vnodes().unlock();
        return unmounting;
    }

    /**
     * A rename of one directory over its neighbour locks both; so does one from the one into the other. The latter comes first
     * and has all but one lock when the former comes.
     */
    @Test
    void renamesOfAndBetweenTwoDirectoriesDoNotWaitForOneAnother() throws Exception {
        fs.directory(5, HookFs.ROOT)
                .directory(6, HookFs.ROOT)
                .file(10)
                .entry(5, "x", 10)
                .entry(6, "x", 10);
        fs.entry(HookFs.ROOT, "a", 5).entry(HookFs.ROOT, "b", 6);
        mount();
        for (List<String> names : List.of(List.of("/m/a", "/m/b"), List.of("/m/b", "/m/a"))) {
            String from = names.get(0);
            String to = names.get(1);
            sys.stat(from);
            long held = sys.stat(to).ino();
            CountDownLatch inside = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            fs.onLookup.put(held, () -> {
                if (inside.getCount() > 0) {
                    inside.countDown();
                    await(go);
                }
            });
            Thread holder = start(() -> fails(Errno.ENOENT, () -> sys.stat(to + "/none")));
            inside.await();
            Thread between = start(() -> fails(Errno.EROFS, () -> sys.rename(to + "/x", from + "/y")));
            awaitThread(between);
            Thread over = start(() -> fails(Errno.EROFS, () -> sys.rename(from, to)));
            awaitThread(over);
            go.countDown();
            join(holder, between, over);
        }
        sys.unmount("/m", 0);
    }

    @Test
    void aForcedUnmountWaitsForWhatIsUnderWay() throws Exception {
        fs.file(10).entry(HookFs.ROOT, "f", 10);
        mount();
        int fd = sys.open("/m/f", Fcntl.O_RDONLY, 0);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        fs.onRead.put(10L, () -> {
            inside.countDown();
            await(go);
        });
        Thread reader = start(() -> assertEquals(5, sys.read(fd, new byte[5])));
        inside.await();
        Thread unmounter = start(() -> sys.unmount("/m", SysMount.MNT_FORCE));
        awaitThread(unmounter);
        assertEquals(0, fs.unmounts.get());
        go.countDown();
        join(reader, unmounter);
        assertEquals(1, fs.unmounts.get());
        fails(Errno.ENXIO, () -> sys.read(fd, new byte[5]));
        fails(Errno.ENXIO, () -> sys.lseek(fd, 0, Fcntl.SEEK_END));
        fails(Errno.ENXIO, () -> sys.fstat(fd));
        sys.close(fd);
    }

    @Test
    void anUnmountThatFailsDisturbsNobody() throws Exception {
        fs.directory(5, HookFs.ROOT).entry(HookFs.ROOT, "d", 5);
        for (int i = 0; i < 50; i++) {
            fs.file(10 + i).entry(5, "f" + i, 10 + i);
        }
        mount();
        int fd = sys.open("/m/d", Fcntl.O_RDONLY, 0);
        sys.sysctl("kern.maxvnodes", new SysctlValue.Int(5));
        Thread unmounter = start(() -> {
            for (int i = 0; i < 300; i++) {
                fails(Errno.EBUSY, () -> sys.unmount("/m", 0));
            }
        });
        Thread looker = start(() -> {
            for (int i = 0; i < 3000; i++) {
                sys.stat("/m/d/f" + i % 50);
            }
        });
        join(unmounter, looker);
        sys.close(fd);
        sys.unmount("/m", 0);
    }

    @Test
    void whoComesDuringAnUnmountFindsTheMountOrWhatItCovered() throws Exception {
        sys.mkdir("/m/covered", 0755);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        mount();
        int root = sys.open("/m", Fcntl.O_RDONLY, 0);
        fs.onRead.put(10L, () -> {
            inside.countDown();
            await(go);
        });
        fs.file(10).entry(HookFs.ROOT, "f", 10);
        int fd = sys.open("/m/f", Fcntl.O_RDONLY, 0);
        Thread reader = start(() -> sys.read(fd, new byte[1]));
        inside.await();
        Thread unmounter = start(() -> sys.unmount("/m", SysMount.MNT_FORCE));
        awaitThread(unmounter);
        Thread looker = start(() -> assertTrue(sys.stat("/m/covered").isDirectory()));
        awaitThread(looker);
        go.countDown();
        join(reader, unmounter, looker);
        sys.close(fd);
        sys.close(root);
    }

    @Test
    void aFileSystemThatCannotBeSyncedStaysUnlessByForce() throws Exception {
        fs.onSync = () -> {
            throw Errno.EIO.exception("no");
        };
        mount();
        fails(Errno.EIO, () -> sys.unmount("/m", 0));
        sys.stat("/m");
        sys.sync();
        sys.unmount("/m", SysMount.MNT_FORCE);
        assertEquals(1, fs.unmounts.get());
    }

    @Test
    void haltUnmountsWhatIsInUse() throws Exception {
        fs.file(10).entry(HookFs.ROOT, "f", 10);
        mount();
        sys.open("/m/f", Fcntl.O_RDONLY, 0);
        kernel.close();
        assertEquals(1, fs.unmounts.get());
        assertEquals(fs.loads.get(), fs.reclaims.get());
    }

    // File systems that make no sense

    @Test
    void directoriesThatLeadUpInACircleAreAnError() throws Exception {
        fs.directory(5, 6).directory(6, 5).entry(HookFs.ROOT, "a", 5).entry(HookFs.ROOT, "b", 6);
        fs.entry(6, "x", 5).entry(5, "y", 6).directory(7, HookFs.ROOT).entry(HookFs.ROOT, "c", 7);
        mount();
        sys.chdir("/m/a");
        fails(Errno.EIO, sys::getcwd);
        sys.stat("../../../../..");
        fails(Errno.EIO, () -> sys.rename("/m/a/y", "/m/c/z"));
        fails(Errno.EIO, () -> sys.rename("/m/c/z", "/m/a/y"));
        sys.chdir("/");
        sys.unmount("/m", 0);
    }

    @Test
    void aDirectoryInItselfIsAnError() throws Exception {
        fs.directory(5, HookFs.ROOT)
                .entry(HookFs.ROOT, "a", 5)
                .entry(5, "self", 5)
                .entry(5, "up", HookFs.ROOT);
        fs.file(10).entry(5, "f", 10);
        mount();
        assertEquals(5, sys.stat("/m/a/self/self/self").ino());
        fails(Errno.EIO, () -> sys.rmdir("/m/a/self"));
        fails(Errno.EIO, () -> sys.rename("/m/a/self", "/m/a/x"));
        fails(Errno.EISDIR, () -> sys.rename("/m/a/f", "/m/a/self"));
        for (String name : List.of("/m/a/up", "/m/a/up/a", "/m/a/self/up")) {
            assertThrows(ErrnoException.class, () -> sys.rename(name, "/m/x"));
            assertThrows(ErrnoException.class, () -> sys.rmdir(name));
            assertThrows(ErrnoException.class, () -> sys.rename(name, "/m/a/y"));
        }
        sys.unmount("/m", 0);
    }

    @Test
    void aDotDotThatIsNotThereOrNoDirectoryIsAnError() throws Exception {
        fs.directory(5, 99).file(10).directory(6, 10);
        fs.entry(HookFs.ROOT, "a", 5).entry(HookFs.ROOT, "b", 6);
        mount();
        fails(Errno.ENOENT, () -> sys.stat("/m/a/.."));
        fails(Errno.ENOTDIR, () -> sys.stat("/m/b/../x"));
        sys.chdir("/m/b");
        assertThrows(ErrnoException.class, sys::getcwd);
        sys.chdir("/");
        assertThrows(ErrnoException.class, () -> sys.rename("/m/a/x", "/m/b/y"));
        sys.unmount("/m", 0);
        assertFalse(fs.loads.get() > fs.reclaims.get());
    }
}
