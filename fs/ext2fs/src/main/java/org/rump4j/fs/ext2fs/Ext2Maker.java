package org.rump4j.fs.ext2fs;

import java.util.List;
import org.rump4j.rump.FilesystemMaker;
import org.rump4j.rump.NewFilesystem;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Makes ext2 and, without a journal, ext4 file systems. What is chosen where nothing is said is what {@code mke2fs(8)} chooses. */
public final class Ext2Maker implements FilesystemMaker {
    static final String EXT2 = "ext2";
    static final String EXT4 = "ext4";

    /** What the kernel calls all of them. */
    private static final String EXT2FS = "ext2fs";

    private static final String EXT3 = "ext3";

    /** For the service loader. */
    public Ext2Maker() {}

    @Override
    public List<String> types() {
        return List.of(EXT2, EXT4, EXT2FS, EXT3);
    }

    @Override
    public Plan plan(NewFilesystem wanted) throws ErrnoException {
        if (wanted.type().equals(EXT3)) {
            throw Errno.EINVAL.exception("-t ext3: it is ext2 with a journal, and journals are not made: -t ext2");
        }
        return new Making(wanted, Geometry.of(wanted));
    }
}
