package org.rump4j.fs.ext2fs.write;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.rump4j.fs.ext2fs.write.OnImage.MOUNT;
import static org.rump4j.fs.ext2fs.write.OnImage.halt;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.SysMount;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.real.RealHost;

/** What was synced is there when the kernel was not halted: after a repair by {@code e2fsck -fy} of what the device had by then. */
class DurabilityTest {

    @TempDir
    Path temp;

    static Stream<List<String>> configurations() {
        return Stream.of(Ext2UnderTest.EXT2, Ext2UnderTest.EXT4, Ext2UnderTest.UNINIT, Ext2UnderTest.EXT4_DEFAULT_4K);
    }

    /** Nothing is written but when somebody syncs. */
    private static RumpKernel boot(Path image, int flags) throws ErrnoException {
        return OnImage.boot(RealHost.builder().environment("RUMP_THREADS", "0"), image, flags);
    }

    private static void write(Syscalls sys, String path, byte[] bytes) throws ErrnoException {
        int fd = sys.open(path, Fcntl.O_WRONLY | Fcntl.O_CREAT, 0644);
        try {
            assertEquals(bytes.length, sys.write(fd, bytes));
            sys.fsync(fd);
        } finally {
            sys.close(fd);
        }
    }

    private static byte[] read(Syscalls sys, String path) throws ErrnoException {
        byte[] bytes = new byte[Math.toIntExact(sys.stat(path).size())];
        int fd = sys.open(path, Fcntl.O_RDONLY, 0);
        try {
            assertEquals(bytes.length, sys.read(fd, bytes));
        } finally {
            sys.close(fd);
        }
        return bytes;
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void whatWasSyncedIsThereAfterARepair(List<String> options) throws Exception {
        Path image = temp.resolve("image");
        Path copy = temp.resolve("copy");
        Fsck.make(image, "24M", options);
        RumpKernel kernel = boot(image, 0);
        Syscalls sys = kernel.syscalls();
        Map<String, byte[]> synced = new TreeMap<>();
        sys.mkdir(MOUNT + "/d", 0755);
        for (int i = 0; i < 120; i++) {
            byte[] bytes = ("content " + i).repeat(i % 7 * 300).getBytes(StandardCharsets.UTF_8);
            String path = MOUNT + "/d/" + "name".repeat(10) + i;
            switch (i % 4) {
                case 0 -> {
                    write(sys, path + "new", bytes);
                    sys.rename(path + "new", MOUNT + "/d/config");
                    sys.sync();
                    synced.put(MOUNT + "/d/config", bytes);
                }
                case 1 -> {
                    write(sys, path, bytes);
                    synced.put(path, bytes);
                    write(sys, path + "gone", bytes);
                    sys.unlink(path + "gone");
                }
                default -> {
                    write(sys, path, bytes);
                    synced.put(path, bytes);
                    sys.mkdir(path + "dir", 0755);
                }
            }
            if (i % 10 == 9) {
                Files.copy(image, copy, StandardCopyOption.REPLACE_EXISTING);
                Fsck.repair(copy);
                RumpKernel other = boot(copy, SysMount.MNT_RDONLY);
                for (Map.Entry<String, byte[]> entry : synced.entrySet()) {
                    assertArrayEquals(entry.getValue(), read(other.syscalls(), entry.getKey()), entry.getKey());
                }
                halt(other);
                // Two kernels, one thread: it goes on in the first.
                kernel.lwproc().rfork(Lwproc.RFCFDG);
            }
        }
        halt(kernel);
        Fsck.requireClean(image);
    }
}
