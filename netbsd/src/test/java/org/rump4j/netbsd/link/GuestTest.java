package org.rump4j.netbsd.link;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.Maps;
import org.rump4j.netbsd.Toolchain;
import org.rump4j.netbsd.elf.Segment;
import org.rump4j.netbsd.memory.Region;

/** A guest of two libraries that the system's compiler makes: linked, and called. */
final class GuestTest {
    @TempDir
    Path dir;

    @BeforeAll
    static void needsACompiler() {
        Toolchain.assumeNative();
    }

    /** A guest in memory, and how its functions are called. */
    static final class Guest extends TestHost implements AutoCloseable {
        private static final Linker LINKER = Linker.nativeLinker();

        private final Arena arena = Arena.ofShared();
        private final Region region;
        private final Map<Thread, MemorySegment> variables = new ConcurrentHashMap<>();
        private final AtomicInteger hostCalls = new AtomicInteger();
        final LinkedImages images;

        private final @Nullable StaticTls tls;

        Guest(List<Path> libraries) throws Exception {
            this(libraries, null);
        }

        Guest(List<Path> libraries, @Nullable StaticTls tls) throws Exception {
            this.tls = tls;
            region = Region.reserve(64 << 20);
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            with(
                    "host_value",
                    stub(
                            lookup.findVirtual(Guest.class, "hostValue", MethodType.methodType(int.class, int.class)),
                            FunctionDescriptor.of(JAVA_INT, JAVA_INT)));
            with(
                    "__tls_get_addr",
                    stub(
                            lookup.findVirtual(
                                    Guest.class, "variable", MethodType.methodType(long.class, MemorySegment.class)),
                            FunctionDescriptor.of(JAVA_LONG, ADDRESS)));
            Plan plan = Plan.of(
                    Catalogue.of(List.of()),
                    libraries.stream().map(Path::toString).toList(),
                    this);
            images = LinkedImages.link(plan, region, this);
        }

        private long stub(MethodHandle method, FunctionDescriptor type) {
            return LINKER.upcallStub(method.bindTo(this), type, arena).address();
        }

        int hostValue(int x) {
            hostCalls.incrementAndGet();
            return 7 * x;
        }

        /** As the kernel's own {@code __tls_get_addr}: a block for each thread, made when it is first asked for. */
        long variable(MemorySegment pair) {
            MemorySegment block = variables.computeIfAbsent(Thread.currentThread(), _ -> {
                MemorySegment fresh =
                        arena.allocate(images.plan().tlsBytes(), images.plan().tlsAlign());
                images.initializeTls(fresh);
                return fresh;
            });
            MemorySegment words = pair.reinterpret(16);
            return block.address() + words.get(JAVA_LONG, 0) + words.get(JAVA_LONG, 8);
        }

        @Override
        public long resolveIndirect(String component, long resolver) throws LinkException {
            try {
                MethodHandle call =
                        LINKER.downcallHandle(MemorySegment.ofAddress(resolver), FunctionDescriptor.of(JAVA_LONG));
                return (long) call.invokeExact();
            } catch (Throwable t) {
                throw new AssertionError(t);
            }
        }

        @Override
        public long tlsThreadOffset(TlsBlock block) throws LinkException {
            return tls == null ? super.tlsThreadOffset(block) : tls.threadOffset() + block.offset();
        }

        int call(String function, int... arguments) throws Throwable {
            FunctionDescriptor type = FunctionDescriptor.of(JAVA_INT);
            for (int _ : arguments) {
                type = type.appendArgumentLayouts(JAVA_INT);
            }
            MethodHandle handle = LINKER.downcallHandle(MemorySegment.ofAddress(images.function(function)), type);
            return switch (arguments.length) {
                case 0 -> (int) handle.invokeExact();
                case 1 -> (int) handle.invokeExact(arguments[0]);
                default -> (int) handle.invokeExact(arguments[0], arguments[1]);
            };
        }

        void call(List<InitFunction> functions) throws Throwable {
            for (InitFunction f : functions) {
                LINKER.downcallHandle(MemorySegment.ofAddress(f.address()), FunctionDescriptor.ofVoid())
                        .invokeExact();
            }
        }

        @Override
        public void close() {
            region.close();
            arena.close();
        }
    }

    private interface Use {
        void of(Guest guest) throws Throwable;
    }

    private void guest(Use use, String... flags) throws Throwable {
        Path driver = Toolchain.library(dir, "driver", Guests.DRIVER, flags);
        Path base = Toolchain.library(dir, "base", Guests.BASE, flags);
        try (Guest guest = new Guest(List.of(driver, base))) {
            use.of(guest);
        }
    }

    @Test
    void functionsAndDataAreWhereTheyAreExpected() throws Throwable {
        guest(guest -> {
            assertEquals(3, guest.call("add", 1, 2));
            assertEquals(6 * 1000 + 35, guest.call("use", 5), "through a pointer, a local function and the host");
            assertEquals(1, guest.hostCalls.get());
            assertEquals(
                    42, guest.call("call_answer"), "the strong definition, from the library that has the weak one");
            assertEquals(0, guest.call("has_missing"));
            assertEquals(3, guest.call("points_inside"));
            assertEquals('w', guest.call("letter", 1, 1));
            assertEquals(60, guest.call("sum"));
        });
    }

    @Test
    void everyWayOfLinkingWorks() throws Throwable {
        for (String flag : List.of(
                "-Wl,--hash-style=sysv",
                "-Wl,--hash-style=gnu",
                "-Wl,--hash-style=both",
                "-Wl,-z,noseparate-code",
                "-Wl,-z,now",
                "-Wl,-z,norelro",
                "-Wl,-z,pack-relative-relocs",
                "-Wl,-z,max-page-size=0x200000",
                "-fno-plt",
                "-s",
                "-Wl,-Bsymbolic")) {
            guest(
                    guest -> {
                        assertEquals(6 * 1000 + 35, guest.call("use", 5), flag);
                        assertEquals('o', guest.call("letter", 1, 2), flag);
                        assertEquals(106, guest.call("bump"), flag);
                        assertEquals(60, guest.call("sum"), flag);
                        assertEquals(flag.endsWith("symbolic") ? 1 : 42, guest.call("call_answer"), flag);
                    },
                    flag);
        }
    }

    @Test
    void constructorsAreCalledFromTheBaseOn() throws Throwable {
        guest(guest -> {
            assertEquals(0, guest.call("how_many"));
            guest.call(guest.images.initFunctions());
            assertEquals(2, guest.call("how_many"));
            assertEquals(1, guest.call("who", 0), "the driver needs the base");
            assertEquals(2, guest.call("who", 1));
            guest.call(guest.images.finiFunctions());
            assertEquals(-2, guest.call("who", 2));
            assertEquals(-1, guest.call("who", 3));
        });
    }

    @Test
    void eachThreadHasItsOwnVariables() throws Throwable {
        guest(guest -> {
            assertEquals(106, guest.call("bump"));
            assertEquals(207, guest.call("bump"));
            assertEquals(50, guest.call("set_counter", 50), "another library's variable");
            Thread other = Thread.ofPlatform().start(() -> {
                try {
                    assertEquals(106, guest.call("bump"));
                } catch (Throwable t) {
                    throw new AssertionError(t);
                }
            });
            other.join();
            assertEquals(2, guest.variables.size());
            assertEquals(351, guest.call("bump"));
        });
    }

    @Test
    void functionsAreChosenWhileTheGuestIsLinked() throws Throwable {
        Path library = Toolchain.library(dir, "chooser", """
                static int fast(int x) { return 2 * x; }
                static int (*choose(void))(int) { return fast; }
                int chosen(int) __attribute__((ifunc("choose")));
                int call_chosen(int x) { return chosen(x); }
                static int hidden(int) __attribute__((ifunc("choose")));
                int call_hidden(int x) { return hidden(x) + 1; }
                """);
        try (Guest guest = new Guest(List.of(library))) {
            assertEquals(42, guest.call("call_chosen", 21));
            assertEquals(43, guest.call("call_hidden", 21));
        }
    }

    @Test
    void variablesAtAFixedDistanceAreRefusedWithAReason() throws Exception {
        Path library =
                Toolchain.library(dir, "ie", "__thread int v; int get(void) { return v; }", "-ftls-model=initial-exec");
        LinkException e = assertThrows(LinkException.class, () -> new Guest(List.of(library)).close());
        assertTrue(String.valueOf(e.getMessage()).contains("initial-exec"), e.getMessage());
    }

    @Test
    void variablesAtAFixedDistanceAreWhereTheCLibraryHasRoom() throws Throwable {
        Path library = Toolchain.library(dir, "ie", """
                __thread long first, v;
                int bump(void) { first = -1; return ++v; }
                """, "-ftls-model=initial-exec");
        try (StaticTls tls = StaticTls.reserve(16, 8);
                Guest guest = new Guest(List.of(library), tls)) {
            assertEquals(16, guest.images.plan().tlsBytes());
            assertEquals(1, guest.call("bump"), "in a thread that is older than the guest");
            assertEquals(2, guest.call("bump"));
            Thread other = Thread.ofPlatform().start(() -> {
                try {
                    assertEquals(1, guest.call("bump"));
                } catch (Throwable t) {
                    throw new AssertionError(t);
                }
            });
            other.join();
            assertEquals(3, guest.call("bump"));
            try (StaticTls second = StaticTls.reserve(16, 8);
                    Guest another = new Guest(List.of(library), second)) {
                assertEquals(1, another.call("bump"), "has its own");
                assertEquals(4, guest.call("bump"));
            }
        }
    }

    @Test
    void memoryAtAFixedDistanceComesAndGoes() throws Exception {
        LinkException e = assertThrows(
                LinkException.class, () -> StaticTls.reserve(1 << 20, 8).close());
        assertTrue(String.valueOf(e.getMessage()).contains("optional_static_tls"), e.getMessage());
        for (int i = 0; i < 200; i++) {
            try (StaticTls tls = StaticTls.reserve(64, 64)) {
                assertTrue(tls.threadOffset() != 0);
            }
        }
    }

    @Test
    void protectionsAreThoseOfTheSegments() throws Throwable {
        guest(guest -> {
            List<String> protections = Maps.protections(guest.region);
            assertTrue(protections.stream().noneMatch(p -> p.contains("w") && p.contains("x")), protections.toString());
            assertTrue(protections.contains("r-xp") && protections.contains("rw-p"), protections.toString());
            for (Image image : guest.images.images()) {
                Segment relro = image.component().object().relro();
                assertNotNull(relro);
                assertEquals("r--p", Maps.at(guest.region, image.bias() + relro.address()));
            }
            assertEquals("r-xp", Maps.at(guest.region, guest.images.function("use")));
            assertEquals("rw-p", Maps.at(guest.region, guest.images.address("norder")));
            assertEquals("r--p", Maps.at(guest.region, guest.images.address("names")));
        });
    }

    @Test
    void twoGuestsHaveNothingInCommon() throws Throwable {
        guest(one -> guest(other -> {
            one.call(one.images.initFunctions());
            assertEquals(2, one.call("how_many"));
            assertEquals(0, other.call("how_many"));
        }));
    }

    // Names of addresses

    @Test
    void addressesHaveNames() throws Throwable {
        guest(guest -> {
            Symbolizer symbolizer = new Symbolizer(guest.images);
            long use = guest.images.function("use");
            assertEquals(new Symbolizer.Location("driver", "use", 3), symbolizer.find(use + 3));
            assertEquals("add+0x0 (base)", symbolizer.describe(guest.images.function("add")));
            assertEquals("order+0x4 (base)", symbolizer.describe(guest.images.address("order") + 4));
            assertNull(symbolizer.find(guest.region.address() - 1));
            assertEquals("0x10", symbolizer.describe(16));
            Symbolizer.Location before = symbolizer.findCall(use);
            assertTrue(before == null || !"use".equals(before.symbol()), "a call before its first instruction");
            String local = symbolizer.describe(localFunction(symbolizer));
            assertEquals("local_function+0x0 (driver)", local);
        });
    }

    private static long localFunction(Symbolizer symbolizer) {
        long[] found = new long[1];
        symbolizer.forEach(s -> found[0] = s.name().equals("local_function") ? s.address() : found[0]);
        return found[0];
    }

    @Test
    void addressesOfAStrippedGuestHaveNamesOfWhatItExports() throws Throwable {
        guest(
                guest -> {
                    Symbolizer symbolizer = new Symbolizer(guest.images);
                    assertEquals("use+0x1 (driver)", symbolizer.describe(guest.images.function("use") + 1));
                    assertEquals(0, localFunction(symbolizer));
                },
                "-s");
    }

    @Test
    void backtracesAreRead() throws Throwable {
        guest(guest -> {
            Symbolizer symbolizer = new Symbolizer(guest.images);
            long add = guest.images.function("add");
            long use = guest.images.function("use");
            String[] lines =
                    symbolizer.backtrace(add + 1, new long[] {use + 4, 0x10}).split("\n", -1);
            assertEquals(String.format(" #0 0x%012x add+0x1 (base)", add + 1), lines[0]);
            assertEquals(String.format(" #1 0x%012x use+0x4 (driver)", use + 4), lines[1]);
            assertEquals(" #2 0x000000000010 ?", lines[2]);
            assertEquals("", lines[3]);
        });
    }

    @Test
    void perfIsToldOfFunctions() throws Throwable {
        guest(guest -> {
            Path map = dir.resolve("perf.map");
            PerfMap.append(map, new Symbolizer(guest.images));
            List<String> lines = Files.readAllLines(map);
            String begin = Long.toHexString(guest.images.function("use")) + " ";
            assertTrue(lines.stream().anyMatch(l -> l.startsWith(begin) && l.endsWith(" use")), lines.toString());
            assertTrue(lines.stream().anyMatch(l -> l.endsWith(" local_function")));
            assertTrue(lines.stream().noneMatch(l -> l.endsWith(" norder")), "it is no function");
            PerfMap.append(map, new Symbolizer(guest.images));
            assertEquals(2 * lines.size(), Files.readAllLines(map).size());
        });
    }
}
