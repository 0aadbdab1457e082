package org.rump4j.cli;

import java.io.IOException;

/**
 * How far a long copy has got: a line on standard error, where that is a terminal, once it has become clear that it takes
 * long. Looks like {@code progress(1)}'s.
 */
final class Progress {
    private static final long FIRST_NANOS = 700_000_000;
    private static final long EACH_NANOS = 200_000_000;
    private static final int BESIDES_BAR = 48;
    private static final int MIN_BAR = 8;

    private final Output err;
    private final boolean shown;
    private final int columns;
    private long totalBytes;
    private final long startNanos;
    private long nextNanos;
    private long doneBytes;
    private volatile boolean drawn;
    private boolean leavesLine;

    /** At the beginning, when nothing is known yet of what there is to do. */
    Progress(Run run) {
        err = run.err();
        shown = err.isTerminal();
        columns = run.stdio().columns();
        startNanos = System.nanoTime();
        nextNanos = startNanos + FIRST_NANOS;
    }

    /** Whether anybody will see it. */
    static boolean isShown(Run run) {
        return run.err().isTerminal();
    }

    /** So much more there is to do. */
    void expect(long bytes) {
        totalBytes += bytes;
    }

    /** So much more is done. */
    void add(long bytes) throws IOException {
        doneBytes += bytes;
        if (shown) {
            long now = System.nanoTime();
            if (now - nextNanos >= 0) {
                nextNanos = now + EACH_NANOS;
                draw(now);
            }
        }
    }

    /** Takes the line away, so that something else can be printed. */
    void hide() throws IOException {
        if (drawn) {
            err.print("\r\033[K");
            err.flush();
            drawn = false;
        }
    }

    private void draw(long now) throws IOException {
        err.print("\r")
                .print(line(doneBytes, totalBytes, now - startNanos, columns))
                .print("\033[K");
        err.flush();
        drawn = true;
        if (!leavesLine) {
            leavesLine = true;
            try {
                Runtime.getRuntime().addShutdownHook(new Thread(this::leaveLine));
            } catch (IllegalStateException e) {
                // It is being ended already.
            }
        }
    }

    /** Where a signal ends the process, what comes next on the terminal begins a line. */
    private void leaveLine() {
        if (drawn) {
            try {
                err.print("\n").flush();
            } catch (IOException e) {
                // The terminal has gone.
            }
        }
    }

    /** The line. */
    static String line(long doneBytes, long totalBytes, long nanos, int columns) {
        double fraction = totalBytes <= 0 ? 1 : Math.min(1, (double) doneBytes / totalBytes);
        double bytesPerSecond = nanos <= 0 ? 0 : doneBytes * 1e9 / nanos;
        int bar = Math.max(MIN_BAR, columns - BESIDES_BAR);
        int stars = (int) (fraction * bar);
        String rate = Sizes.human((long) bytesPerSecond);
        String left = bytesPerSecond <= 0 ? "--:--" : clock((long) ((totalBytes - doneBytes) / bytesPerSecond));
        return "%3d%% |%s%s| %s/%s  %s/s  %s left"
                .formatted(
                        (int) (fraction * 100),
                        "*".repeat(stars),
                        " ".repeat(bar - stars),
                        Sizes.human(doneBytes),
                        Sizes.human(totalBytes),
                        rate,
                        left);
    }

    private static String clock(long seconds) {
        long s = Math.max(0, seconds);
        return s < 3600
                ? "%02d:%02d".formatted(s / 60, s % 60)
                : "%d:%02d:%02d".formatted(s / 3600, s / 60 % 60, s % 60);
    }
}
