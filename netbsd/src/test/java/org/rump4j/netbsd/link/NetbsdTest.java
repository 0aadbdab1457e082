package org.rump4j.netbsd.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.rump4j.netbsd.Maps;
import org.rump4j.netbsd.Toolchain;
import org.rump4j.netbsd.elf.Machine;
import org.rump4j.netbsd.elf.RelocationType;
import org.rump4j.netbsd.elf.Relocations;
import org.rump4j.netbsd.elf.SharedObject;
import org.rump4j.netbsd.elf.SymbolTable;
import org.rump4j.netbsd.memory.Region;

/** NetBSD's own libraries, where {@code RUMP4J_NETBSD} names a build of them: read as {@code readelf} reads them, and linked. */
final class NetbsdTest {
    private static final List<String> FILE_SYSTEMS_AND_NETWORK =
            List.of("rumpfs_ffs", "rumpfs_ext2fs", "rumpnet_netinet", "rumpdev_disk");

    private static Path libraries = Path.of("");

    @BeforeAll
    static void needsABuild() {
        String build = System.getenv("RUMP4J_NETBSD");
        Assumptions.assumeTrue(build != null, "RUMP4J_NETBSD names no build of NetBSD's rump kernel");
        Maps.assumeLinux();
        libraries = Path.of(build, "lib");
    }

    /** Has what is not the kernel's: hypercalls, the C library, and hardware that a rump kernel does not have. */
    private static final LinkHost HOST = new LinkHost() {
        @Override
        public boolean has(String name) {
            return name.startsWith("rumpuser_") || !name.startsWith("rump") || name.startsWith("rumpns_bus_dma");
        }

        @Override
        public long address(String name, @Nullable String version) {
            return 0x1000;
        }
    };

    private static Catalogue catalogue() throws LinkException {
        return Catalogue.of(List.of(libraries));
    }

    private static Component component(Catalogue catalogue, String name) throws Exception {
        return catalogue.find(name).getFirst();
    }

    @Test
    void relocationsAreThoseThatReadelfCounts() throws Exception {
        Catalogue catalogue = catalogue();
        assertTrue(catalogue.names().size() > 20, catalogue.names().toString());
        for (String name : catalogue.names()) {
            SharedObject object = component(catalogue, name).object();
            Map<String, Integer> ours = new TreeMap<>();
            Relocations relocations = object.relocations();
            for (int i = 0; i < relocations.count(); i++) {
                RelocationType type = relocations.type(i);
                ours.merge(type.name(), 1, Integer::sum);
            }
            Map<String, Integer> theirs = new TreeMap<>();
            for (String[] row : rows(object, "-rW")) {
                if (row.length > 2 && row[2].startsWith("R_")) {
                    theirs.merge(row[2], 1, Integer::sum);
                }
            }
            assertFalse(theirs.isEmpty());
            assertEquals(theirs, ours, name);
        }
    }

    @Test
    void symbolsAreFoundAsReadelfListsThem() throws Exception {
        Catalogue catalogue = catalogue();
        int found = 0;
        for (String name : catalogue.names()) {
            SharedObject object = component(catalogue, name).object();
            SymbolTable symbols = object.symbols();
            for (String[] row : rows(object, "--dyn-syms", "-W")) {
                // Num: Value Size Type Bind Vis Ndx Name
                if (row.length < 8 || !row[0].endsWith(":") || row[0].equals("Num:")) {
                    continue;
                }
                String symbol = row[7].replaceAll("@.*", "");
                boolean exported = !row[6].equals("UND") && !row[4].equals("LOCAL") && row[5].equals("DEFAULT");
                int number = symbols.find(symbol);
                if (!exported) {
                    assertEquals(0, number, name + ": " + symbol);
                    assertEquals(symbol, symbols.name(Integer.parseInt(row[0].replace(":", ""))));
                    continue;
                }
                assertEquals(symbol, symbols.name(number), name);
                assertEquals(Long.parseLong(row[1], 16), symbols.value(number), symbol);
                assertEquals(Long.decode(row[2]), symbols.size(number), symbol);
                assertEquals(row[4].equals("WEAK"), symbols.binding(number) == SymbolTable.STB_WEAK, symbol);
                found++;
            }
        }
        assertTrue(found > 1000, "only " + found);
    }

    private static List<String[]> rows(SharedObject object, String... options) throws IOException {
        Path file = object.path();
        assertNotNull(file);
        List<String[]> out = new ArrayList<>();
        for (String line : Toolchain.readelf(file, options).lines().toList()) {
            out.add(line.strip().split("\\s+", -1));
        }
        return out;
    }

    @Test
    void everyComponentIsLinkedWithWhatItNeeds() throws Exception {
        Catalogue catalogue = catalogue();
        for (String name : catalogue.names()) {
            Plan plan = Plan.of(catalogue, List.of(name), HOST);
            assertEquals("rump", plan.members().getLast().component().name(), name);
            assertEquals("rump", plan.initOrder().getFirst().component().name(), name);
            requireLinked(plan);
        }
    }

    @Test
    void allComponentsAreLinkedTogether() throws Exception {
        Catalogue catalogue = catalogue();
        Plan plan = Plan.of(catalogue, catalogue.names(), HOST);
        assertEquals(catalogue.names().size(), plan.members().size());
        requireLinked(plan);
    }

    private static void requireLinked(Plan plan) throws Exception {
        try (Region region = Region.reserve(256 << 20)) {
            LinkedImages kernel = LinkedImages.link(plan, region, HOST);
            assertTrue(kernel.imageAt(kernel.function("rump_init"))
                    == kernel.images().getLast());
            assertTrue(kernel.initFunctions().size() >= plan.members().size());
            assertTrue(Maps.protections(region).stream().noneMatch(p -> p.contains("w") && p.contains("x")));
        }
    }

    @Test
    void whatIsMissingIsFoundBySymbols() throws Exception {
        Plan plan = Plan.of(catalogue(), FILE_SYSTEMS_AND_NETWORK, HOST);
        List<String> names =
                plan.members().stream().map(m -> m.component().name()).toList();
        for (String found : List.of("rump", "rumpvfs", "rumpnet", "rumpdev", "rumpnet_net")) {
            assertTrue(names.contains(found), names.toString());
        }
    }

    @Test
    void hypercallsThatAHostDoesNotHaveAreNamed() throws Exception {
        Catalogue catalogue = catalogue();
        TestHost bare = new TestHost();
        try {
            Plan _ = Plan.of(catalogue, List.of("rumpvfs"), bare);
        } catch (LinkException e) {
            assertTrue(e.undefined().stream()
                    .anyMatch(u ->
                            u.name().equals("rumpuser_malloc") && u.wantedBy().contains("rump")));
            return;
        }
        throw new AssertionError("linked without hypercalls");
    }

    @Test
    void functionsHaveTheirNames() throws Exception {
        Plan plan = Plan.of(catalogue(), List.of("rumpvfs"), HOST);
        try (Region region = Region.reserve(64 << 20)) {
            LinkedImages kernel = LinkedImages.link(plan, region, HOST);
            Symbolizer symbolizer = new Symbolizer(kernel);
            int named = 0;
            for (Image image : kernel.images()) {
                SymbolTable symbols = image.component().object().symbols();
                for (int i = 1; i < symbols.count(); i++) {
                    if (symbols.isExported(i) && symbols.type(i) == SymbolTable.STT_FUNC && symbols.size(i) > 1) {
                        long inside = image.bias() + symbols.value(i) + symbols.size(i) / 2;
                        Symbolizer.Location location = symbolizer.find(inside);
                        assertNotNull(location);
                        assertEquals(image.component().name(), location.component());
                        assertEquals(symbols.size(i) / 2, location.offset(), symbols.name(i));
                        int byName = symbols.find(String.valueOf(location.symbol()));
                        assertTrue(byName == 0 || symbols.value(byName) == symbols.value(i), symbols.name(i));
                        named++;
                    }
                }
            }
            assertTrue(named > 1000, "only " + named);
        }
    }

    @Test
    void manyKernelsComeAndGo() throws Exception {
        Plan plan = Plan.of(catalogue(), FILE_SYSTEMS_AND_NETWORK, HOST);
        comeAndGo(plan, 20);
        int before = Maps.count();
        comeAndGo(plan, 200);
        assertTrue(Maps.count() - before < 50, Maps.count() + " mappings now, " + before + " before");
    }

    private static void comeAndGo(Plan plan, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            try (Region region = Region.reserve(256 << 20)) {
                assertNotEquals(0, LinkedImages.link(plan, region, HOST).function("rump_init"));
            }
        }
    }

    @Test
    void theyAreForThisMachine() throws Exception {
        Assumptions.assumeTrue(Machine.host() != null, "another machine");
        assertEquals(Machine.host(), component(catalogue(), "rump").object().machine());
    }
}
