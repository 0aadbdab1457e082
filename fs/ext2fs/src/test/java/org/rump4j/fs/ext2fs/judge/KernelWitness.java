package org.rump4j.fs.ext2fs.judge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Stat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** The kernel, which says what is in the file system that it has mounted. */
final class KernelWitness implements Witness {
    private final Syscalls sys;
    private final String top;

    /** @param top the directory that the model's root is */
    KernelWitness(Syscalls sys, String top) {
        this.sys = sys;
        this.top = top;
    }

    private String full(String path) {
        return path.isEmpty() ? top : top + "/" + path;
    }

    @Override
    public String name() {
        return "the kernel";
    }

    @Override
    public Set<String> names(String path) throws ErrnoException {
        Set<String> names = new TreeSet<>();
        int fd = sys.open(full(path), Fcntl.O_RDONLY | Fcntl.O_DIRECTORY, 0);
        try {
            for (List<Dirent> some = sys.getdents(fd); !some.isEmpty(); some = sys.getdents(fd)) {
                for (Dirent entry : some) {
                    if (!names.add(entry.name())) {
                        throw new AssertionError(path + " has " + entry.name() + " twice");
                    }
                }
            }
        } finally {
            sys.close(fd);
        }
        names.removeAll(List.of(".", ".."));
        return names;
    }

    @Override
    public Attributes attributes(String path) throws ErrnoException {
        Stat stat = sys.lstat(full(path));
        return new Attributes(
                stat.ino(),
                stat.mode(),
                Math.toIntExact(stat.nlink()),
                stat.uid(),
                stat.gid(),
                stat.flags(),
                stat.rdev(),
                stat.size(),
                stat.atime(),
                stat.mtime());
    }

    @Override
    public String target(String path) throws ErrnoException {
        return sys.readlink(full(path));
    }

    @Override
    public List<JudgedFile.Range> data(String path) throws ErrnoException {
        List<JudgedFile.Range> ranges = new ArrayList<>();
        int fd = sys.open(full(path), Fcntl.O_RDONLY, 0);
        try {
            long size = sys.fstat(fd).size();
            for (long at = 0; at < size; ) {
                long begin = sys.lseek(fd, at, Fcntl.SEEK_DATA);
                at = sys.lseek(fd, begin, Fcntl.SEEK_HOLE);
                ranges.add(new JudgedFile.Range(begin, at));
            }
        } catch (ErrnoException e) {
            // There is no more data.
            if (e.errno() != Errno.ENXIO) {
                throw e;
            }
        } finally {
            sys.close(fd);
        }
        return ranges;
    }

    @Override
    public byte[] read(String path, long offset, int bytes) throws ErrnoException {
        byte[] buf = new byte[bytes];
        int fd = sys.open(full(path), Fcntl.O_RDONLY, 0);
        try {
            return Arrays.copyOf(buf, sys.pread(fd, buf, offset));
        } finally {
            sys.close(fd);
        }
    }

    @Override
    public @Nullable String extendedAttributes(String path) {
        return null;
    }
}
