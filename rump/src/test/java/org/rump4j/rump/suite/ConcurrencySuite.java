package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Many lwps at work on the same files and directories: each call is done as a whole, and nothing is lost. */
public abstract class ConcurrencySuite extends FileSuite {
    private static final int LWPS = 6;

    /** Runs a body by several lwps at once, which it tells its number. */
    private void everybody(NumberedBody body) throws Exception {
        Body[] bodies = new Body[LWPS];
        for (int i = 0; i < LWPS; i++) {
            int number = i;
            bodies[i] = () -> body.run(number);
        }
        together(bodies);
    }

    private interface NumberedBody {
        void run(int number) throws Exception;
    }

    /** Whether a call succeeded; it may fail in the ways that are given. */
    private static boolean tried(Call call, Errno... allowed) throws ErrnoException {
        try {
            call.run();
            return true;
        } catch (ErrnoException e) {
            if (!Arrays.asList(allowed).contains(e.errno())) {
                throw e;
            }
            return false;
        }
    }

    @Test
    void oneOfManyCreatesAFile() throws Exception {
        int files = 200;
        AtomicIntegerArray winners = new AtomicIntegerArray(files);
        everybody(_ -> {
            for (int i = 0; i < files; i++) {
                String name = "f" + i;
                int slot = i;
                tried(
                        () -> {
                            sys.close(open(name, Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_EXCL));
                            winners.incrementAndGet(slot);
                        },
                        Errno.EEXIST);
            }
        });
        for (int i = 0; i < files; i++) {
            assertEquals(1, winners.get(i));
        }
    }

    @Test
    void oneOfManyRemovesAName() throws Exception {
        int files = 200;
        for (int i = 0; i < files; i++) {
            make("f" + i, 0644);
            sys.mkdir(in("d" + i), 0755);
        }
        AtomicInteger files0 = new AtomicInteger();
        AtomicInteger dirs = new AtomicInteger();
        everybody(_ -> {
            for (int i = 0; i < files; i++) {
                String number = String.valueOf(i);
                if (tried(() -> sys.unlink(in("f" + number)), Errno.ENOENT)) {
                    files0.incrementAndGet();
                }
                if (tried(() -> sys.rmdir(in("d" + number)), Errno.ENOENT)) {
                    dirs.incrementAndGet();
                }
            }
        });
        assertEquals(files, files0.get());
        assertEquals(files, dirs.get());
    }

    @Test
    void appendedLinesAreAllThere() throws Exception {
        make("log", 0644);
        int lines = 200;
        everybody(number -> {
            int fd = open("log", Fcntl.O_WRONLY | Fcntl.O_APPEND);
            for (int i = 0; i < lines; i++) {
                writeAll(fd, bytes(number + " " + i + "\n"));
            }
            sys.close(fd);
        });
        int[] next = new int[LWPS];
        for (String line : read("log").split("\n", -1)) {
            if (!line.isEmpty()) {
                String[] parts = line.split(" ", -1);
                int number = Integer.parseInt(parts[0]);
                assertEquals(next[number]++, Integer.parseInt(parts[1]));
            }
        }
        for (int n : next) {
            assertEquals(lines, n);
        }
    }

    @Test
    void writesAtTheSharedPositionDoNotOverlap() throws Exception {
        int fd = open("f", Fcntl.O_RDWR | Fcntl.O_CREAT);
        int writes = 200;
        int length = 37;
        everybody(number -> {
            byte[] data = new byte[length];
            Arrays.fill(data, (byte) ('a' + number));
            for (int i = 0; i < writes; i++) {
                writeAll(fd, data);
            }
        });
        sys.lseek(fd, 0, Fcntl.SEEK_SET);
        byte[] all = readAll(fd);
        assertEquals(LWPS * writes * length, all.length);
        for (int at = 0; at < all.length; at += length) {
            for (int i = 1; i < length; i++) {
                assertEquals(all[at], all[at + i]);
            }
        }
    }

    @Test
    void aReadSeesAWriteWholeOrNotAtAll() throws Exception {
        int length = 10_000;
        int fd = open("f", Fcntl.O_RDWR | Fcntl.O_CREAT);
        sys.pwrite(fd, new byte[length], 0);
        everybody(number -> {
            byte[] data = new byte[length];
            for (int i = 0; i < 200; i++) {
                if (number < 2) {
                    Arrays.fill(data, (byte) (number * 100 + i % 100));
                    assertEquals(length, sys.pwrite(fd, data, 0));
                } else {
                    assertEquals(length, sys.pread(fd, data, 0));
                    byte first = data[0];
                    for (byte b : data) {
                        assertEquals(first, b);
                    }
                }
            }
        });
    }

    @Test
    void aRenameReplacesInOneStep() throws Exception {
        write("target", "0");
        everybody(number -> {
            for (int i = 0; i < 300; i++) {
                if (number == 0) {
                    write("next", "content " + i);
                    sys.rename(in("next"), in("target"));
                } else if (number % 2 == 0) {
                    assertTrue(!read("target").isEmpty() || i == 0);
                } else {
                    sys.stat(in("target"));
                }
            }
        });
        assertEquals("content 299", read("target"));
    }

    @Test
    void namesThatMoveAboutAreNeverLostOrDoubled() throws Exception {
        int dirs = 4;
        int files = 24;
        for (int i = 0; i < dirs; i++) {
            sys.mkdir(in("d" + i), 0755);
        }
        for (int i = 0; i < files; i++) {
            write("d0/f" + i, "content " + i);
        }
        everybody(number -> {
            Random random = new Random(number);
            for (int i = 0; i < 600; i++) {
                String name = "f" + random.nextInt(files);
                String from = "d" + random.nextInt(dirs) + "/" + name;
                String to = "d" + random.nextInt(dirs) + "/" + name;
                tried(() -> sys.rename(in(from), in(to)), Errno.ENOENT);
            }
        });
        TreeSet<String> all = new TreeSet<>();
        for (int i = 0; i < dirs; i++) {
            for (String name : names("d" + i)) {
                assertTrue(all.add(name), () -> name + " is there twice");
                assertEquals("content " + name.substring(1), read("d" + i + "/" + name));
                assertEquals(1, sys.stat(in("d" + i + "/" + name)).nlink());
            }
        }
        assertEquals(files, all.size());
    }

    @Test
    void directoriesThatMoveIntoOneAnotherStayATree() throws Exception {
        assumeNot(Difference.DIRECTORIES_THAT_MOVE_MAY_LOCK_UP);
        int dirs = 8;
        sys.mkdir(in("root"), 0755);
        for (int i = 0; i < dirs; i++) {
            sys.mkdir(in("root/d" + i), 0755);
        }
        int[] fds = new int[dirs];
        int root = open("root", Fcntl.O_RDONLY);
        for (int i = 0; i < dirs; i++) {
            fds[i] = open("root/d" + i, Fcntl.O_RDONLY);
        }
        everybody(number -> {
            Random random = new Random(number);
            for (int i = 0; i < 1500; i++) {
                int from = random.nextInt(dirs + 1);
                int to = random.nextInt(dirs + 1);
                String name = "d" + random.nextInt(dirs);
                String newName = random.nextInt(4) == 0 ? "d" + random.nextInt(dirs) : name;
                tried(
                        () -> sys.renameat(from == dirs ? root : fds[from], name, to == dirs ? root : fds[to], newName),
                        Errno.ENOENT,
                        Errno.EINVAL,
                        Errno.ENOTEMPTY);
                if (i % 10 == 0) {
                    tried(() -> sys.mkdirat(root, name, 0755), Errno.EEXIST);
                }
            }
        });
        checkTree("root", sys.stat(dir).ino());
    }

    /** Every directory has as many links as it should, and a .. that is right. */
    private void checkTree(String path, long parent) throws ErrnoException {
        int fd = open(path, Fcntl.O_RDONLY);
        List<String> below = new ArrayList<>();
        for (Dirent entry : dirents(fd)) {
            if (entry.name().equals("..")) {
                assertEquals(parent, entry.fileno(), path);
            } else if (!entry.name().equals(".")) {
                below.add(entry.name());
            }
        }
        sys.close(fd);
        assertEquals(2 + below.size(), sys.stat(in(path)).nlink(), path);
        for (String name : below) {
            checkTree(path + "/" + name, ino(path));
        }
    }

    @Test
    void everythingAtOnceLeavesEverythingInOrder() throws Exception {
        sys.mkdir(in("d"), 0755);
        sys.mkdir(in("d/sub"), 0755);
        Errno[] usual = {
            Errno.ENOENT,
            Errno.EEXIST,
            Errno.ENOTDIR,
            Errno.EISDIR,
            Errno.ENOTEMPTY,
            Errno.EINVAL,
            Errno.EPERM,
            Errno.ELOOP
        };
        everybody(number -> {
            Random random = new Random(1000 + number);
            byte[] buf = new byte[5000];
            for (int i = 0; i < 1500; i++) {
                String a = "d/" + (random.nextBoolean() ? "sub/" : "") + "n" + random.nextInt(8);
                String b = "d/" + (random.nextBoolean() ? "sub/" : "") + "n" + random.nextInt(8);
                int what = random.nextInt(12);
                tried(
                        () -> {
                            switch (what) {
                                case 0 -> sys.close(open(a, Fcntl.O_RDWR | Fcntl.O_CREAT));
                                case 1 -> sys.unlink(in(a));
                                case 2, 3 -> sys.rename(in(a), in(b));
                                case 4 -> sys.link(in(a), in(b));
                                case 5 -> sys.mkdir(in(a), 0755);
                                case 6 -> sys.rmdir(in(a));
                                case 7 -> sys.symlink("n" + what, in(a));
                                case 8 -> {
                                    int fd = open(a, Fcntl.O_RDWR);
                                    sys.pwrite(fd, buf, random.nextInt(100_000));
                                    sys.close(fd);
                                }
                                case 9 -> {
                                    int fd = open(a, Fcntl.O_RDONLY);
                                    tried(() -> sys.read(fd, buf), Errno.EISDIR);
                                    sys.close(fd);
                                }
                                case 10 -> {
                                    int fd = open("d", Fcntl.O_RDONLY);
                                    dirents(fd);
                                    sys.close(fd);
                                }
                                default -> sys.stat(in(a));
                            }
                        },
                        usual);
            }
        });
        int directories = 0;
        for (String name : names("d")) {
            if (sys.lstat(in("d/" + name)).isDirectory()) {
                directories++;
            }
        }
        assertEquals(2 + directories, sys.stat(in("d")).nlink());
        remove("d");
        assertTrue(!exists("d"));
    }

    /** Removes a tree. */
    private void remove(String path) throws ErrnoException {
        if (!sys.lstat(in(path)).isDirectory()) {
            sys.unlink(in(path));
            return;
        }
        for (String name : names(path)) {
            remove(path + "/" + name);
        }
        sys.rmdir(in(path));
    }

    @Test
    void aDirectoryIsNotRemovedWhileSomethingIsMadeInIt() throws Exception {
        everybody(number -> {
            for (int i = 0; i < 300; i++) {
                if (number < 2) {
                    tried(() -> sys.mkdir(in("d"), 0755), Errno.EEXIST);
                    tried(() -> sys.rmdir(in("d")), Errno.ENOENT, Errno.ENOTEMPTY);
                } else {
                    String name = "d/f" + number;
                    if (tried(() -> sys.close(open(name, Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_EXCL)), Errno.ENOENT)) {
                        sys.unlink(in(name));
                    }
                }
            }
        });
    }

    @Test
    void filesAreReadWhileTheyAreUnlinked() throws Exception {
        everybody(number -> {
            for (int i = 0; i < 300; i++) {
                if (number == 0) {
                    write("f", "content");
                    sys.unlink(in("f"));
                } else {
                    tried(
                            () -> {
                                String text = read("f");
                                assertTrue(text.isEmpty() || text.equals("content"), text);
                            },
                            Errno.ENOENT);
                }
            }
        });
    }
}
