package org.rump4j.kern;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.rump4j.rumpuser.ConsoleCalls;

/** What the kernel says: on its console, and kept for {@code dmesg}, the last lines of it. */
public final class MessageLog {
    private static final int MAX_LINES = 512;
    private static final int MAX_LINE_CHARS = 1024;

    private final ConsoleCalls host;
    private final boolean verbose;

    /** Guards lines, and keeps lines whole on the console. A leaf. */
    private final Kmutex lock;

    private final Deque<String> lines = new ArrayDeque<>();

    MessageLog(ConsoleCalls host, Kmutex lock, boolean verbose) {
        this.host = host;
        this.lock = lock;
        this.verbose = verbose;
    }

    /** Says something about the usual course of things: on the console only where the kernel has been booted verbosely. */
    public void verbose(String line) {
        say(line, verbose);
    }

    /** Says something that somebody should know. */
    public void print(String line) {
        say(line, true);
    }

    /** Prints what users have to say: in one piece, and not to be remembered. */
    public void putBytes(byte[] bytes, int length) {
        lock.enter();
        try {
            for (int i = 0; i < length; i++) {
                host.putchar(bytes[i]);
            }
        } finally {
            lock.exit();
        }
    }

    /** What was said last, the oldest first. */
    public List<String> lines() {
        lock.enter();
        try {
            return List.copyOf(lines);
        } finally {
            lock.exit();
        }
    }

    private void say(String line, boolean onConsole) {
        String text = line.length() <= MAX_LINE_CHARS ? line : line.substring(0, MAX_LINE_CHARS) + "…";
        lock.enter();
        try {
            if (lines.size() == MAX_LINES) {
                lines.removeFirst();
            }
            lines.addLast(text);
            if (onConsole) {
                putLine(text);
            }
        } finally {
            lock.exit();
        }
    }

    /** Without the lock: the last words of a kernel must not wait for it. */
    void putLine(String text) {
        for (byte b : (text + "\n").getBytes(StandardCharsets.UTF_8)) {
            host.putchar(b);
        }
    }
}
