package org.rump4j.bench.compare;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rump4j.bench.Images;
import org.rump4j.bench.compare.Row.Libraries;
import org.rump4j.bench.compare.Row.Side;

/** The table of what is compared. */
final class Rows {
    private static final double KERNEL_KIB_MAX = 100;
    private static final double BOOT_MILLIS_MAX = 1;
    private static final double COMMAND_MILLIS_MAX = 150;
    private static final double WAKEUPS_MAX = 0.1;
    private static final double NETBSD_COMMAND_MILLIS_MAX = 600;
    private static final double NETBSD_KERNEL_KIB_MAX = 8 << 10;

    private static final String IMAGE_SIZE = "1200m";

    /** The java kernel's. */
    static final List<Row> JAVA = List.of(
            row("boot, base", Workloads.BOOT_BASE, reference("boot", Libraries.BASE), new Goal.AtMost(BOOT_MILLIS_MAX)),
            row("boot, vfs", Workloads.BOOT_VFS, reference("boot", Libraries.VFS), new Goal.AtMost(BOOT_MILLIS_MAX)),
            new Row(
                    "`rump4j boot`, whole process",
                    "ms",
                    false,
                    new Side.Command(List.of("./rump4j", "boot")),
                    null,
                    new Goal.AtMost(COMMAND_MILLIS_MAX)),
            row(
                    "getpid, thread with its own lwp",
                    Workloads.GETPID_OWN,
                    reference("getpid-own", Libraries.BASE),
                    new Goal.AtMostTimes(0.5)),
            row(
                    "getpid, implicit lwp",
                    Workloads.GETPID_IMPLICIT,
                    reference("getpid-implicit", Libraries.BASE),
                    new Goal.AtMostTimes(0.2)),
            row(
                    "getpid, 8 threads on 2 virtual CPUs",
                    Workloads.GETPID_THREADS,
                    reference("getpid-threads", Libraries.BASE),
                    new Goal.AtLeastTimes(1.5)),
            pinned(
                    "pipe ping-pong, round trip",
                    Workloads.PIPE_VIRTUAL,
                    reference("pipe", Libraries.BASE),
                    new Goal.AtMostTimes(0.5)),
            pinned(
                    "the same, our callers platform threads",
                    Workloads.PIPE_PLATFORM,
                    reference("pipe", Libraries.BASE),
                    new Goal.None()),
            pinned(
                    "the same, the reference's the host's own pipe",
                    Workloads.PIPE_VIRTUAL,
                    reference("host-pipe", Libraries.BASE),
                    new Goal.None()),
            row(
                    "ext2: cold read of 64 MiB",
                    Workloads.COLD_READ,
                    reference("cold-read", Libraries.FILES),
                    new Goal.AtLeastTimes(3)),
            row(
                    "ext2: warm read of 64 MiB, 64 KiB calls",
                    Workloads.WARM_READ,
                    reference("warm-read", Libraries.FILES),
                    new Goal.AtLeastTimes(1)),
            row(
                    "ext2: cold random read of 4 KiB",
                    Workloads.RANDOM_READ,
                    reference("random-read", Libraries.FILES),
                    new Goal.AtMostTimes(0.5)),
            row(
                    "ext2: write 64 MiB and fsync",
                    Workloads.WRITE_FSYNC,
                    reference("write-fsync", Libraries.FILES),
                    new Goal.AtLeastTimes(2)),
            row(
                    "ext2: write one block and fsync",
                    Workloads.FSYNC_BLOCK,
                    reference("fsync-block", Libraries.FILES),
                    new Goal.AtMostTimes(0.5)),
            row(
                    "ext2: create 10 000 files of 1 KiB and sync, each",
                    Workloads.CREATE,
                    reference("create", Libraries.FILES),
                    new Goal.AtMostTimes(0.1)),
            row(
                    "ext2: remove them and sync, each",
                    Workloads.REMOVE,
                    reference("remove", Libraries.FILES),
                    new Goal.None()),
            build(
                    "image of 1 GiB from 8 files; reference: `mke2fs -d`",
                    Side.Command.LARGE_TREE,
                    mke2fs(Side.Command.LARGE_TREE),
                    new Goal.AtMostTimes(1)),
            build(
                    "image of 1 GiB from 20 000 files; reference: `mke2fs -d`",
                    Side.Command.SMALL_TREE,
                    mke2fs(Side.Command.SMALL_TREE),
                    new Goal.AtMostTimes(1)),
            build(
                    "the same; reference: `debugfs -w`",
                    Side.Command.SMALL_TREE,
                    List.of(
                            "sh",
                            "-c",
                            "mke2fs -q -t ext2 \"$1\" " + IMAGE_SIZE + " && debugfs -w -f \"$2\" \"$1\"",
                            "sh",
                            Side.Command.IMAGE,
                            Side.Command.SCRIPT),
                    new Goal.None()),
            row(
                    "kernels: time each, 1000 of ours in one JVM, 100 processes",
                    Workloads.KERNELS_TIME,
                    reference("kernels-time", Libraries.BASE),
                    new Goal.AtMost(1)),
            row(
                    "kernels: memory each, 10 000 of ours in one JVM, 100 processes",
                    Workloads.KERNELS_MEMORY,
                    reference("kernels-memory", Libraries.BASE),
                    new Goal.AtMost(KERNEL_KIB_MAX)),
            row(
                    "idle: wake-ups of one kernel",
                    Workloads.IDLE,
                    reference("idle", Libraries.BASE),
                    new Goal.AtMost(WAKEUPS_MAX)));

    /** Those of NetBSD's kernel on our hypervisor: the reference is the very same libraries on the C rumpuser. */
    static final List<Row> NETBSD = Stream.of(
                    Stream.of(
                            netbsd("boot, base", Workloads.BOOT_BASE, "boot", Libraries.BASE, new Goal.AtMostTimes(2)),
                            netbsd("boot, vfs", Workloads.BOOT_VFS, "boot", Libraries.VFS, new Goal.AtMostTimes(2)),
                            netbsd("boot, net", Workloads.BOOT_NET, "boot", Libraries.NET, new Goal.AtMostTimes(2)),
                            new Row(
                                    "`rump4j ls --kernel netbsd`, whole process",
                                    "ms",
                                    false,
                                    new Side.Command(
                                            List.of("./rump4j", "ls", "--kernel", "netbsd", Side.Command.READ_IMAGE)),
                                    null,
                                    new Goal.AtMost(NETBSD_COMMAND_MILLIS_MAX)),
                            netbsd(
                                    "getpid, thread with its own lwp",
                                    Workloads.GETPID_OWN,
                                    "getpid-own",
                                    Libraries.BASE,
                                    new Goal.AtMostTimes(1.25)),
                            netbsd(
                                    "getpid, implicit lwp",
                                    Workloads.GETPID_IMPLICIT,
                                    "getpid-implicit",
                                    Libraries.BASE,
                                    new Goal.AtMostTimes(1)),
                            netbsd(
                                    "getpid, 8 threads on 2 virtual CPUs",
                                    Workloads.GETPID_THREADS,
                                    "getpid-threads",
                                    Libraries.BASE,
                                    new Goal.AtLeastTimes(0.9)),
                            new Row(
                                    "pipe ping-pong, round trip",
                                    Workloads.PIPE_PLATFORM.unit,
                                    true,
                                    new Side.Ours(Workloads.PIPE_PLATFORM, true, Images.Format.EXT2),
                                    reference("pipe", Libraries.BASE),
                                    new Goal.AtMostTimes(1))),
                    files("ext2", Images.Format.EXT2),
                    files("FFS", Images.Format.FFS),
                    Stream.of(
                            netbsd(
                                    "TCP over lo0, 64 KiB writes",
                                    Workloads.TCP_STREAM,
                                    "tcp-stream",
                                    Libraries.NET,
                                    new Goal.AtLeastTimes(1)),
                            new Row(
                                    "TCP over lo0, round trip",
                                    Workloads.TCP_ROUND_TRIP.unit,
                                    true,
                                    new Side.Ours(Workloads.TCP_ROUND_TRIP, true, Images.Format.EXT2),
                                    reference("tcp-round-trip", Libraries.NET),
                                    new Goal.AtMostTimes(1)),
                            netbsd(
                                    "TCP between two kernels, a wire here, shmif there",
                                    Workloads.NET_STREAM,
                                    "net-stream",
                                    Libraries.SHMIF,
                                    new Goal.AtLeastTimes(2)),
                            netbsd(
                                    "the same, round trip",
                                    Workloads.NET_ROUND_TRIP,
                                    "net-round-trip",
                                    Libraries.SHMIF,
                                    new Goal.None())),
                    Stream.of(
                            netbsd(
                                    "kernels: time each, 50 in one JVM, 100 processes",
                                    Workloads.KERNELS_TIME,
                                    "kernels-time",
                                    Libraries.BASE,
                                    new Goal.None()),
                            netbsd(
                                    "kernels with file systems: memory each, 50 in one JVM, 100 processes",
                                    Workloads.FILES_MEMORY,
                                    "kernels-memory",
                                    Libraries.FILES,
                                    new Goal.AtMost(NETBSD_KERNEL_KIB_MAX)),
                            netbsd(
                                    "idle: wake-ups of one kernel",
                                    Workloads.IDLE,
                                    "idle",
                                    Libraries.BASE,
                                    new Goal.AtMostTimes(1))))
            .flatMap(rows -> rows)
            .toList();

    private Rows() {}

    private static Stream<Row> files(String name, Images.Format format) {
        return Stream.of(
                netbsd(name + ": cold read of 64 MiB", Workloads.COLD_READ, format, new Goal.AtLeastTimes(1)),
                netbsd(
                        name + ": warm read of 64 MiB, 64 KiB calls",
                        Workloads.WARM_READ,
                        format,
                        new Goal.AtLeastTimes(1)),
                netbsd(name + ": cold random read of 4 KiB", Workloads.RANDOM_READ, format, new Goal.AtMostTimes(1)),
                netbsd(name + ": write 64 MiB and fsync", Workloads.WRITE_FSYNC, format, new Goal.AtLeastTimes(1)),
                netbsd(name + ": write one block and fsync", Workloads.FSYNC_BLOCK, format, new Goal.AtMostTimes(1)),
                netbsd(
                        name + ": create 10 000 files of 1 KiB and sync, each",
                        Workloads.CREATE,
                        format,
                        new Goal.AtMostTimes(1)),
                netbsd(name + ": remove them and sync, each", Workloads.REMOVE, format, new Goal.None()));
    }

    /** On an image; the reference's workload has the same name. */
    private static Row netbsd(String name, Workloads ours, Images.Format format, Goal goal) {
        return new Row(
                name,
                ours.unit,
                false,
                new Side.Ours(ours, true, format),
                new Side.Reference(ours.label, Libraries.FILES, format),
                goal);
    }

    private static Row netbsd(String name, Workloads ours, String reference, Libraries libraries, Goal goal) {
        return new Row(
                name,
                ours.unit,
                false,
                new Side.Ours(ours, true, Images.Format.EXT2),
                reference(reference, libraries),
                goal);
    }

    private static Row row(String name, Workloads ours, @Nullable Side reference, Goal goal) {
        return new Row(name, ours.unit, false, new Side.Ours(ours, false, Images.Format.EXT2), reference, goal);
    }

    private static Row pinned(String name, Workloads ours, Side reference, Goal goal) {
        return new Row(name, ours.unit, true, new Side.Ours(ours, false, Images.Format.EXT2), reference, goal);
    }

    private static Row build(String name, String tree, List<String> reference, Goal goal) {
        List<String> ours = List.of("./rump4j", "newfs", "-s", IMAGE_SIZE, "-d", tree, Side.Command.IMAGE);
        return new Row(name, "ms", false, new Side.Command(ours), new Side.Command(reference), goal);
    }

    private static List<String> mke2fs(String tree) {
        return List.of("mke2fs", "-q", "-t", "ext2", "-d", tree, Side.Command.IMAGE, IMAGE_SIZE);
    }

    private static Side reference(String workload, Libraries libraries) {
        return new Side.Reference(workload, libraries, Images.Format.EXT2);
    }
}
