package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** {@code mknod(2)}, {@code mkfifo(2)}, and what fifos do. */
public abstract class NodeSuite extends FileSuite {
    @Test
    void aDeviceNodeSaysWhichDevice() throws Exception {
        long dev = SysStat.makedev(200, 0x12345);
        sys.mknod(in("c"), SysStat.S_IFCHR | 0640, dev);
        sys.mknod(in("b"), SysStat.S_IFBLK | 0600, dev);
        Stat c = sys.stat(in("c"));
        assertEquals(SysStat.S_IFCHR | 0640, c.mode());
        assertEquals(dev, c.rdev());
        assertEquals(200, SysStat.major(c.rdev()));
        assertEquals(0x12345, SysStat.minor(c.rdev()));
        assertEquals(SysStat.S_IFBLK | 0600, sys.stat(in("b")).mode());
    }

    @Test
    void mknodMakesFifosAndFilesToo() throws Exception {
        if (differs(Difference.MKNOD_MAKES_DEVICES_ONLY)) {
            fails(() -> sys.mknod(in("p"), SysStat.S_IFIFO | 0600, 0), Errno.EINVAL);
        } else {
            sys.mknod(in("p"), SysStat.S_IFIFO | 0600, 0);
            assertEquals(SysStat.S_IFIFO | 0600, sys.stat(in("p")).mode());
        }
        sys.mkfifo(in("q"), 0666);
        assertEquals(SysStat.S_IFIFO | 0644, sys.stat(in("q")).mode());
    }

    @Test
    void otherKindsAreEINVAL() {
        fails(() -> sys.mknod(in("x"), SysStat.S_IFDIR | 0755, 0), Errno.EINVAL);
        fails(() -> sys.mknod(in("x"), SysStat.S_IFLNK | 0755, 0), Errno.EINVAL);
        fails(() -> sys.mknod(in("x"), 0070000 | 0755, 0), Errno.EINVAL);
    }

    @Test
    void nodesStartFromADescriptor() throws Exception {
        sys.mkdir(in("d"), 0755);
        int d = open("d", Fcntl.O_RDONLY);
        sys.mkfifoat(d, "p", 0644);
        sys.mknodat(d, "c", SysStat.S_IFCHR | 0600, SysStat.makedev(1, 1));
        assertTrue(exists("d/p") && exists("d/c"));
        fails(() -> sys.mkfifoat(12345, "p", 0644), Errno.EBADF);
        fails(() -> sys.mknodat(12345, "p", SysStat.S_IFIFO, 0), Errno.EBADF);
    }

    @Test
    void aNodeTakesAFreeName() throws Exception {
        write("f", "");
        sys.symlink("nowhere", in("l"));
        for (String name : new String[] {"f", "l"}) {
            fails(() -> sys.mkfifo(in(name), 0644), Errno.EEXIST);
            fails(() -> sys.mknod(in(name), SysStat.S_IFCHR | 0600, 0), Errno.EEXIST);
        }
        fails(() -> sys.mkfifo(in("none/p"), 0644), Errno.ENOENT);
        fails(() -> sys.mkfifo(in("f/p"), 0644), Errno.ENOTDIR);
        fails(() -> sys.mkfifo(in("new/"), 0644), Errno.ENOENT, Errno.ENOTDIR);
    }

    @Test
    void devicesAreTheSuperusersToMake() throws Exception {
        makeDir("d", 0777);
        makeDir("closed", 0755);
        asUser(() -> {
            fails(() -> sys.mknod(in("d/c"), SysStat.S_IFCHR | 0600, 0), Errno.EPERM);
            fails(() -> sys.mknod(in("d/b"), SysStat.S_IFBLK | 0600, 0), Errno.EPERM);
            fails(() -> sys.mkfifo(in("closed/p"), 0644), Errno.EACCES);
            sys.mkfifo(in("d/p"), 0644);
            assertEquals(USER, sys.stat(in("d/p")).uid());
        });
        assertFalse(exists("d/c"));
    }

    // Fifos

    @Test
    void aFifoPassesBytesOn() throws Exception {
        sys.mkfifo(in("p"), 0644);
        int reader = open("p", Fcntl.O_RDONLY | Fcntl.O_NONBLOCK);
        int writer = open("p", Fcntl.O_WRONLY);
        assertEquals(5, sys.write(writer, bytes("hello")));
        byte[] buf = new byte[3];
        assertEquals(3, sys.read(reader, buf));
        assertArrayEquals(bytes("hel"), buf);
        assertEquals(2, sys.read(reader, buf));
        fails(() -> sys.read(reader, buf), Errno.EAGAIN);
        sys.close(writer);
        assertEquals(0, sys.read(reader, buf));
        assertEquals(0, sys.stat(in("p")).size());
    }

    @Test
    void openingAFifoWaitsForTheOtherEnd() throws Exception {
        sys.mkfifo(in("p"), 0644);
        together(
                () -> {
                    int fd = open("p", Fcntl.O_WRONLY);
                    writeAll(fd, bytes("met"));
                    sys.close(fd);
                },
                () -> {
                    int fd = open("p", Fcntl.O_RDONLY);
                    assertEquals("met", text(readAll(fd)));
                    sys.close(fd);
                });
    }

    @Test
    void aWriterThatMayNotWaitNeedsAReader() throws Exception {
        sys.mkfifo(in("p"), 0644);
        fails(() -> open("p", Fcntl.O_WRONLY | Fcntl.O_NONBLOCK), Errno.ENXIO);
        int reader = open("p", Fcntl.O_RDONLY | Fcntl.O_NONBLOCK);
        assertEquals(0, sys.read(reader, new byte[1]));
        int writer = open("p", Fcntl.O_WRONLY | Fcntl.O_NONBLOCK);
        sys.close(reader);
        fails(() -> sys.write(writer, bytes("x")), Errno.EPIPE);
    }

    @Test
    void aFifoIsOneWhateverItsNames() throws Exception {
        sys.mkfifo(in("p"), 0644);
        sys.link(in("p"), in("q"));
        int reader = open("p", Fcntl.O_RDONLY | Fcntl.O_NONBLOCK);
        int writer = open("q", Fcntl.O_WRONLY);
        sys.unlink(in("p"));
        sys.unlink(in("q"));
        sys.write(writer, bytes("x"));
        assertEquals(1, sys.read(reader, new byte[2]));
        assertEquals(0, sys.fstat(reader).nlink());
    }

    @Test
    void aFifoHasNoPosition() throws Exception {
        sys.mkfifo(in("p"), 0644);
        int fd = open("p", Fcntl.O_RDWR | Fcntl.O_NONBLOCK);
        fails(() -> sys.lseek(fd, 0, Fcntl.SEEK_SET), Errno.ESPIPE);
        fails(() -> sys.pread(fd, new byte[1], 0), Errno.ESPIPE);
        fails(() -> sys.pwrite(fd, new byte[1], 0), Errno.ESPIPE);
        failsUnless(Difference.TRUNCATING_A_FIFO_IS_NOTHING, () -> sys.ftruncate(fd, 0), Errno.EINVAL);
        fails(() -> sys.getdents(fd), Errno.EINVAL, Errno.ENOTDIR);
        failsUnless(Difference.TRUNCATING_A_FIFO_IS_NOTHING, () -> sys.truncate(in("p"), 0), Errno.EINVAL);
    }

    @Test
    void aFifoHasAttributesAsOtherFilesHave() throws Exception {
        sys.mkfifo(in("p"), 0644);
        int fd = open("p", Fcntl.O_RDONLY | Fcntl.O_NONBLOCK);
        sys.fchmod(fd, 0600);
        sys.fchown(fd, USER, GROUP);
        assertEquals(0600, perms("p"));
        assertEquals(USER, sys.fstat(fd).uid());
        asUser(OTHER, 1, () -> fails(() -> open("p", Fcntl.O_RDONLY | Fcntl.O_NONBLOCK), Errno.EACCES));
    }

    @Test
    void closingADescriptorWakesWhoReadsFromIt() throws Exception {
        assumeNot(Difference.CLOSING_WAKES_NO_READER_OF_A_FIFO);
        sys.mkfifo(in("p"), 0644);
        int fd = open("p", Fcntl.O_RDWR);
        OtherLwp<Integer> other = OtherLwp.start(kernel, () -> sys.read(fd, new byte[1]));
        sys.nanosleep(new Timespec(0, 20_000_000));
        sys.close(fd);
        fails(
                () -> {
                    try {
                        other.join();
                    } catch (ErrnoException e) {
                        throw e;
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                },
                Errno.EBADF);
    }

    @Test
    void shortWritesAreNotMixed() throws Exception {
        sys.mkfifo(in("p"), 0644);
        int reader = open("p", Fcntl.O_RDONLY | Fcntl.O_NONBLOCK);
        int keep = open("p", Fcntl.O_WRONLY);
        sys.fcntl(reader, Fcntl.F_SETFL, 0);
        int writers = 4;
        int rounds = 200;
        int length = 500;
        Body[] bodies = new Body[writers + 1];
        for (int w = 0; w < writers; w++) {
            byte[] line = new byte[length];
            java.util.Arrays.fill(line, (byte) ('a' + w));
            bodies[w] = () -> {
                int fd = open("p", Fcntl.O_WRONLY);
                for (int i = 0; i < rounds; i++) {
                    writeAll(fd, line);
                }
                sys.close(fd);
            };
        }
        bodies[writers] = () -> {
            byte[] all = new byte[writers * rounds * length];
            for (int at = 0; at < all.length; ) {
                byte[] part = new byte[1000];
                int n = sys.read(reader, part);
                assertTrue(n > 0);
                System.arraycopy(part, 0, all, at, n);
                at += n;
            }
            for (int at = 0; at < all.length; at += length) {
                for (int i = 1; i < length; i++) {
                    assertEquals(all[at], all[at + i]);
                }
            }
        };
        together(bodies);
        sys.close(keep);
    }
}
