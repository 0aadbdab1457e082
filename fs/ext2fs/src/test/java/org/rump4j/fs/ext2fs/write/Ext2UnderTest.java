package org.rump4j.fs.ext2fs.write;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.suite.KernelUnderTest;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.real.RealHost;

/** A kernel whose files are on a new image, which is checked when the test is over. */
final class Ext2UnderTest implements KernelUnderTest {
    /** As it was before there were features to speak of, with small blocks. */
    static final List<String> EXT2 = List.of("-t", "ext2", "-b", "1024");

    /** Everything that a file system without a journal has today. */
    static final List<String> EXT4 =
            List.of("-t", "ext4", "-b", "4096", "-O", "^has_journal,metadata_csum,64bit,flex_bg,extent,^orphan_file");

    /** Checksums of groups alone, and groups that have never been touched. */
    static final List<String> UNINIT =
            List.of("-t", "ext4", "-b", "1024", "-O", "^has_journal,^metadata_csum,uninit_bg");

    /** A journal, and nothing else that is new. */
    static final List<String> EXT3 = List.of("-t", "ext3", "-b", "1024");

    /** As mke2fs makes it today, with a journal with checksums. */
    static final List<String> EXT4_DEFAULT = List.of("-t", "ext4");

    /** The same with larger blocks. */
    static final List<String> EXT4_DEFAULT_4K = List.of("-t", "ext4", "-b", "4096");

    /** Nothing at all. */
    static final List<String> REVISION_0 = List.of("-r", "0", "-b", "1024", "-I", "128");

    private static final String MOUNT_POINT = "/mnt";

    private final List<String> options;
    private @Nullable Path image;

    /** What {@link #mountAnother} mounts copies of. */
    private @Nullable Path empty;

    private final List<Path> others = new ArrayList<>();
    private final Map<String, String> devices = new HashMap<>();

    Ext2UnderTest(List<String> options) {
        this.options = options;
    }

    @Override
    public RumpKernel boot(Map<String, String> environment) throws ErrnoException {
        RealHost.Builder host = RealHost.builder();
        environment.forEach(host::environment);
        return RumpKernel.boot("java", host.build());
    }

    @Override
    public String scratch(RumpKernel kernel) throws ErrnoException {
        try {
            Path file = Files.createTempFile("written", ".img");
            image = file;
            Fsck.make(file, "32M", options);
            kernel.etfs().register("/dev/image", file.toString(), Etfs.Type.BLK);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        kernel.syscalls().mkdir(MOUNT_POINT, 0755);
        kernel.syscalls().mount("ext2fs", MOUNT_POINT, 0, new MountArgs.Device("/dev/image"));
        kernel.syscalls().rmdir(MOUNT_POINT + "/lost+found");
        return MOUNT_POINT;
    }

    /**
     * Mounts another new and empty file system, or changes the flags of the one at a path.
     *
     * @throws ErrnoException as {@code mount(2)}
     */
    void mountAnother(RumpKernel kernel, String path, int flags) throws ErrnoException {
        String device = devices.get(path);
        if (device == null || (flags & SysMount.MNT_UPDATE) == 0) {
            device = "/dev/another-" + others.size();
            kernel.etfs().register(device, copyOfEmpty().toString(), Etfs.Type.BLK);
            devices.put(path, device);
        }
        kernel.syscalls().mount("ext2fs", path, flags, new MountArgs.Device(device));
    }

    private Path copyOfEmpty() {
        try {
            Path template = empty;
            if (template == null) {
                template = Files.createTempFile("empty", ".img");
                empty = template;
                Fsck.make(template, "2M", options);
                Fsck.debugfs(template, "rmdir lost+found");
            }
            Path copy = Files.createTempFile("another", ".img");
            others.add(copy);
            return Files.copy(template, copy, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void finished(RumpKernel kernel) throws ErrnoException {
        KernelUnderTest.unmountAll(kernel);
        List<Path> files = new ArrayList<>(others);
        if (image != null) {
            files.add(image);
        }
        others.clear();
        devices.clear();
        image = null;
        try {
            for (Path file : files) {
                Fsck.requireClean(file);
                Files.delete(file);
            }
            if (empty != null) {
                Files.delete(empty);
                empty = null;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
