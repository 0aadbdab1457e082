package org.rump4j.vfs;

/** Takes the entries of a directory. */
@FunctionalInterface
public interface DirentSink {
    /**
     * Takes one.
     *
     * @param fileno number of the file
     * @param type one of the DT_ constants of {@link org.rump4j.rump.Dirent}
     * @param name its name
     * @param next where to go on behind it
     * @return false where no more will be taken; this one has been
     */
    boolean accept(long fileno, int type, String name, long next);
}
