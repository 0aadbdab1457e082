package org.rump4j.netbsd.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.kernel.Inventory.Entry;
import org.rump4j.netbsd.link.LinkException;

/** What is told of the components of a folder. */
final class InventoryTest {
    @TempDir
    Path dir;

    private static Map<String, Entry> entries() throws LinkException {
        return Inventory.of(Build.folder().toString()).entries().stream()
                .collect(Collectors.toMap(Entry::name, entry -> entry));
    }

    @Test
    void theBaseComesFirstAndEachHasItsKindAndSize() throws Exception {
        List<Entry> entries = Inventory.of(Build.folder().toString()).entries();
        assertEquals("rump", entries.getFirst().name());
        assertEquals(
                List.of("base", "faction", "driver"),
                entries.stream().map(Entry::kind).distinct().toList());
        for (Entry entry : entries) {
            assertEquals(Files.size(entry.file()), entry.bytes(), entry.name());
            assertTrue(!entry.description().isEmpty(), entry.name());
        }
    }

    private static Entry entry(Map<String, Entry> entries, String name) {
        return Objects.requireNonNull(entries.get(name), name);
    }

    @Test
    void whatComesAlongIsTold() throws Exception {
        Map<String, Entry> entries = entries();
        assertEquals(List.of(), entry(entries, "rump").needs());
        assertTrue(entry(entries, "rumpfs_ext2fs").needs().containsAll(List.of("rump", "rumpvfs", "rumpfs_ffs")));
    }

    @Test
    void driversThatTalkToTheOutsideHaveAHalfOnTheHost() throws Exception {
        Map<String, Entry> entries = entries();
        Entry shmif = entry(entries, "rumpnet_shmif");
        assertTrue(shmif.hostHalf().stream().allMatch(name -> name.startsWith("rumpcomp_")));
        assertTrue(!shmif.hostHalf().isEmpty());
        assertTrue(shmif.library().contains("mmap"), shmif.library()::toString);
        assertEquals(List.of(), entry(entries, "rumpfs_ffs").hostHalf());
        assertEquals(List.of(), entry(entries, "rumpfs_ffs").library());
    }

    @Test
    void whatCannotBeLinkedSaysWhy() throws Exception {
        for (Entry entry : entries().values()) {
            if (entry.problem().isEmpty()) {
                assertTrue(entry.name().equals("rump") || entry.needs().contains("rump"), entry.name());
            } else {
                assertTrue(entry.problem().startsWith("undefined symbol rumpns_"), entry.problem());
            }
        }
        Files.writeString(dir.resolve("librump.so"), "no object");
        Entry broken = Inventory.of(dir.toString()).entries().getFirst();
        assertTrue(broken.problem().contains(dir + "/librump.so"), broken.problem());
    }

    @Test
    void aFolderWithoutAKernelIsAnError() {
        assertThrows(LinkException.class, () -> Inventory.of(dir.toString()));
    }
}
