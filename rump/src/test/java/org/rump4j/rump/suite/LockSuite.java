package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.rump4j.rump.suite.ErrnoAssertions.assertErrno;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Flock;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Advisory locks: what {@code fcntl(2)} says of F_GETLK, F_SETLK and F_SETLKW, {@code flock(2)}, and locks of {@code open(2)}. */
public abstract class LockSuite extends FileSuite {
    /** The file that is locked, and a descriptor of it. */
    private static final String FILE = "f";

    private int fd;

    @BeforeEach
    void makeFile() throws Exception {
        write(FILE, "0123456789");
        fd = open(FILE, Fcntl.O_RDWR);
    }

    private void set(int type, long start, long len) throws ErrnoException {
        sys.fcntl(fd, Fcntl.F_SETLK, Flock.of(type, start, len));
    }

    /** Sets a lock in the calling process by a descriptor of its own, which stays open. */
    private int lockAnew(int cmd, int type, long start, long len) throws ErrnoException {
        int own = open(FILE, Fcntl.O_RDWR);
        sys.fcntl(own, cmd, Flock.of(type, start, len));
        return own;
    }

    /** Bytes and type of the lock that is in the way of an exclusive one; as {@code r5+3}; {@code -} for none. */
    private String inTheWay(long start, long len) throws ErrnoException {
        Flock lock = sys.fcntl(fd, Fcntl.F_GETLK, Flock.of(Flock.F_WRLCK, start, len));
        return switch (lock.type()) {
            case Flock.F_RDLCK -> "r" + lock.start() + "+" + lock.len();
            case Flock.F_WRLCK -> "w" + lock.start() + "+" + lock.len();
            default -> "-";
        };
    }

    /** Bytes are locked, in one piece or several, and those behind them are not. */
    private void assertLocked(int type, long from, long to) throws ErrnoException {
        for (long at = from; at < to; ) {
            Flock lock = sys.fcntl(fd, Fcntl.F_GETLK, Flock.of(Flock.F_WRLCK, at, to - at));
            assertEquals(type, lock.type());
            assertTrue(lock.start() <= at && lock.start() + lock.len() <= to, lock.toString());
            at = lock.start() + lock.len();
        }
        assertEquals("-", inTheWay(to, 0));
    }

    /** Starts a process that is not the child of the test's, with one lwp. */
    private <T> OtherLwp<T> process(Callable<T> body) {
        return OtherLwp.start(kernel, () -> {
            kernel.lwproc().releaselwp();
            kernel.lwproc().rfork(Lwproc.RFCFDG);
            return body.call();
        });
    }

    /** Gives others the time to block, without relying on that they do. */
    private void letOthersBlock() throws ErrnoException {
        sys.nanosleep(new Timespec(0, 20_000_000));
    }

    // Who is kept out

    @Test
    void anExclusiveLockKeepsOthersOut() throws Exception {
        set(Flock.F_WRLCK, 2, 3);
        int pid = sys.getpid();
        inProcess(() -> {
            fails(() -> set(Flock.F_WRLCK, 0, 0), Errno.EAGAIN, Errno.EACCES);
            fails(() -> set(Flock.F_RDLCK, 4, 1), Errno.EAGAIN, Errno.EACCES);
            assertEquals(
                    new Flock(2, 3, pid, Flock.F_WRLCK, Fcntl.SEEK_SET),
                    sys.fcntl(fd, Fcntl.F_GETLK, Flock.of(Flock.F_RDLCK)));
        });
    }

    @Test
    void sharedLocksAreShared() throws Exception {
        set(Flock.F_RDLCK, 0, 5);
        inProcess(() -> {
            set(Flock.F_RDLCK, 3, 5);
            fails(() -> set(Flock.F_WRLCK, 3, 1), Errno.EAGAIN, Errno.EACCES);
            Flock asked = Flock.of(Flock.F_RDLCK, 0, 5);
            assertEquals(asked.withType(Flock.F_UNLCK), sys.fcntl(fd, Fcntl.F_GETLK, asked));
            assertEquals("r0+5", inTheWay(0, 0));
        });
    }

    @Test
    void bytesThatAreApartAreLockedApart() throws Exception {
        set(Flock.F_WRLCK, 2, 3);
        inProcess(() -> {
            set(Flock.F_WRLCK, 0, 2);
            set(Flock.F_WRLCK, 5, 0);
            assertEquals("w2+3", inTheWay(0, 0));
        });
    }

    @Test
    void aLockOfNoLengthReachesToWhereverTheEndWillBe() throws Exception {
        set(Flock.F_WRLCK, 4, 0);
        sys.ftruncate(fd, 100_000);
        inProcess(() -> {
            assertEquals("w4+0", inTheWay(1L << 40, 1));
            assertEquals("-", inTheWay(0, 4));
        });
    }

    @Test
    void bytesBehindTheEndCanBeLocked() throws Exception {
        set(Flock.F_WRLCK, 1000, 10);
        inProcess(() -> assertEquals("w1000+10", inTheWay(1009, 1)));
    }

    @Test
    void aProcessIsNotInItsOwnWay() throws Exception {
        set(Flock.F_RDLCK, 0, 10);
        assertEquals("-", inTheWay(0, 0));
        set(Flock.F_WRLCK, 0, 10);
        lockAnew(Fcntl.F_SETLK, Flock.F_WRLCK, 5, 10);
        set(Flock.F_RDLCK, 0, 0);
        inProcess(() -> assertEquals("r0+0", inTheWay(0, 0)));
    }

    @Test
    void allLwpsOfAProcessHaveTheSameLocks() throws Exception {
        set(Flock.F_WRLCK, 0, 0);
        OtherLwp.start(kernel, () -> lockAnew(Fcntl.F_SETLK, Flock.F_WRLCK, 3, 4))
                .join();
    }

    @Test
    void filesAreLockedApart() throws Exception {
        write("g", "");
        set(Flock.F_WRLCK, 0, 0);
        inProcess(() -> {
            int other = open("g", Fcntl.O_RDWR);
            sys.fcntl(other, Fcntl.F_SETLK, Flock.of(Flock.F_WRLCK));
        });
    }

    @Test
    void aLockIsOnTheFileWhateverItsNames() throws Exception {
        sys.link(in(FILE), in("g"));
        set(Flock.F_WRLCK, 0, 0);
        inProcess(() -> {
            int other = open("g", Fcntl.O_RDWR);
            fails(() -> sys.fcntl(other, Fcntl.F_SETLK, Flock.of(Flock.F_RDLCK)), Errno.EAGAIN, Errno.EACCES);
        });
    }

    @Test
    void locksAreAdvice() throws Exception {
        set(Flock.F_WRLCK, 0, 0);
        inProcess(() -> {
            write(FILE, "changed");
            assertEquals("changed", read(FILE));
        });
    }

    // Pieces

    @Test
    void unlockingTheMiddleLeavesBothEnds() throws Exception {
        set(Flock.F_WRLCK, 0, 100);
        set(Flock.F_UNLCK, 40, 20);
        inProcess(() -> {
            assertEquals("w0+40", inTheWay(0, 0));
            assertEquals("-", inTheWay(40, 20));
            assertEquals("w60+40", inTheWay(40, 0));
        });
    }

    @Test
    void unlockingAnEndLeavesTheOther() throws Exception {
        set(Flock.F_WRLCK, 10, 0);
        set(Flock.F_UNLCK, 0, 20);
        inProcess(() -> assertEquals("w20+0", inTheWay(0, 0)));
        set(Flock.F_UNLCK, 30, 0);
        inProcess(() -> {
            assertEquals("w20+10", inTheWay(0, 0));
            assertEquals("-", inTheWay(30, 0));
        });
    }

    @Test
    void locksThatOverlapLockWhatEitherDoes() throws Exception {
        set(Flock.F_WRLCK, 0, 10);
        set(Flock.F_WRLCK, 5, 15);
        set(Flock.F_WRLCK, 18, 12);
        inProcess(() -> assertLocked(Flock.F_WRLCK, 0, 30));
        set(Flock.F_WRLCK, 7, 2);
        inProcess(() -> assertLocked(Flock.F_WRLCK, 0, 30));
        set(Flock.F_UNLCK, 0, 30);
        inProcess(() -> assertEquals("-", inTheWay(0, 0)));
    }

    @Test
    void anotherKindInTheMiddleMakesThree() throws Exception {
        set(Flock.F_RDLCK, 0, 30);
        set(Flock.F_WRLCK, 10, 10);
        inProcess(() -> {
            assertEquals("r0+10", inTheWay(0, 0));
            assertEquals("w10+10", inTheWay(10, 0));
            assertEquals("r20+10", inTheWay(20, 0));
            set(Flock.F_RDLCK, 20, 10);
            fails(() -> set(Flock.F_RDLCK, 19, 1), Errno.EAGAIN, Errno.EACCES);
        });
    }

    @Test
    void aLockTakesThePlaceOfAllThatIsBelow() throws Exception {
        for (int at = 0; at < 50; at += 10) {
            set(at % 20 == 0 ? Flock.F_RDLCK : Flock.F_WRLCK, at, 5);
        }
        set(Flock.F_RDLCK, 2, 40);
        inProcess(() -> {
            assertLocked(Flock.F_RDLCK, 0, 45);
            set(Flock.F_RDLCK, 0, 45);
        });
    }

    @Test
    void whatIsNotLockedCanBeUnlocked() throws Exception {
        set(Flock.F_UNLCK, 0, 0);
        set(Flock.F_WRLCK, 10, 5);
        set(Flock.F_UNLCK, 0, 10);
        set(Flock.F_UNLCK, 15, 0);
        inProcess(() -> assertEquals("w10+5", inTheWay(0, 0)));
    }

    // Which bytes

    @Test
    void bytesAreCountedFromWhereTheDescriptorIs() throws Exception {
        sys.lseek(fd, 6, Fcntl.SEEK_SET);
        sys.fcntl(fd, Fcntl.F_SETLK, new Flock(-2, 3, 0, Flock.F_WRLCK, Fcntl.SEEK_CUR));
        inProcess(() -> assertEquals("w4+3", inTheWay(0, 0)));
    }

    @Test
    void bytesAreCountedFromTheEnd() throws Exception {
        sys.fcntl(fd, Fcntl.F_SETLK, new Flock(-3, 0, 0, Flock.F_WRLCK, Fcntl.SEEK_END));
        inProcess(() -> assertEquals("w7+0", inTheWay(0, 0)));
    }

    @Test
    void aNegativeLengthIsThatOfTheBytesBefore() throws Exception {
        set(Flock.F_WRLCK, 8, -3);
        inProcess(() -> assertEquals("w5+3", inTheWay(0, 0)));
    }

    @Test
    void bytesThatThereCannotBeAreRefused() {
        fails(() -> set(Flock.F_WRLCK, -1, 5), Errno.EINVAL);
        fails(() -> set(Flock.F_WRLCK, 2, -3), Errno.EINVAL);
        fails(() -> sys.fcntl(fd, Fcntl.F_SETLK, new Flock(-11, 0, 0, Flock.F_RDLCK, Fcntl.SEEK_END)), Errno.EINVAL);
        assumeNot(Difference.LOCKS_LIE_BEYOND_ALL_BYTES);
        fails(() -> set(Flock.F_WRLCK, Long.MAX_VALUE, 2), Errno.EOVERFLOW, Errno.EINVAL);
        fails(
                () -> sys.fcntl(fd, Fcntl.F_SETLK, new Flock(Long.MAX_VALUE, 1, 0, Flock.F_RDLCK, Fcntl.SEEK_END)),
                Errno.EOVERFLOW,
                Errno.EINVAL);
    }

    // What is refused

    @Test
    void aLockIsForWhatTheFileIsOpenFor() throws Exception {
        int reader = open(FILE, Fcntl.O_RDONLY);
        int writer = open(FILE, Fcntl.O_WRONLY);
        for (int cmd : new int[] {Fcntl.F_SETLK, Fcntl.F_SETLKW}) {
            fails(() -> sys.fcntl(reader, cmd, Flock.of(Flock.F_WRLCK)), Errno.EBADF);
            fails(() -> sys.fcntl(writer, cmd, Flock.of(Flock.F_RDLCK)), Errno.EBADF);
        }
        sys.fcntl(reader, Fcntl.F_SETLK, Flock.of(Flock.F_RDLCK));
        sys.fcntl(writer, Fcntl.F_SETLK, Flock.of(Flock.F_WRLCK));
        sys.fcntl(reader, Fcntl.F_GETLK, Flock.of(Flock.F_WRLCK));
        sys.fcntl(reader, Fcntl.F_SETLK, Flock.of(Flock.F_UNLCK));
    }

    @Test
    void whatIsNoLockIsRefused() throws Exception {
        fails(() -> set(0, 0, 0), Errno.EINVAL);
        fails(() -> set(99, 0, 0), Errno.EINVAL);
        fails(() -> sys.fcntl(fd, Fcntl.F_GETLK, Flock.of(99)), Errno.EINVAL);
        fails(() -> sys.fcntl(fd, Fcntl.F_SETLK, new Flock(0, 0, 0, Flock.F_RDLCK, 7)), Errno.EINVAL);
        fails(() -> sys.fcntl(12345, Fcntl.F_SETLK, Flock.of(Flock.F_RDLCK)), Errno.EBADF);
        fails(() -> sys.fcntl(fd, Fcntl.F_SETLK, 0), Errno.EFAULT);
        int[] pipe = sys.pipe2(0);
        fails(() -> sys.fcntl(pipe[0], Fcntl.F_SETLK, Flock.of(Flock.F_RDLCK)), Errno.EINVAL);
        fails(() -> sys.flock(fd, 0), Errno.EINVAL);
        fails(() -> sys.flock(fd, Fcntl.LOCK_NB), Errno.EINVAL);
        fails(() -> sys.flock(12345, Fcntl.LOCK_SH), Errno.EBADF);
        fails(() -> sys.flock(pipe[0], Fcntl.LOCK_SH), Errno.EOPNOTSUPP, Errno.EINVAL);
    }

    @Test
    void aUserHasNoMoreLocksThanTheLimit() throws Exception {
        sys.chmod(in(FILE), 0666);
        asUser(() -> {
            int own = open(FILE, Fcntl.O_RDWR);
            int set = 0;
            try {
                while (set < 100_000) {
                    sys.fcntl(own, Fcntl.F_SETLK, Flock.of(Flock.F_WRLCK, 2L * set, 1));
                    set++;
                }
            } catch (ErrnoException e) {
                assertEquals(differs(Difference.TOO_MANY_LOCKS_ARE_ENOMEM) ? Errno.ENOMEM : Errno.ENOLCK, e.errno());
            }
            assertTrue(set >= 100 && set < 100_000, set + " locks");
            sys.fcntl(own, Fcntl.F_SETLK, Flock.of(Flock.F_UNLCK));
            sys.fcntl(own, Fcntl.F_SETLK, Flock.of(Flock.F_WRLCK));
        });
    }

    // When they go

    @Test
    void closingAnyDescriptorOfTheFileUnlocks() throws Exception {
        set(Flock.F_WRLCK, 0, 0);
        sys.close(open(FILE, Fcntl.O_RDONLY));
        inProcess(() -> assertEquals("-", inTheWay(0, 0)));
        set(Flock.F_WRLCK, 0, 0);
        sys.close(sys.dup(fd));
        inProcess(() -> assertEquals("-", inTheWay(0, 0)));
        set(Flock.F_WRLCK, 0, 0);
        int replaced = open(FILE, Fcntl.O_RDONLY);
        write("other", "");
        sys.dup2(open("other", Fcntl.O_RDONLY), replaced);
        inProcess(() -> assertEquals("-", inTheWay(0, 0)));
    }

    @Test
    void closingAnotherFileLeavesLocksAlone() throws Exception {
        write("other", "");
        set(Flock.F_WRLCK, 0, 0);
        sys.close(open("other", Fcntl.O_RDONLY));
        inProcess(() -> assertEquals("w0+0", inTheWay(0, 0)));
    }

    @Test
    void aChildNeitherInheritsLocksNorTakesThemOff() throws Exception {
        set(Flock.F_WRLCK, 0, 0);
        inProcess(() -> {
            assertEquals("w0+0", inTheWay(0, 0));
            sys.fcntl(fd, Fcntl.F_SETLK, Flock.of(Flock.F_UNLCK));
            assertEquals("w0+0", inTheWay(0, 0));
            sys.close(fd);
        });
        inProcess(() -> assertEquals("w0+0", inTheWay(0, 0)));
    }

    @Test
    void aProcessThatEndsLeavesNoLocks() throws Exception {
        inProcess(() -> set(Flock.F_WRLCK, 0, 0));
        assertEquals("-", inTheWay(0, 0));
    }

    @Test
    void aFileIsLockedThoughItHasNoName() throws Exception {
        set(Flock.F_WRLCK, 0, 0);
        sys.unlink(in(FILE));
        inProcess(() -> assertEquals("w0+0", inTheWay(0, 0)));
        write(FILE, "another one");
        inProcess(() -> sys.close(lockAnew(Fcntl.F_SETLK, Flock.F_WRLCK, 0, 0)));
    }

    // Waiting

    @Test
    void whoWaitsIsWokenByWhoUnlocks() throws Exception {
        set(Flock.F_WRLCK, 0, 10);
        OtherLwp<Integer> other = process(() -> lockAnew(Fcntl.F_SETLKW, Flock.F_WRLCK, 5, 10));
        letOthersBlock();
        set(Flock.F_UNLCK, 0, 5);
        letOthersBlock();
        set(Flock.F_UNLCK, 5, 5);
        assertTrue(other.join() >= 0);
    }

    @Test
    void whoWaitsToShareIsWokenWhenALockBecomesShared() throws Exception {
        set(Flock.F_WRLCK, 0, 0);
        OtherLwp<Integer> other = process(() -> lockAnew(Fcntl.F_SETLKW, Flock.F_RDLCK, 0, 0));
        letOthersBlock();
        set(Flock.F_RDLCK, 0, 0);
        assertTrue(other.join() >= 0);
    }

    @Test
    void whoWaitsIsWokenByWhoCloses() throws Exception {
        set(Flock.F_WRLCK, 0, 0);
        OtherLwp<Integer> other = process(() -> lockAnew(Fcntl.F_SETLKW, Flock.F_WRLCK, 0, 0));
        letOthersBlock();
        sys.close(fd);
        assertTrue(other.join() >= 0);
    }

    @Test
    void whoeverWouldWaitForeverIsToldSo() throws Exception {
        assumeNot(Difference.CIRCLES_OF_LOCKS_ARE_NOT_FOUND);
        CountDownLatch firstHasItsLock = new CountDownLatch(1);
        CountDownLatch secondHasItsLock = new CountDownLatch(1);
        OtherLwp<Boolean> first = process(() -> {
            int own = lockAnew(Fcntl.F_SETLK, Flock.F_WRLCK, 0, 1);
            firstHasItsLock.countDown();
            secondHasItsLock.await();
            return isDeadlock(own, 1);
        });
        OtherLwp<Boolean> second = process(() -> {
            firstHasItsLock.await();
            int own = lockAnew(Fcntl.F_SETLK, Flock.F_WRLCK, 1, 1);
            secondHasItsLock.countDown();
            return isDeadlock(own, 0);
        });
        // Whoever is told lets go as it ends, so the other one gets it.
        assertTrue(first.join() ^ second.join());
    }

    @Test
    void twoWhoShareCannotBothBecomeExclusive() throws Exception {
        assumeNot(Difference.CIRCLES_OF_LOCKS_ARE_NOT_FOUND);
        CountDownLatch bothShare = new CountDownLatch(2);
        List<OtherLwp<Boolean>> others = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            others.add(process(() -> {
                int own = lockAnew(Fcntl.F_SETLK, Flock.F_RDLCK, 0, 1);
                bothShare.countDown();
                bothShare.await();
                return isDeadlock(own, 0);
            }));
        }
        assertTrue(others.get(0).join() ^ others.get(1).join());
    }

    @Test
    void aCircleMayLeadThroughSeveralFiles() throws Exception {
        assumeNot(Difference.CIRCLES_OF_LOCKS_ARE_NOT_FOUND);
        int processes = 5;
        CountDownLatch all = new CountDownLatch(processes);
        for (int i = 0; i < processes; i++) {
            write("c" + i, "");
        }
        List<OtherLwp<Boolean>> others = new ArrayList<>();
        for (int i = 0; i < processes; i++) {
            String mine = "c" + i;
            String next = "c" + (i + 1) % processes;
            others.add(process(() -> {
                sys.fcntl(open(mine, Fcntl.O_RDWR), Fcntl.F_SETLK, Flock.of(Flock.F_WRLCK, 0, 1));
                all.countDown();
                all.await();
                return isDeadlock(open(next, Fcntl.O_RDWR), 0);
            }));
        }
        int told = 0;
        for (OtherLwp<Boolean> other : others) {
            told += other.join() ? 1 : 0;
        }
        assertEquals(1, told);
    }

    private boolean isDeadlock(int own, long at) throws ErrnoException {
        try {
            sys.fcntl(own, Fcntl.F_SETLKW, Flock.of(Flock.F_WRLCK, at, 1));
            return false;
        } catch (ErrnoException e) {
            assertEquals(Errno.EDEADLK, e.errno());
            return true;
        }
    }

    @Test
    void oneProcessAtATimeHasALock() throws Exception {
        write("count", "0");
        List<OtherLwp<Integer>> others = new ArrayList<>();
        int processes = 4;
        int rounds = 50;
        for (int i = 0; i < processes; i++) {
            others.add(process(() -> {
                int own = open(FILE, Fcntl.O_RDWR);
                for (int round = 0; round < rounds; round++) {
                    sys.fcntl(own, Fcntl.F_SETLKW, Flock.of(Flock.F_WRLCK, 3, 1));
                    write("count", Integer.toString(Integer.parseInt(read("count")) + 1));
                    sys.fcntl(own, Fcntl.F_SETLKW, Flock.of(Flock.F_UNLCK, 3, 1));
                }
                return own;
            }));
        }
        for (OtherLwp<Integer> other : others) {
            other.join();
        }
        assertEquals(Integer.toString(processes * rounds), read("count"));
    }

    // flock(2)

    @Test
    void openFilesKeepOneAnotherOut() throws Exception {
        int other = open(FILE, Fcntl.O_RDONLY);
        sys.flock(fd, Fcntl.LOCK_EX);
        assertErrno(Errno.EAGAIN, () -> sys.flock(other, Fcntl.LOCK_SH | Fcntl.LOCK_NB));
        sys.flock(fd, Fcntl.LOCK_SH);
        sys.flock(other, Fcntl.LOCK_SH | Fcntl.LOCK_NB);
        assertErrno(Errno.EAGAIN, () -> sys.flock(other, Fcntl.LOCK_EX | Fcntl.LOCK_NB));
        sys.flock(fd, Fcntl.LOCK_UN);
        sys.flock(other, Fcntl.LOCK_EX | Fcntl.LOCK_NB);
        assertErrno(Errno.EAGAIN, () -> sys.flock(fd, Fcntl.LOCK_SH | Fcntl.LOCK_NB));
    }

    @Test
    void duplicatesAndChildrenShareTheLockOfAnOpenFile() throws Exception {
        int other = open(FILE, Fcntl.O_RDONLY);
        int duplicate = sys.dup(fd);
        sys.flock(fd, Fcntl.LOCK_EX);
        sys.flock(duplicate, Fcntl.LOCK_EX | Fcntl.LOCK_NB);
        inProcess(() -> sys.flock(fd, Fcntl.LOCK_EX | Fcntl.LOCK_NB));
        sys.close(fd);
        assertErrno(Errno.EAGAIN, () -> sys.flock(other, Fcntl.LOCK_SH | Fcntl.LOCK_NB));
        inProcess(() -> sys.flock(duplicate, Fcntl.LOCK_UN));
        sys.flock(other, Fcntl.LOCK_EX | Fcntl.LOCK_NB);
    }

    @Test
    void theLockOfAnOpenFileGoesWithItsLastDescriptor() throws Exception {
        int other = open(FILE, Fcntl.O_RDONLY);
        int duplicate = sys.dup(fd);
        sys.flock(fd, Fcntl.LOCK_EX);
        sys.close(fd);
        assertErrno(Errno.EAGAIN, () -> sys.flock(other, Fcntl.LOCK_EX | Fcntl.LOCK_NB));
        sys.close(duplicate);
        sys.flock(other, Fcntl.LOCK_EX | Fcntl.LOCK_NB);
    }

    @Test
    void whoWaitsForAnOpenFileIsWoken() throws Exception {
        sys.flock(fd, Fcntl.LOCK_EX);
        OtherLwp<Integer> other = process(() -> {
            int own = open(FILE, Fcntl.O_RDONLY);
            sys.flock(own, Fcntl.LOCK_EX);
            return own;
        });
        letOthersBlock();
        sys.flock(fd, Fcntl.LOCK_UN);
        assertTrue(other.join() >= 0);
    }

    @Test
    void directoriesAreLockedToo() throws Exception {
        sys.mkdir(in("d"), 0755);
        int one = open("d", Fcntl.O_RDONLY);
        int other = open("d", Fcntl.O_RDONLY);
        sys.flock(one, Fcntl.LOCK_EX);
        assertErrno(Errno.EAGAIN, () -> sys.flock(other, Fcntl.LOCK_SH | Fcntl.LOCK_NB));
    }

    @Test
    void bothKindsOfLocksKeepOneAnotherOut() throws Exception {
        int other = open(FILE, Fcntl.O_RDWR);
        sys.flock(fd, Fcntl.LOCK_EX);
        inProcess(() -> {
            fails(() -> sys.fcntl(other, Fcntl.F_SETLK, Flock.of(Flock.F_RDLCK, 3, 1)), Errno.EAGAIN);
            assertEquals(
                    new Flock(0, 0, -1, Flock.F_WRLCK, Fcntl.SEEK_SET),
                    sys.fcntl(other, Fcntl.F_GETLK, Flock.of(Flock.F_RDLCK, 3, 1)));
        });
        sys.flock(fd, Fcntl.LOCK_UN);
        set(Flock.F_RDLCK, 3, 1);
        assertErrno(Errno.EAGAIN, () -> sys.flock(other, Fcntl.LOCK_EX | Fcntl.LOCK_NB));
        sys.flock(other, Fcntl.LOCK_SH | Fcntl.LOCK_NB);
    }

    // open(2)

    @Test
    void aFileIsLockedAsItIsOpened() throws Exception {
        int one = open(FILE, Fcntl.O_RDONLY | Fcntl.O_SHLOCK);
        int two = open(FILE, Fcntl.O_RDONLY | Fcntl.O_SHLOCK | Fcntl.O_NONBLOCK);
        fails(() -> open(FILE, Fcntl.O_RDONLY | Fcntl.O_EXLOCK | Fcntl.O_NONBLOCK), Errno.EAGAIN);
        sys.close(one);
        sys.close(two);
        int exclusive = open(FILE, Fcntl.O_RDWR | Fcntl.O_EXLOCK);
        fails(() -> open(FILE, Fcntl.O_RDONLY | Fcntl.O_SHLOCK | Fcntl.O_NONBLOCK), Errno.EAGAIN);
        OtherLwp<Integer> other = process(() -> open(FILE, Fcntl.O_RDONLY | Fcntl.O_EXLOCK));
        letOthersBlock();
        sys.close(exclusive);
        assertTrue(other.join() >= 0);
        int made = open("new", Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_EXLOCK | Fcntl.O_NONBLOCK);
        fails(() -> sys.flock(open("new", Fcntl.O_RDONLY), Fcntl.LOCK_SH | Fcntl.LOCK_NB), Errno.EAGAIN);
        sys.close(made);
    }
}
