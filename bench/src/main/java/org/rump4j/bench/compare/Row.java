package org.rump4j.bench.compare;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rump4j.bench.Images;

/**
 * A line of the table.
 *
 * @param name what is measured
 * @param unit of both sides
 * @param pinned whether both sides run on one processor only
 * @param ours our side
 * @param reference the reference's side, or null where it has none
 * @param goal what is to be reached
 */
record Row(
        String name,
        String unit,
        boolean pinned,
        Side ours,
        @Nullable Side reference,
        Goal goal) {
    /** What does the work. */
    sealed interface Side {
        /** A constant of {@link Workloads}, in a JVM of its own, on an image of a format where it needs one. */
        record Ours(Workloads workload, boolean netbsd, Images.Format format) implements Side {}

        /** A workload of {@code reference.c}, with these libraries of NetBSD's, on an image of a format where it needs one. */
        record Reference(String workload, Libraries libraries, Images.Format format) implements Side {}

        /**
         * A command, from the start of its process to its end, in ms. {@value #IMAGE}, {@value #LARGE_TREE}, {@value #SMALL_TREE} and
         * {@value #SCRIPT} among its words stand for an image that is not there yet, and for what {@link Trees} makes; {@value
         * #READ_IMAGE} for one that is.
         */
        record Command(List<String> words) implements Side {
            static final String IMAGE = "@image";
            static final String LARGE_TREE = "@large-tree";
            static final String SMALL_TREE = "@small-tree";
            static final String SCRIPT = "@script";
            static final String READ_IMAGE = "@read-image";
        }
    }

    /** What the reference is linked with: a kernel has what its program has. */
    enum Libraries {
        BASE(""),
        VFS("rumpvfs"),
        FILES("rumpfs_ext2fs rumpfs_ffs rumpdev_disk rumpdev rumpvfs"),
        NET("rumpnet_netinet6 rumpnet_netinet rumpnet_net rumpnet"),
        SHMIF("rumpnet_shmif rumpnet_config rumpnet_netinet6 rumpnet_netinet rumpnet_net rumpnet");

        private final String names;

        Libraries(String names) {
            this.names = names;
        }

        /** Those that are linked before the base, which all have. */
        Stream<String> names() {
            return Stream.of(names.split(" ", -1)).filter(name -> !name.isEmpty());
        }
    }
}
