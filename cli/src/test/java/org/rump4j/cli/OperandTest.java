package org.rump4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OperandTest {
    @TempDir
    private Path dir;

    private String file(String name) throws Exception {
        Path file = dir.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.createFile(file).toString();
    }

    private static void isInImage(String image, String path, String text) {
        assertEquals(new Operand.InImage(image, path, text), Operand.any(text));
    }

    @Test
    void aPathFollowsTheNameOfAFileAndAColon() throws Exception {
        String image = file("disk.img");
        isInImage(image, "/etc/passwd", image + ":/etc/passwd");
        isInImage(image, "/", image + ":/");
    }

    @Test
    void anImageAloneIsItsRoot() throws Exception {
        String image = file("disk.img");
        assertEquals(new Operand.InImage(image, "/", image), Operand.inImage(image));
        assertEquals(image + ":/bin", Operand.inImage(image).child("bin"));
        assertEquals(image + ":/usr/bin", Operand.inImage(image + ":/usr").child("bin"));
    }

    @Test
    void forCommandsThatKnowTheHostAnImageAloneIsAFileOfTheHost() throws Exception {
        String image = file("disk.img");
        assertEquals(new Operand.OnHost(image), Operand.any(image));
        assertEquals(new Operand.OnHost("notes.txt"), Operand.any("notes.txt"));
    }

    @Test
    void aMissingImageEndsAtTheFirstColon() {
        isInImage("/no/such.img", "/a:/b", "/no/such.img:/a:/b");
    }

    @Test
    void aColonMayBePartOfTheNameOfADirectoryThatTheImageIsIn() throws Exception {
        String image = file("my:/disk.img");
        isInImage(image, "/etc", image + ":/etc");
        assertEquals(new Operand.OnHost(image), Operand.any(image));
    }

    @Test
    void aColonInsideOfTheImageIsPartOfThePath() throws Exception {
        String image = file("disk.img");
        isInImage(image, "/a:/b", image + ":/a:/b");
    }

    @Test
    void aColonWithoutASlashIsNothingSpecial() throws Exception {
        String image = file("disk:2.img");
        isInImage(image, "/x", image + ":/x");
        assertEquals(new Operand.OnHost("a:b"), Operand.any("a:b"));
    }
}
