package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Pollfd;
import org.rump4j.rump.SysTime;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** {@code poll(2)}. */
public abstract class PollSuite extends SyscallSuite {
    private static final int MUCH = 1 << 20;

    private int reader;
    private int writer;

    @BeforeEach
    void makePipe() throws Exception {
        int[] pipe = sys.pipe2(0);
        reader = pipe[0];
        writer = pipe[1];
    }

    private int pollNow(int fd, int events) throws ErrnoException {
        return sys.poll(0, new Pollfd(fd, events))[0];
    }

    private void letOthersBlock() throws ErrnoException {
        sys.nanosleep(Timespec.ofNanos(20_000_000));
    }

    @Test
    void aPipeCanBeReadWhenThereIsSomethingInIt() throws Exception {
        assertEquals(0, pollNow(reader, Pollfd.POLLIN | Pollfd.POLLRDNORM));
        sys.write(writer, new byte[1]);
        assertEquals(Pollfd.POLLIN, pollNow(reader, Pollfd.POLLIN));
        assertEquals(Pollfd.POLLRDNORM, pollNow(reader, Pollfd.POLLRDNORM));
        assertEquals(0, pollNow(reader, Pollfd.POLLPRI));
        sys.read(reader, new byte[1]);
        assertEquals(0, pollNow(reader, Pollfd.POLLIN));
    }

    @Test
    void aPipeCanBeWrittenUntilItIsFull() throws Exception {
        assertEquals(Pollfd.POLLOUT, pollNow(writer, Pollfd.POLLOUT));
        sys.fcntl(writer, Fcntl.F_SETFL, Fcntl.O_NONBLOCK);
        sys.write(writer, new byte[MUCH]);
        assertEquals(0, pollNow(writer, Pollfd.POLLOUT));
        byte[] buf = new byte[MUCH];
        int n = sys.read(reader, buf);
        assertTrue(n > 0);
        assertEquals(Pollfd.POLLOUT, pollNow(writer, Pollfd.POLLOUT));
    }

    @Test
    void anEndWhoseOtherIsGoneHangsUp() throws Exception {
        sys.write(writer, new byte[1]);
        sys.close(writer);
        assertEquals(Pollfd.POLLIN | Pollfd.POLLHUP, pollNow(reader, Pollfd.POLLIN));
        assertEquals(Pollfd.POLLHUP, pollNow(reader, 0));
        int[] other = sys.pipe2(0);
        sys.close(other[0]);
        assertEquals(Pollfd.POLLHUP, pollNow(other[1], Pollfd.POLLOUT) & Pollfd.POLLHUP);
    }

    @Test
    void whatIsNoDescriptorIsSaidToBeNone() throws Exception {
        sys.close(reader);
        assertEquals(Pollfd.POLLNVAL, pollNow(reader, Pollfd.POLLIN));
        int[] quiet = sys.pipe2(0);
        assertArrayEquals(
                new int[] {0, Pollfd.POLLNVAL},
                sys.poll(Pollfd.INFTIM, new Pollfd(quiet[0], Pollfd.POLLIN), new Pollfd(1000, Pollfd.POLLIN)));
    }

    @Test
    void negativeDescriptorsArePassedOver() throws Exception {
        assertArrayEquals(
                new int[] {0, Pollfd.POLLOUT},
                sys.poll(Pollfd.INFTIM, new Pollfd(-1, Pollfd.POLLIN), new Pollfd(writer, Pollfd.POLLOUT)));
    }

    @Test
    void eachDescriptorHasItsOwnAnswer() throws Exception {
        int[] quiet = sys.pipe2(0);
        sys.write(writer, new byte[1]);
        assertArrayEquals(
                new int[] {0, Pollfd.POLLIN, Pollfd.POLLOUT},
                sys.poll(
                        Pollfd.INFTIM,
                        new Pollfd(quiet[0], Pollfd.POLLIN),
                        new Pollfd(reader, Pollfd.POLLIN | Pollfd.POLLPRI),
                        new Pollfd(writer, Pollfd.POLLOUT)));
    }

    @Test
    void pollWaitsNoLongerThanItIsTold() throws Exception {
        Timespec before = sys.clockGettime(SysTime.CLOCK_MONOTONIC);
        assertArrayEquals(new int[] {0}, sys.poll(30, new Pollfd(reader, Pollfd.POLLIN)));
        assertEquals(0, sys.poll(10).length);
        Timespec after = sys.clockGettime(SysTime.CLOCK_MONOTONIC);
        assertTrue(after.toNanos() - before.toNanos() >= 39_000_000, "from " + before + " to " + after);
    }

    @Test
    void whoPollsIsWokenByWhoWrites() throws Exception {
        OtherLwp<int[]> other =
                OtherLwp.start(kernel, () -> sys.poll(Pollfd.INFTIM, new Pollfd(reader, Pollfd.POLLIN)));
        letOthersBlock();
        sys.write(writer, new byte[1]);
        assertArrayEquals(new int[] {Pollfd.POLLIN}, other.join());
    }

    @Test
    void whoPollsForRoomIsWokenByWhoReads() throws Exception {
        sys.fcntl(writer, Fcntl.F_SETFL, Fcntl.O_NONBLOCK);
        sys.write(writer, new byte[MUCH]);
        OtherLwp<int[]> other = OtherLwp.start(kernel, () -> sys.poll(100_000, new Pollfd(writer, Pollfd.POLLOUT)));
        letOthersBlock();
        sys.read(reader, new byte[MUCH]);
        assertArrayEquals(new int[] {Pollfd.POLLOUT}, other.join());
    }

    @Test
    void whoPollsIsWokenWhenTheOtherEndGoes() throws Exception {
        int events = differs(Difference.HANGING_UP_WAKES_WHO_POLLS_FOR_MORE) ? Pollfd.POLLIN : 0;
        OtherLwp<int[]> other =
                OtherLwp.start(kernel, () -> sys.poll(Pollfd.INFTIM, new Pollfd(reader, events), new Pollfd(-1, 0)));
        letOthersBlock();
        sys.close(writer);
        assertArrayEquals(new int[] {Pollfd.POLLHUP | events, 0}, other.join());
    }

    @Test
    void manyWhoPollOnePipeAreAllWoken() throws Exception {
        OtherLwp<?>[] others = new OtherLwp<?>[5];
        Arrays.setAll(
                others,
                i -> OtherLwp.start(kernel, () -> sys.poll(Pollfd.INFTIM, new Pollfd(reader, Pollfd.POLLIN))[0]));
        letOthersBlock();
        sys.write(writer, new byte[1]);
        for (OtherLwp<?> other : others) {
            assertEquals(Pollfd.POLLIN, other.join());
        }
    }

    @Test
    void timesAndNumbersOfDescriptorsMustMakeSense() {
        assertErrno(Errno.EINVAL, () -> sys.poll(-2));
        Pollfd[] tooMany = new Pollfd[100_000];
        Arrays.fill(tooMany, new Pollfd(-1, 0));
        assertErrno(Errno.EINVAL, () -> sys.poll(0, tooMany));
    }

    @Test
    void whoPollsIsWokenWhenTheDescriptorIsClosed() throws Exception {
        OtherLwp<int[]> other =
                OtherLwp.start(kernel, () -> sys.poll(Pollfd.INFTIM, new Pollfd(reader, Pollfd.POLLIN)));
        letOthersBlock();
        sys.close(reader);
        assertEquals(Pollfd.POLLNVAL, other.join()[0]);
    }
}
