package org.rump4j.netbsd.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.Maps;
import org.rump4j.netbsd.Toolchain;
import org.rump4j.netbsd.link.Plan;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.Syscalls;

/** Kernels come and go, many at a time and many one after another, and leave nothing behind. */
final class LifetimeTest {
    private static final int KERNELS_AT_ONCE = 50;

    @TempDir
    Path dir;

    @BeforeAll
    static void needsABuild() {
        Path _ = Build.folder();
    }

    private static Plan plan() throws Exception {
        return Build.plan("rumpfs_ext2fs", "rumpfs_tmpfs", "rumpdev_disk", "rumpnet_netinet", "rumpnet_local");
    }

    private Path ext2Image() throws IOException {
        Path image = dir.resolve("image");
        String _ = Toolchain.run("mke2fs", "-q", "-F", "-t", "ext2", image.toString(), "2M");
        return image;
    }

    /** Boots one, and has it mount an image, with a process of its own that writes a file and reads it. */
    private static NetbsdKernel working(Plan plan, Path image) throws Exception {
        NetbsdKernel kernel = Build.boot(plan);
        kernel.etfs().register("/dev/disk", image.toString(), Etfs.Type.BLK);
        Syscalls sys = kernel.syscalls();
        sys.mkdir("/mnt", 0755);
        sys.mount("ext2fs", "/mnt", 0, new MountArgs.Device("/dev/disk"));
        int _ = kernel.lwproc().rfork(Lwproc.RFCFDG);
        int fd = sys.open("/mnt/file", Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_TRUNC, 0644);
        assertEquals(4, sys.write(fd, "work".getBytes(StandardCharsets.US_ASCII)));
        sys.fsync(fd);
        sys.close(fd);
        kernel.lwproc().releaselwp();
        return kernel;
    }

    @Test
    void fiftyAtOnceEachMountAndWork() throws Exception {
        Plan plan = plan();
        Path image = ext2Image();
        List<NetbsdKernel> kernels = new ArrayList<>();
        List<Path> images = new ArrayList<>();
        for (int i = 0; i < KERNELS_AT_ONCE; i++) {
            images.add(Files.copy(image, dir.resolve("image" + i)));
            kernels.add(working(plan, images.getLast()));
        }
        for (int i = 0; i < KERNELS_AT_ONCE; i++) {
            Syscalls sys = kernels.get(i).syscalls();
            sys.mkdir("/mnt/of" + i, 0755);
            byte[] buf = new byte[10];
            int fd = sys.open("/mnt/file", Fcntl.O_RDONLY, 0);
            assertEquals(4, sys.read(fd, buf));
            assertArrayEquals("work".getBytes(StandardCharsets.US_ASCII), java.util.Arrays.copyOf(buf, 4));
            sys.close(fd);
        }
        for (NetbsdKernel kernel : kernels) {
            kernel.halt();
            assertNull(kernel.failure());
        }
        for (int i = 0; i < KERNELS_AT_ONCE; i++) {
            String _ = Toolchain.run("e2fsck", "-fn", images.get(i).toString());
            String listing = Toolchain.run("debugfs", "-R", "ls", images.get(i).toString());
            assertTrue(listing.contains("of" + i + " "), listing);
        }
    }

    @Test
    void whatBootsWorksAndHaltsLeavesNothing() throws Exception {
        leavesNothing(40);
    }

    @Test
    @Tag("nightly")
    void whatDoesSoAThousandTimesLeavesNothing() throws Exception {
        leavesNothing(1000);
    }

    /** What a process has, beside what the heap of Java does with itself. */
    record Footprint(long residentBytes, long heapBytes, int threads, int mappings, int descriptors, int keys) {
        static Footprint now() throws Exception {
            for (int i = 0; i < 3; i++) {
                System.gc();
                Thread.sleep(50);
            }
            return new Footprint(
                    resident(), heap(), entries("/proc/self/task"), Maps.count(), entries("/proc/self/fd"), freeKeys());
        }

        /** Of what is not the heap of Java, which lies where 32 bits can address its words. */
        private static long resident() throws IOException {
            long bytes = 0;
            boolean counted = false;
            for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
                if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                    counted = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16) >= 32L << 30;
                } else if (counted && line.startsWith("Rss:")) {
                    bytes += 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
            return bytes;
        }

        private static long heap() {
            return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        }

        private static int entries(String directory) throws IOException {
            try (Stream<Path> entries = Files.list(Path.of(directory))) {
                return (int) entries.count();
            }
        }

        /** How many keys of threads the C library has left. */
        private static int freeKeys() throws Exception {
            Linker linker = Linker.nativeLinker();
            MethodHandle create = linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("pthread_key_create"),
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
            MethodHandle delete = linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("pthread_key_delete"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT));
            List<Integer> keys = new ArrayList<>();
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment key = arena.allocate(JAVA_INT);
                while ((int) create.invokeExact(key, MemorySegment.NULL) == 0) {
                    keys.add(key.get(JAVA_INT, 0));
                }
                for (int k : keys) {
                    int _ = (int) delete.invokeExact(k);
                }
            } catch (Exception | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
            return keys.size();
        }
    }

    private void leavesNothing(int times) throws Exception {
        Plan plan = plan();
        Path image = ext2Image();
        for (int i = 0; i < 10; i++) {
            working(plan, image).halt();
        }
        Footprint before = Footprint.now();
        for (int i = 0; i < times; i++) {
            NetbsdKernel kernel = working(plan, image);
            kernel.halt();
            assertNull(kernel.failure());
        }
        Footprint after = Footprint.now();
        String both = before + ", then " + after;
        // The compiler of the JVM and the C library's allocator take some more, whatever is done.
        assertTrue(after.residentBytes - before.residentBytes < 64 << 20, both);
        assertTrue(after.heapBytes - before.heapBytes < 8 << 20, both);
        assertTrue(after.threads - before.threads < 8, both);
        assertTrue(after.mappings - before.mappings < 100, both);
        assertTrue(after.descriptors - before.descriptors < 4, both);
        assertEquals(before.keys, after.keys, both);
        String _ = Toolchain.run("e2fsck", "-fn", image.toString());
    }
}
