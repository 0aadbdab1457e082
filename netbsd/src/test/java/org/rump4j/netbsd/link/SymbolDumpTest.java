package org.rump4j.netbsd.link;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.Maps;
import org.rump4j.netbsd.ObjectFile;
import org.rump4j.netbsd.memory.Region;

/** What the kernel is told of its own symbols. */
final class SymbolDumpTest {
    @TempDir
    Path dir;

    @Test
    void symbolsOfAllComponentsAreToldWithTheirAddresses() throws Exception {
        Maps.assumeLinux();
        ObjectFile base = ObjectFile.x86_64();
        long code = base.code(0xc3);
        base.symbol("rump_init", code).type(ObjectFile.FUNC).size(1);
        base.symbol("RUMP_CONSTANT", code + 1).binding(ObjectFile.WEAK);
        base.symbol("_etext", code);
        base.symbol("rumpns_nowhere", 0);
        base.absolute("__constant", 77);
        base.undefined("rumpuser_x").binding(ObjectFile.WEAK);
        Path rump = Files.write(dir.resolve("librump.so"), base.build());
        List<String> libraries = List.of(rump.toString());
        TestHost host = new TestHost();
        try (Region region = Region.reserve(1 << 20)) {
            LinkedImages kernel = LinkedImages.link(Plan.of(Catalogue.of(List.of()), libraries, host), region, host);
            SymbolDump dump = SymbolDump.of(kernel);
            Map<String, Long> told = told(dump);
            long bias = kernel.images().getFirst().bias();
            assertEquals(Map.of("rump_init", bias + code, "RUMP_CONSTANT", bias + code + 1, "__constant", 77L), told);
        }
    }

    @Test
    void aKernelHasMoreSymbolsThanAnyBufferBeginsWith() throws Exception {
        Maps.assumeLinux();
        List<String> libraries = new ArrayList<>();
        for (int n = 0; n < 60; n++) {
            ObjectFile library = ObjectFile.x86_64();
            for (int i = 0; i < 60; i++) {
                library.symbol("rumpns_a_rather_long_name_" + n + "_" + i, ObjectFile.TEXT + 1);
            }
            libraries.add(Files.write(dir.resolve("librumpfs_" + n + ".so"), library.build())
                    .toString());
        }
        TestHost host = new TestHost();
        try (Region region = Region.reserve(8 << 20)) {
            LinkedImages kernel = LinkedImages.link(Plan.of(Catalogue.of(List.of()), libraries, host), region, host);
            Map<String, Long> told = told(SymbolDump.of(kernel));
            assertEquals(3600, told.size());
            told.forEach((name, address) -> assertEquals(kernel.address(name), address, name));
        }
    }

    private static Map<String, Long> told(SymbolDump dump) {
        Map<String, Long> out = new TreeMap<>();
        MemorySegment symtab = dump.symtab();
        assertEquals(24L * dump.count(), symtab.byteSize());
        for (int i = 0; i < dump.count(); i++) {
            int name = symtab.get(ValueLayout.JAVA_INT_UNALIGNED, 24L * i);
            out.put(dump.strtab().getString(name), symtab.get(ValueLayout.JAVA_LONG_UNALIGNED, 24L * i + 8));
        }
        return out;
    }
}
