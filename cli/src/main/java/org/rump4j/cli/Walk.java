package org.rump4j.cli;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Goes through a file and all below it, each directory before what is in it, in the order in which the directories have it,
 * and without following symbolic links. Memory and descriptors grow with depth only.
 */
final class Walk {
    /** Told what there is. */
    interface Visitor {
        /**
         * A file.
         *
         * @return whether to go below, where it is a directory
         */
        boolean visit(Node node) throws IOException, ErrnoException;

        /** All below a directory that was to be gone below has been visited, or cannot be. */
        default void leave(Node directory) throws IOException, ErrnoException {}

        /** Something could not be visited. */
        void failed(String text, ErrnoException e) throws IOException;
    }

    private final Visitor visitor;

    /** The directories that the walk is in. */
    private final Deque<Node.Directory> levels = new ArrayDeque<>();

    private Walk(Visitor visitor) {
        this.visitor = visitor;
    }

    /** Walks from a file. */
    static void from(Node start, Visitor visitor) throws IOException {
        Walk walk = new Walk(visitor);
        try {
            walk.visit(start);
            while (!walk.levels.isEmpty()) {
                walk.step(walk.levels.getLast());
            }
        } finally {
            walk.levels.forEach(Node.Directory::close);
        }
    }

    private void step(Node.Directory level) throws IOException {
        Node next = null;
        try {
            next = level.next();
        } catch (ErrnoException e) {
            visitor.failed(level.node().text(), e);
        }
        if (next == null) {
            levels.removeLast();
            level.close();
            leave(level.node());
        } else if (!next.isDots()) {
            visit(next);
        }
    }

    private void visit(Node node) throws IOException {
        boolean below;
        try {
            below = visitor.visit(node) && node.isDirectory();
        } catch (ErrnoException e) {
            visitor.failed(node.text(), e);
            return;
        }
        if (below) {
            Node.@Nullable Directory opened = null;
            try {
                opened = node.openDirectory();
            } catch (ErrnoException e) {
                visitor.failed(node.text(), e);
            }
            if (opened == null) {
                leave(node);
            } else {
                levels.addLast(opened);
            }
        }
    }

    private void leave(Node directory) throws IOException {
        try {
            visitor.leave(directory);
        } catch (ErrnoException e) {
            visitor.failed(directory.text(), e);
        }
    }
}
