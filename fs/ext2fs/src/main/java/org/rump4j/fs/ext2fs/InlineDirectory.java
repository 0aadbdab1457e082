package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import org.rump4j.fs.ext2fs.Fields.Le32;
import org.rump4j.rump.Dirent;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.DirentSink;

/**
 * A directory whose entries are in its inode. There are two pieces with entries, that in the place of pointers and that among the extended
 * attributes; none are for {@code .} and {@code ..}: the number of the directory above comes before the first piece.
 */
final class InlineDirectory implements Names {
    private static final Le32 PARENT = new Le32(0);
    private static final int PARENT_BYTES = 4;

    /** Cookies: behind {@code .}, and where the entries begin; from there on they are bytes of the data. */
    private static final long BEHIND_DOT = 1;

    private static final long BEHIND_DOTDOT = PARENT_BYTES;

    private final Volume volume;
    private final Inode dir;
    private final InlineData inline;

    InlineDirectory(Volume volume, Inode dir, InlineData inline) {
        this.volume = volume;
        this.dir = dir;
        this.inline = inline;
    }

    @Override
    public long lookup(byte[] name) throws ErrnoException {
        MemorySegment data = inline.stored();
        if (name.length == 2 && name[0] == '.' && name[1] == '.') {
            return parent(data);
        }
        for (Dirents piece : pieces(data)) {
            while (piece.next()) {
                if (piece.is(name)) {
                    return piece.ino();
                }
            }
        }
        return 0;
    }

    @Override
    public void readdir(long cookie, DirentSink sink) throws ErrnoException {
        MemorySegment data = inline.stored();
        if (cookie <= 0 && !sink.accept(dir.ino, Dirent.DT_DIR, ".", BEHIND_DOT)) {
            return;
        }
        if (cookie <= BEHIND_DOT && !sink.accept(parent(data), Dirent.DT_DIR, "..", BEHIND_DOTDOT)) {
            return;
        }
        for (Dirents piece : pieces(data)) {
            while (piece.next()) {
                if (piece.ino() != 0
                        && piece.at() >= cookie
                        && !sink.accept(piece.ino(), piece.type(), piece.name(), piece.nextAt())) {
                    return;
                }
            }
        }
    }

    private long parent(MemorySegment data) throws ErrnoException {
        long ino = PARENT.getUnsigned(data, 0);
        if (!volume.superblock().isInode(ino)) {
            throw volume.damaged(dir.ino, "the directory above has the number " + ino);
        }
        return ino;
    }

    private Dirents[] pieces(MemorySegment data) {
        long first = InlineData.FIRST_BYTES;
        return new Dirents[] {
            new Dirents(volume, dir, data, PARENT_BYTES, first, -1, -1),
            new Dirents(volume, dir, data, first, data.byteSize(), -1, -1)
        };
    }
}
