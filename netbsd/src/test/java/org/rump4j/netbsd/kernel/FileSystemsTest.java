package org.rump4j.netbsd.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.Toolchain;
import org.rump4j.netbsd.link.Plan;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.ErrnoException;

/** Every file system that NetBSD's rump kernels have: images are made by others' tools, recognised, written where the driver can, and read. */
final class FileSystemsTest {
    private static final String DEVICE = "/dev/disk";

    @TempDir
    Path dir;

    private Path image;

    /** Of the kernels. */
    private Map<String, String> environment = Map.of();

    @BeforeAll
    static void needsABuild() {
        Path _ = Build.folder();
    }

    @BeforeEach
    void nameImage() {
        image = dir.resolve("image");
    }

    /** A new image of zeros. */
    private Path image(int mebibytes) throws IOException {
        Files.deleteIfExists(image);
        try (RandomAccessFile f = new RandomAccessFile(image.toFile(), "rw")) {
            f.setLength((long) mebibytes << 20);
        }
        return image;
    }

    /** Uses the image as a file system in a kernel of its own. */
    private interface Use {
        void of(Syscalls sys, String mount) throws Exception;
    }

    private void mounted(String type, int flags, Use use) throws Exception {
        mounted(type, flags, 0, use);
    }

    private void mounted(String type, int flags, long begin, Use use) throws Exception {
        Plan plan = Build.plan("rumpfs_" + type, "rumpfs_tmpfs", "rumpdev_disk");
        try (NetbsdKernel kernel = NetbsdKernel.boot(plan, Build.host(environment))) {
            // Nilfs opens its device for writing whatever it does.
            boolean readOnly = (flags & SysMount.MNT_RDONLY) != 0 && !type.equals("nilfs");
            kernel.etfs().register(DEVICE, image.toString(), Etfs.Type.BLK, begin, Etfs.SIZE_ENDOFF, readOnly);
            assertEquals(type, kernel.probe(DEVICE));
            Syscalls sys = kernel.syscalls();
            sys.mkdir("/mnt", 0755);
            String device = type.equals("nilfs") ? onMemory(sys) : DEVICE;
            sys.mount(type, "/mnt", flags, new MountArgs.Device(device));
            assertEquals(type, sys.statvfs1("/mnt", SysMount.ST_WAIT).fstypename());
            assertEquals(device, sys.statvfs1("/mnt", SysMount.ST_WAIT).mntfromname());
            use.of(sys, "/mnt");
            sys.unmount("/mnt", 0);
        }
    }

    /** Another name of the device: nilfs reads its superblock by blocks of the file system where the name is, which must be large. */
    private static String onMemory(Syscalls sys) throws ErrnoException {
        sys.mkdir("/memory", 0755);
        sys.mount("tmpfs", "/memory", 0, new MountArgs.Memory());
        sys.mknod("/memory/disk", SysStat.S_IFBLK | 0600, sys.stat(DEVICE).rdev());
        return "/memory/disk";
    }

    /** A tree is written by one kernel, and read by the next. */
    private void isWrittenAndRead(String type, Tree tree, String... besides) throws Exception {
        mounted(type, 0, tree::write);
        mounted(type, SysMount.MNT_RDONLY, (sys, mount) -> tree.assertIn(sys, mount, besides));
    }

    @Test
    void ext2fs() throws Exception {
        String _ = Toolchain.run("mke2fs", "-q", "-F", "-t", "ext2", image(8).toString());
        isWrittenAndRead("ext2fs", Tree.some(), "lost+found");
        String _ = Toolchain.run("e2fsck", "-fn", image.toString());
    }

    @Test
    void ffsOfEveryVersionAndByteOrder() throws Exception {
        for (String version : new String[] {"version=1", "version=2"}) {
            for (String order : new String[] {"le", "be"}) {
                Path root = Files.createDirectories(dir.resolve("root"));
                Files.deleteIfExists(image);
                String _ = Toolchain.run(
                        "makefs",
                        "-t",
                        "ffs",
                        "-B",
                        order,
                        "-o",
                        version,
                        "-s",
                        "8m",
                        "-f",
                        "500",
                        image.toString(),
                        root.toString());
                isWrittenAndRead("ffs", Tree.some());
            }
        }
    }

    @Test
    void msdosOfEverySize() throws Exception {
        for (String fat : new String[] {"12", "16", "32"}) {
            String _ = Toolchain.run(
                    "mkfs.vfat",
                    "-F",
                    fat,
                    "-s",
                    "1",
                    image(fat.equals("12") ? 2 : fat.equals("16") ? 16 : 40).toString());
            isWrittenAndRead("msdos", Tree.some());
            if (!fat.equals("32")) {
                // There fsck wants a count of free clusters to be right that the driver leaves to others.
                String _ = Toolchain.run("fsck.fat", "-n", image.toString());
            }
        }
    }

    @Test
    void udf() throws Exception {
        // The driver wants blocks to be the disk's sectors, and does not survive large transfers of small ones.
        environment = Map.of("RUMP_BLKSECTSHIFT", "11");
        String _ = Toolchain.run("mkudffs", "-b", "2048", image(8).toString());
        isWrittenAndRead("udf", Tree.some());
    }

    @Test
    void cd9660WithNamesOfRockRidgeAndOfJoliet() throws Exception {
        Tree tree = Tree.some();
        Path root = tree.write(Files.createDirectories(dir.resolve("root")));
        for (String names : new String[] {"-R", "-J"}) {
            String _ = Toolchain.run("genisoimage", "-quiet", names, "-o", image.toString(), root.toString());
            mounted("cd9660", SysMount.MNT_RDONLY, tree::assertIn);
        }
    }

    private static final String[] NTFS_OWN = {
        "$AttrDef",
        "$BadClus",
        "$Bitmap",
        "$Boot",
        "$Extend",
        "$LogFile",
        "$MFT",
        "$MFTMirr",
        "$Secure",
        "$UpCase",
        "$Volume"
    };

    @Test
    void ntfs() throws Exception {
        Tree tree = Tree.flat();
        Path root = tree.write(Files.createDirectories(dir.resolve("root")));
        String _ = Toolchain.run("mkntfs", "-F", "-q", "-Q", image(16).toString());
        for (String name : tree.files().keySet()) {
            String _ = Toolchain.run(
                    "ntfscp", "-f", image.toString(), root.resolve(name).toString(), name);
        }
        mounted("ntfs", SysMount.MNT_RDONLY, (sys, mount) -> tree.assertIn(sys, mount, NTFS_OWN));
    }

    @Test
    void v7fs() throws Exception {
        OldImages.v7fs(image, ByteOrder.LITTLE_ENDIAN);
        isWrittenAndRead("v7fs", Tree.some());
    }

    /** Its directories cannot be listed: the driver takes the numbers in them for this machine's. */
    @Test
    void v7fsOfTheOtherByteOrderIsRecognised() throws Exception {
        OldImages.v7fs(image, ByteOrder.BIG_ENDIAN);
        mounted("v7fs", 0, (sys, mount) -> sys.mkdir(mount + "/d", 0755));
        mounted(
                "v7fs",
                SysMount.MNT_RDONLY,
                (sys, mount) -> assertTrue(sys.stat(mount + "/d").isDirectory()));
    }

    @Test
    void sysvbfs() throws Exception {
        OldImages.sysvbfs(image);
        isWrittenAndRead("sysvbfs", Tree.flat());
    }

    @Test
    void nilfs() throws Exception {
        String _ = Toolchain.run("mkfs.nilfs2", "-q", image(140).toString());
        mounted("nilfs", SysMount.MNT_RDONLY, (sys, mount) -> {
            assertTrue(sys.stat(mount).isDirectory());
            assertTrue(sys.stat(mount + "/.nilfs").isRegular());
        });
    }

    @Test
    void hfs() throws Exception {
        Tree tree = Tree.some();
        Path root = tree.write(Files.createDirectories(dir.resolve("root")));
        String _ = Toolchain.run(
                "xorriso", "-as", "mkisofs", "-quiet", "-hfsplus", "-o", image.toString(), root.toString());
        mounted("hfs", SysMount.MNT_RDONLY, partition(), (sys, mount) -> tree.assertIn(sys, mount));
    }

    /** Where the partition of HFS+ begins that the map of an Apple disk names. */
    private long partition() throws IOException {
        try (RandomAccessFile f = new RandomAccessFile(image.toFile(), "r")) {
            byte[] type = new byte[9];
            for (int block = 512; block < 32 << 10; block += 512) {
                f.seek(block + 48);
                f.readFully(type);
                if (new String(type, java.nio.charset.StandardCharsets.US_ASCII).equals("Apple_HFS")) {
                    f.seek(block + 8);
                    return f.readInt() * 512L;
                }
            }
        }
        throw new AssertionError("the image has no partition of HFS+");
    }
}
