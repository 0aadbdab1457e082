package org.rump4j.fs.ext2fs;

import java.util.ArrayList;
import java.util.List;
import org.rump4j.rumpuser.ErrnoException;

/** What programs do to files, in directories that are there and empty. */
enum Workload {
    /** New files, each of them synced. */
    CREATE {
        @Override
        void run(CrashWork work, String dir) throws ErrnoException {
            for (int i = 0; i < 25; i++) {
                work.put(
                        dir + "/f" + i, work.random.nextInt(4) * work.random.nextInt(9000), work.random.nextInt(3) > 0);
            }
        }
    },

    /** A file whose blocks are written anew and again. */
    OVERWRITE {
        @Override
        void run(CrashWork work, String dir) throws ErrnoException {
            String path = dir + "/data";
            work.create(path);
            work.write(path, 0, 150_000);
            work.fsync(path);
            for (int i = 0; i < 25; i++) {
                int offset = work.random.nextInt(140_000);
                work.write(path, offset, 1 + work.random.nextInt(10_000));
                if (i % 3 > 0) {
                    work.fdatasync(path);
                }
            }
            work.close(path);
        }
    },

    /** Written beside, synced, and renamed over the old one. */
    REPLACE {
        @Override
        void run(CrashWork work, String dir) throws ErrnoException {
            work.mkdir(dir + "/other");
            for (int i = 0; i < 30; i++) {
                String to = dir + (i % 3 == 0 ? "/other" : "") + "/config" + i % 4;
                work.put(dir + "/new" + i, 1 + work.random.nextInt(6000), true);
                work.rename(dir + "/new" + i, to);
                if (i % 8 == 7) {
                    work.fsyncDirectory(dir);
                }
            }
            work.sync();
        }
    },

    /** What is replaced has a name on the disk, and data that was never written. */
    REPLACE_UNWRITTEN {
        @Override
        void run(CrashWork work, String dir) throws ErrnoException {
            for (int i = 0; i < 4; i++) {
                work.put(dir + "/late" + i, 0, true);
                work.open(dir + "/late" + i);
                work.write(dir + "/late" + i, 0, 9000);
                work.close(dir + "/late" + i);
                work.put(dir + "/fresh" + i, 100, false);
                work.rename(dir + "/fresh" + i, dir + "/late" + i);
                work.sync();
            }
        }
    },

    /** Files and directories that go from one directory to another, large ones among them. */
    MOVE {
        @Override
        void run(CrashWork work, String dir) throws ErrnoException {
            for (String name : List.of("/a", "/b", "/c")) {
                work.mkdir(dir + name);
            }
            List<String> files = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                String path = dir + (i % 2 == 0 ? "/a/" : "/b/") + "long-name-".repeat(5) + i;
                work.put(path, i % 5 * 300, false);
                files.add(path);
            }
            work.mkdir(dir + "/a/sub");
            work.put(dir + "/a/sub/file", 2000, false);
            work.sync();
            for (int i = 0; i < 60; i++) {
                int which = work.random.nextInt(files.size());
                String from = files.get(which);
                String to = dir + "/" + "abc".charAt(work.random.nextInt(3)) + "/" + "moved-name-".repeat(4) + i;
                work.rename(from, to);
                files.set(which, to);
                if (i % 12 == 5) {
                    work.fsyncDirectory(to.substring(0, to.lastIndexOf('/')));
                }
                if (i % 20 == 10) {
                    work.rename(dir + "/a/sub", dir + "/b/sub");
                    work.rename(dir + "/b/sub", dir + "/c/sub");
                    work.rename(dir + "/c/sub", dir + "/a/sub");
                }
            }
            work.rename(dir + "/a/sub", dir + "/c/sub");
            work.sync();
        }
    },

    /** Files that go, some of them while they are open, and others that get their blocks. */
    UNLINK {
        @Override
        void run(CrashWork work, String dir) throws ErrnoException {
            for (int round = 0; round < 4; round++) {
                for (int i = 0; i < 12; i++) {
                    work.put(dir + "/r" + round + "f" + i, 1 + work.random.nextInt(20_000), false);
                }
                work.mkdir(dir + "/d" + round);
                work.sync();
                String open = dir + "/r" + round + "f0";
                work.open(open);
                work.unlink(open);
                for (int i = 1; i < 12; i += 1 + work.random.nextInt(2)) {
                    work.unlink(dir + "/r" + round + "f" + i);
                    work.put(dir + "/r" + round + "n" + i, 1 + work.random.nextInt(20_000), i % 4 == 0);
                }
                work.rmdir(dir + "/d" + round);
                if (round % 2 == 0) {
                    work.close(open);
                }
            }
            work.link(dir + "/r3n1", dir + "/hard");
            work.unlink(dir + "/r3n1");
            work.sync();
        }
    },

    /** Files that become shorter and longer. */
    TRUNCATE {
        @Override
        void run(CrashWork work, String dir) throws ErrnoException {
            for (int f = 0; f < 3; f++) {
                work.create(dir + "/f" + f);
                work.write(dir + "/f" + f, 0, 60_000);
            }
            work.sync();
            for (int i = 0; i < 30; i++) {
                String path = dir + "/f" + work.random.nextInt(3);
                work.truncate(path, work.random.nextInt(100_000));
                if (work.random.nextInt(3) > 0) {
                    work.write(path, work.random.nextInt(60_000), 1 + work.random.nextInt(8000));
                }
                if (i % 4 == 3) {
                    work.fsync(path);
                }
            }
        }
    },

    /** A directory whose index grows. */
    LARGE_DIRECTORY {
        @Override
        void run(CrashWork work, String dir) throws ErrnoException {
            for (int i = 0; i < 220; i++) {
                String path = dir + "/" + "name".repeat(1 + work.random.nextInt(30)) + i;
                work.put(path, 0, i % 14 == 0);
                if (i % 50 == 30) {
                    work.fsyncDirectory(dir);
                }
                if (i % 9 == 8) {
                    work.rename(path, path + "x");
                }
            }
        }
    },

    /** Files with many holes, and far ends. */
    SPARSE {
        @Override
        void run(CrashWork work, String dir) throws ErrnoException {
            work.create(dir + "/holes");
            work.create(dir + "/far");
            for (int i = 0; i < 70; i++) {
                int block = work.random.nextInt(200);
                work.write(dir + "/holes", block * 8192, 1 + work.random.nextInt(3000));
                if (i % 10 == 9) {
                    work.write(dir + "/far", i * i * 300, 5000);
                    work.fsync(dir + (i % 20 == 9 ? "/far" : "/holes"));
                }
                if (i == 50) {
                    work.truncate(dir + "/holes", 400_000);
                }
            }
            work.sync();
        }
    },

    /** A tree, synced as a whole. */
    TREE {
        @Override
        void run(CrashWork work, String dir) throws ErrnoException {
            for (int round = 0; round < 3; round++) {
                String at = dir;
                for (int depth = 0; depth < 4; depth++) {
                    at += "/r" + round + "d" + depth;
                    work.mkdir(at);
                    for (int i = 0; i < 4; i++) {
                        work.put(at + "/f" + i, work.random.nextInt(12_000), false);
                    }
                }
                work.sync();
            }
        }
    },

    /** All sorts of things in any order. */
    MIXED {
        @Override
        void run(CrashWork work, String dir) throws ErrnoException {
            work.mkdir(dir + "/a");
            work.mkdir(dir + "/b");
            for (int i = 0; i < 150; i++) {
                step(work, dir + (work.random.nextBoolean() ? "/a/f" : "/b/f"));
            }
        }

        private void step(CrashWork work, String prefix) throws ErrnoException {
            String path = prefix + work.random.nextInt(8);
            if (!work.exists(path)) {
                work.put(path, work.random.nextInt(10_000), work.random.nextBoolean());
                return;
            }
            switch (work.random.nextInt(8)) {
                case 0 -> work.unlink(path);
                case 1, 2 -> {
                    String to =
                            prefix.replace(work.random.nextBoolean() ? "/a/" : "/b/", "/b/") + work.random.nextInt(8);
                    if (!to.equals(path)) {
                        work.rename(path, to);
                    }
                }
                case 3 -> work.sync();
                case 4 -> work.fsyncDirectory(prefix.substring(0, prefix.length() - 2));
                default -> {
                    work.open(path);
                    if (work.random.nextBoolean()) {
                        work.write(path, work.random.nextInt(30_000), 1 + work.random.nextInt(12_000));
                    } else {
                        work.truncate(path, work.random.nextInt(20_000));
                    }
                    if (work.random.nextBoolean()) {
                        work.fsync(path);
                    }
                    work.close(path);
                }
            }
        }
    };

    abstract void run(CrashWork work, String dir) throws ErrnoException;
}
