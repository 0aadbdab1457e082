package org.rump4j.netbsd.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.suite.Difference;
import org.rump4j.rump.suite.KernelUnderTest;
import org.rump4j.rumpuser.ErrnoException;

/** A kernel of NetBSD whose files are on a mount. Where that is of an image, the image is judged when the test is over. */
final class NetbsdUnderTest implements KernelUnderTest {
    private static final String MOUNT_POINT = "/mnt";

    /** Of the image that a test has its files on. */
    private static final int MEBIBYTES = 32;

    /** Of those that it mounts besides, of which there may be many. */
    private static final int FEW_MEBIBYTES = 4;

    /** Of a file system in memory: without a bound it has no measure of its own of what is free. */
    private static final long MEMORY_BYTES = 128 << 20;

    /** A new file system on an image, and who judges it. */
    interface Images {
        /** Makes an empty file system. */
        void make(Path image, int mebibytes) throws IOException;

        /** Fails where there is anything to say against one that has been unmounted. */
        void judge(Path image) throws IOException;
    }

    private final String type;
    private final Set<Difference> differences;

    /** Null where files are in memory. */
    private final @Nullable Images images;

    /** What images begin as, by their size. */
    private final Map<Integer, Path> empty = new HashMap<>();

    private final List<Path> used = new ArrayList<>();

    /** By where their file systems have been mounted. */
    private final Map<String, String> devices = new HashMap<>();

    NetbsdUnderTest(String type, @Nullable Images images, Set<Difference> differences) {
        this.type = type;
        this.images = images;
        this.differences = EnumSet.copyOf(differences);
        this.differences.addAll(Differences.OF_THE_KERNEL);
    }

    String type() {
        return type;
    }

    @Override
    public Set<Difference> differences() {
        return differences;
    }

    @Override
    public RumpKernel boot(Map<String, String> environment) throws ErrnoException {
        Path folder = Build.folder();
        String components = ",rumpfs_" + type + ",rumpdev_disk,rumpvfs_fifofs,rumpdev_rnd,rumpfs_tmpfs";
        return RumpKernel.boot("netbsd:" + folder + components, Build.host(environment));
    }

    @Override
    public String scratch(RumpKernel kernel) throws ErrnoException {
        kernel.syscalls().mkdir(MOUNT_POINT, 0755);
        mount(kernel, MOUNT_POINT, 0, MEBIBYTES);
        return MOUNT_POINT;
    }

    /**
     * Mounts a new and empty file system, or changes the flags of the one at a path.
     *
     * @throws ErrnoException as {@code mount(2)}
     */
    void mount(RumpKernel kernel, String path, int flags) throws ErrnoException {
        mount(kernel, path, flags, FEW_MEBIBYTES);
    }

    private void mount(RumpKernel kernel, String path, int flags, int mebibytes) throws ErrnoException {
        if (images == null) {
            kernel.syscalls().mount(type, path, flags, new MountArgs.Memory(MEMORY_BYTES, 0));
            return;
        }
        String device = devices.get(path);
        int change = SysMount.MNT_UPDATE | SysMount.MNT_RDONLY;
        if ((flags & change) == change) {
            // It does not let file systems on devices become read-only: they have to be mounted anew.
            kernel.syscalls().unmount(path, 0);
            flags &= ~SysMount.MNT_UPDATE;
        } else if ((flags & SysMount.MNT_UPDATE) == 0) {
            if (device != null) {
                kernel.etfs().remove(device);
            }
            device = "/dev/image" + used.size();
            kernel.etfs().register(device, newImage(images, mebibytes).toString(), Etfs.Type.BLK);
            devices.put(path, device);
        }
        kernel.syscalls().mount(type, path, flags, new MountArgs.Device(String.valueOf(device)));
    }

    private Path newImage(Images kind, int mebibytes) {
        try {
            Path template = empty.get(mebibytes);
            if (template == null) {
                template = Files.createTempFile("empty", ".img");
                template.toFile().deleteOnExit();
                kind.make(template, mebibytes);
                empty.put(mebibytes, template);
            }
            Path image = Files.createTempFile("used", ".img");
            used.add(image);
            return Files.copy(template, image, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void finished(RumpKernel kernel) throws ErrnoException {
        KernelUnderTest.unmountAll(kernel);
        devices.clear();
        try {
            for (Path image : used) {
                if (images != null) {
                    images.judge(image);
                }
                Files.delete(image);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            used.clear();
        }
    }
}
