package org.rump4j.netbsd.net;

import java.util.Map;
import java.util.Set;
import org.rump4j.netbsd.bind.Guest;
import org.rump4j.netbsd.bind.HostFunction;
import org.rump4j.netbsd.bind.HostHalf;
import org.rump4j.rumpuser.Errno;

/**
 * The host's half of {@code ugenhc}, a host controller whose USB devices are those behind NetBSD's {@code /dev/ugen}. Java has no such
 * devices, nor has another host of Java: each request is refused. In C it would be made of whatever file has the number that the guest's
 * descriptor has. Source of the function: NetBSD's {@code libugenhc/ugenhc_user.h}.
 */
public final class Ugenhc implements HostHalf {
    private static final String IOCTL = "rumpcomp_ugenhc_ioctl";

    /** For every guest. */
    public Ugenhc() {}

    @Override
    public Set<String> symbols() {
        return Set.of(IOCTL);
    }

    @Override
    public Map<String, HostFunction> functions(Guest guest) {
        return Map.of(IOCTL, (_, _, _, out, _, _, _) -> {
            guest.memory().putInt(out, -1);
            throw Errno.ENOTTY.exception("the host has no USB devices for guests");
        });
    }
}
