package org.rump4j.netbsd.program;

import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/** The program's own standard output, so that what the kernel prints comes out in order with what the program does. By the line. */
final class StandardOutput extends OutputStream {
    private static final int LINE_BYTES = 1024;

    private final CLibrary library;
    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by {@link #lock}. */
    private final byte[] line = new byte[LINE_BYTES];

    private int count;
    private boolean closed;

    StandardOutput(CLibrary library) {
        this.library = library;
    }

    @Override
    public void write(int b) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            line[count++] = (byte) b;
            if (b == '\n' || count == line.length) {
                print();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Prints a line that has not ended. */
    void finish() {
        lock.lock();
        try {
            if (count > 0) {
                print();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Prints nothing any more. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    private void print() {
        library.print("stdout", Arrays.copyOf(line, count), count);
        count = 0;
    }
}
