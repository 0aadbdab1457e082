package org.rump4j.fs.ext2fs.judge;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;

/** Files as they should be. Paths are relative to the root, without a slash at either end; that of the root is empty. */
final class Model {
    /** Directories count what is in them up to here, and then no more. Source: the ext4 disk layout, {@code i_links_count}. */
    private static final int MOST_LINKS = 65_000;

    private static final int CHUNK_BYTES = 1 << 16;

    /** A file. */
    static final class Node {
        /** {@code S_IFMT} of the mode. */
        final int type;

        /** Of a directory. */
        final TreeMap<String, Node> entries = new TreeMap<>();

        /** Of a regular file. */
        final Contents contents;

        /** The rest of the mode. */
        int permissions;

        int uid;
        int gid;

        /** As {@code stat(2)} has them. */
        int flags;

        long rdev;

        /** Of a symbolic link. */
        String target = "";

        /** Names of what is no directory. */
        int names;

        /** Null where it is not known, as after a call that sets it to the time of day. */
        @Nullable
        Timespec atime;

        @Nullable
        Timespec mtime;

        /** What debugfs says of the extended attributes; null where it has not been asked. */
        @Nullable
        String attributes;

        private Node(int type, int permissions, int blockBytes) {
            this.type = type;
            this.permissions = permissions;
            this.contents = new Contents(blockBytes);
        }

        boolean isDirectory() {
            return type == SysStat.S_IFDIR;
        }

        boolean isRegular() {
            return type == SysStat.S_IFREG;
        }

        boolean isSymlink() {
            return type == SysStat.S_IFLNK;
        }

        int mode() {
            return type | permissions;
        }

        /** The count of links. */
        int links() {
            if (!isDirectory()) {
                return names;
            }
            int links = 2
                    + (int) entries.values().stream().filter(Node::isDirectory).count();
            return links > MOST_LINKS ? 1 : links;
        }

        /** What a directory holds has changed, and with it the times. */
        void changed() {
            mtime = null;
        }
    }

    final Node root;

    private final int blockBytes;

    /**
     * A file system without files.
     *
     * @param blockBytes what files can have a hole of
     */
    Model(int blockBytes) {
        this.blockBytes = blockBytes;
        root = file(SysStat.S_IFDIR, 0755);
    }

    /** A new file, without a name yet. */
    Node file(int type, int permissions) {
        return new Node(type, permissions, blockBytes);
    }

    /** The file at a path; null where there is none. */
    @Nullable
    Node find(String path) {
        Node node = root;
        for (String name : path.isEmpty() ? new String[0] : path.split("/")) {
            node = node.entries.get(name);
            if (node == null) {
                return null;
            }
        }
        return node;
    }

    /** The file at a path where there is one. */
    Node at(String path) {
        Node node = find(path);
        if (node == null) {
            throw new IllegalArgumentException(path + " is not there");
        }
        return node;
    }

    /** The path of the directory that a path is in. */
    static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    /** The last name of a path. */
    static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    static String below(String path, String name) {
        return path.isEmpty() ? name : path + "/" + name;
    }

    /** A name is there now. */
    void enter(String path, Node node) {
        Node directory = at(parent(path));
        directory.entries.put(name(path), node);
        directory.changed();
        node.names++;
    }

    /** A name is gone now. */
    void remove(String path) {
        Node directory = at(parent(path));
        Node node = directory.entries.remove(name(path));
        directory.changed();
        if (node != null) {
            node.names--;
        }
    }

    /** What is in an image, as the judge says. */
    static Model of(Path image) throws IOException {
        Map<String, String> superblock = E2fsprogs.dumpe2fs(image);
        int blockBytes = Integer.parseInt(superblock.getOrDefault("Block size", "0"));
        Model model = new Model(blockBytes);
        try (Debugfs judge = new Debugfs(image);
                FileChannel channel = FileChannel.open(image, StandardOpenOption.READ)) {
            Map<Long, Node> nodes = new HashMap<>();
            nodes.put(2L, model.root);
            model.root.permissions = judge.stat(2).mode() & ~SysStat.S_IFMT;
            model.fill(model.root, 2, judge, inode -> new JudgedFile(inode, judge, channel, blockBytes), nodes);
        }
        return model;
    }

    @FunctionalInterface
    private interface Reader {
        JudgedFile read(Inode inode);
    }

    private void fill(Node directory, long ino, Debugfs judge, Reader reader, Map<Long, Node> nodes) {
        for (Debugfs.Entry entry : judge.ls(ino)) {
            if (entry.name().equals(".") || entry.name().equals("..")) {
                continue;
            }
            Node known = nodes.get(entry.ino());
            Node node = known == null ? load(judge.stat(entry.ino()), judge, reader) : known;
            nodes.put(entry.ino(), node);
            node.names++;
            directory.entries.put(entry.name(), node);
            if (node.isDirectory()) {
                fill(node, entry.ino(), judge, reader, nodes);
            }
        }
    }

    private Node load(Inode inode, Debugfs judge, Reader reader) {
        Node node = file(inode.mode() & SysStat.S_IFMT, inode.mode() & ~SysStat.S_IFMT);
        node.uid = inode.uid();
        node.gid = inode.gid();
        node.flags = inode.fileFlags();
        node.rdev = inode.rdev();
        node.atime = inode.atime();
        node.mtime = inode.mtime();
        node.attributes = judge.attributes(inode.ino());
        if (node.isSymlink()) {
            node.target = judge.readlink(inode);
        }
        if (node.isRegular()) {
            JudgedFile file = reader.read(inode);
            for (JudgedFile.Range range : file.data()) {
                for (long at = range.begin(); at < range.end(); at += CHUNK_BYTES) {
                    node.contents.write(at, file.read(at, (int) Math.min(CHUNK_BYTES, range.end() - at)));
                }
            }
            node.contents.truncate(inode.size());
        }
        return node;
    }
}
