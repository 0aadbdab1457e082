package org.rump4j.cli;

import java.io.IOException;
import org.rump4j.rump.Fcntl;
import org.rump4j.rumpuser.ErrnoException;

/** A change to a file in an image, or to a directory and all below it: what {@code -R} and {@code -h} mean to those who have both. */
final class TreeChange {
    /** What is changed of each. */
    @FunctionalInterface
    interface Change {
        /**
         * Changes it.
         *
         * @param flags of the system call: AT_SYMLINK_NOFOLLOW, or 0 where it is what a symbolic link leads to that is meant
         * @return whether it was one to be changed
         */
        boolean make(Node node, int flags) throws ErrnoException;
    }

    private final Flag recursive;
    private final Flag noFollow;

    TreeChange(Flag recursive, Flag noFollow) {
        this.recursive = recursive;
        this.noFollow = noFollow;
    }

    /** Whether all below a directory is changed, too. */
    boolean isRecursive() {
        return recursive.isSet();
    }

    /** Makes it. */
    void make(Run run, Image image, Operand.InImage file, Change change) throws IOException, ErrnoException {
        boolean follow = !recursive.isSet() && !noFollow.isSet();
        Node start = Node.of(image, file, follow);
        if (!recursive.isSet()) {
            apply(run, start, change, follow ? 0 : Fcntl.AT_SYMLINK_NOFOLLOW);
            return;
        }
        Walk.from(start, new Walk.Visitor() {
            @Override
            public boolean visit(Node node) throws IOException, ErrnoException {
                run.stopIfAsked();
                apply(run, node, change, Fcntl.AT_SYMLINK_NOFOLLOW);
                return true;
            }

            @Override
            public void failed(String text, ErrnoException e) throws IOException {
                run.fail(text, e);
            }
        });
    }

    private static void apply(Run run, Node node, Change change, int flags) throws IOException, ErrnoException {
        if (change.make(node, flags)) {
            run.done(node.text());
        }
    }
}
