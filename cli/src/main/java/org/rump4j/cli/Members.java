package org.rump4j.cli;

import java.io.IOException;
import java.util.List;

/**
 * Which members of an archive are wanted: all, or those that the user has named. As with {@code tar(1)} of the BSDs a name is a
 * pattern, and one that matches a directory takes all that is below it.
 */
final class Members {
    private final List<String> texts;
    private final Glob[] globs;
    private final boolean[] found;

    /**
     * Members.
     *
     * @param texts as the user has typed them; none for all that there are
     */
    Members(List<String> texts) {
        this.texts = texts;
        globs = new Glob[texts.size()];
        found = new boolean[globs.length];
        for (int i = 0; i < globs.length; i++) {
            globs[i] = new Glob(plain(texts.get(i)), false);
        }
    }

    /** Whether a member is one of them. */
    boolean include(String name) {
        if (globs.length == 0) {
            return true;
        }
        String plain = plain(name);
        boolean wanted = false;
        for (int i = 0; i < globs.length; i++) {
            if (isAtOrBelow(globs[i], plain)) {
                found[i] = true;
                wanted = true;
            }
        }
        return wanted;
    }

    /** Says what was named and was not there, when the archive has been read. */
    void sayMissing(Run run) throws IOException {
        for (int i = 0; i < found.length; i++) {
            if (!found[i]) {
                run.fail(texts.get(i), "not found in the archive");
            }
        }
    }

    /** The directory that all is in has no name: everything is below it. */
    private static boolean isAtOrBelow(Glob glob, String name) {
        boolean matches = glob.matches("") || glob.matches(name);
        for (int slash = name.indexOf('/'); !matches && slash >= 0; slash = name.indexOf('/', slash + 1)) {
            matches = glob.matches(name.substring(0, slash));
        }
        return matches;
    }

    /** Without what means nothing in a path. */
    private static String plain(String path) {
        StringBuilder plain = new StringBuilder();
        for (String name : path.split("/", -1)) {
            if (!name.isEmpty() && !name.equals(".")) {
                plain.append(plain.isEmpty() ? "" : "/").append(name);
            }
        }
        return plain.toString();
    }
}
