package org.rump4j.netbsd.program;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.bind.CMemory;
import org.rump4j.netbsd.bind.Guest;

/** What the functions of a program have in common: the guest that it is in memory, and the C library. */
final class CProcess {
    private final CLibrary library;
    private final String name;
    private @Nullable Guest guest;
    private int count;
    private long argv;

    /**
     * A process.
     *
     * @param name of the program, for messages
     */
    CProcess(CLibrary library, String name) {
        this.library = library;
        this.name = name;
    }

    /** Before anything of the program has run. */
    void begin(Guest loaded) {
        guest = loaded;
    }

    /** What main is called with. */
    void arguments(int argc, long array) {
        count = argc;
        argv = array;
    }

    /** Calls main, with the environment as it is. */
    long callMain(long main) {
        return guest().call(main, count, argv, library.pointer("environ"));
    }

    Guest guest() {
        if (guest == null) {
            throw new IllegalStateException("the program is not loaded");
        }
        return guest;
    }

    CMemory memory() {
        return guest().memory();
    }

    CLibrary library() {
        return library;
    }

    String name() {
        return name;
    }

    /** Says something on the program's standard error. */
    void say(String message) {
        byte[] bytes = (name + ": " + message + "\n").getBytes(StandardCharsets.UTF_8);
        library.print("stderr", bytes, bytes.length);
    }
}
