package org.rump4j.dev;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.kern.Component;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rump.suite.OtherLwp;
import org.rump4j.rumpuser.Errno;

/** What of the devices is the java kernel's own. */
class DevTest {
    private final DeviceKernel kind = new DeviceKernel();
    private RumpKernel kernel;
    private Syscalls sys;

    @BeforeEach
    void boot() throws Exception {
        kernel = kind.boot(Map.of("RUMP_NCPU", "4"));
        sys = kernel.syscalls();
        kernel.lwproc().rfork(Lwproc.RFCFDG);
    }

    @AfterEach
    void halt() {
        kernel.halt();
    }

    @Test
    void theNodesHaveTheModesOfMakedev() throws Exception {
        Map<String, Integer> modes = new TreeMap<>();
        int dir = sys.open("/dev", Fcntl.O_RDONLY, 0);
        for (Dirent entry : sys.getdents(dir)) {
            if (!entry.name().startsWith(".")) {
                Stat stat = sys.stat("/dev/" + entry.name());
                assertEquals(SysStat.S_IFCHR, stat.mode() & SysStat.S_IFMT, entry.name());
                assertEquals(0, stat.uid());
                assertEquals(0, stat.gid());
                modes.put(entry.name(), stat.mode() & SysStat.ALLPERMS);
            }
        }
        assertEquals(
                Map.of(
                        "console", 0600, "tty", 0666, "null", 0666, "zero", 0666, "full", 0666, "random", 0444,
                        "urandom", 0644),
                modes);
        assertEquals(SysStat.S_IFDIR | 0755, sys.stat("/dev").mode());
    }

    @Test
    void theMinorNumbersAreNetbsds() throws Exception {
        assertEquals(2, SysStat.minor(sys.stat("/dev/null").rdev()));
        assertEquals(11, SysStat.minor(sys.stat("/dev/full").rdev()));
        assertEquals(12, SysStat.minor(sys.stat("/dev/zero").rdev()));
        assertEquals(0, SysStat.minor(sys.stat("/dev/random").rdev()));
        assertEquals(1, SysStat.minor(sys.stat("/dev/urandom").rdev()));
        assertEquals(
                4,
                new TreeSet<>(List.of(
                                SysStat.major(sys.stat("/dev/null").rdev()),
                                SysStat.major(sys.stat("/dev/random").rdev()),
                                SysStat.major(sys.stat("/dev/console").rdev()),
                                SysStat.major(sys.stat("/dev/tty").rdev())))
                        .size());
    }

    @Test
    void aDeviceIsItsNumberWhateverItsNameIs() throws Exception {
        sys.mknod("/nothing", SysStat.S_IFCHR | 0600, sys.stat("/dev/null").rdev());
        int fd = sys.open("/nothing", Fcntl.O_RDWR, 0);
        assertEquals(3, sys.write(fd, new byte[3]));
        assertEquals(0, sys.read(fd, new byte[3]));
    }

    @Test
    void thereAreNoOtherMinors() throws Exception {
        int i = 0;
        for (String name : List.of("null", "random", "console")) {
            int major = SysStat.major(sys.stat("/dev/" + name).rdev());
            String path = "/odd" + i++;
            sys.mknod(path, SysStat.S_IFCHR | 0600, SysStat.makedev(major, 200));
            assertErrno(Errno.ENXIO, () -> sys.open(path, Fcntl.O_RDONLY, 0));
        }
    }

    @Test
    void nobodyHasAControllingTerminal() {
        assertErrno(Errno.ENXIO, () -> sys.open("/dev/tty", Fcntl.O_RDWR, 0));
    }

    @Test
    void theConsolePrintsOnTheHosts() throws Exception {
        int fd = sys.open("/dev/console", Fcntl.O_WRONLY, 0);
        byte[] text = "login: ä\n".getBytes(StandardCharsets.UTF_8);
        assertEquals(text.length, sys.write(fd, text));
        assertEquals("login: ä\n", kind.consoleText());
        byte[] much = new byte[10_000];
        Arrays.fill(much, (byte) '.');
        assertEquals(much.length, sys.write(fd, much));
        assertEquals("login: ä\n" + ".".repeat(much.length), kind.consoleText());
    }

    @Test
    void whatManyPrintOnTheConsoleIsNotMixed() throws Exception {
        int lines = 200;
        OtherLwp<?>[] writers = new OtherLwp<?>[3];
        Arrays.setAll(
                writers,
                i -> OtherLwp.start(kernel, () -> {
                    int fd = sys.open("/dev/console", Fcntl.O_WRONLY, 0);
                    byte[] line = ("line of writer " + i + "\n").getBytes(StandardCharsets.UTF_8);
                    for (int k = 0; k < lines; k++) {
                        sys.write(fd, line);
                    }
                    return true;
                }));
        for (OtherLwp<?> writer : writers) {
            writer.join();
        }
        List<String> printed = kind.consoleText().lines().toList();
        assertEquals(writers.length * lines, printed.size());
        for (String line : printed) {
            assertTrue(line.matches("line of writer [0-2]"), line);
        }
    }

    @Test
    void theConsoleIsATerminalOfUnknownSize() throws Exception {
        int fd = sys.open("/dev/console", Fcntl.O_RDWR, 0);
        byte[] termios = new byte[44];
        assertEquals(0, sys.ioctl(fd, 0x402c7413L, MemorySegment.ofArray(termios)));
        assertEquals(9600, MemorySegment.ofArray(termios).get(ValueLayout.JAVA_INT_UNALIGNED, 36));
        byte[] winsize = {1, 1, 1, 1, 1, 1, 1, 1};
        assertEquals(0, sys.ioctl(fd, 0x40087468L, MemorySegment.ofArray(winsize)));
        assertArrayEquals(new byte[8], winsize);
    }

    @Test
    void onlyTheSuperuserOpensTheConsole() throws Exception {
        sys.seteuid(1001);
        assertErrno(Errno.EACCES, () -> sys.open("/dev/console", Fcntl.O_WRONLY, 0));
        assertErrno(Errno.EACCES, () -> sys.open("/dev/urandom", Fcntl.O_WRONLY, 0));
        sys.close(sys.open("/dev/null", Fcntl.O_RDWR, 0));
        sys.close(sys.open("/dev/random", Fcntl.O_RDONLY, 0));
    }

    @Test
    void memoryThatCannotBeWrittenIsABadAddress() throws Exception {
        MemorySegment constant = MemorySegment.ofArray(new byte[8]).asReadOnly();
        for (String name : List.of("zero", "full", "random", "urandom")) {
            int fd = sys.open("/dev/" + name, Fcntl.O_RDONLY, 0);
            assertErrno(Errno.EFAULT, () -> sys.read(fd, constant));
        }
    }

    @Test
    void devicesAreThereWithoutTheFileSystemFactionToo() throws Exception {
        try (RumpKernel bare =
                DeviceKernel.boot(Map.of(), List.of(new DevComponent()), OutputStream.nullOutputStream())) {
            assertEquals(1, bare.syscalls().getpid());
            assertErrno(Errno.ENOSYS, () -> bare.syscalls().open("/dev/null", Fcntl.O_RDONLY, 0));
        }
    }

    @Test
    void theServiceLoaderFindsTheFaction() {
        assertTrue(ServiceLoader.load(Component.class).stream()
                .anyMatch(component -> component.type() == DevComponent.class));
    }
}
