package org.rump4j.cli;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * What cp and mv work on.
 *
 * @param to path of the last operand
 * @param into whether files go into it, since it is a directory
 */
record Places(List<Operand> sources, Target target, String to, boolean into) {
    /** Finds out, or says why not and gives null. */
    static @Nullable Places of(Run run, List<String> sources, String target) throws IOException, UsageException {
        Target where;
        String path;
        if (Operand.any(target) instanceof Operand.InImage file) {
            Image image = run.writable(file);
            if (image == null) {
                return null;
            }
            where = new ImageTarget(image);
            path = file.path();
        } else {
            where = new HostTarget();
            path = target;
        }
        boolean inImage = where instanceof ImageTarget;
        List<Operand> from = sources.stream()
                .map(text -> inImage ? Operand.any(text) : Operand.inImage(text))
                .toList();
        try {
            boolean into = where.isDirectory(path);
            if (sources.size() > 1 && !into) {
                throw Errno.ENOTDIR.exception();
            }
            return new Places(from, where, path, into);
        } catch (ErrnoException e) {
            run.fail(target, e);
            return null;
        }
    }

    /** Where a file of this path goes. */
    String placeFor(String path) {
        String name = lastName(path);
        return into && !name.isEmpty() ? Operand.join(to, name) : to;
    }

    /**
     * The name that a copy gets in a directory. A path that ends in a slash, as that of the root does, stands for what is
     * in it.
     */
    private static String lastName(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return name.equals(".") || name.equals("..") ? "" : name;
    }
}
