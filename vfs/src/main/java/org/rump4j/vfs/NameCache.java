package org.rump4j.vfs;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Kmutex;

/**
 * Which names lead where ({@code namecache(9)}), those too that lead nowhere. Names are kept in the order of their use and go
 * when there are too many. A name does not keep its file: it is forgotten when it leads to a vnode that has gone.
 *
 * <p>Whoever changes a directory does so with the directory locked, and tells the cache before it unlocks; whoever reads one
 * enters what it finds before it unlocks. So the cache never knows what was true before a change that is done.
 *
 * <p>The names are spread over several tables, each with a lock of its own. The locks are leaves but for the vnode cache's.
 */
final class NameCache {
    private static final int SHARD_BITS = 3;
    private static final int SHARDS = 1 << SHARD_BITS;
    private static final int NAMES_PER_SHARD = 1024;

    /** Names that are kept at the most. */
    static final int MAX_NAMES = SHARDS * NAMES_PER_SHARD;

    /** What is known of a name. */
    sealed interface Answer {}

    /** It leads nowhere. */
    enum Nowhere implements Answer {
        NOWHERE
    }

    /**
     * It leads to a vnode.
     *
     * @param vnode it; with a reference that is the caller's where it is an answer
     */
    record Somewhere(Vnode vnode) implements Answer {}

    private record Name(Vnode dir, String name) {
        /** By hand, as the other: the methods that a record gets are linked at their first use, which takes milliseconds. */
        @Override
        public boolean equals(@Nullable Object o) {
            return o instanceof Name other && dir == other.dir && name.equals(other.name);
        }

        @Override
        public int hashCode() {
            return 31 * System.identityHashCode(dir) + name.hashCode();
        }
    }

    private static final class Shard {
        final Kmutex lock;

        final Map<Name, Answer> names = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Name, Answer> eldest) {
                return size() > NAMES_PER_SHARD;
            }
        };

        Shard(Kmutex lock) {
            this.lock = lock;
        }
    }

    private final VnodeCache vnodes;
    private final Shard[] shards = new Shard[SHARDS];

    NameCache(Kernel kernel, VnodeCache vnodes) {
        this.vnodes = vnodes;
        for (int i = 0; i < SHARDS; i++) {
            shards[i] = new Shard(kernel.mutex());
        }
    }

    /** What is known of a name, or null. */
    @Nullable
    Answer lookup(Vnode dir, String name) {
        Name key = new Name(dir, name);
        Shard shard = shard(key);
        shard.lock.enter();
        try {
            Answer answer = shard.names.get(key);
            if (answer instanceof Somewhere somewhere && !vnodes.tryGet(somewhere.vnode)) {
                shard.names.remove(key);
                return null;
            }
            return answer;
        } finally {
            shard.lock.exit();
        }
    }

    /** A name leads to a vnode, or, with null, nowhere. */
    void enter(Vnode dir, String name, @Nullable Vnode vnode) {
        Name key = new Name(dir, name);
        Shard shard = shard(key);
        shard.lock.enter();
        shard.names.put(key, vnode == null ? Nowhere.NOWHERE : new Somewhere(vnode));
        shard.lock.exit();
    }

    /** Nothing is known of a name any more. */
    void purge(Vnode dir, String name) {
        Name key = new Name(dir, name);
        Shard shard = shard(key);
        shard.lock.enter();
        shard.names.remove(key);
        shard.lock.exit();
    }

    /** Nothing is known of the names of a file system any more. */
    void purge(Mount mount) {
        for (Shard shard : shards) {
            shard.lock.enter();
            shard.names.keySet().removeIf(name -> name.dir.mount() == mount);
            shard.lock.exit();
        }
    }

    /** By bits that the table in it does not go by, or an eighth of its places would be all that it uses. */
    private Shard shard(Name key) {
        return shards[(key.hashCode() * 0x9E3779B1) >>> (Integer.SIZE - SHARD_BITS)];
    }
}
