package org.rump4j.rumpuser.real;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.rump4j.rumpuser.ConsoleCalls;

/** The console. The streams given are not buffered, so what is printed is out. */
final class RealConsole implements ConsoleCalls {
    private final OutputStream console;
    private final OutputStream debug;

    RealConsole(OutputStream console, OutputStream debug) {
        this.console = console;
        this.debug = debug;
    }

    @Override
    public void putchar(int c) {
        try {
            console.write(c);
            console.flush();
        } catch (IOException e) {
            // Nobody listens: a kernel does not stop for that.
        }
    }

    @Override
    public void dprintf(String message) {
        try {
            debug.write(message.getBytes(StandardCharsets.UTF_8));
            debug.flush();
        } catch (IOException e) {
            // As above.
        }
    }

    /** Prints a line on the console. */
    void println(String line) {
        for (byte b : (line + "\n").getBytes(StandardCharsets.UTF_8)) {
            putchar(b);
        }
    }
}
