package org.rump4j.netbsd.kernel;

import java.lang.foreign.Arena;
import org.rump4j.netbsd.bind.Guest;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.rump.Etfs;
import org.rump4j.rumpuser.ErrnoException;

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
        try (Arena arena = Arena.ofConfined()) {
            NetbsdKernel.require(
                    (int) kernel.call(remove, arena.allocateFrom(key).address()));
        }
    }
}
