package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Pollfd;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** {@code pipe(2)}, and what {@code read(2)} and {@code write(2)} say of pipes. */
public abstract class PipeSuite extends SyscallSuite {
    private static final int PIPE_BUF = 512;
    private static final int MUCH = 1 << 20;
    private static final long FIONREAD = 0x4004667fL;

    private int reader;
    private int writer;

    @BeforeEach
    void makePipe() throws Exception {
        int[] pipe = sys.pipe2(0);
        reader = pipe[0];
        writer = pipe[1];
    }

    private static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8));
        }
        return bytes;
    }

    private void setNonblocking(int fd) throws ErrnoException {
        sys.fcntl(fd, Fcntl.F_SETFL, Fcntl.O_NONBLOCK);
    }

    /** Reads until the end. */
    private byte[] drain() throws ErrnoException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buf = new byte[10_000];
        for (int n; (n = sys.read(reader, buf)) > 0; ) {
            all.write(buf, 0, n);
        }
        return all.toByteArray();
    }

    /** Gives another lwp the time to block, without relying on that it does. */
    private void letOthersBlock() throws ErrnoException {
        sys.nanosleep(Timespec.ofNanos(20_000_000));
    }

    @Test
    void bytesComeOutInTheOrderInWhichTheyWentIn() throws Exception {
        assertEquals(3, sys.write(writer, new byte[] {1, 2, 3}));
        assertEquals(2, sys.write(writer, new byte[] {4, 5}));
        byte[] buf = new byte[4];
        assertEquals(4, sys.read(reader, buf));
        assertArrayEquals(new byte[] {1, 2, 3, 4}, buf);
        assertEquals(1, sys.read(reader, buf));
        assertEquals(5, buf[0]);
    }

    @Test
    void readingNothingNeedsNobodyWhoWrites() throws Exception {
        assertEquals(0, sys.read(reader, new byte[0]));
    }

    @Test
    void aPipeEndsWhenNobodyCanWrite() throws Exception {
        sys.write(writer, new byte[] {1});
        sys.close(writer);
        assertEquals(1, sys.read(reader, new byte[5]));
        assertEquals(0, sys.read(reader, new byte[5]));
        assertEquals(0, sys.read(reader, new byte[5]));
    }

    @Test
    void aPipeThatNobodyCanReadIsBroken() throws Exception {
        sys.close(reader);
        assertErrno(Errno.EPIPE, () -> sys.write(writer, new byte[1]));
    }

    @Test
    void anEmptyPipeGivesNothingToThoseWhoDoNotWait() throws Exception {
        setNonblocking(reader);
        assertErrno(Errno.EAGAIN, () -> sys.read(reader, new byte[1]));
        sys.close(writer);
        assertEquals(0, sys.read(reader, new byte[1]));
    }

    @Test
    void aShortWriteGoesInWholeOrNotAtAll() throws Exception {
        setNonblocking(writer);
        int records = 0;
        try {
            while (records < 10_000) {
                assertEquals(PIPE_BUF - 1, sys.write(writer, new byte[PIPE_BUF - 1]));
                records++;
            }
        } catch (ErrnoException e) {
            assertEquals(Errno.EAGAIN, e.errno());
        }
        assertTrue(records > 0 && records < 10_000, records + " records");
        assertErrno(Errno.EAGAIN, () -> sys.write(writer, new byte[PIPE_BUF]));
        sys.close(writer);
        assertEquals(records * (PIPE_BUF - 1), drain().length);
    }

    @Test
    void aLongWriteOfThoseWhoDoNotWaitIsCutShort() throws Exception {
        setNonblocking(writer);
        byte[] bytes = pattern(MUCH);
        int n = sys.write(writer, bytes);
        assertTrue(n > 0 && n < MUCH, n + " bytes");
        sys.close(writer);
        assertArrayEquals(Arrays.copyOf(bytes, n), drain());
    }

    @Test
    void whoReadsWaitsForWhoWrites() throws Exception {
        byte[] buf = new byte[3];
        OtherLwp<Integer> other = OtherLwp.start(kernel, () -> sys.read(reader, buf));
        letOthersBlock();
        sys.write(writer, new byte[] {7, 8});
        assertEquals(2, other.join());
        assertArrayEquals(new byte[] {7, 8, 0}, buf);
    }

    @Test
    void whoWritesMuchWaitsForWhoReads() throws Exception {
        byte[] bytes = pattern(MUCH + 77);
        OtherLwp<Integer> other = OtherLwp.start(kernel, () -> {
            int n = sys.write(writer, bytes);
            sys.close(writer);
            return n;
        });
        assertArrayEquals(bytes, drain());
        assertEquals(bytes.length, other.join());
    }

    @Test
    void shortWritesOfManyAreNotMixed() throws Exception {
        int writers = 4;
        int records = 300;
        List<OtherLwp<Integer>> others = new ArrayList<>();
        for (int i = 1; i <= writers; i++) {
            byte[] record = new byte[PIPE_BUF];
            Arrays.fill(record, (byte) i);
            others.add(OtherLwp.start(kernel, () -> {
                for (int k = 0; k < records; k++) {
                    assertEquals(PIPE_BUF, sys.write(writer, record));
                }
                return records;
            }));
        }
        byte[] all = new byte[writers * records * PIPE_BUF];
        MemorySegment memory = MemorySegment.ofArray(all);
        for (long at = 0; at < all.length; ) {
            at += sys.read(reader, memory.asSlice(at, Math.min(3000, all.length - at)));
        }
        for (OtherLwp<Integer> other : others) {
            other.join();
        }
        int[] seen = new int[writers + 1];
        for (int at = 0; at < all.length; at += PIPE_BUF) {
            byte[] record = new byte[PIPE_BUF];
            Arrays.fill(record, all[at]);
            assertArrayEquals(record, Arrays.copyOfRange(all, at, at + PIPE_BUF));
            seen[all[at]]++;
        }
        assertArrayEquals(new int[] {0, records, records, records, records}, seen);
    }

    @Test
    void closingTheLastEndThatWritesWakesWhoReads() throws Exception {
        OtherLwp<Integer> other = OtherLwp.start(kernel, () -> sys.read(reader, new byte[1]));
        letOthersBlock();
        sys.close(writer);
        assertEquals(0, other.join());
    }

    @Test
    void closingTheLastEndThatReadsWakesWhoWrites() throws Exception {
        OtherLwp<Integer> other = OtherLwp.start(kernel, () -> sys.write(writer, new byte[MUCH]));
        letOthersBlock();
        sys.close(reader);
        assertErrno(Errno.EPIPE, other::join);
    }

    @Test
    void ioctlTellsHowMuchThereIsToRead() throws Exception {
        MemorySegment n = MemorySegment.ofArray(new int[1]);
        sys.ioctl(reader, FIONREAD, n);
        assertEquals(0, n.get(ValueLayout.JAVA_INT, 0));
        sys.write(writer, new byte[123]);
        sys.ioctl(reader, FIONREAD, n);
        assertEquals(123, n.get(ValueLayout.JAVA_INT, 0));
    }

    @Test
    void pipesAreMadeWithFlags() throws Exception {
        int[] pipe = sys.pipe2(Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC);
        for (int fd : pipe) {
            assertEquals(Fcntl.O_NONBLOCK, sys.fcntl(fd, Fcntl.F_GETFL, 0) & Fcntl.O_NONBLOCK);
            assertEquals(Fcntl.FD_CLOEXEC, sys.fcntl(fd, Fcntl.F_GETFD, 0));
        }
        assertErrno(Errno.EINVAL, () -> sys.pipe2(Fcntl.O_APPEND));
    }

    @Test
    void aPipeMayBeToldNotToSignal() throws Exception {
        int[] quiet = sys.pipe2(Fcntl.O_NOSIGPIPE);
        assertEquals(1, sys.fcntl(quiet[1], Fcntl.F_GETNOSIGPIPE, 0));
        sys.close(quiet[0]);
        assertErrno(Errno.EPIPE, () -> sys.write(quiet[1], new byte[1]));
        assertEquals(0, sys.fcntl(writer, Fcntl.F_GETNOSIGPIPE, 0));
        sys.fcntl(writer, Fcntl.F_SETNOSIGPIPE, 1);
        assertEquals(1, sys.fcntl(writer, Fcntl.F_GETNOSIGPIPE, 0));
        sys.fcntl(writer, Fcntl.F_SETNOSIGPIPE, 0);
        assertEquals(0, sys.fcntl(writer, Fcntl.F_GETNOSIGPIPE, 0));
    }

    @Test
    void closingADescriptorWakesWhoReadsFromIt() throws Exception {
        OtherLwp<Integer> other = OtherLwp.start(kernel, () -> sys.read(reader, new byte[1]));
        letOthersBlock();
        sys.close(reader);
        assertErrno(Errno.EBADF, other::join);
        assertErrno(Errno.EPIPE, () -> sys.write(writer, new byte[1]));
    }

    @Test
    void closingADescriptorWakesWhoWritesToIt() throws Exception {
        assumeNot(Difference.CLOSING_WAKES_NO_WRITER_OF_A_PIPE);
        while (sys.poll(0, new Pollfd(writer, Pollfd.POLLOUT))[0] != 0) {
            sys.write(writer, new byte[PIPE_BUF]);
        }
        OtherLwp<Integer> other = OtherLwp.start(kernel, () -> sys.write(writer, new byte[PIPE_BUF]));
        letOthersBlock();
        sys.close(writer);
        assertErrno(Errno.EBADF, other::join);
        drain();
    }

    @Test
    void aWriteThatHasBegunIsCutShortWhenItsDescriptorIsClosed() throws Exception {
        assumeNot(Difference.CLOSING_WAKES_NO_WRITER_OF_A_PIPE);
        OtherLwp<Integer> other = OtherLwp.start(kernel, () -> sys.write(writer, pattern(MUCH)));
        letOthersBlock();
        sys.close(writer);
        int n = 0;
        try {
            n = other.join();
        } catch (ErrnoException e) {
            assertEquals(Errno.EBADF, e.errno());
        }
        assertTrue(n < MUCH, n + " bytes");
        assertArrayEquals(Arrays.copyOf(pattern(MUCH), n), drain());
    }

    @Test
    void whoReadsByAnotherDescriptorGoesOnWaiting() throws Exception {
        int duplicate = sys.dup(reader);
        OtherLwp<Integer> other = OtherLwp.start(kernel, () -> sys.read(duplicate, new byte[3]));
        letOthersBlock();
        sys.close(reader);
        letOthersBlock();
        sys.write(writer, new byte[2]);
        assertEquals(2, other.join());
    }

    @Test
    void aDescriptorThatIsReplacedIsReadFromAnew() throws Exception {
        assumeNot(Difference.A_REPLACED_DESCRIPTOR_IS_FIRST_CLOSED);
        int[] second = sys.pipe2(0);
        OtherLwp<Integer> other = OtherLwp.start(kernel, () -> sys.read(reader, new byte[9]));
        letOthersBlock();
        sys.dup2(second[0], reader);
        letOthersBlock();
        sys.write(second[1], new byte[5]);
        assertEquals(5, other.join());
    }

    @Test
    void manyPipesAreApart() throws Exception {
        List<int[]> pipes = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            pipes.add(sys.pipe2(0));
        }
        for (int i = 0; i < 50; i++) {
            sys.write(pipes.get(i)[1], new byte[] {(byte) i});
        }
        for (int i = 0; i < 50; i++) {
            byte[] buf = new byte[2];
            assertEquals(1, sys.read(pipes.get(i)[0], buf));
            assertEquals(i, buf[0]);
        }
    }
}
