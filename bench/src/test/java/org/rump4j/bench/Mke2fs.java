package org.rump4j.bench;

import java.io.IOException;

/** The program that images are made with. */
public final class Mke2fs {
    private Mke2fs() {}

    /** Whether it is there. */
    public static boolean isInstalled() throws InterruptedException {
        try {
            return new ProcessBuilder("mke2fs", "-V")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
