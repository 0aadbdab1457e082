package org.rump4j.netbsd.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.rump4j.netbsd.bind.GuestFaultException;
import org.rump4j.netbsd.bind.GuestPanicException;
import org.rump4j.netbsd.memory.Signals;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.KernelDownException;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.real.RealHost;

/** Faults and panics of NetBSD's kernel end it, and say where it was. */
final class NetbsdFaultTest {
    @BeforeAll
    static void needsABuild() {
        Path _ = Build.folder();
    }

    @Test
    void aBadPointerOfASystemCallEndsTheKernelWithABacktrace() throws Exception {
        NetbsdKernel other = Build.boot(Build.plan("rumpvfs"));
        ByteArrayOutputStream debug = new ByteArrayOutputStream();
        RealHost host = RealHost.builder()
                .console(java.io.OutputStream.nullOutputStream())
                .debug(debug)
                .build();
        for (int i = 0; i < 2; i++) {
            NetbsdKernel kernel = NetbsdKernel.boot(Build.plan("rumpvfs"), i == 0 ? host : Build.host(Map.of()));
            Syscalls sys = kernel.syscalls();
            int fd = sys.open("/file", Fcntl.O_CREAT | Fcntl.O_RDWR, 0644);
            MemorySegment nowhere = MemorySegment.ofAddress(0x1000).reinterpret(5000);
            KernelDownException down = assertThrows(KernelDownException.class, () -> sys.write(fd, nowhere));
            GuestFaultException fault = assertInstanceOf(GuestFaultException.class, down.getCause());
            assertEquals(Signals.SIGSEGV, fault.signal());
            assertEquals(0x1000, fault.address() & -0x1000);
            for (String frame : new String[] {"rumpns_uiomove", "sys_write", "rump_syscall"}) {
                assertTrue(fault.backtrace().contains(frame + "+0x"), fault.backtrace());
            }
            assertTrue(
                    i != 0 || debug.toString(StandardCharsets.UTF_8).contains(fault.backtrace()),
                    debug.toString(StandardCharsets.UTF_8));
            assertFalse(kernel.isUp());
            assertThrows(KernelDownException.class, () -> sys.close(fd));
            kernel.halt();
        }
        assertEquals(1, other.syscalls().getpid());
        other.halt();
    }

    @Test
    void aPanicTellsWhoPanicked() throws Exception {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        RealHost host = RealHost.builder()
                .console(console)
                .debug(java.io.OutputStream.nullOutputStream())
                .build();
        NetbsdKernel kernel = NetbsdKernel.boot(Build.plan("rump"), host);
        try (Arena arena = Arena.ofConfined()) {
            long message = arena.allocateFrom("out of %d").address();
            long _ = kernel.call(kernel.images().function("rump_schedule"));
            long panic = kernel.images().function("rumpns_panic");
            KernelDownException down =
                    assertThrows(KernelDownException.class, () -> kernel.call(panic, message, 7, 0, 0, 0));
            GuestPanicException why = assertInstanceOf(GuestPanicException.class, down.getCause());
            assertTrue(why.backtrace().contains("rumpns_panic+0x"), why.backtrace());
        }
        assertTrue(
                console.toString(StandardCharsets.UTF_8).contains("out of 7"),
                console.toString(StandardCharsets.UTF_8));
        kernel.halt();
    }
}
