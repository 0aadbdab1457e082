package org.rump4j.netbsd.kernel;

import java.lang.foreign.Arena;
import org.rump4j.netbsd.bind.Guest;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.Statvfs;
import org.rump4j.rump.SysMount;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.FileCalls;
import org.rump4j.rumpuser.FileCalls.FileInfo;

/** {@code rump_etfs(3)}. */
final class NetbsdEtfs implements Etfs {
    private final NetbsdKernel kernel;
    private final Guest guest;
    private final long register;
    private final long remove;

    NetbsdEtfs(NetbsdKernel kernel, Guest guest) throws LinkException {
        this.kernel = kernel;
        this.guest = guest;
        register = guest.images().function("rump_pub_etfs_register_withsize");
        remove = guest.images().function("rump_pub_etfs_remove");
    }

    @Override
    public void register(String key, String hostpath, Type type, long begin, long size, boolean readOnly)
            throws ErrnoException {
        requireSense(key, hostpath, type, begin, size);
        if (readOnly) {
            guest.refuseWriting(hostpath);
        }
        try (Arena arena = Arena.ofConfined()) {
            NetbsdKernel.require((int) kernel.call(
                    register,
                    arena.allocateFrom(key).address(),
                    arena.allocateFrom(hostpath).address(),
                    number(type),
                    begin,
                    size));
        }
    }

    /** The kernel checks less than it should, and does not do all that it takes. */
    private void requireSense(String key, String hostpath, Type type, long begin, long size) throws ErrnoException {
        if (key.chars().allMatch(c -> c == '/')) {
            throw Errno.EINVAL.exception("the key " + key + " is no path of a file");
        }
        if (begin < 0 || (size < 0 && size != SIZE_ENDOFF)) {
            throw Errno.EINVAL.exception("from byte " + begin + ", " + size + " bytes");
        }
        FileInfo info = guest.host().getfileinfo(hostpath);
        switch (type) {
            case REG -> {
                if (info.type() == FileCalls.FileType.DIR) {
                    throw Errno.EISDIR.exception(hostpath);
                }
                if (size != SIZE_ENDOFF && begin + size < info.size()) {
                    throw Errno.EOPNOTSUPP.exception("NetBSD's kernel reads regular files of the host to their end");
                }
            }
            case DIR -> {
                if (info.type() != FileCalls.FileType.DIR) {
                    throw Errno.ENOTDIR.exception(hostpath);
                }
                // Of its files the kernel takes the number of a descriptor for the address of their data.
                throw Errno.EOPNOTSUPP.exception("NetBSD's kernel can have directories with all below them only");
            }
            case BLK, CHR, DIR_SUBDIRS -> {}
        }
    }

    /** As {@code enum rump_etfs_type} has them. */
    private static int number(Type type) {
        return switch (type) {
            case REG -> 0;
            case BLK -> 1;
            case CHR -> 2;
            case DIR -> 3;
            case DIR_SUBDIRS -> 4;
        };
    }

    @Override
    public void remove(String key) throws ErrnoException {
        for (Statvfs mount : kernel.syscalls().getvfsstat(SysMount.ST_NOWAIT)) {
            if (mount.mntfromname().equals(key)) {
                // The kernel leaves it to who calls it.
                throw Errno.EBUSY.exception(key + " is mounted on " + mount.mntonname());
            }
        }
        try (Arena arena = Arena.ofConfined()) {
            NetbsdKernel.require(
                    (int) kernel.call(remove, arena.allocateFrom(key).address()));
        }
    }
}
