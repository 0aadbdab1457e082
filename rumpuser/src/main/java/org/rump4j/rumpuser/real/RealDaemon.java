package org.rump4j.rumpuser.real;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.DaemonCalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.RumpuserExit;

/**
 * Going to the background. A JVM cannot fork, so the program is started once more: the new process runs up to the same
 * {@link #daemonizeBegin}, knows itself by an environment variable, and goes on from there. The variable names a socket
 * on which the first process waits to be told how it went.
 */
final class RealDaemon implements DaemonCalls {
    private static final String STATUS_SOCKET = "RUMP4J_DAEMON_STATUS";

    /** What the waiting process ends with when the other one died without a word. */
    private static final int CHILD_DIED = 3;

    private static final Path OWN_COMMAND_LINE = Path.of("/proc/self/cmdline");

    private final Blocker blocker;
    private final IntConsumer leave;

    private boolean begun;
    private @Nullable SocketChannel waiting;

    /** @param leave ends this process with a status */
    RealDaemon(Blocker blocker, IntConsumer leave) {
        this.blocker = blocker;
        this.leave = leave;
    }

    @Override
    public synchronized void daemonizeBegin() throws ErrnoException {
        if (begun) {
            throw Errno.EINPROGRESS.exception("daemonize_begin was called before");
        }
        if (blocker.attached()) {
            throw Errno.EALREADY.exception("the kernel has booted");
        }
        begun = true;
        String socket = System.getenv(STATUS_SOCKET);
        // Once connected to, the socket is gone: a program that the background process starts inherits its name, no
        // more.
        boolean background = socket != null && Files.exists(Path.of(socket));
        int status;
        try {
            if (background) {
                waiting = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                Files.deleteIfExists(Path.of(socket));
                NativeCalls.setsid();
                return;
            }
            status = startAgainAndWait();
        } catch (IOException e) {
            throw Errno.EAGAIN.exception("no process for the background: " + e.getMessage());
        }
        leave.accept(status);
        throw new RumpuserExit(status);
    }

    @Override
    public synchronized void daemonizeDone(int status) throws ErrnoException {
        SocketChannel channel = waiting;
        if (channel == null) {
            throw Errno.ENOENT.exception("daemonize_begin was not called");
        }
        if (status == 0) {
            NativeCalls.silenceStandardStreams();
        }
        try (channel;
                DataOutputStream out = new DataOutputStream(Channels.newOutputStream(channel))) {
            out.writeInt(status);
        } catch (IOException e) {
            throw Errno.EPIPE.exception("nobody waits for the background process");
        } finally {
            waiting = null;
        }
    }

    private static int startAgainAndWait() throws IOException {
        Path folder = Files.createTempDirectory("rump4j-daemon");
        Path socket = folder.resolve("status");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Process child = again(Map.of(STATUS_SOCKET, socket.toString()));
            // A child that dies never connects; closing the server is what ends the wait for it.
            var _ = child.onExit().thenRun(() -> closeQuietly(server));
            try (SocketChannel connection = server.accept();
                    DataInputStream in = new DataInputStream(Channels.newInputStream(connection))) {
                return in.readInt();
            } catch (EOFException e) {
                return CHILD_DIED;
            } catch (IOException e) {
                return child.isAlive() ? Errno.EIO.number() : CHILD_DIED;
            }
        } finally {
            Files.deleteIfExists(socket);
            Files.deleteIfExists(folder);
        }
    }

    private static Process again(Map<String, String> environment) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current()
                .info()
                .command()
                .orElseThrow(() -> new IOException("this process does not know its command")));
        command.addAll(arguments());
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** What this process was started with. The JDK knows no arguments that are longer than a page altogether. */
    private static List<String> arguments() throws IOException {
        Optional<String[]> known = ProcessHandle.current().info().arguments();
        if (known.isPresent()) {
            return List.of(known.get());
        }
        try {
            List<String> all = List.of(Files.readString(OWN_COMMAND_LINE).split("\0", -1));
            return all.subList(1, all.size() - 1);
        } catch (NoSuchFileException e) {
            throw new IOException("this process does not know its arguments", e);
        }
    }

    private static void closeQuietly(ServerSocketChannel server) {
        try {
            server.close();
        } catch (IOException e) {
            // It is closed all the same.
        }
    }
}
