package org.rump4j.netbsd.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.Maps;
import org.rump4j.netbsd.Toolchain;
import org.rump4j.netbsd.elf.Segment;
import org.rump4j.netbsd.memory.Region;

/** A guest for AArch64, linked where nothing of it can be called: its code is decoded instead, to see where it would go. */
final class Aarch64GuestTest {
    private static final long HOST_VALUE = 0x1234_5678_9abcL;
    private static final long TLS_GET_ADDR = 0x1234_5678_def0L;
    private static final long DESCRIPTOR = 0x4321_0000L;

    @TempDir
    Path dir;

    @BeforeAll
    static void needsLinux() {
        Maps.assumeLinux();
    }

    private static final class Host extends TestHost {
        Host() {
            with("host_value", HOST_VALUE).with("__tls_get_addr", TLS_GET_ADDR);
        }

        @Override
        public TlsDescriptor tlsDescriptor(TlsBlock block, long offset) {
            return new TlsDescriptor(DESCRIPTOR, block.offset() + offset);
        }
    }

    private interface Use {
        void of(LinkedImages kernel) throws Exception;
    }

    private void guest(Use use, String... flags) throws Exception {
        Path driver = Toolchain.aarch64Library(dir, "driver", Guests.DRIVER, flags);
        Path base = Toolchain.aarch64Library(dir, "base", Guests.BASE, flags);
        Host host = new Host();
        Plan plan = Plan.of(Catalogue.of(List.of()), List.of(driver.toString(), base.toString()), host);
        try (Region region = Region.reserve(64 << 20)) {
            use.of(LinkedImages.link(plan, region, host));
        }
    }

    /**
     * Names of where the procedure linkage table of a component leads: each entry begins with {@code adrp x16, page} and
     * {@code ldr x17, [x16, offset]}, which fetches the address that it jumps to.
     */
    private static Set<String> jumps(LinkedImages kernel, Image image) {
        Symbolizer symbolizer = new Symbolizer(kernel);
        Set<String> out = new TreeSet<>();
        for (Segment s : image.component().object().segments()) {
            MemorySegment code = kernel.region().memory();
            for (long at = s.address(); s.isExecutable() && at + 8 <= s.end(); at += 4) {
                long place = image.bias() + at;
                int adrp =
                        code.get(ValueLayout.JAVA_INT, place - kernel.region().address());
                int ldr = code.get(
                        ValueLayout.JAVA_INT, place + 4 - kernel.region().address());
                if ((adrp & 0x9f00001f) != 0x90000010 || (ldr & 0xffc003ff) != 0xf9400211) {
                    continue;
                }
                long pages = ((long) (adrp << 8 >> 13) << 2) | (adrp >>> 29 & 3);
                long slot = (place & -4096) + pages * 4096 + (ldr >>> 10 & 0xfff) * 8L;
                long target = kernel.region().word(slot);
                if (target == HOST_VALUE || target == TLS_GET_ADDR) {
                    out.add(target == HOST_VALUE ? "host_value" : "__tls_get_addr");
                } else if (target != 0) {
                    out.add(symbolizer.describe(target));
                }
            }
        }
        return out;
    }

    @Test
    void callsLeadToWhereTheyShould() throws Exception {
        guest(
                kernel -> {
                    Set<String> driver = jumps(kernel, kernel.images().get(0));
                    assertTrue(
                            driver.containsAll(Set.of("host_value", "record+0x0 (base)", "__tls_get_addr")),
                            driver.toString());
                    Set<String> base = jumps(kernel, kernel.images().get(1));
                    assertTrue(
                            base.containsAll(Set.of("answer+0x0 (driver)", "record+0x0 (base)", "__tls_get_addr")),
                            base.toString());
                },
                "-mtls-dialect=trad");
    }

    @Test
    void pointersPointToWhereTheyShould() throws Exception {
        guest(kernel -> {
            Region region = kernel.region();
            assertEquals(kernel.function("add"), region.word(kernel.address("pointer")));
            Symbolizer symbolizer = new Symbolizer(kernel);
            assertEquals("big+0xc (driver)", symbolizer.describe(region.word(kernel.address("inside"))));
            long two = region.word(kernel.address("names") + 8);
            assertEquals("two", region.memory().getString(two - region.address()));
            LinkedSet numbers = kernel.linkSets("numbers").getFirst();
            assertEquals(3, numbers.count());
            long sum = 0;
            for (int n = 0; n < numbers.count(); n++) {
                sum += region.word(region.word(numbers.address() + 8L * n)) & 0xffff_ffffL;
            }
            assertEquals(60, sum);
            assertEquals(
                    List.of("construct+0x0 (base)", "construct+0x0 (driver)"),
                    kernel.initFunctions().stream()
                            .map(f -> symbolizer.describe(f.address()))
                            .toList());
        });
    }

    /** The compiler's own choice for this machine. */
    @Test
    void descriptorsAreThoseOfTheHost() throws Exception {
        guest(kernel -> {
            TreeSet<Long> arguments = new TreeSet<>();
            for (Image image : kernel.images()) {
                for (Segment s : image.component().object().segments()) {
                    for (long at = (s.address() + 7) & -8; s.isWritable() && at + 16 <= s.end(); at += 8) {
                        if (kernel.region().word(image.bias() + at) == DESCRIPTOR) {
                            arguments.add(kernel.region().word(image.bias() + at + 8));
                        }
                    }
                }
            }
            assertEquals(new TreeSet<>(List.of(0L, 4L)), arguments, "counter and zero, at their offsets");
        });
    }
}
