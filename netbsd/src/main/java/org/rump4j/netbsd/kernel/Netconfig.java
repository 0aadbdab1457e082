package org.rump4j.netbsd.kernel;

import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.netbsd.link.LinkedImages;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Network interfaces of a kernel, their addresses and routes, for those who do not bring NetBSD's own programs for it: the functions of
 * the component {@code rumpnet_config}. Each throws ENOSYS where that is not linked in, ENXIO for an interface that there is not, and
 * EAFNOSUPPORT where the protocol is not linked in.
 */
public final class Netconfig {
    private final NetbsdKernel kernel;
    private final LinkedImages images;

    Netconfig(NetbsdKernel kernel, LinkedImages images) {
        this.kernel = kernel;
        this.images = images;
    }

    /**
     * Makes an interface.
     *
     * @param name of a driver, with a number behind it: {@code virt0}, {@code shmif0}, {@code bridge0}
     * @throws ErrnoException EINVAL where there is no such driver; EEXIST; what the host says
     */
    public void create(String name) throws ErrnoException {
        call("ifcreate", name, null, 0);
    }

    /** Takes an interface away. */
    public void destroy(String name) throws ErrnoException {
        call("ifdestroy", name, null, 0);
    }

    /**
     * Says what an interface is connected to.
     *
     * @param link as its driver wants it: for {@code shmif} the path of a file of the host
     * @throws ErrnoException ENOTTY where the driver does not ask; EBUSY where it is up, or has a link
     */
    public void link(String name, String link) throws ErrnoException {
        call("ifsetlinkstr", name, link, 0);
    }

    /** Has an interface work. */
    public void up(String name) throws ErrnoException {
        call("ifup", name, null, 0);
    }

    /** Has an interface rest. */
    public void down(String name) throws ErrnoException {
        call("ifdown", name, null, 0);
    }

    /**
     * Makes an interface a port of a bridge.
     *
     * @param bridge made by {@link #create}
     */
    public void addToBridge(String bridge, String name) throws ErrnoException {
        call("bradd", bridge, name, 0);
    }

    /** Takes an interface off a bridge. */
    public void removeFromBridge(String bridge, String name) throws ErrnoException {
        call("brdel", bridge, name, 0);
    }

    /**
     * Gives an interface an address of version 4.
     *
     * @param address such as {@code 10.0.0.1}
     * @param prefixBits how many bits of it the network's addresses share
     * @throws ErrnoException EINVAL for more than 32
     */
    public void ipv4(String name, String address, int prefixBits) throws ErrnoException {
        call("ipv4_ifaddr_cidr", name, address, prefixBits);
    }

    /**
     * Gives an interface an address of version 6.
     *
     * @param prefixBits how many bits of it the network's addresses share, a multiple of 8
     * @throws ErrnoException EINVAL for another number
     */
    public void ipv6(String name, String address, int prefixBits) throws ErrnoException {
        if (prefixBits < 0 || prefixBits > 128) {
            throw Errno.EINVAL.exception(prefixBits + " bits");
        }
        call("ipv6_ifaddr", name, address, prefixBits);
    }

    /** Sends all that is for other networks to a router. */
    public void ipv4Gateway(String address) throws ErrnoException {
        call("ipv4_gw", address, null, 0);
    }

    /** As {@link #ipv4Gateway}. */
    public void ipv6Gateway(String address) throws ErrnoException {
        call("ipv6_gw", address, null, 0);
    }

    /** Has a server on the network of an interface say what its address is, and the router's. */
    public void dhcp(String name) throws ErrnoException {
        call("dhcp_ipv4_oneshot", name, null, 0);
    }

    private void call(String what, String a, @Nullable String b, int number) throws ErrnoException {
        long function;
        try {
            function = images.function("rump_pub_netconfig_" + what);
        } catch (LinkException e) {
            throw Errno.ENOSYS.exception("rumpnet_config is not linked in");
        }
        try (Arena arena = Arena.ofConfined()) {
            long first = arena.allocateFrom(a).address();
            long second = b == null ? 0 : arena.allocateFrom(b).address();
            NetbsdKernel.require((int) kernel.call(function, first, second, number, 0, 0));
        }
    }
}
