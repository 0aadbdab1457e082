package org.rump4j.netbsd.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.rump.KernelRequest;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.real.RealHost;

/** What a kernel of NetBSD has, depending on what it is wanted for. */
final class NetbsdKernelProviderTest {
    @TempDir
    Path dir;

    private final ByteArrayOutputStream told = new ByteArrayOutputStream();

    private RealHost host(String folder) {
        return RealHost.builder()
                .console(told)
                .debug(told)
                .environment(Folders.VARIABLE, folder)
                .environment("RUMP_VERBOSE", "2")
                .build();
    }

    private List<String> told() {
        return told.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static KernelRequest request(List<String> types, List<Path> images) {
        return new KernelRequest(
                null, List.of(), types, images.stream().map(Path::toString).toList());
    }

    /** As much of an image as says what it is. */
    private Path ext2() throws IOException {
        byte[] image = new byte[4096];
        image[1024 + 56] = 0x53;
        image[1024 + 57] = (byte) 0xef;
        return Files.write(dir.resolve("ext2.img"), image);
    }

    private Path cd9660() throws IOException {
        byte[] image = new byte[40960];
        System.arraycopy("CD001".getBytes(StandardCharsets.US_ASCII), 0, image, 32769, 5);
        return Files.write(dir.resolve("disc.iso"), image);
    }

    @Test
    void imagesDecideWhichDriversThereAre() throws Exception {
        RealHost host = host(Build.folder().toString());
        RumpKernel.boot("netbsd", request(List.of(), List.of(ext2(), cd9660())), host)
                .halt();
        List<String> lines = told();
        assertTrue(lines.contains("rumpfs_ext2fs: named"), lines::toString);
        assertTrue(lines.contains("rumpfs_cd9660: named"), lines::toString);
        assertFalse(lines.toString().contains("rumpfs_ntfs"), lines::toString);
    }

    @Test
    void whereOneImageIsNotKnownThereAreAllDrivers() throws Exception {
        RealHost host = host(Build.folder().toString());
        Path noise = Files.write(dir.resolve("noise"), new byte[4096]);
        RumpKernel.boot("netbsd", request(List.of(), List.of(ext2(), noise)), host)
                .halt();
        assertTrue(told().contains("rumpfs_ntfs: named"), told()::toString);
    }

    @Test
    void aTypeThatIsSaidDecides() throws Exception {
        RealHost host = host(Build.folder().toString());
        try (RumpKernel kernel = RumpKernel.boot("netbsd", request(List.of("tmpfs"), List.of(ext2())), host)) {
            kernel.syscalls().mkdir("/t", 0755);
            kernel.syscalls().mount("tmpfs", "/t", 0, new MountArgs.Memory());
        }
        RealHost another = host(Build.folder().toString());
        ErrnoException none = assertThrows(
                ErrnoException.class, () -> RumpKernel.boot("netbsd", request(List.of("plan9"), List.of()), another));
        assertEquals(Errno.ENOENT, none.errno());
        assertTrue(String.valueOf(none.getMessage()).contains("no driver for plan9 (rumpfs_plan9) in "));
    }

    @Test
    void driversThatTalkToTheOutsideAreBootedWithTheirHalfInJava() throws Exception {
        RealHost host = host(Build.folder().toString());
        List<String> names = List.of("rumpnet_shmif", "rumpnet_virtif", "rumpnet_netinet");
        RumpKernel.boot("netbsd", new KernelRequest(null, names, List.of(), List.of()), host)
                .halt();
        assertTrue(told().contains("rumpnet_shmif: named"), told()::toString);
    }

    @Test
    void whatIsWrongWithTheFolderOfTheVariableIsSaidWithItsName() {
        ErrnoException none = assertThrows(
                ErrnoException.class, () -> RumpKernel.boot("netbsd", KernelRequest.of(null), host(dir + "/none")));
        assertEquals("RUMP4J_NETBSD: " + dir + "/none: there is no such folder", none.detail());
        none = assertThrows(
                ErrnoException.class, () -> RumpKernel.boot("netbsd", KernelRequest.of(null), host(dir.toString())));
        assertEquals(
                "RUMP4J_NETBSD: " + dir + ": there is no kernel in this folder: no librump.so, nor lib/librump.so",
                none.detail());
    }
}
