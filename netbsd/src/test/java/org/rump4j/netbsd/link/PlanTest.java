package org.rump4j.netbsd.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.Maps;
import org.rump4j.netbsd.ObjectFile;
import org.rump4j.netbsd.elf.ElfException;
import org.rump4j.netbsd.link.LinkException.Undefined;
import org.rump4j.netbsd.memory.Region;

/** Which components a kernel has, and whose symbols they use. */
final class PlanTest {
    private static final int GLOB_DAT = 6;

    @TempDir
    Path dir;

    /** A library under construction: what it has, and what it wants a pointer to. */
    private static final class Library {
        final ObjectFile file = ObjectFile.x86_64();
        final long code = file.code(0xc3);

        Library gives(String... names) {
            for (String name : names) {
                file.symbol(name, file.code(0xc3)).type(ObjectFile.FUNC);
            }
            return this;
        }

        Library givesWeakly(String... names) {
            for (String name : names) {
                file.symbol(name, file.code(0xc3)).type(ObjectFile.FUNC).binding(ObjectFile.WEAK);
            }
            return this;
        }

        Library needs(String... names) {
            for (String name : names) {
                file.relocate(file.words(0), GLOB_DAT, file.undefined(name), 0);
            }
            return this;
        }

        Library needsWeakly(String... names) {
            for (String name : names) {
                file.relocate(file.words(0), GLOB_DAT, file.undefined(name).binding(ObjectFile.WEAK), 0);
            }
            return this;
        }
    }

    private Path store(String name, Library library) throws IOException {
        return Files.write(dir.resolve("lib" + name + ".so"), library.file.build());
    }

    private Catalogue catalogue() throws LinkException {
        return Catalogue.of(List.of(dir));
    }

    private Plan plan(LinkHost host, String... names) throws LinkException, ElfException {
        return Plan.of(catalogue(), Arrays.asList(names), host);
    }

    private static List<String> names(List<Plan.Member> members) {
        return members.stream().map(m -> m.component().name()).toList();
    }

    /** What the n-th pointer of a component is, as who defines it, or as a number. */
    private static String pointer(LinkedImages kernel, String component, int n) {
        Image image = kernel.images().stream()
                .filter(i -> i.component().name().equals(component))
                .findFirst()
                .orElseThrow();
        long word = kernel.region().word(image.bias() + ObjectFile.DATA + 8L * n);
        Image of = kernel.imageAt(word);
        return of == null ? Long.toHexString(word) : of.component().name();
    }

    private interface Assertion {
        void on(LinkedImages kernel) throws Exception;
    }

    private static void link(Plan plan, LinkHost host, Assertion assertion) throws Exception {
        Maps.assumeLinux();
        try (Region region = Region.reserve(1 << 20)) {
            assertion.on(LinkedImages.link(plan, region, host));
        }
    }

    private void storeKernel() throws IOException {
        store("rump", new Library().gives("rump_init", "rumpns_panic").needs("rumpuser_exit"));
        store("rumpvfs", new Library().gives("rumpns_bread").needs("rumpns_panic"));
        store("rumpfs_ffs", new Library().gives("rumpns_ffs_mount").needs("rumpns_bread", "rumpns_panic"));
    }

    private static TestHost host() {
        return new TestHost().with("rumpuser_exit", 0x1000);
    }

    @Test
    void whatIsMissingIsFoundByTheSymbolsThatAreNeeded() throws Exception {
        storeKernel();
        store("rumpfs_other", new Library().gives("rumpns_other"));
        Plan plan = plan(host(), "rumpfs_ffs");
        assertEquals(List.of("rumpfs_ffs", "rumpvfs", "rump"), names(plan.members()));
        assertEquals(List.of("rump", "rumpvfs", "rumpfs_ffs"), names(plan.initOrder()));
        assertEquals("named", plan.members().get(0).reason());
        assertEquals("rumpfs_ffs needs rumpns_bread", plan.members().get(1).reason());
        assertEquals("rumpfs_ffs needs rumpns_panic", plan.members().get(2).reason());
        assertEquals(List.of(new Plan.HostSymbol("rumpuser_exit", null)), plan.hostSymbols());
        assertEquals(List.of(), plan.notes());
    }

    @Test
    void componentsAreNamedInManyWays() throws Exception {
        storeKernel();
        for (String name : List.of(
                "rumpvfs",
                "librumpvfs.so",
                "librumpvfs.so.0",
                dir.resolve("librumpvfs.so").toString())) {
            assertEquals(List.of("rumpvfs", "rump"), names(plan(host(), name).members()), name);
        }
        assertEquals(
                List.of("rumpfs_ffs", "rumpvfs", "rump"),
                names(plan(host(), dir.toString()).members()));
        assertEquals(
                List.of("rumpvfs", "rump"),
                names(plan(host(), "rump", "rumpvfs", "rump").members()));
        assertEquals(List.of("rump", "rumpfs_ffs", "rumpvfs"), catalogue().names());
    }

    @Test
    void aNameThatNobodyHasIsSaidWithOneThatIsLikeIt() throws Exception {
        storeKernel();
        LinkException e = assertThrows(LinkException.class, () -> plan(host(), "rumpfs_fss"));
        assertEquals("rumpfs_fss: there is no such component in " + dir + "; is it rumpfs_ffs?", e.getMessage());
        e = assertThrows(LinkException.class, () -> plan(host(), "somethingelse"));
        assertEquals("somethingelse: there is no such component in " + dir, e.getMessage());
        assertThrows(LinkException.class, () -> Catalogue.of(List.of(dir.resolve("missing"))));
        assertThrows(
                ElfException.class, () -> plan(host(), dir.resolve("missing.so").toString()));
        assertThrows(LinkException.class, () -> plan(host()));
    }

    @Test
    void hypervisorsAndClientsAreNoComponents() throws Exception {
        storeKernel();
        store("rumpuser", new Library().gives("rumpuser_exit", "rumpuser_malloc"));
        store("rumpclient", new Library().gives("rump_sys_open"));
        store("rumpfs_x", new Library().needs("rump_sys_open"));
        assertEquals(
                List.of("rump", "rumpfs_ffs", "rumpfs_x", "rumpvfs"),
                catalogue().names());
        assertThrows(LinkException.class, () -> plan(host(), "rumpuser"));
        assertThrows(LinkException.class, () -> plan(host(), "rumpfs_x"));
    }

    @Test
    void allThatIsUndefinedIsSaidAtOnceWithWhoHasIt() throws Exception {
        storeKernel();
        LinkException e = assertThrows(
                LinkException.class, () -> Plan.ofOnly(catalogue(), List.of("rumpfs_ffs"), new TestHost()));
        assertEquals(
                List.of(
                        new Undefined("rumpns_bread", List.of("rumpfs_ffs"), List.of("rumpvfs")),
                        new Undefined("rumpns_panic", List.of("rumpfs_ffs"), List.of("rump"))),
                e.undefined());
        e = assertThrows(LinkException.class, () -> plan(new TestHost(), "rumpfs_ffs"));
        assertEquals("undefined symbol rumpuser_exit, wanted by rump", e.getMessage());
        e = assertThrows(LinkException.class, () -> Plan.ofOnly(catalogue(), List.of("rumpfs_ffs", "rumpvfs"), host()));
        assertEquals("undefined symbol rumpns_panic, wanted by rumpfs_ffs, rumpvfs; it is in rump", e.getMessage());
    }

    @Test
    void theFirstStrongDefinitionCounts() throws Exception {
        store("rump", new Library().gives("rumpns_find").givesWeakly("rumpns_tty", "rumpns_stub"));
        store("rumpkern_tty", new Library().gives("rumpns_tty").givesWeakly("rumpns_find"));
        store("rumpvfs", new Library().needs("rumpns_find", "rumpns_tty", "rumpns_stub"));
        Plan plan = plan(host(), "rumpvfs", "rumpkern_tty", "rump");
        link(plan, host(), kernel -> {
            assertEquals("rump", pointer(kernel, "rumpvfs", 0));
            assertEquals("rumpkern_tty", pointer(kernel, "rumpvfs", 1));
            assertEquals("rump", pointer(kernel, "rumpvfs", 2));
        });
        assertEquals(List.of(), plan.notes(), "weak definitions are meant to be replaced");
    }

    @Test
    void ofTwoStrongDefinitionsThatOfTheDriverCountsAndThatIsSaid() throws Exception {
        store("rump", new Library());
        store("rumpvfs", new Library().gives("rumpns_fifo").needs("rumpns_fifo"));
        store("rumpvfs_fifofs", new Library().gives("rumpns_fifo"));
        Plan plan = plan(host(), "rumpvfs", "rumpvfs_fifofs");
        link(plan, host(), kernel -> assertEquals("rumpvfs_fifofs", pointer(kernel, "rumpvfs", 0)));
        assertEquals(List.of("rumpns_fifo is in rumpvfs_fifofs and in rumpvfs: the former counts"), plan.notes());
    }

    @Test
    void anAmbiguousNeedIsSaid() throws Exception {
        store("rumpnet_a", new Library().gives("rumpns_ifunit"));
        store("rumpnet_b", new Library().gives("rumpns_ifunit", "rumpns_more"));
        store("rumpnet_needer", new Library().needs("rumpns_ifunit", "rumpns_more"));
        Plan plan = plan(host(), "rumpnet_needer");
        assertEquals(List.of("rumpnet_needer", "rumpnet_b"), names(plan.members()), "it has more of what is missing");
        assertEquals(
                List.of(
                        "rumpns_ifunit, which rumpnet_needer needs, is in rumpnet_a, rumpnet_b: rumpnet_b was taken; name"
                                + " another to have that"),
                plan.notes());
        assertEquals(
                List.of("rumpnet_needer", "rumpnet_a", "rumpnet_b"),
                names(plan(host(), "rumpnet_needer", "rumpnet_a").members()));
    }

    @Test
    void whatTheNeedersLinkerNamedIsTakenBeforeOthers() throws Exception {
        Library named = new Library().gives("rumpns_f");
        named.file.soname("librumpnet_z.so.0");
        store("rumpnet_z", named);
        store("rumpnet_a", new Library().gives("rumpns_f", "rumpns_g"));
        Library needer = new Library().needs("rumpns_f");
        needer.file.needs("librumpnet_z.so.0");
        store("rumpnet_needer", needer);
        assertEquals(
                List.of("rumpnet_needer", "rumpnet_z"),
                names(plan(host(), "rumpnet_needer").members()));
    }

    @Test
    void aDamagedLibraryThatNobodyNamedIsANote() throws Exception {
        storeKernel();
        Files.write(dir.resolve("librumpfs_bad.so"), new byte[] {1, 2, 3});
        store("rumpfs_x", new Library().needs("rumpns_y"));
        store("rumpfs_y", new Library().gives("rumpns_y"));
        Plan plan = plan(host(), "rumpfs_x");
        assertEquals(List.of("rumpfs_x", "rumpfs_y"), names(plan.members()));
        assertEquals(1, plan.notes().size());
        assertTrue(
                plan.notes().getFirst().contains("librumpfs_bad.so: ELF header"),
                plan.notes().toString());
        assertThrows(ElfException.class, () -> plan(host(), "rumpfs_bad"));
    }

    @Test
    void weakNeedsBringNobodyIn() throws Exception {
        store("rumpnet_a", new Library().gives("rumpns_f"));
        store("rumpnet_b", new Library().needsWeakly("rumpns_f", "_ITM_registerTMCloneTable"));
        link(plan(host(), "rumpnet_b"), host(), kernel -> assertEquals("0", pointer(kernel, "rumpnet_b", 0)));
        link(plan(host(), "rumpnet_b", "rumpnet_a"), host(), kernel -> {
            assertEquals("rumpnet_a", pointer(kernel, "rumpnet_b", 0));
            assertEquals("0", pointer(kernel, "rumpnet_b", 1));
        });
    }

    @Test
    void theHostCanTakeAComponentsPlace() throws Exception {
        store("rumpnet_virtif", new Library().gives("rumpcomp_virt_send").needs("rumpcomp_virt_send", "memcpy"));
        TestHost host = new TestHost().overriding("rumpcomp_virt_send", 0xabc).with("memcpy", 0xdef);
        link(plan(host, "rumpnet_virtif"), host, kernel -> {
            assertEquals("abc", pointer(kernel, "rumpnet_virtif", 0));
            assertEquals("def", pointer(kernel, "rumpnet_virtif", 1));
        });
    }

    @Test
    void aComponentIsAskedBeforeTheHost() throws Exception {
        store("rump", new Library().gives("strlen").needs("strlen"));
        TestHost host = new TestHost().with("strlen", 0xdef);
        link(plan(host, "rump"), host, kernel -> assertEquals("rump", pointer(kernel, "rump", 0)));
    }

    @Test
    void symbolsAreFoundFromOutsideAsTheyAreBound() throws Exception {
        storeKernel();
        store("rumpkern_tty", new Library().gives("rumpns_tty"));
        store(
                "rump",
                new Library()
                        .gives("rump_init", "rumpns_panic")
                        .givesWeakly("rumpns_tty")
                        .needs("rumpuser_exit"));
        link(plan(host(), "rumpfs_ffs", "rumpkern_tty"), host(), kernel -> {
            assertEquals("rump", nameAt(kernel, kernel.function("rump_init")));
            assertEquals("rumpkern_tty", nameAt(kernel, kernel.function("rumpns_tty")));
            assertEquals(0, kernel.address("rumpns_nobody"));
            assertThrows(LinkException.class, () -> kernel.function("rumpns_nobody"));
        });
    }

    private static String nameAt(LinkedImages kernel, long address) {
        Image image = kernel.imageAt(address);
        return image == null ? "nowhere" : image.component().name();
    }

    @Test
    void whatIsOnlyItsOwnIsNotBoundToOthers() throws Exception {
        Library own = new Library();
        long at = own.file.words(0, 0, 0, 0);
        own.file.relocate(at, GLOB_DAT, own.file.symbol("hidden", own.code).visibility(ObjectFile.HIDDEN), 0);
        own.file.relocate(
                at + 8, GLOB_DAT, own.file.symbol("protected", own.code).visibility(ObjectFile.PROTECTED), 0);
        own.file.relocate(at + 16, GLOB_DAT, own.file.symbol("plain", own.code), 0);
        store("rumpnet_own", own);
        store("rumpnet_other", new Library().gives("hidden", "protected", "plain"));
        link(plan(host(), "rumpnet_other", "rumpnet_own"), host(), kernel -> {
            assertEquals("rumpnet_own", pointer(kernel, "rumpnet_own", 0));
            assertEquals("rumpnet_own", pointer(kernel, "rumpnet_own", 1));
            assertEquals("rumpnet_other", pointer(kernel, "rumpnet_own", 2));
        });
        own.file.tag(16, 0);
        store("rumpnet_own", own);
        link(
                plan(host(), "rumpnet_other", "rumpnet_own"),
                host(),
                kernel -> assertEquals("rumpnet_own", pointer(kernel, "rumpnet_own", 2), "it is symbolic now"));
    }

    @Test
    void eachLibraryHasItsOwnLinkSets() throws Exception {
        for (String name : List.of("rumpfs_a", "rumpfs_b")) {
            Library library = new Library();
            long at = library.file.words(0, 0, 0);
            ObjectFile.Symbol start = library.file.symbol("__start_link_set_modules", at);
            library.file.symbol("__stop_link_set_modules", at + (name.endsWith("a") ? 8 : 16));
            library.file.relocate(at + 16, GLOB_DAT, start, 0);
            store(name, library);
        }
        store("rumpfs_none", new Library().needsWeakly("__start_link_set_modules"));
        link(plan(host(), "rumpfs_a", "rumpfs_b", "rumpfs_none"), host(), kernel -> {
            assertEquals("rumpfs_a", pointer(kernel, "rumpfs_a", 2));
            assertEquals("rumpfs_b", pointer(kernel, "rumpfs_b", 2));
            assertEquals("0", pointer(kernel, "rumpfs_none", 0));
            List<LinkedSet> sets = kernel.linkSets("modules");
            assertEquals(List.of(1L, 2L), sets.stream().map(LinkedSet::count).toList());
            assertTrue(sets.getFirst().visible());
            assertEquals("rumpfs_a", nameAt(kernel, sets.getFirst().address()));
        });
    }

    @Test
    void aVersionThatIsAskedForIsGiven() throws Exception {
        Library giver = new Library();
        long old = giver.file.code(0xc3);
        long now = giver.file.code(0xc3);
        giver.file.symbol("f", old).version("V1", true);
        giver.file.symbol("f", now).version("V2", false);
        store("rumpnet_giver", giver);
        Library needer = new Library();
        long at = needer.file.words(0, 0, 0);
        needer.file.relocate(at, GLOB_DAT, needer.file.undefined("f").version("V1", false), 0);
        needer.file.relocate(at + 8, GLOB_DAT, needer.file.undefined("f").version("V2", false), 0);
        needer.file.relocate(at + 16, GLOB_DAT, needer.file.undefined("f"), 0);
        store("rumpnet_needer", needer);
        link(plan(host(), "rumpnet_needer", "rumpnet_giver"), host(), kernel -> {
            Region region = kernel.region();
            long bias = kernel.images().get(1).bias();
            long words = kernel.images().get(0).bias() + at;
            assertEquals(bias + old, region.word(words));
            assertEquals(bias + now, region.word(words + 8));
            assertEquals(bias + now, region.word(words + 16));
        });
        Library wanting = new Library();
        wanting.file.relocate(
                wanting.file.words(0), GLOB_DAT, wanting.file.undefined("f").version("V3", false), 0);
        store("rumpnet_wanting", wanting);
        LinkException e = assertThrows(LinkException.class, () -> plan(host(), "rumpnet_wanting", "rumpnet_giver"));
        assertTrue(String.valueOf(e.getMessage()).contains("undefined symbol f@V3"), e.getMessage());
    }

    @Test
    void whoIsNeededIsInitializedBeforeWhoNeedsIt() throws Exception {
        storeKernel();
        store("rumpdev_a", new Library().gives("rumpns_a").needs("rumpns_b", "rumpns_panic"));
        store("rumpdev_b", new Library().gives("rumpns_b"));
        List<String> order =
                names(plan(host(), "rumpdev_b", "rumpdev_a", "rump").initOrder());
        assertEquals(List.of("rump", "rumpdev_b", "rumpdev_a"), order);
        assertEquals(
                List.of("rump", "rumpdev_b", "rumpdev_a"),
                names(plan(host(), "rumpdev_a", "rumpdev_b", "rump").initOrder()));
    }

    @Test
    void machinesAreNotMixed() throws Exception {
        store("rump", new Library().gives("f"));
        Files.write(dir.resolve("librumpnet_arm.so"), new ObjectFile(ObjectFile.AARCH64).build());
        LinkException e = assertThrows(LinkException.class, () -> plan(host(), "rump", "rumpnet_arm"));
        assertTrue(String.valueOf(e.getMessage()).contains("is for AArch64"), e.getMessage());
    }

    @Test
    void manyKernelsAreLinkedByOnePlan() throws Exception {
        Maps.assumeLinux();
        storeKernel();
        Plan plan = plan(host(), "rumpfs_ffs");
        try (Region one = Region.reserve(1 << 20);
                Region other = Region.reserve(1 << 20)) {
            LinkedImages first = LinkedImages.link(plan, one, host());
            LinkedImages second = LinkedImages.link(plan, other, host());
            assertTrue(one.contains(first.function("rump_init")));
            assertTrue(other.contains(second.function("rump_init")));
            assertNotEquals(first.function("rump_init"), second.function("rump_init"));
            assertEquals("rumpvfs", pointer(first, "rumpfs_ffs", 0));
            assertEquals("rumpvfs", pointer(second, "rumpfs_ffs", 0));
        }
    }

    @Test
    void aKernelCanBeAtTheSameAddressesEachTime() throws Exception {
        Maps.assumeLinux();
        storeKernel();
        Plan plan = plan(host(), "rumpfs_ffs");
        long first = 0;
        for (int i = 0; i < 3; i++) {
            try (Region region = Region.reserveAt(0x31_0000_0000L, 1 << 20)) {
                long address = LinkedImages.link(plan, region, host()).function("rump_init");
                assertTrue(i == 0 || address == first);
                first = address;
            }
        }
    }

    @Test
    void aFileThatWasReplacedIsNotLinked() throws Exception {
        Maps.assumeLinux();
        storeKernel();
        Plan plan = plan(host(), "rumpfs_ffs");
        store("rump", new Library().gives("something_else", "and_more"));
        try (Region region = Region.reserve(1 << 20)) {
            assertThrows(ElfException.class, () -> LinkedImages.link(plan, region, host()));
        }
    }
}
