package org.rump4j.rump.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;

/** {@code mkdir(2)}, {@code rmdir(2)}, {@code getdents(2)}. */
public abstract class DirectorySuite extends FileSuite {
    // Making and removing

    @Test
    void aNewDirectoryIsEmptyAndHasTheModeLessTheUmask() throws Exception {
        sys.umask(027);
        sys.mkdir(in("d"), 0777);
        Stat d = sys.stat(in("d"));
        assertTrue(d.isDirectory());
        assertEquals(0750, d.mode() & SysStat.ALLPERMS);
        assertEquals(2, d.nlink());
        assertEquals(List.of(), names("d"));
    }

    @Test
    void directoriesLinkToTheOneAboveThem() throws Exception {
        sys.mkdir(in("d"), 0755);
        sys.mkdir(in("d/a"), 0755);
        sys.mkdir(in("d/b"), 0755);
        write("d/f", "");
        assertEquals(4, sys.stat(in("d")).nlink());
        sys.rmdir(in("d/a"));
        assertEquals(3, sys.stat(in("d")).nlink());
    }

    @Test
    void whatIsThereIsEEXIST() throws Exception {
        write("f", "");
        sys.mkdir(in("d"), 0755);
        sys.symlink("nowhere", in("l"));
        fails(() -> sys.mkdir(in("f"), 0755), Errno.EEXIST);
        fails(() -> sys.mkdir(in("d"), 0755), Errno.EEXIST);
        fails(() -> sys.mkdir(in("l"), 0755), Errno.EEXIST);
        fails(() -> sys.mkdir(in("d/."), 0755), Errno.EEXIST, Errno.EISDIR);
        fails(() -> sys.mkdir(in("d/.."), 0755), Errno.EEXIST, Errno.EISDIR);
        fails(() -> sys.mkdir("/", 0755), Errno.EEXIST, Errno.EISDIR);
    }

    @Test
    void theDirectoryAboveMustBeThereAndBeOne() throws Exception {
        write("f", "");
        fails(() -> sys.mkdir(in("none/d"), 0755), Errno.ENOENT);
        fails(() -> sys.mkdir(in("f/d"), 0755), Errno.ENOTDIR);
        fails(() -> sys.mkdir("", 0755), Errno.ENOENT);
    }

    @Test
    void theDirectoryAboveMustBeWritable() throws Exception {
        makeDir("d", 0755);
        makeDir("d/e", 0755);
        asUser(() -> {
            fails(() -> sys.mkdir(in("d/new"), 0755), Errno.EACCES);
            fails(() -> sys.rmdir(in("d/e")), Errno.EACCES);
        });
    }

    @Test
    void aSlashMayFollowTheNameOfADirectory() throws Exception {
        sys.mkdir(in("d/"), 0755);
        sys.mkdir(in("d/e//"), 0755);
        assertEquals(List.of("e"), names("d"));
        sys.rmdir(in("d/e/"));
        assertEquals(List.of(), names("d"));
    }

    @Test
    void relativePathsStartFromTheDirectorysDescriptor() throws Exception {
        sys.mkdir(in("d"), 0755);
        int d = open("d", Fcntl.O_RDONLY);
        sys.mkdirat(d, "e", 0755);
        assertEquals(List.of("e"), names("d"));
        sys.unlinkat(d, "e", Fcntl.AT_REMOVEDIR);
        assertEquals(List.of(), names("d"));
    }

    @Test
    void onlyEmptyDirectoriesAreRemoved() throws Exception {
        sys.mkdir(in("d"), 0755);
        write("d/f", "");
        fails(() -> sys.rmdir(in("d")), Errno.ENOTEMPTY);
        sys.unlink(in("d/f"));
        sys.symlink("nowhere", in("d/l"));
        fails(() -> sys.rmdir(in("d")), Errno.ENOTEMPTY);
        sys.unlink(in("d/l"));
        sys.rmdir(in("d"));
        assertFalse(exists("d"));
    }

    @Test
    void onlyDirectoriesAreRemoved() throws Exception {
        write("f", "");
        sys.mkdir(in("d"), 0755);
        sys.symlink("d", in("l"));
        fails(() -> sys.rmdir(in("f")), Errno.ENOTDIR);
        fails(() -> sys.rmdir(in("l")), Errno.ENOTDIR);
        fails(() -> sys.rmdir(in("none")), Errno.ENOENT);
        fails(() -> sys.rmdir(in("f/x")), Errno.ENOTDIR);
        fails(() -> sys.rmdir(""), Errno.ENOENT);
    }

    @Test
    void dotAndDotDotAreNotRemoved() throws Exception {
        sys.mkdir(in("d"), 0755);
        sys.mkdir(in("d/e"), 0755);
        fails(() -> sys.rmdir(in("d/e/.")), Errno.EINVAL);
        fails(() -> sys.rmdir(in("d/e/..")), Errno.ENOTEMPTY, Errno.EINVAL);
        fails(() -> sys.rmdir("/"), Errno.EBUSY);
        assertTrue(exists("d/e"));
    }

    @Test
    void nothingCanBeMadeOrFoundInADirectoryThatIsGone() throws Exception {
        sys.mkdir(in("d"), 0755);
        sys.mkdir(in("d/e"), 0755);
        int fd = open("d/e", Fcntl.O_RDONLY);
        sys.chdir(in("d/e"));
        sys.rmdir(in("d/e"));
        fails(() -> sys.openat(fd, "f", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644), Errno.ENOENT);
        fails(() -> sys.mkdirat(fd, "f", 0755), Errno.ENOENT);
        fails(() -> sys.mkdir("f", 0755), Errno.ENOENT);
        fails(() -> sys.symlink("x", "f"), Errno.ENOENT);
        fails(() -> sys.link(in("d"), "f"), Errno.ENOENT, Errno.EPERM);
        fails(() -> sys.mkfifo("f", 0644), Errno.ENOENT);
        fails(() -> sys.rename(in("d"), "f"), Errno.ENOENT, Errno.EINVAL);
        fails(() -> sys.stat("f"), Errno.ENOENT);
        fails(() -> sys.stat(".."), Errno.ENOENT);
        fails(() -> sys.getcwd(), Errno.ENOENT);
        assertEquals(0, sys.fstat(fd).nlink());
        assertEquals(List.of(), names("d"));
    }

    // Reading

    @Test
    void dotAndDotDotAreAmongTheEntries() throws Exception {
        sys.mkdir(in("d"), 0755);
        sys.mkdir(in("d/e"), 0755);
        Map<String, Dirent> entries = new HashMap<>();
        for (Dirent entry : dirents(open("d/e", Fcntl.O_RDONLY))) {
            entries.put(entry.name(), entry);
        }
        assertEquals(2, entries.size());
        assertEquals(ino("d/e"), entries.get(".").fileno());
        assertEquals(ino("d"), entries.get("..").fileno());
    }

    @Test
    void dotDotFollowsADirectoryThatMoves() throws Exception {
        sys.mkdir(in("a"), 0755);
        sys.mkdir(in("b"), 0755);
        sys.mkdir(in("a/d"), 0755);
        sys.rename(in("a/d"), in("b/d"));
        assertEquals(ino("b"), sys.stat(in("b/d/..")).ino());
        for (Dirent entry : dirents(open("b/d", Fcntl.O_RDONLY))) {
            if (entry.name().equals("..")) {
                assertEquals(ino("b"), entry.fileno());
            }
        }
    }

    @Test
    void entriesSayWhatTheyAre() throws Exception {
        sys.mkdir(in("d"), 0755);
        write("d/file", "");
        sys.mkdir(in("d/dir"), 0755);
        sys.symlink("x", in("d/link"));
        sys.mkfifo(in("d/fifo"), 0644);
        sys.mknod(in("d/chr"), SysStat.S_IFCHR | 0600, SysStat.makedev(1, 2));
        sys.mknod(in("d/blk"), SysStat.S_IFBLK | 0600, SysStat.makedev(1, 2));
        Map<String, Integer> expected = Map.of(
                "file",
                Dirent.DT_REG,
                "dir",
                Dirent.DT_DIR,
                "link",
                Dirent.DT_LNK,
                "fifo",
                Dirent.DT_FIFO,
                "chr",
                Dirent.DT_CHR,
                "blk",
                Dirent.DT_BLK);
        int found = 0;
        for (Dirent entry : dirents(open("d", Fcntl.O_RDONLY))) {
            Integer type = expected.get(entry.name());
            if (type != null) {
                found++;
                assertEquals(ino("d/" + entry.name()), entry.fileno());
                assertTrue(entry.type() == type || entry.type() == Dirent.DT_UNKNOWN, entry::toString);
            }
        }
        assertEquals(expected.size(), found);
    }

    @Test
    void manyEntriesAreGivenOnceEach() throws Exception {
        sys.mkdir(in("d"), 0755);
        List<String> made = new ArrayList<>();
        for (int i = 10_000; i < 13_000; i++) {
            made.add("entry" + i);
            make("d/entry" + i, 0644);
        }
        assertEquals(made, names("d"));
    }

    @Test
    void entriesThatStayAreGivenOnceWhileOthersComeAndGo() throws Exception {
        sys.mkdir(in("d"), 0755);
        List<String> stays = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            make("d/stays" + i, 0644);
            make("d/goes" + i, 0644);
            stays.add("stays" + i);
        }
        int fd = open("d", Fcntl.O_RDONLY);
        Map<String, Integer> seen = new HashMap<>();
        int round = 0;
        for (List<Dirent> some = sys.getdents(fd); !some.isEmpty(); some = sys.getdents(fd), round++) {
            for (Dirent entry : some) {
                seen.merge(entry.name(), 1, Integer::sum);
            }
            for (int i = 0; i < 100; i++) {
                int number = round * 100 + i;
                if (number < 2000) {
                    sys.unlink(in("d/goes" + number));
                    make("d/comes" + number, 0644);
                }
            }
        }
        for (String name : stays) {
            assertEquals(1, seen.get(name), name);
        }
        assertTrue(seen.values().stream().allMatch(times -> times == 1), "an entry was given twice");
    }

    @Test
    void aDirectoryCanBeEmptiedWhileItIsRead() throws Exception {
        sys.mkdir(in("d"), 0755);
        for (int i = 0; i < 1500; i++) {
            make("d/f" + i, 0644);
        }
        int fd = open("d", Fcntl.O_RDONLY);
        for (List<Dirent> some = sys.getdents(fd); !some.isEmpty(); some = sys.getdents(fd)) {
            for (Dirent entry : some) {
                if (entry.name().startsWith("f")) {
                    sys.unlink(in("d/" + entry.name()));
                }
            }
        }
        sys.rmdir(in("d"));
    }

    @Test
    void aDirectoryCanBeReadAgainAndFromWhereOneWas() throws Exception {
        sys.mkdir(in("d"), 0755);
        for (int i = 0; i < 1500; i++) {
            make("d/f" + i, 0644);
        }
        int fd = open("d", Fcntl.O_RDONLY);
        List<Dirent> first = sys.getdents(fd);
        long place = sys.lseek(fd, 0, Fcntl.SEEK_CUR);
        List<Dirent> rest = dirents(fd);
        assertEquals(1502, first.size() + rest.size());
        sys.lseek(fd, place, Fcntl.SEEK_SET);
        assertEquals(rest, dirents(fd));
        sys.lseek(fd, 0, Fcntl.SEEK_SET);
        assertEquals(1502, dirents(fd).size());
        assertEquals(List.of(), sys.getdents(fd));
    }

    @Test
    void onlyDirectoriesHaveEntries() throws Exception {
        write("f", "");
        int fd = open("f", Fcntl.O_RDONLY);
        fails(() -> sys.getdents(fd), Errno.EINVAL, Errno.ENOTDIR);
    }

    @Test
    void readingADirectoryNeedsPermissionToRead() throws Exception {
        makeDir("d", 0711);
        make("d/f", 0644);
        asUser(() -> {
            fails(() -> open("d", Fcntl.O_RDONLY), Errno.EACCES);
            sys.stat(in("d/f"));
        });
        sys.chmod(in("d"), 0744);
        asUser(() -> {
            assertEquals(List.of("f"), names("d"));
            fails(() -> sys.stat(in("d/f")), Errno.EACCES);
        });
    }

    @Test
    void aDirectoryThatIsGoneHasNoFiles() throws Exception {
        sys.mkdir(in("d"), 0755);
        int fd = open("d", Fcntl.O_RDONLY);
        sys.rmdir(in("d"));
        assertTrue(dirents(fd).stream()
                .allMatch(entry -> entry.name().equals(".") || entry.name().equals("..")));
    }
}
