package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Pollfd;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** The devices that every kernel has: {@code null(4)}, {@code zero(4)}, {@code full(4)}, {@code rnd(4)}, and the console. */
public abstract class DeviceSuite extends SyscallSuite {
    private int open(String name) throws ErrnoException {
        return sys.open("/dev/" + name, Fcntl.O_RDWR, 0);
    }

    /** Of some names those that there are. */
    private List<String> there(String... names) {
        List<String> out = new ArrayList<>(List.of(names));
        if (differs(Difference.NEITHER_FULL_NOR_CONSOLE)) {
            out.removeAll(List.of("full", "console"));
        }
        return out;
    }

    private static byte[] ones(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 1);
        return bytes;
    }

    @Test
    void devicesAreCharacterDevices() throws Exception {
        for (String name : there("null", "zero", "full", "random", "urandom", "console")) {
            assertEquals(SysStat.S_IFCHR, sys.stat("/dev/" + name).mode() & SysStat.S_IFMT, name);
            int fd = open(name);
            assertEquals(SysStat.S_IFCHR, sys.fstat(fd).mode() & SysStat.S_IFMT, name);
            if (differs(Difference.RANDOM_IS_A_CLONE) && name.endsWith("random")) {
                continue;
            }
            assertEquals(sys.stat("/dev/" + name).rdev(), sys.fstat(fd).rdev(), name);
            sys.close(fd);
        }
    }

    @Test
    void nullIsEmptyAndSwallowsEverything() throws Exception {
        int fd = open("null");
        assertEquals(5, sys.write(fd, ones(5)));
        assertEquals(0, sys.read(fd, new byte[10]));
        assertEquals(100_000, sys.write(fd, ones(100_000)));
        assertEquals(0, sys.write(fd, new byte[0]));
        assertEquals(7, sys.writev(fd, MemorySegment.ofArray(ones(3)), MemorySegment.ofArray(ones(4))));
    }

    @Test
    void zeroGivesZerosAndSwallowsEverything() throws Exception {
        int fd = open("zero");
        byte[] buf = ones(100_000);
        assertEquals(buf.length, sys.read(fd, buf));
        assertArrayEquals(new byte[buf.length], buf);
        assertEquals(5, sys.write(fd, ones(5)));
    }

    @Test
    void fullGivesZerosAndIsFull() throws Exception {
        assumeNot(Difference.NEITHER_FULL_NOR_CONSOLE);
        int fd = open("full");
        byte[] buf = ones(100);
        assertEquals(buf.length, sys.read(fd, buf));
        assertArrayEquals(new byte[buf.length], buf);
        assertErrno(Errno.ENOSPC, () -> sys.write(fd, ones(1)));
        assertEquals(0, sys.write(fd, new byte[0]));
    }

    @Test
    void randomIsNeverTheSameTwice() throws Exception {
        for (String name : List.of("random", "urandom")) {
            int fd = open(name);
            byte[] first = new byte[32];
            byte[] second = new byte[32];
            int most = differs(Difference.RANDOM_GIVES_LITTLE_AT_ONCE) && name.equals("random") ? 16 : 32;
            assertEquals(most, sys.read(fd, first), name);
            assertEquals(most, sys.read(fd, second), name);
            assertFalse(Arrays.equals(first, second), name);
            assertEquals(3, sys.write(fd, ones(3)), name);
            sys.close(fd);
        }
    }

    @Test
    void muchRandomnessIsThereAsSoonAsItIsAskedFor() throws Exception {
        int fd = open("urandom");
        byte[] buf = new byte[100_000];
        int at = 0;
        while (at < buf.length) {
            long n = sys.read(fd, MemorySegment.ofArray(buf).asSlice(at));
            assertFalse(n <= 0);
            at += (int) n;
        }
        int[] counts = new int[256];
        for (byte b : buf) {
            counts[b & 0xff]++;
        }
        for (int count : counts) {
            // 391 are to be expected, with a standard deviation of 20.
            assertFalse(count < 391 - 200 || count > 391 + 200, Arrays.toString(counts));
        }
    }

    @Test
    void theConsoleTakesWhatIsWrittenAndGivesNothing() throws Exception {
        assumeNot(Difference.NEITHER_FULL_NOR_CONSOLE);
        int fd = open("console");
        assertEquals(3, sys.write(fd, new byte[] {'h', 'i', '\n'}));
        assertEquals(0, sys.read(fd, new byte[10]));
        assertEquals(Pollfd.POLLOUT, sys.poll(0, new Pollfd(fd, Pollfd.POLLOUT))[0]);
    }

    @Test
    void nobodyEverWaitsForTheseDevices() throws Exception {
        for (String name : there("null", "zero", "full", "urandom")) {
            int fd = open(name);
            assertEquals(
                    Pollfd.POLLIN | Pollfd.POLLOUT,
                    sys.poll(Pollfd.INFTIM, new Pollfd(fd, Pollfd.POLLIN | Pollfd.POLLOUT))[0],
                    name);
        }
    }

    @Test
    void truncatingADeviceDoesNothing() throws Exception {
        int fd = sys.open("/dev/null", Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_TRUNC, 0644);
        assertEquals(1, sys.write(fd, ones(1)));
        assertEquals(SysStat.S_IFCHR, sys.fstat(fd).mode() & SysStat.S_IFMT);
    }
}
