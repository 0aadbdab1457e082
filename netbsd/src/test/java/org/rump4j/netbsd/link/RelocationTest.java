package org.rump4j.netbsd.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.Maps;
import org.rump4j.netbsd.ObjectFile;
import org.rump4j.netbsd.memory.Region;

/** What is in memory after linking. Objects of either machine are linked; nothing of them is called. */
final class RelocationTest {
    private static final long HOST = 0x1234_5678_9abcL;
    private static final int DTPMOD = 0;
    private static final int DTPOFF = 1;
    private static final int TPOFF = 2;
    private static final int TLSDESC = 3;
    private static final int IRELATIVE = 4;

    /** Numbers of the same things on the two machines. */
    private static final int[] X86_TLS = {16, 17, 18, 36, 37};

    private static final int[] AARCH64_TLS = {1028, 1029, 1030, 1031, 1032};

    @TempDir
    Path dir;

    @BeforeAll
    static void needsLinux() {
        Maps.assumeLinux();
    }

    /** A kernel of one component, linked; what is asserted about it is told its image. */
    private interface Assertion {
        void on(LinkedImages kernel, Image image) throws Exception;
    }

    private void link(ObjectFile file, LinkHost host, Assertion assertion) throws Exception {
        Path path = Files.write(dir.resolve("librumpx.so"), file.build());
        try (Region region = Region.reserve(1 << 20)) {
            LinkedImages kernel =
                    LinkedImages.link(Plan.of(Catalogue.of(List.of()), List.of(path.toString()), host), region, host);
            assertion.on(kernel, kernel.images().getFirst());
        }
        Files.delete(path);
    }

    private void assertRefused(ObjectFile file, LinkHost host, String... words) {
        LinkException e = assertThrows(LinkException.class, () -> link(file, host, (_, _) -> {}));
        for (String word : words) {
            assertTrue(String.valueOf(e.getMessage()).contains(word), word + " is not in: " + e.getMessage());
        }
    }

    private static void assertWord(long expected, LinkedImages kernel, Image image, long address) {
        assertEquals(
                Long.toHexString(expected), Long.toHexString(kernel.region().word(image.bias() + address)));
    }

    private static TestHost host() {
        return new TestHost().with("theirs", HOST);
    }

    @Test
    void addressesOfX8664() throws Exception {
        addresses(ObjectFile.X86_64, 1, 6, 7, 8);
    }

    @Test
    void addressesOfAarch64() throws Exception {
        addresses(ObjectFile.AARCH64, 257, 1025, 1026, 1027);
    }

    private void addresses(int machine, int absolute, int globDat, int jumpSlot, int relative) throws Exception {
        ObjectFile file = new ObjectFile(machine);
        ObjectFile.Symbol ours = file.symbol("ours", ObjectFile.TEXT + 8);
        ObjectFile.Symbol constant = file.absolute("constant", 77);
        ObjectFile.Symbol theirs = file.undefined("theirs");
        ObjectFile.Symbol nobodys = file.undefined("nobodys").binding(ObjectFile.WEAK);
        long at = file.words(-1, -1, -1, -1, -1, -1, -1, 0x100);
        file.relocate(at, absolute, ours, 5)
                .relocate(at + 8, absolute, constant, 1)
                .relocate(at + 16, globDat, theirs, 0)
                .relocate(at + 24, relative, null, 0x40)
                .relocate(at + 32, absolute, nobodys, 0)
                .relocate(at + 40, 0, theirs, 0)
                .jumpSlot(at + 48, jumpSlot, theirs)
                .relr(at + 56);
        link(file, host(), (kernel, image) -> {
            assertWord(image.bias() + ObjectFile.TEXT + 8 + 5, kernel, image, at);
            assertWord(78, kernel, image, at + 8);
            assertWord(HOST, kernel, image, at + 16);
            assertWord(image.bias() + 0x40, kernel, image, at + 24);
            assertWord(0, kernel, image, at + 32);
            assertWord(-1, kernel, image, at + 40);
            assertWord(HOST, kernel, image, at + 48);
            assertWord(image.bias() + 0x100, kernel, image, at + 56);
        });
    }

    @Test
    void wordsThatAreNotAligned() throws Exception {
        ObjectFile file = ObjectFile.x86_64();
        ObjectFile.Symbol constant = file.absolute("constant", 0x8877_6655_4433_2211L);
        long at = file.words(-1, -1, -1);
        file.relocate(at + 3, 1, constant, 0);
        link(file, host(), (kernel, image) -> {
            assertWord(0x5544_3322_11ff_ffffL, kernel, image, at);
            assertWord(0xffff_ffff_ff88_7766L, kernel, image, at + 8);
            assertWord(-1, kernel, image, at + 16);
        });
    }

    @Test
    void narrowWordsLeaveTheirNeighboursAlone() throws Exception {
        ObjectFile file = ObjectFile.x86_64();
        ObjectFile.Symbol constant = file.absolute("constant", 0x12);
        long at = file.words(-1, -1, -1, -1);
        file.relocate(at, 10, constant, 0)
                .relocate(at + 8 + 1, 12, constant, 0)
                .relocate(at + 16 + 7, 14, constant, 0)
                .relocate(at + 24 - 2, 11, constant, -0x13);
        link(file, host(), (kernel, image) -> {
            assertWord(0xffff_ffff_0000_0012L, kernel, image, at);
            assertWord(0xffff_ffff_ff00_12ffL, kernel, image, at + 8);
            assertWord(0xffff_ffff_ffff_ffffL, kernel, image, at + 24);
            assertWord(0xffff_ffff_ffff_ffffL, kernel, image, at + 16);
        });
    }

    @Test
    void distancesAndSizes() throws Exception {
        ObjectFile file = ObjectFile.x86_64();
        ObjectFile.Symbol ours = file.symbol("ours", ObjectFile.TEXT).size(99);
        long at = file.words(0, 0, 0, 0);
        file.relocate(at, 24, ours, 0)
                .relocate(at + 8, 2, ours, -4)
                .relocate(at + 16, 33, ours, 1)
                .relocate(at + 24, 32, ours, 0);
        link(file, host(), (kernel, image) -> {
            assertWord(ObjectFile.TEXT - at, kernel, image, at);
            assertWord((ObjectFile.TEXT - at - 8 - 4) & 0xffff_ffffL, kernel, image, at + 8);
            assertWord(100, kernel, image, at + 16);
            assertWord(99, kernel, image, at + 24);
        });
    }

    @Test
    void aNumberThatDoesNotFit() {
        ObjectFile file = ObjectFile.x86_64();
        file.relocate(file.words(0), 10, file.undefined("theirs"), 0);
        assertRefused(file, host(), "librumpx.so: R_X86_64_32", "0x123456789abc", "theirs", "32 bits");
        ObjectFile arm = new ObjectFile(ObjectFile.AARCH64);
        arm.relocate(arm.words(0), 261, arm.undefined("theirs"), 0);
        assertRefused(arm, host(), "R_AARCH64_PREL32", "32 bits");
    }

    @Test
    void codeIsRelocatedWhereTheObjectSaysSo() throws Exception {
        ObjectFile file = ObjectFile.x86_64().tag(22, 0);
        long code = file.code(0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xc3);
        file.relocate(code + 2, 1, file.undefined("theirs"), 0);
        link(file, host(), (kernel, image) -> {
            assertEquals(HOST, kernel.region().word(image.bias() + code + 2));
            assertEquals("r-xp", Maps.at(kernel.region(), image.bias() + code));
        });
    }

    // Variables of threads

    private static final class ThreadHost extends TestHost {
        @Override
        public long tlsThreadOffset(TlsBlock block) {
            return -0x100;
        }

        @Override
        public TlsDescriptor tlsDescriptor(TlsBlock block, long offset) {
            return new TlsDescriptor(0x7777, block.offset() + offset);
        }

        @Override
        public long resolveIndirect(String component, long resolver) {
            return resolver + 0x1000;
        }
    }

    @Test
    void variablesOfThreadsOfX8664() throws Exception {
        variablesOfThreads(ObjectFile.X86_64, X86_TLS);
    }

    @Test
    void variablesOfThreadsOfAarch64() throws Exception {
        variablesOfThreads(ObjectFile.AARCH64, AARCH64_TLS);
    }

    private void variablesOfThreads(int machine, int[] types) throws Exception {
        ObjectFile file = new ObjectFile(machine);
        long template = file.words(0x1111, 0x2222);
        file.tls(template, 16, 40, 16);
        ObjectFile.Symbol variable = file.symbol("variable", 8).type(ObjectFile.TLS);
        long at = file.words(0, 0, 0, 0, 0, 0, 0);
        file.relocate(at, types[DTPMOD], variable, 0)
                .relocate(at + 8, types[DTPOFF], variable, 4)
                .relocate(at + 16, types[TPOFF], variable, 1)
                .relocate(at + 24, types[TLSDESC], variable, 2)
                .relocate(at + 40, types[DTPMOD], null, 0)
                .relocate(at + 48, types[TPOFF], null, 24);
        link(file, new ThreadHost(), (kernel, image) -> {
            assertWord(0, kernel, image, at);
            assertWord(12, kernel, image, at + 8);
            assertWord(-0x100 + 9, kernel, image, at + 16);
            assertWord(0x7777, kernel, image, at + 24);
            assertWord(10, kernel, image, at + 32);
            assertWord(0, kernel, image, at + 40);
            assertWord(-0x100 + 24, kernel, image, at + 48);
            assertEquals(List.of(new TlsBlock("rumpx", 0, image.bias() + template, 16, 40, 16)), kernel.tls());
            assertEquals(40, kernel.plan().tlsBytes());
            assertEquals(16, kernel.plan().tlsAlign());
            assertEquals(0, kernel.address("variable"), "it has no address");
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment block = arena.allocate(40);
                block.fill((byte) 0xff);
                kernel.initializeTls(block);
                assertArrayEquals(new long[] {0x1111, 0x2222, 0, 0, 0}, block.toArray(ValueLayout.JAVA_LONG));
            }
        });
    }

    @Test
    void whatTheHostDoesNotOfferIsRefusedByItsName() {
        ObjectFile file = ObjectFile.x86_64();
        file.tls(file.words(1), 8, 8, 8);
        ObjectFile.Symbol variable = file.symbol("variable", 0).type(ObjectFile.TLS);
        long at = file.words(0, 0);
        file.relocate(at, 18, variable, 0);
        assertRefused(file, host(), "rumpx", "initial-exec");
        ObjectFile descriptor = ObjectFile.x86_64();
        descriptor.tls(descriptor.words(1), 8, 8, 8);
        descriptor.relocate(descriptor.words(0, 0), 36, null, 0);
        assertRefused(descriptor, host(), "rumpx", "TLSDESC");
        ObjectFile indirect = ObjectFile.x86_64();
        indirect.relocate(indirect.words(0), 37, null, indirect.code(0xc3));
        assertRefused(indirect, host(), "rumpx", "IRELATIVE");
    }

    @Test
    void variablesOfThreadsThatAreNone() {
        ObjectFile file = ObjectFile.x86_64();
        file.relocate(file.words(0), 16, file.symbol("f", ObjectFile.TEXT), 0);
        assertRefused(file, host(), "R_X86_64_DTPMOD64", "f is no variable of threads");
        ObjectFile without = ObjectFile.x86_64();
        without.relocate(without.words(0), 16, null, 0);
        assertRefused(without, host(), "has no PT_TLS");
        ObjectFile address = ObjectFile.x86_64();
        address.relocate(address.words(0), 1, address.symbol("v", 0).type(ObjectFile.TLS), 0);
        assertRefused(address, host(), "v is a variable of threads");
    }

    @Test
    void functionsThatAreChosenWhileLinking() throws Exception {
        for (int machine : new int[] {ObjectFile.X86_64, ObjectFile.AARCH64}) {
            int[] types = machine == ObjectFile.X86_64 ? X86_TLS : AARCH64_TLS;
            ObjectFile file = new ObjectFile(machine).relro(DATA_BYTES);
            long resolver = file.code(0xc3);
            ObjectFile.Symbol chosen = file.symbol("chosen", resolver).type(ObjectFile.IFUNC);
            long at = file.words(0, 0);
            file.relocate(at, types[IRELATIVE], null, resolver)
                    .jumpSlot(at + 8, machine == ObjectFile.X86_64 ? 7 : 1026, chosen);
            link(file, new ThreadHost(), (kernel, image) -> {
                assertWord(image.bias() + resolver + 0x1000, kernel, image, at);
                assertWord(image.bias() + resolver + 0x1000, kernel, image, at + 8);
                assertThrows(LinkException.class, () -> kernel.function("chosen"), "it is not known which");
            });
        }
    }

    @Test
    void placesWithinAFunctionThatIsChosenWhileLinking() {
        ObjectFile distance = ObjectFile.x86_64();
        distance.relocate(
                distance.words(0),
                24,
                distance.symbol("chosen", distance.code(0xc3)).type(ObjectFile.IFUNC),
                0);
        assertRefused(distance, new ThreadHost(), "R_X86_64_PC64", "chosen while it is linked");
        ObjectFile inside = ObjectFile.x86_64();
        inside.relocate(
                inside.words(0), 1, inside.symbol("chosen", inside.code(0xc3)).type(ObjectFile.IFUNC), 4);
        assertRefused(inside, new ThreadHost(), "R_X86_64_64", "chosen while it is linked");
    }

    @Test
    void whatIsNoFunctionIsNotGivenForOne() throws Exception {
        ObjectFile file = ObjectFile.x86_64();
        file.symbol("data", file.words(1));
        file.absolute("constant", 77);
        link(file, host(), (kernel, image) -> {
            assertEquals(image.bias() + ObjectFile.DATA, kernel.address("data"));
            assertEquals(77, kernel.address("constant"));
            assertThrows(LinkException.class, () -> kernel.function("data"));
            assertThrows(LinkException.class, () -> kernel.function("constant"));
            assertThrows(LinkException.class, () -> kernel.function("missing"));
        });
    }

    // What is called, and what may be written

    private static final long DATA_BYTES = ObjectFile.DATA - ObjectFile.DYNAMIC + 16;

    @Test
    void functionsOfInitializationAreCalledInTheOrderOfTheAbi() throws Exception {
        ObjectFile file = ObjectFile.x86_64();
        long[] f = {file.code(1), file.code(2), file.code(3), file.code(4), file.code(5), file.code(6)};
        long at = file.words(0, 0, -1, 0, 0);
        file.tag(12, f[0])
                .tag(13, f[5])
                .tag(25, at)
                .tag(27, 24)
                .tag(26, at + 24)
                .tag(28, 16);
        for (int i = 0; i < 2; i++) {
            file.relocate(at + 8L * i, 8, null, f[1 + i]).relocate(at + 24 + 8L * i, 8, null, f[3 + i]);
        }
        link(file, host(), (kernel, image) -> {
            assertEquals(List.of(f[0], f[1], f[2]), addresses(kernel.initFunctions(), image), "without the -1");
            assertEquals(List.of(f[4], f[3], f[5]), addresses(kernel.finiFunctions(), image));
        });
    }

    private static List<Long> addresses(List<InitFunction> functions, Image image) {
        return functions.stream().map(f -> f.address() - image.bias()).toList();
    }

    @Test
    void whatIsToBeCalledMustBeCode() {
        ObjectFile file = ObjectFile.x86_64();
        long at = file.words(0);
        file.tag(25, at).tag(27, 8).relocate(at, 8, null, at);
        assertRefused(file, host(), "librumpx.so: DT_INIT_ARRAY", "is no code of this kernel");
    }

    @Test
    void nothingIsWritableAndExecutableAndWhatIsConstantIsNotWritable() throws Exception {
        ObjectFile file = ObjectFile.x86_64().relro(4096).bss(20_000);
        file.code(0xc3);
        file.words(new long[400]);
        long last = file.words(1);
        link(file, host(), (kernel, image) -> {
            Region region = kernel.region();
            assertEquals("r--p", Maps.at(region, image.bias()));
            assertEquals("r-xp", Maps.at(region, image.bias() + ObjectFile.TEXT));
            assertEquals("r--p", Maps.at(region, image.bias() + ObjectFile.DATA));
            assertEquals("rw-p", Maps.at(region, image.bias() + last + 8 + 10_000));
            assertEquals(0, region.word(image.bias() + last + 8));
            assertTrue(Maps.protections(region).stream().noneMatch(p -> p.contains("w") && p.contains("x")));
        });
    }
}
