package org.rump4j.netbsd.bind;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.OpaqueLwp;

/** The lwps of the guest, one object for each address: hosts compare them as objects. */
final class Lwps {
    private final Map<Long, NativeLwp> known = new ConcurrentHashMap<>();

    /** Told how many there are. */
    private final IntConsumer watcher;

    Lwps(IntConsumer watcher) {
        this.watcher = watcher;
    }

    /** An lwp of the guest. */
    private static final class NativeLwp implements OpaqueLwp {
        private final long address;

        private NativeLwp(long address) {
            this.address = address;
        }

        @Override
        public String toString() {
            return Lwps.toString(address);
        }
    }

    /** That of an address; null for 0. */
    @Nullable
    OpaqueLwp lwp(long address) {
        return address == 0 ? null : known(address);
    }

    /** That of an address that is not 0. */
    OpaqueLwp known(long address) {
        NativeLwp found = known.get(address);
        if (found == null) {
            found = known.computeIfAbsent(address, NativeLwp::new);
            watcher.accept(known.size());
        }
        return found;
    }

    /** To be called when it is destroyed. Its address may be another's afterwards. */
    void forget(long address) {
        known.remove(address);
        watcher.accept(known.size());
    }

    static String toString(long address) {
        return address == 0 ? "none" : "lwp at 0x" + Long.toHexString(address);
    }

    static long address(@Nullable OpaqueLwp lwp) {
        if (lwp == null) {
            return 0;
        }
        if (lwp instanceof NativeLwp ours) {
            return ours.address;
        }
        throw new IllegalArgumentException(lwp + " is no lwp of a kernel of native code");
    }
}
