package org.rump4j.fs.ext2fs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one thread has done to files, and which of it was promised to be durable. Time is the position in a {@link WriteLog}: what began at
 * a position may be on the disk from then on, what was promised at one must be.
 */
final class Ledger {
    /** Bytes to which the rest of a file's last block is cleared when the file becomes shorter. */
    private static final int PAGE = 4096;

    private static final int SMALLEST_BLOCK = 1024;

    /** A file or a directory. */
    static final class Node {
        final int id;
        final boolean directory;
        private final List<Version> versions = new ArrayList<>();
        private final List<Promise> promises = new ArrayList<>();

        /** When its last name went. */
        private int goneFrom = Integer.MAX_VALUE;

        private int names;

        Node(int id, boolean directory) {
            this.id = id;
            this.directory = directory;
        }

        byte[] content() {
            return versions.getLast().content;
        }
    }

    private static final class Version {
        final int begin;
        final byte[] content;

        Version(int begin, byte[] content) {
            this.begin = begin;
            this.content = content;
        }
    }

    private record Binding(int begin, @Nullable Node node) {}

    /** From a position on, what was the latest of a history is durable. */
    private record Promise(int position, int index) {}

    private static final class Name {
        final List<Binding> bindings = new ArrayList<>(List.of(new Binding(-1, null)));
        final List<Promise> promises = new ArrayList<>();
    }

    private final IntSupplier clock;
    private final int firstId;
    private final Map<String, Name> names = new TreeMap<>();
    private final List<Node> nodes = new ArrayList<>();

    /** @param firstId number of its first file; those of another ledger are a thousand away */
    Ledger(IntSupplier clock, int firstId) {
        this.clock = clock;
        this.firstId = firstId;
    }

    // What is done. All before the system call is made.

    Node make(String path, boolean directory) {
        Node node = new Node(firstId + nodes.size(), directory);
        nodes.add(node);
        node.versions.add(new Version(clock.getAsInt(), new byte[0]));
        bind(path, node);
        return node;
    }

    void content(Node node, byte[] content) {
        node.versions.add(new Version(clock.getAsInt(), content));
    }

    /** A name leads to something else. */
    void bind(String path, @Nullable Node node) {
        Name name = names.computeIfAbsent(path, _ -> new Name());
        Node old = name.bindings.getLast().node;
        if (node != null) {
            node.names++;
        }
        if (old != null && --old.names == 0) {
            old.goneFrom = clock.getAsInt();
        }
        name.bindings.add(new Binding(clock.getAsInt(), node));
    }

    /** A name and all below it lead elsewhere. */
    void move(String from, String to) {
        Map<String, Node> moved = new TreeMap<>();
        for (Map.Entry<String, Name> entry : names.entrySet()) {
            Node node = entry.getValue().bindings.getLast().node;
            if (node != null && (entry.getKey().equals(from) || entry.getKey().startsWith(from + "/"))) {
                moved.put(to + entry.getKey().substring(from.length()), node);
            }
        }
        moved.forEach((path, node) -> bind(path, node));
        moved.forEach((path, _) -> bind(from + path.substring(to.length()), null));
    }

    @Nullable
    Node at(String path) {
        Name name = names.get(path);
        return name == null ? null : name.bindings.getLast().node;
    }

    // What is promised. After the system call has returned.

    void promiseFile(String path) {
        promiseName(path);
        Node node = at(path);
        if (node != null) {
            node.promises.add(new Promise(clock.getAsInt(), node.versions.size() - 1));
        }
    }

    void promiseNamesIn(String dir) {
        promiseName(dir);
        for (String path : names.keySet()) {
            if (path.startsWith(dir + "/") && path.indexOf('/', dir.length() + 1) < 0) {
                promiseName(path);
            }
        }
    }

    void promiseAll() {
        names.keySet().forEach(this::promiseFile);
    }

    /** And those of the directories above. */
    private void promiseName(String path) {
        for (String at = path; !at.isEmpty(); at = at.substring(0, at.lastIndexOf('/'))) {
            Name name = names.get(at);
            if (name != null) {
                name.promises.add(new Promise(clock.getAsInt(), name.bindings.size() - 1));
            }
        }
    }

    // What is found

    private static int promised(List<Promise> promises, int cut) {
        int index = 0;
        for (Promise promise : promises) {
            if (promise.position <= cut) {
                index = Math.max(index, promise.index);
            }
        }
        return index;
    }

    private static List<Binding> bindings(Name name, int cut) {
        List<Binding> allowed = new ArrayList<>();
        for (int i = promised(name.promises, cut); i < name.bindings.size(); i++) {
            if (name.bindings.get(i).begin < cut || allowed.isEmpty()) {
                allowed.add(name.bindings.get(i));
            }
        }
        return allowed;
    }

    /**
     * What is wrong with what has been found after a power cut.
     *
     * @param ordered whether a file never has its new length before it has the blocks that came with it; otherwise there may be
     *     holes in what was not synced
     * @param found contents by path, null for directories; what is right is taken out
     * @return a line for each fault
     */
    List<String> faults(int cut, boolean ordered, Map<String, byte @Nullable []> found) {
        List<String> faults = new ArrayList<>();
        Map<Node, Boolean> reached = new HashMap<>();
        for (Map.Entry<String, Name> entry : names.entrySet()) {
            String path = entry.getKey();
            List<Binding> allowed = bindings(entry.getValue(), cut);
            boolean there = found.containsKey(path);
            byte[] content = found.remove(path);
            if (!there) {
                if (allowed.stream().allMatch(binding -> binding.node != null)) {
                    faults.add(path + " is not there");
                }
                continue;
            }
            StringBuilder why = new StringBuilder();
            boolean right = false;
            for (Binding binding : allowed) {
                Node node = binding.node;
                if (node == null || node.directory != (content == null)) {
                    why.append(" not ").append(node == null ? "absent" : node.directory ? "a directory" : "a file");
                } else {
                    String fault = content == null ? null : contentFault(node, content, cut, ordered);
                    if (fault == null) {
                        right = true;
                        reached.put(node, true);
                    } else {
                        why.append(" file ").append(node.id).append(": ").append(fault);
                    }
                }
            }
            if (!right) {
                faults.add(path + ":" + why);
            }
        }
        for (Node node : nodes) {
            boolean promised =
                    node.promises.stream().anyMatch(promise -> promise.position <= cut) && node.goneFrom >= cut;
            if (promised && !reached.containsKey(node)) {
                faults.add("file " + node.id + " has no name any more");
            }
        }
        return faults;
    }

    private static @Nullable String contentFault(Node node, byte[] content, int cut, boolean ordered) {
        List<Version> allowed = new ArrayList<>();
        for (int i = promised(node.promises, cut); i < node.versions.size(); i++) {
            if (node.versions.get(i).begin < cut || allowed.isEmpty()) {
                allowed.add(node.versions.get(i));
            }
        }
        if (!isLength(content.length, allowed, ordered)) {
            return content.length + " bytes, not one of "
                    + Arrays.toString(allowed.stream()
                            .mapToInt(version -> version.content.length)
                            .toArray());
        }
        for (int i = 0; i < content.length; i++) {
            boolean right = false;
            for (Version version : allowed) {
                int length = version.content.length;
                boolean cleared = content[i] == 0 && i >= length && (!ordered || i < ((length + PAGE - 1) & -PAGE));
                if (cleared || (i < length && version.content[i] == content[i])) {
                    right = true;
                    break;
                }
            }
            if (!right) {
                return "byte " + i + " of " + content.length + " is " + Byte.toUnsignedInt(content[i]);
            }
        }
        return null;
    }

    /** Without order e2fsck makes a file as long as it has blocks, where there are more of them than its length says. */
    private static boolean isLength(int length, List<Version> allowed, boolean ordered) {
        int least = Integer.MAX_VALUE;
        int most = 0;
        for (Version version : allowed) {
            if (version.content.length == length) {
                return true;
            }
            least = Math.min(least, version.content.length);
            most = Math.max(most, version.content.length);
        }
        return !ordered && length % SMALLEST_BLOCK == 0 && length > least && length < most + PAGE;
    }
}
