package org.rump4j.cli;

import java.nio.file.Files;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A file that the user has named. {@code IMAGE:/PATH} is a file in an image; {@code IMAGE} alone is the root of one for
 * commands that know nothing else, and a file of the host for those that do.
 *
 * <p>Names may have colons. The image ends at the first {@code :/} that has the name of a file of the host, not a
 * directory's, before it. Where there is no such file, the whole is the name of a file of the host if there is one, and
 * otherwise the image, which is missing, ends at the first {@code :/}.
 */
sealed interface Operand {
    /** As the user wrote it. */
    String text();

    /**
     * In an image.
     *
     * @param image name of the image on the host
     * @param path from its root; begins with a slash
     * @param text as the user wrote it
     */
    record InImage(String image, String path, String text) implements Operand {
        /** What a file is called that is in this directory, so that the user can name it the same way. */
        String child(String name) {
            return Operand.join(text.length() == image.length() ? text + ":/" : text, name);
        }

        /** The directory itself, named so that what is in it can be named below it. */
        String asDirectory() {
            return text.length() == image.length() ? text + ":/" : text;
        }
    }

    /** On the host. */
    record OnHost(String text) implements Operand {}

    /** An operand of a command that works on images only. */
    static InImage inImage(String text) {
        int end = endOfImage(text);
        return end < 0 ? new InImage(text, "/", text) : split(text, end);
    }

    /** An operand of a command that works on files of the host too. */
    static Operand any(String text) {
        int end = endOfImage(text);
        return end < 0 ? new OnHost(text) : split(text, end);
    }

    /**
     * Which images there are among words of a command.
     *
     * @param words where only those count that name a file in an image
     * @param operands where one that names a file of the host is an image, too
     */
    static List<String> images(List<String> words, List<String> operands) {
        Set<String> images = new LinkedHashSet<>();
        for (String word : words) {
            if (any(word) instanceof InImage file && isFile(file.image)) {
                images.add(file.image);
            }
        }
        for (String operand : operands) {
            if (any(operand) instanceof OnHost && isFile(operand)) {
                images.add(operand);
            }
        }
        return List.copyOf(images);
    }

    /** A name in a directory. */
    static String join(String directory, String name) {
        return directory.endsWith("/") ? directory + name : directory + "/" + name;
    }

    /** Where the colon is that ends the name of an image; −1 where the whole is the name of a file of the host. */
    private static int endOfImage(String text) {
        int first = text.indexOf(":/");
        for (int colon = first; colon > 0; colon = text.indexOf(":/", colon + 1)) {
            if (isFile(text.substring(0, colon))) {
                return colon;
            }
        }
        return first <= 0 || HostPath.exists(text) ? -1 : first;
    }

    private static InImage split(String text, int colon) {
        return new InImage(text.substring(0, colon), text.substring(colon + 1), text);
    }

    private static boolean isFile(String name) {
        return HostPath.exists(name) && !Files.isDirectory(HostPath.of(name));
    }
}
