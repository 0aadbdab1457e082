package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Timeout;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.OpaqueLwp;

/** What the suites on files have in common. Names in their tests are relative to {@link #dir}. */
@Timeout(FileSuite.TIMEOUT_SECONDS)
public abstract class FileSuite extends SyscallSuite {
    /** A test that takes longer hangs. */
    static final int TIMEOUT_SECONDS = 120;

    /** Somebody who is not the superuser. */
    protected static final int USER = 1000;

    /** Somebody else. */
    protected static final int OTHER = 1001;

    /** A group of theirs. */
    protected static final int GROUP = 100;

    /** A system call. */
    @FunctionalInterface
    protected interface Call {
        void run() throws ErrnoException;
    }

    /** A part of a test. */
    @FunctionalInterface
    protected interface Body {
        void run() throws Exception;
    }

    /** A system call fails, in one way, or in one of several that the standard leaves open. */
    protected static void fails(Call call, Errno expected, Errno... orElse) {
        ErrnoException e = assertThrows(ErrnoException.class, call::run);
        Set<Errno> allowed = EnumSet.of(expected, orElse);
        assertTrue(allowed.contains(e.errno()), () -> e + ", not " + allowed);
    }

    /** A system call fails, but goes well where the kernel differs. */
    protected void failsUnless(Difference difference, Call call, Errno expected, Errno... orElse)
            throws ErrnoException {
        if (differs(difference)) {
            call.run();
        } else {
            fails(call, expected, orElse);
        }
    }

    /** A system call fails, in another way where the kernel differs. */
    protected void failsOr(Difference difference, Errno otherwise, Call call, Errno expected, Errno... orElse) {
        if (differs(difference)) {
            fails(call, otherwise);
        } else {
            fails(call, expected, orElse);
        }
    }

    /** A path in the test's directory. */
    protected String in(String name) {
        return dir + name;
    }

    /** Opens a file in the test's directory. */
    protected int open(String name, int flags) throws ErrnoException {
        return sys.open(in(name), flags, 0644);
    }

    /** Makes a file that says something. */
    protected void write(String name, String text) throws ErrnoException {
        int fd = open(name, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_TRUNC);
        writeAll(fd, bytes(text));
        sys.close(fd);
    }

    /** Makes an empty file with permissions, whatever the umask is. */
    protected void make(String name, int mode) throws ErrnoException {
        sys.close(sys.open(in(name), Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL, 0600));
        sys.chmod(in(name), mode);
    }

    /** Makes a directory with permissions, whatever the umask is. */
    protected void makeDir(String name, int mode) throws ErrnoException {
        sys.mkdir(in(name), 0700);
        sys.chmod(in(name), mode);
    }

    /** What a file says. */
    protected String read(String name) throws ErrnoException {
        int fd = open(name, Fcntl.O_RDONLY);
        String text = text(readAll(fd));
        sys.close(fd);
        return text;
    }

    /** What is left to read. */
    protected byte[] readAll(int fd) throws ErrnoException {
        byte[] all = new byte[0];
        byte[] part = new byte[8192];
        for (int n = sys.read(fd, part); n > 0; n = sys.read(fd, part)) {
            all = Arrays.copyOf(all, all.length + n);
            System.arraycopy(part, 0, all, all.length - n, n);
        }
        return all;
    }

    /** Writes all of it, or the test has failed. */
    protected void writeAll(int fd, byte[] data) throws ErrnoException {
        long n = sys.write(fd, MemorySegment.ofArray(data));
        assertTrue(n == data.length, () -> n + " bytes of " + data.length + " written");
    }

    /** The entries of a directory that are left to read, {@code .} and {@code ..} too. */
    protected List<Dirent> dirents(int fd) throws ErrnoException {
        List<Dirent> all = new ArrayList<>();
        for (List<Dirent> some = sys.getdents(fd); !some.isEmpty(); some = sys.getdents(fd)) {
            all.addAll(some);
        }
        return all;
    }

    /** The names in a directory, in their order as strings, without {@code .} and {@code ..}. */
    protected List<String> names(String name) throws ErrnoException {
        int fd = open(name, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY);
        Set<String> names = new TreeSet<>();
        for (Dirent entry : dirents(fd)) {
            if (!entry.name().equals(".") && !entry.name().equals("..")) {
                assertTrue(names.add(entry.name()), () -> entry.name() + " is there twice");
            }
        }
        sys.close(fd);
        return new ArrayList<>(names);
    }

    /** The number of a file. */
    protected long ino(String name) throws ErrnoException {
        return sys.lstat(in(name)).ino();
    }

    /** The permissions of a file. */
    protected int perms(String name) throws ErrnoException {
        return sys.lstat(in(name)).mode() & SysStat.ALLPERMS;
    }

    /** Whether a name is there, whatever it leads to. */
    protected boolean exists(String name) throws ErrnoException {
        try {
            sys.lstat(in(name));
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    /** Runs in a process of its own, a child of the test's that has its descriptors too. */
    protected void inProcess(Body body) throws Exception {
        OpaqueLwp before = kernel.lwproc().curlwp();
        kernel.lwproc().rfork(Lwproc.RFFDG);
        try {
            body.run();
        } finally {
            kernel.lwproc().releaselwp();
            kernel.lwproc().switchTo(before);
        }
    }

    /** Runs in a process of its own as somebody who is in one group, and in others. */
    protected void asUser(int uid, int gid, Body body, int... groups) throws Exception {
        inProcess(() -> {
            sys.setgroups(groups);
            sys.setgid(gid);
            sys.setuid(uid);
            body.run();
        });
    }

    /** Runs in a process of its own as {@link #USER}. */
    protected void asUser(Body body) throws Exception {
        asUser(USER, GROUP, body);
    }

    /** A thread that is an lwp of the test's process. */
    protected Thread lwp(Body body, List<Throwable> failures) {
        int pid = sys.getpid();
        return Thread.ofPlatform().unstarted(() -> {
            try {
                kernel.lwproc().newlwp(pid);
                try {
                    body.run();
                } finally {
                    kernel.lwproc().releaselwp();
                }
            } catch (Throwable t) {
                synchronized (failures) {
                    failures.add(t);
                }
            }
        });
    }

    /** Runs several bodies at once, each as an lwp of the test's process, and waits for all. */
    protected void together(Body... bodies) throws Exception {
        List<Throwable> failures = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (Body body : bodies) {
            threads.add(lwp(body, failures));
        }
        for (Thread thread : threads) {
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            AssertionError all =
                    new AssertionError(failures.size() + " of " + bodies.length + " failed", failures.get(0));
            failures.stream().skip(1).forEach(all::addSuppressed);
            throw all;
        }
    }

    protected static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    protected static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
