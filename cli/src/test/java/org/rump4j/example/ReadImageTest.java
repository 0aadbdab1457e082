package org.rump4j.example;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class ReadImageTest {
    @Test
    void theProgramInTheReadmePrintsAFileOfAnImage() throws Exception {
        PrintStream stdout = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            ReadImage.main("../examples/hello.ext2", "/README");
        } finally {
            System.setOut(stdout);
        }
        assertTrue(
                out.toString(StandardCharsets.UTF_8).startsWith("Hello from inside of a disk image.\n"), out::toString);
    }
}
