package org.rump4j.netbsd.net;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.Locale;
import java.util.Map;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** What Java says of its sockets, as NetBSD's errors. */
final class SocketErrors {
    /** Java tells much in the words of the C library, or its own. */
    private static final Map<String, Errno> WORDS = Map.of(
            "address already in use", Errno.EADDRINUSE,
            "cannot assign requested address", Errno.EADDRNOTAVAIL,
            "permission denied", Errno.EACCES,
            "network is unreachable", Errno.ENETUNREACH,
            "connection reset", Errno.ECONNRESET,
            "timed out", Errno.ETIMEDOUT,
            "broken pipe", Errno.EPIPE,
            "message too long", Errno.EMSGSIZE,
            "too many open files", Errno.EMFILE);

    private SocketErrors() {}

    /** Throws what no socket should have thrown. */
    static ErrnoException of(Exception e) {
        Errno errno = switch (e) {
            case ClosedChannelException _ -> Errno.EBADF;
            case PortUnreachableException _ -> Errno.ECONNREFUSED;
            case IOException io -> of(io);
            case ClosedSelectorException _ -> Errno.EBADF;
            case NotYetConnectedException _ -> Errno.ENOTCONN;
            case AlreadyConnectedException _ -> Errno.EISCONN;
            case ConnectionPendingException _ -> Errno.EALREADY;
            case AlreadyBoundException _ -> Errno.EINVAL;
            case UnsupportedAddressTypeException _ -> Errno.EAFNOSUPPORT;
            case UnsupportedOperationException _ -> Errno.EOPNOTSUPP;
            case IllegalArgumentException _ -> Errno.EINVAL;
            case RuntimeException unexpected -> throw unexpected;
            default -> throw new IllegalStateException(e);
        };
        return errno.exception(e.toString());
    }

    private static Errno of(IOException e) {
        String words = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        for (Map.Entry<String, Errno> known : WORDS.entrySet()) {
            if (words.contains(known.getKey())) {
                return known.getValue();
            }
        }
        return switch (e) {
            case BindException _ -> Errno.EADDRINUSE;
            case ConnectException _ -> Errno.ECONNREFUSED;
            case NoRouteToHostException _ -> Errno.EHOSTUNREACH;
            default -> Errno.EIO;
        };
    }
}
