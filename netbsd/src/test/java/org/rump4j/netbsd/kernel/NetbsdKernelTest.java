package org.rump4j.netbsd.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.link.Plan;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.KernelDownException;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.Syscalls;
import org.rump4j.rump.SysctlValue;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.real.RealHost;

/** NetBSD's own kernel boots, works, halts and is booted again, many at a time. */
final class NetbsdKernelTest {
    @TempDir
    Path dir;

    @BeforeAll
    static void needsABuild() {
        Path _ = Build.folder();
    }

    private static Plan fileSystems() throws Exception {
        return Build.plan("rumpfs_ffs", "rumpfs_ext2fs", "rumpfs_tmpfs", "rumpdev_disk");
    }

    @Test
    void theBaseAloneBootsAndHalts() throws Exception {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        RealHost host = RealHost.builder()
                .console(console)
                .environment("RUMP_VERBOSE", "1")
                .build();
        NetbsdKernel kernel = NetbsdKernel.boot(Build.plan("rump"), host);
        assertEquals(1, kernel.syscalls().getpid());
        assertTrue(kernel.isUp());
        assertEquals("NetBSD", kernel.syscalls().sysctl("kern.ostype").toString());
        assertEquals(2, ((SysctlValue.Int) kernel.syscalls().sysctl("hw.ncpu")).value());
        assertTrue(kernel.syscalls().sysctlQuery("kern").contains("hostname"));
        kernel.halt();
        assertFalse(kernel.isUp());
        assertNull(kernel.failure());
        String said = console.toString(StandardCharsets.UTF_8);
        assertTrue(said.contains("NetBSD"), said);
        assertTrue(said.endsWith("halted\n"), said);
        assertThrows(KernelDownException.class, () -> kernel.syscalls().getpid());
        kernel.halt();
    }

    @Test
    void severalKernelsShareNothing() throws Exception {
        Plan plan = fileSystems();
        List<NetbsdKernel> kernels = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            NetbsdKernel kernel = Build.boot(plan);
            kernels.add(kernel);
            kernel.syscalls().mkdir("/only" + i, 0755);
        }
        for (int i = 0; i < 4; i++) {
            Set<String> names = names(kernels.get(i).syscalls(), "/");
            for (int j = 0; j < 4; j++) {
                assertEquals(i == j, names.contains("only" + j), names.toString());
            }
        }
        kernels.get(0).halt();
        assertEquals(1, kernels.get(1).syscalls().getpid());
        for (NetbsdKernel kernel : kernels) {
            kernel.halt();
        }
    }

    private static Set<String> names(Syscalls sys, String path) throws ErrnoException {
        Set<String> out = new TreeSet<>();
        int fd = sys.open(path, Fcntl.O_RDONLY, 0);
        List<Dirent> some = sys.getdents(fd);
        while (!some.isEmpty()) {
            some.forEach(d -> out.add(d.name()));
            some = sys.getdents(fd);
        }
        sys.close(fd);
        return out;
    }

    private Path ext2Image() throws Exception {
        Path image = dir.resolve("image");
        try (RandomAccessFile f = new RandomAccessFile(image.toFile(), "rw")) {
            f.setLength(16 << 20);
        }
        run("mke2fs", "-q", "-F", "-t", "ext2", image.toString());
        return image;
    }

    private static void run(String tool, String... arguments) throws Exception {
        Path found = null;
        for (String folder : List.of("/sbin", "/usr/sbin")) {
            if (Files.isExecutable(Path.of(folder, tool))) {
                found = Path.of(folder, tool);
            }
        }
        Assumptions.assumeTrue(found != null, tool + " is not installed");
        List<String> command = new ArrayList<>();
        command.add(String.valueOf(found));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
    }

    private static NetbsdKernel mounted(Plan plan, Path image, boolean readOnly) throws Exception {
        NetbsdKernel kernel = Build.boot(plan);
        kernel.etfs().register("/dev/disk", image.toString(), Etfs.Type.BLK, 0, Etfs.SIZE_ENDOFF, readOnly);
        assertEquals("ext2fs", kernel.probe("/dev/disk"));
        kernel.syscalls().mkdir("/mnt", 0755);
        kernel.syscalls()
                .mount("ext2fs", "/mnt", readOnly ? SysMount.MNT_RDONLY : 0, new MountArgs.Device("/dev/disk"));
        return kernel;
    }

    @Test
    void anExt2ImageIsWrittenAndReadByTheNextKernel() throws Exception {
        Plan plan = fileSystems();
        Path image = ext2Image();
        byte[] data = new byte[300_000];
        new Random(1).nextBytes(data);
        NetbsdKernel first = mounted(plan, image, false);
        Syscalls sys = first.syscalls();
        int fd = sys.open("/mnt/file", Fcntl.O_CREAT | Fcntl.O_RDWR, 0640);
        assertEquals(data.length, sys.write(fd, data));
        sys.fsync(fd);
        Stat stat = sys.fstat(fd);
        assertEquals(data.length, stat.size());
        assertEquals(0100640, stat.mode());
        assertEquals(1, stat.nlink());
        assertTrue(Math.abs(stat.mtime().sec() - System.currentTimeMillis() / 1000) < 600, stat.toString());
        sys.close(fd);
        sys.symlink("file", "/mnt/link");
        sys.mkdir("/mnt/d", 0700);
        sys.rename("/mnt/link", "/mnt/d/link");
        first.halt();
        assertNull(first.failure());
        run("e2fsck", "-fn", image.toString());

        NetbsdKernel second = mounted(plan, image, true);
        sys = second.syscalls();
        assertEquals("file", sys.readlink("/mnt/d/link"));
        assertTrue(names(sys, "/mnt").containsAll(List.of(".", "..", "d", "file")));
        fd = sys.open("/mnt/file", Fcntl.O_RDONLY, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buf = arena.allocate(data.length + 10);
            assertEquals(data.length, sys.read(fd, buf));
            assertArrayEquals(data, buf.asSlice(0, data.length).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
        }
        byte[] part = new byte[1000];
        assertEquals(1000, sys.pread(fd, part, 200_000));
        assertArrayEquals(Arrays.copyOfRange(data, 200_000, 201_000), part);
        byte[] a = new byte[3];
        byte[] b = new byte[5];
        assertEquals(8, sys.preadv(fd, 100, MemorySegment.ofArray(a), MemorySegment.ofArray(b)));
        assertEquals(data[102], a[2]);
        assertEquals(data[103], b[0]);
        assertEquals("/mnt", sys.statvfs1("/mnt/file", SysMount.ST_WAIT).mntonname());
        assertEquals("ext2fs", sys.statvfs1("/mnt", SysMount.ST_WAIT).fstypename());
        assertEquals(Errno.EROFS, errno(() -> second.syscalls().mkdir("/mnt/no", 0755)));
        second.halt();
    }

    /** A call that must fail. */
    private interface Failing {
        void call() throws ErrnoException;
    }

    private static Errno errno(Failing call) {
        return assertThrows(ErrnoException.class, call::call).errno();
    }

    @Test
    void aReadOnlyImageIsNotOpenedForWriting() throws Exception {
        Path image = ext2Image();
        byte[] before = Files.readAllBytes(image);
        NetbsdKernel kernel = mounted(fileSystems(), image, true);
        Syscalls sys = kernel.syscalls();
        sys.unmount("/mnt", 0);
        assertEquals(Errno.EACCES, errno(() -> sys.mount("ext2fs", "/mnt", 0, new MountArgs.Device("/dev/disk"))));
        kernel.halt();
        assertArrayEquals(before, Files.readAllBytes(image));
    }

    @Test
    void aThreadHasAProcessOfItsOwn() throws Exception {
        NetbsdKernel kernel = Build.boot(fileSystems());
        Lwproc lwproc = kernel.lwproc();
        assertNull(lwproc.curlwp());
        int pid = lwproc.rfork(Lwproc.RFCFDG);
        assertEquals(pid, kernel.syscalls().getpid());
        assertTrue(pid > 1, "pid " + pid);
        assertEquals(1, kernel.syscalls().getppid());
        var lwp = lwproc.curlwp();
        lwproc.switchTo(null);
        assertEquals(1, kernel.syscalls().getpid());
        lwproc.switchTo(lwp);
        assertEquals(pid, kernel.syscalls().getpid());
        lwproc.releaselwp();
        assertEquals(Errno.ESRCH, errno(() -> lwproc.newlwp(4711)));
        kernel.halt();
    }

    @Test
    void errorsAreNetbsds() throws Exception {
        NetbsdKernel kernel = Build.boot(fileSystems());
        Syscalls sys = kernel.syscalls();
        assertEquals(Errno.ENOENT, errno(() -> sys.open("/none", 0, 0)));
        assertEquals(Errno.EBADF, errno(() -> sys.close(77)));
        sys.mkdir("/full", 0755);
        sys.mkdir("/full/in", 0755);
        assertEquals(Errno.ENOTEMPTY, errno(() -> sys.rmdir("/full")));
        assertEquals(Errno.ENAMETOOLONG, errno(() -> sys.stat("/" + "x".repeat(300))));
        assertEquals(Errno.ENOENT, errno(() -> kernel.etfs().register("/dev/x", dir + "/none", Etfs.Type.BLK)));
        kernel.halt();
    }

    /** How often a thread of that name has gone to sleep, where it sleeps; something else each time where it does not. */
    private static String sleeping(String name) throws IOException {
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                if (Files.readString(task.resolve("comm")).strip().equals(name)) {
                    String status = Files.readString(task.resolve("status"));
                    if (status.contains("\nState:\tS")) {
                        return status.substring(status.indexOf("voluntary_ctxt_switches"));
                    }
                }
            }
        } catch (NoSuchFileException e) {
            // Some thread has ended meanwhile.
        }
        return "awake at " + System.nanoTime();
    }

    @Test
    void haltingWakesAThreadThatIsBlocked() throws Exception {
        NetbsdKernel kernel = Build.boot(Build.plan("rumpvfs"));
        Throwable[] thrown = new Throwable[1];
        int[] pipe = kernel.syscalls().pipe2(0);
        Thread reader = Thread.ofPlatform().name("pipe reader").start(() -> {
            try {
                int _ = kernel.syscalls().read(pipe[0], new byte[1]);
            } catch (ErrnoException | RuntimeException e) {
                thrown[0] = e;
            }
        });
        // In the kernel there is nothing but the read that it can sleep in, for long.
        for (String before = ""; !before.equals(sleeping("pipe reader")); ) {
            assertTrue(reader.isAlive(), () -> "the pipe was read: " + thrown[0]);
            before = sleeping("pipe reader");
            Thread.sleep(50);
        }
        assertTrue(Arrays.stream(reader.getStackTrace())
                .anyMatch(f -> f.getMethodName().equals("read")));
        kernel.halt();
        reader.join();
        assertTrue(thrown[0] instanceof KernelDownException, String.valueOf(thrown[0]));
    }

    @Test
    void aKernelIsBootedByTheNameOfItsFolder() throws Exception {
        try (RumpKernel kernel = RumpKernel.boot("netbsd:" + Build.folder() + ",rumpfs_tmpfs", Build.host(Map.of()))) {
            kernel.syscalls().mkdir("/t", 0755);
            kernel.syscalls().mount("tmpfs", "/t", 0, new MountArgs.Memory());
            assertEquals(
                    "tmpfs", kernel.syscalls().statvfs1("/t", SysMount.ST_WAIT).fstypename());
        }
        ErrnoException none =
                assertThrows(ErrnoException.class, () -> RumpKernel.boot("netbsd:" + dir, Build.host(Map.of())));
        assertEquals(Errno.ENOENT, none.errno());
    }

    @Test
    void allFileSystemsOfAFolderAreTaken() throws IOException, ErrnoException {
        try (RumpKernel kernel = RumpKernel.boot("netbsd:" + Build.folder(), Build.host(Map.of()))) {
            assertEquals(1, kernel.syscalls().getpid());
        }
    }
}
