package org.rump4j.kern;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.SysctlValue;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * The sysctl tree ({@code sysctl(9)}). Nodes are made while the kernel boots and when file systems are mounted. A node with a
 * value computes it each time.
 */
public final class Sysctl {
    /** Takes a new value, or refuses it. */
    @FunctionalInterface
    public interface Setter<V extends SysctlValue> {
        /**
         * Sets.
         *
         * @throws ErrnoException EINVAL where the value is not allowed
         */
        void set(V value) throws ErrnoException;
    }

    private sealed interface Node {}

    private record Branch(Map<String, Node> children) implements Node {}

    private record Leaf<V extends SysctlValue>(
            Class<V> type, Supplier<V> getter, @Nullable Setter<V> setter) implements Node {}

    /** Guards the tree; values are got and set without it. A leaf. */
    private final Kmutex lock;

    private final Branch root = new Branch(new LinkedHashMap<>());

    Sysctl(Kmutex lock) {
        this.lock = lock;
    }

    /** A string that can only be read. */
    public void text(String name, Supplier<String> getter) {
        add(name, new Leaf<>(SysctlValue.Text.class, () -> new SysctlValue.Text(getter.get()), null));
    }

    /** A string. */
    public void text(String name, Supplier<String> getter, Setter<SysctlValue.Text> setter) {
        add(name, new Leaf<>(SysctlValue.Text.class, () -> new SysctlValue.Text(getter.get()), setter));
    }

    /** An int that can only be read. */
    public void int32(String name, Supplier<Integer> getter) {
        add(name, new Leaf<>(SysctlValue.Int.class, () -> new SysctlValue.Int(getter.get()), null));
    }

    /** An int. */
    public void int32(String name, Supplier<Integer> getter, Setter<SysctlValue.Int> setter) {
        add(name, new Leaf<>(SysctlValue.Int.class, () -> new SysctlValue.Int(getter.get()), setter));
    }

    /** A quad that can only be read. */
    public void quad(String name, Supplier<Long> getter) {
        add(name, new Leaf<>(SysctlValue.Quad.class, () -> new SysctlValue.Quad(getter.get()), null));
    }

    SysctlValue get(String name) throws ErrnoException {
        return switch (find(name)) {
            case Leaf<?> leaf -> leaf.getter.get();
            case Branch _ -> throw Errno.EISDIR.exception(name);
        };
    }

    void set(Cred cred, String name, SysctlValue value) throws ErrnoException {
        switch (find(name)) {
            case Leaf<?> leaf -> set(cred, name, leaf, value);
            case Branch _ -> throw Errno.EISDIR.exception(name);
        }
    }

    List<String> query(String name) throws ErrnoException {
        return switch (find(name)) {
            case Leaf<?> _ -> throw Errno.ENOTDIR.exception(name);
            case Branch branch -> {
                lock.enter();
                try {
                    yield new ArrayList<>(branch.children.keySet());
                } finally {
                    lock.exit();
                }
            }
        };
    }

    private static <V extends SysctlValue> void set(Cred cred, String name, Leaf<V> leaf, SysctlValue value)
            throws ErrnoException {
        if (leaf.setter == null) {
            throw Errno.EPERM.exception(name + " can only be read");
        }
        if (!cred.isSuperuser()) {
            throw Errno.EPERM.exception();
        }
        if (!leaf.type.isInstance(value)) {
            throw Errno.EINVAL.exception(name + " is of type " + leaf.type.getSimpleName() + ", not "
                    + value.getClass().getSimpleName());
        }
        leaf.setter.set(leaf.type.cast(value));
    }

    private Node find(String name) throws ErrnoException {
        lock.enter();
        try {
            Node node = root;
            for (String part : name.isEmpty() ? new String[0] : name.split("\\.", -1)) {
                Node next = node instanceof Branch branch ? branch.children.get(part) : null;
                if (next == null) {
                    throw Errno.ENOENT.exception(name);
                }
                node = next;
            }
            return node;
        } finally {
            lock.exit();
        }
    }

    private void add(String name, Leaf<?> leaf) {
        lock.enter();
        try {
            Branch branch = root;
            String[] parts = name.split("\\.", -1);
            for (int i = 0; i < parts.length - 1; i++) {
                Node next = branch.children.computeIfAbsent(parts[i], _ -> new Branch(new LinkedHashMap<>()));
                if (!(next instanceof Branch nextBranch)) {
                    throw new IllegalArgumentException(name + ": " + parts[i] + " has a value");
                }
                branch = nextBranch;
            }
            if (branch.children.putIfAbsent(parts[parts.length - 1], leaf) != null) {
                throw new IllegalArgumentException(name + " exists");
            }
        } finally {
            lock.exit();
        }
    }
}
