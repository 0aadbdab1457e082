package org.rump4j.rumpuser.real;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** What happens to the process of the host: signals and going to the background. Each test is a program of its own. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RealHostProcessTest {
    private static final int NETBSD_SIGTERM = 15;
    private static final int NETBSD_SIGEMT = 7;

    @TempDir
    Path folder;

    /** The program. */
    public static final class Program {
        private Program() {}

        public static void main(String[] args) throws Exception {
            RealHost host = RealHost.create();
            Path marker = Path.of(args[1]);
            switch (args[0]) {
                case "signal" -> {
                    host.kill(-1, NETBSD_SIGEMT);
                    host.kill(-1, NETBSD_SIGTERM);
                    Thread.sleep(60_000);
                }
                case "daemon" -> {
                    host.daemonizeBegin();
                    String again = errno(host::daemonizeBegin);
                    host.putchar('1');
                    host.daemonizeDone(0);
                    host.putchar('2');
                    Files.writeString(
                            marker,
                            String.join(
                                    "\n",
                                    again,
                                    errno(() -> host.daemonizeDone(0)),
                                    session(),
                                    Path.of("/proc/self/fd/0").toRealPath().toString(),
                                    Path.of("/proc/self/fd/1").toRealPath().toString(),
                                    Path.of("/proc/self/fd/2").toRealPath().toString()));
                    Files.move(marker, Path.of(args[1] + ".done"));
                }
                case "failing daemon" -> {
                    host.daemonizeBegin();
                    host.daemonizeDone(Errno.EADDRINUSE.number());
                }
                case "dying daemon" -> {
                    host.daemonizeBegin();
                    Runtime.getRuntime().halt(99);
                }
                default -> throw new IllegalArgumentException(args[0]);
            }
        }

        private interface Call {
            void run() throws ErrnoException;
        }

        private static String errno(Call call) {
            try {
                call.run();
                return "none";
            } catch (ErrnoException e) {
                return e.errno().toString();
            }
        }

        /** Whether this process leads a session. */
        private static String session() throws IOException {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return fields[3].equals(Long.toString(ProcessHandle.current().pid())) ? "leader" : "led";
        }
    }

    @Test
    void aSignalIsRaisedInTheProcess() throws Exception {
        assertEquals(128 + 15, start("signal").waitFor());
    }

    @Test
    void theFirstProcessEndsWhenTheServiceIsUpAndTheSecondGoesOnAlone() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/self/stat")), "there is no /proc");
        Process first = start("daemon");
        assertEquals(0, first.waitFor());
        // The descriptors are let go: reading to the end does not wait for the second process.
        String printed = new String(first.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals("1", printed);
        Path done = folder.resolve("marker.done");
        while (!Files.exists(done)) {
            Thread.sleep(10);
        }
        assertEquals(
                List.of("EINPROGRESS", "ENOENT", "leader", "/dev/null", "/dev/null", "/dev/null"),
                Files.readAllLines(done));
    }

    @Test
    void theFirstProcessEndsWithTheErrorOfTheSecond() throws Exception {
        assertEquals(Errno.EADDRINUSE.number(), start("failing daemon").waitFor());
    }

    @Test
    void aSecondProcessThatDiesWithoutAWordIsNoticed() throws Exception {
        assertEquals(3, start("dying daemon").waitFor());
        assertFalse(Files.exists(folder.resolve("marker.done")));
    }

    private Process start(String what) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                // Long, so that the arguments are more than a page.
                System.getProperty("java.class.path") + ":/nowhere".repeat(1000),
                Program.class.getName(),
                what,
                folder.resolve("marker").toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectError(folder.resolve("error").toFile());
        Process process = builder.start();
        assertTrue(process.isAlive() || process.exitValue() >= 0);
        return process;
    }
}
