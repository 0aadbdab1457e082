package org.rump4j.netbsd.kernel;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.Maps;
import org.rump4j.netbsd.Toolchain;
import org.rump4j.netbsd.bind.GuestFaultException;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.KernelDownException;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.real.RealHost;

/**
 * NetBSD's kernel loads modules, by the symbols that it is told of while it boots. {@code struct modinfo} and the commands are those of
 * {@code sys/module.h}; a module is compiled so that it can be anywhere in memory, and without relocations that a kernel of 2016 does not
 * know.
 */
final class KernelModuleTest {
    private static final int SYS_MODCTL = 246;
    private static final int MODCTL_LOAD = 0;
    private static final int MODCTL_UNLOAD = 1;
    private static final int MODCTL_NO_PROP = 2;

    private static final String MODULE = """
            struct modinfo { unsigned version; int class; int (*modcmd)(int, void *); const char *name, *required; };
            extern int printf(const char *, ...);
            extern void *rump_component_absent;
            static int times = 3;
            static int module_counter;
            static int modcmd(int cmd, void *arg) {
                for (int i = 0; i < times; i++) module_counter++;
                printf("module told %d, counted %d\\n", cmd, module_counter);
                if (module_counter > BAD_AT) *(volatile int *)8 = 1;
                return cmd > 1 ? 25 : 0;
            }
            static const struct modinfo info = { 799003400, 1, modcmd, "ours", 0 };
            static const struct modinfo *const link __attribute__((section("link_set_modules"), used)) = &info;
            """;

    @TempDir
    Path dir;

    @BeforeAll
    static void needsABuildAndACompiler() {
        Path _ = Build.folder();
        Toolchain.assumeNative();
    }

    private Path module(String source) throws Exception {
        return Toolchain.object(
                dir,
                "ours",
                source,
                "-ffreestanding",
                "-fno-pic",
                "-mcmodel=large",
                "-mno-red-zone",
                "-fcf-protection=none");
    }

    private static void put(Syscalls sys, Path from, String to) throws Exception {
        int fd = sys.open(to, Fcntl.O_CREAT | Fcntl.O_RDWR, 0644);
        byte[] bytes = Files.readAllBytes(from);
        assertEquals(bytes.length, sys.write(fd, bytes));
        sys.close(fd);
    }

    private static int modctl(NetbsdKernel kernel, Arena arena, int command, long argument) {
        MemorySegment words = arena.allocate(4 * Long.BYTES, Long.BYTES);
        words.set(JAVA_LONG, 0, command);
        words.set(JAVA_LONG, Long.BYTES, argument);
        return kernel.syscall(
                SYS_MODCTL, words.address(), 2 * Long.BYTES, words.address() + 2 * Long.BYTES, MemorySegment.NULL);
    }

    private static int load(NetbsdKernel kernel, Arena arena, String path) {
        MemorySegment load = arena.allocate(4 * Long.BYTES, Long.BYTES);
        load.set(JAVA_LONG, 0, arena.allocateFrom(path).address());
        load.set(JAVA_LONG, Long.BYTES, MODCTL_NO_PROP);
        return modctl(kernel, arena, MODCTL_LOAD, load.address());
    }

    @Test
    void aModuleIsLoadedRunAndUnloaded() throws Exception {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        RealHost host = RealHost.builder().console(console).build();
        NetbsdKernel kernel = NetbsdKernel.boot(Build.plan("rumpvfs"), host);
        put(kernel.syscalls(), module(MODULE.replace("BAD_AT", "100")), "/ours.kmod");
        try (Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < 2; i++) {
                assertEquals(0, load(kernel, arena, "/ours.kmod"), console.toString(StandardCharsets.UTF_8));
                for (String protection : Maps.protections(kernel.images().region())) {
                    assertFalse(protection.contains("w") && protection.contains("x"), protection);
                }
                assertEquals(
                        0,
                        modctl(
                                kernel,
                                arena,
                                MODCTL_UNLOAD,
                                arena.allocateFrom("ours").address()));
            }
        }
        String said = console.toString(StandardCharsets.UTF_8);
        assertEquals(3, said.split("module told 0, counted 3", -1).length, said);
        assertEquals(3, said.split("module told 1, counted 6", -1).length, said);
        kernel.halt();
        assertNull(kernel.failure());
    }

    @Test
    void whatAModuleNeedsAndNobodyHasIsAnError() throws Exception {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        RealHost host = RealHost.builder().console(console).build();
        NetbsdKernel kernel = NetbsdKernel.boot(Build.plan("rumpvfs"), host);
        put(kernel.syscalls(), module(MODULE.replace("BAD_AT", "*(int *)&rump_component_absent")), "/ours.kmod");
        try (Arena arena = Arena.ofConfined()) {
            assertTrue(load(kernel, arena, "/ours.kmod") > 0);
        }
        String said = console.toString(StandardCharsets.UTF_8);
        assertTrue(said.contains("rump_component_absent"), said);
        kernel.halt();
    }

    @Test
    void aFaultOfAModuleHasABacktraceToTheKernel() throws Exception {
        NetbsdKernel kernel = NetbsdKernel.boot(
                Build.plan("rumpvfs"),
                RealHost.builder()
                        .console(java.io.OutputStream.nullOutputStream())
                        .debug(java.io.OutputStream.nullOutputStream())
                        .build());
        put(kernel.syscalls(), module(MODULE.replace("BAD_AT", "0")), "/ours.kmod");
        try (Arena arena = Arena.ofConfined()) {
            KernelDownException down = assertThrows(KernelDownException.class, () -> load(kernel, arena, "/ours.kmod"));
            GuestFaultException fault = assertInstanceOf(GuestFaultException.class, down.getCause());
            assertEquals(8, fault.address());
            assertTrue(fault.backtrace().contains("rumpns_handle_modctl_load+0x"), fault.backtrace());
        }
        kernel.halt();
    }
}
