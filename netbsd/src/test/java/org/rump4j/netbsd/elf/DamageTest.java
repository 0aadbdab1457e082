package org.rump4j.netbsd.elf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.rump4j.netbsd.ObjectFile;
import org.rump4j.netbsd.ObjectFile.Hash;

/** A file that makes no sense is an exception that names the file and the field. */
final class DamageTest {
    private final ObjectFile file = ObjectFile.x86_64();
    private final long data = file.words(0, 0, 0, 0);
    private final ObjectFile.Symbol f = file.symbol("f", ObjectFile.TEXT);
    private final ObjectFile.Symbol g = file.undefined("g");

    private void assertRefused(String field, String problem, Consumer<ByteBuffer> damage) {
        byte[] bytes = file.build();
        damage.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        assertRefused(field, problem, bytes);
    }

    private static void assertRefused(String field, String problem, byte[] bytes) {
        ElfException e = assertThrows(ElfException.class, () -> useAll(SharedObject.of("lib.so", bytes)), field);
        assertEquals("lib.so", e.file());
        assertTrue(e.field().contains(field), field + " is not in " + e.field());
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith("lib.so: " + e.field() + ": ") && message.contains(problem), message);
    }

    /** Reads all that there is to be read. */
    static void useAll(SharedObject object) throws ElfException {
        object.relocations();
        object.staticSymbols();
        object.linkSets();
        for (Segment s : object.segments()) {
            object.content(s);
        }
    }

    @Test
    void theHeader() {
        assertRefused("EI_MAG", "no ELF file", b -> b.put(0, (byte) 'x'));
        assertRefused("EI_CLASS", "1 is not ELFCLASS64", b -> b.put(4, (byte) 1));
        assertRefused("EI_DATA", "not little endian", b -> b.put(5, (byte) 2));
        assertRefused("EI_VERSION", "2", b -> b.put(6, (byte) 2));
        assertRefused("EI_OSABI", "9 is neither", b -> b.put(7, (byte) 9));
        assertRefused("e_type", "2 is not ET_DYN", b -> b.putShort(16, (short) 2));
        assertRefused("e_machine", "40 is neither EM_X86_64 nor EM_AARCH64", b -> b.putShort(18, (short) 40));
        assertRefused("e_version", "7", b -> b.putInt(20, 7));
        assertRefused("e_phoff", "beyond the end of the file", b -> b.putLong(32, 1 << 20));
        assertRefused("e_phoff", "beyond the end of the file", b -> b.putLong(32, -1));
        assertRefused("e_ehsize", "52", b -> b.putShort(52, (short) 52));
        assertRefused("e_phentsize", "32", b -> b.putShort(54, (short) 32));
        assertRefused("e_phnum", "too many", b -> b.putShort(56, (short) -1));
        assertRefused("program headers", "no PT_LOAD", b -> b.putShort(56, (short) 0));
        assertRefused("program headers", "no PT_DYNAMIC", b -> b.putShort(56, (short) 3));
        assertRefused("e_shentsize", "10", b -> b.putShort(58, (short) 10));
        assertRefused("e_shnum", "beyond the end", b -> b.putShort(60, (short) 100));
        assertRefused("e_shnum", "more than the file", b -> b.putShort(60, (short) 5000));
        assertRefused(
                "e_shnum",
                "more than the file",
                b -> b.putShort(60, (short) 0).putLong(file.at("sections") + 32, 1L << 40));
        assertRefused("e_shstrndx", "not one of 4 sections", b -> b.putShort(62, (short) 9));
    }

    @Test
    void segments() {
        file.build();
        int first = file.at("segment 0");
        int code = file.at("segment 1");
        int writable = file.at("segment 2");
        assertRefused("p_filesz", "beyond the end", b -> b.putLong(writable + 32, 1 << 20));
        assertRefused("p_filesz", "beyond the end", b -> b.putLong(writable + 32, -1));
        assertRefused("p_filesz", "beyond the end", b -> b.putLong(first + 8, -4096));
        assertRefused("p_memsz", "more bytes in the file", b -> b.putLong(code + 40, 0));
        assertRefused("p_memsz", "too many", b -> b.putLong(writable + 40, Long.MAX_VALUE));
        assertRefused("p_vaddr", "too high", b -> b.putLong(writable + 16, Long.MAX_VALUE - 4095));
        assertRefused("p_vaddr", "no multiple of p_align", b -> b.putLong(code + 16, ObjectFile.TEXT + 8));
        assertRefused("p_align", "no power of two", b -> b.putLong(code + 48, 3000));
        assertRefused("p_align", "no power of two", b -> b.putLong(code + 48, Long.MIN_VALUE));
        assertRefused("p_flags", "writable and executable", b -> b.putInt(code + 4, 7));
        assertRefused("PT_LOAD", "overlap", b -> b.putLong(code + 40, 0x1001));
        assertRefused("PT_LOAD", "overlap", b -> b.putLong(code + 16, 0));
        assertRefused("PT_DYNAMIC", "more than one", b -> b.putInt(first, 2));
    }

    @Test
    void whatIsReadOnlyAfterRelocationMustBeWritableBefore() {
        file.relro(64);
        file.build();
        int relro = file.at("segment 4");
        assertRefused("PT_GNU_RELRO", "no writable segment", b -> b.putLong(relro + 16, ObjectFile.TEXT));
    }

    @Test
    void theTemplateOfThreadsMustBeInTheFile() {
        file.tls(data, 8, 8, 8);
        file.build();
        assertRefused("PT_TLS", "no segment", b -> b.putLong(file.at("segment 4") + 16, 0x9000));
    }

    @Test
    void theDynamicSection() {
        file.tag(12, ObjectFile.TEXT).tag(25, data).tag(27, 16);
        file.build();
        assertRefused("PT_DYNAMIC", "does not end with DT_NULL", b -> b.putLong(file.at("segment 3") + 32, 16));
        assertRefused("PT_DYNAMIC", "is there twice", b -> b.putLong(file.at("tag 10"), 5));
        assertRefused("DT_STRTAB", "missing", b -> b.putLong(file.at("tag 5"), 21));
        assertRefused("DT_SYMTAB", "missing", b -> b.putLong(file.at("tag 6"), 21));
        assertRefused("DT_HASH", "missing", b -> b.putLong(file.at("tag " + 0x6ffffef5L), 21));
        assertRefused("DT_SYMENT", "16 is not 24", b -> b.putLong(file.at("tag 11") + 8, 16));
        assertRefused("DT_INIT", "no executable segment", b -> b.putLong(file.at("tag 12") + 8, data));
        assertRefused("DT_INIT_ARRAYSZ", "no multiple of 8", b -> b.putLong(file.at("tag 27") + 8, 12));
        assertRefused("DT_INIT_ARRAY", "no segment", b -> b.putLong(file.at("tag 27") + 8, 1 << 20));
        assertRefused("DT_INIT_ARRAY", "no segment", b -> b.putLong(file.at("tag 25") + 8, -8));
    }

    @Test
    void namesThatDoNotEnd() {
        file.soname("libx.so");
        file.build();
        assertRefused("DT_STRTAB", "zero byte", b -> b.putLong(file.at("tag 10") + 8, 5));
        assertRefused("DT_STRTAB", "zero byte", b -> b.putLong(file.at("tag 10") + 8, 0));
        assertRefused("DT_STRTAB", "no segment", b -> b.putLong(file.at("tag 10") + 8, 1L << 40));
        assertRefused("DT_SONAME", "beyond the end of DT_STRTAB", b -> b.putLong(file.at("tag 14") + 8, 1 << 20));
        assertRefused("DT_SONAME", "beyond the end of DT_STRTAB", b -> b.putLong(file.at("tag 14") + 8, -1));
    }

    @Test
    void symbols() {
        file.build();
        int entry = file.at("DT_SYMTAB") + 24 * f.number;
        assertRefused("symbol " + f.number + ": st_name", "beyond", b -> b.putInt(entry, -1));
        assertRefused("symbol " + f.number + ": st_value", "'f' is at 0x100000", b -> b.putLong(entry + 8, 1 << 20));
        assertRefused("symbol " + f.number + ": st_shndx", "SHN_COMMON", b -> b.putShort(entry + 6, (short) 0xfff2));
    }

    @Test
    void gnuHashTables() {
        file.build();
        int table = file.at("DT_GNU_HASH");
        assertRefused("nbuckets", "none", b -> b.putInt(table, 0));
        assertRefused("nbuckets", "no segment", b -> b.putInt(table, 0x3fff_ffff));
        assertRefused("symndx", "no symbol", b -> b.putInt(table + 4, 0));
        assertRefused("maskwords", "power of two", b -> b.putInt(table + 8, 3));
        assertRefused("maskwords", "power of two", b -> b.putInt(table + 8, 0));
        assertRefused("maskwords", "no segment", b -> b.putInt(table + 8, 0x4000_0000));
        assertRefused("bucket", "before symndx", b -> b.putInt(table + 4, 3).putInt(table + 24, 1));
        assertRefused("chain", "leads out", b -> b.putInt(table + 24, 0x7000_0000));
    }

    @Test
    void sysvHashTables() {
        file.hash(Hash.SYSV);
        file.symbol("h", ObjectFile.TEXT);
        file.symbol("i", ObjectFile.TEXT);
        file.symbol("j", ObjectFile.TEXT);
        file.symbol("k", ObjectFile.TEXT);
        file.build();
        int table = file.at("DT_HASH");
        int chain = table + 8 + 12;
        assertRefused("nbucket", "none", b -> b.putInt(table, 0));
        assertRefused("nbucket", "no segment", b -> b.putInt(table, -1));
        assertRefused("nchain", "no segment", b -> b.putInt(table + 4, -1));
        assertRefused("nchain", "no segment", b -> b.putInt(table + 4, 1 << 20));
        assertRefused("chain", "is not one of 7", b -> b.putInt(table + 8, 7));
        assertRefused("chain", "cycle", b -> {
            // The first symbol of a chain comes after itself.
            int bucket = b.getInt(table + 8) != 0 ? table + 8 : table + 12;
            b.putInt(chain + 4 * b.getInt(bucket), b.getInt(bucket));
        });
    }

    @Test
    void versions() {
        f.version("V1", false);
        g.version("W1", false);
        file.build();
        int defined = file.at("DT_VERDEF");
        int needed = file.at("DT_VERNEED");
        assertRefused("DT_VERSYM", "there is no version 9", b -> b.putShort(file.at("DT_VERSYM") + 2, (short) 9));
        assertRefused("vd_version", "2", b -> b.putShort(defined, (short) 2));
        assertRefused("vd_aux", "no segment", b -> b.putInt(defined + 12, 1 << 20));
        assertRefused("vda_name", "beyond the end", b -> b.putInt(defined + 20, 1 << 20));
        assertRefused("vd_next", "ends before", b -> b.putLong(file.at("tag " + 0x6ffffffdL) + 8, 1 << 20));
        assertRefused("vn_version", "3", b -> b.putShort(needed, (short) 3));
        assertRefused("vna_next", "ends before", b -> b.putShort(needed + 2, (short) 2));
        assertRefused("vn_aux", "no segment", b -> b.putInt(needed + 8, -16));
        assertRefused("vn_next", "ends before", b -> b.putLong(file.at("tag " + 0x6fffffffL) + 8, 2));
        assertRefused("vna_name", "beyond the end", b -> b.putInt(needed + 16 + 8, 1 << 20));
    }

    @Test
    void relocations() {
        file.relocate(data, 1, g, 0).jumpSlot(data + 8, 7, g).relr(data + 16);
        file.build();
        int entry = file.at("DT_RELA");
        assertRefused("relocation 0: r_info", "symbol 99 is not one of 3", b -> b.putInt(entry + 12, 99));
        assertRefused("relocation 0: r_info", "symbol 4294967295 is not", b -> b.putInt(entry + 12, -1));
        assertRefused(
                "relocation 0: r_info", "77 is no type of relocation that x86-64 has", b -> b.putInt(entry + 8, 77));
        assertRefused("relocation 0: r_info", "4294967295 is no type", b -> b.putInt(entry + 8, -1));
        assertRefused("relocation 0: r_info", "R_X86_64_COPY is refused", b -> b.putInt(entry + 8, 5));
        assertRefused("relocation 0: r_info", "R_X86_64_GOTTPOFF is refused", b -> b.putInt(entry + 8, 22));
        assertRefused("relocation 0 (R_X86_64_64): r_offset", "no segment", b -> b.putLong(entry, 1 << 20));
        assertRefused("relocation 0 (R_X86_64_64): r_offset", "no segment", b -> b.putLong(entry, -4));
        assertRefused("relocation 0 (R_X86_64_64): r_offset", "no segment", b -> b.putLong(entry, data + 25));
        assertRefused("relocation 0 (R_X86_64_64): r_offset", "no DT_TEXTREL", b -> b.putLong(entry, 64));
        assertRefused("relocation 1", "99", b -> b.putInt(file.at("DT_JMPREL") + 12, 99));
        assertRefused("DT_RELAENT", "16", b -> b.putLong(file.at("tag 9") + 8, 16));
        assertRefused("DT_RELA", "no multiple of 24", b -> b.putLong(file.at("tag 8") + 8, 20));
        assertRefused("DT_RELA", "no segment", b -> b.putLong(file.at("tag 8") + 8, 24L << 20));
        assertRefused("DT_PLTREL", "17 is not 7", b -> b.putLong(file.at("tag 20") + 8, 17));
        assertRefused("DT_RELR", "is not writable", b -> b.putLong(file.at("DT_RELR"), 64));
        assertRefused("DT_RELR", "no segment", b -> b.putLong(file.at("DT_RELR"), 0x10_0000));
        assertRefused("DT_RELR", "0x0 is not writable", b -> b.putLong(file.at("DT_RELR"), -1));
        assertRefused("DT_RELRENT", "4", b -> b.putLong(file.at("tag 37") + 8, 4));
        assertRefused("DT_REL", "psABI does not have", b -> b.putLong(file.at("tag 9"), 17));
    }

    @Test
    void relativeWordsMustAscend() {
        file.relr(data + 16, data);
        assertRefused("DT_RELR: place 1", "not behind the one before", b -> {});
    }

    @Test
    void linkSetsThatDoNotEnd() {
        ObjectFile other = ObjectFile.x86_64();
        long at = other.words(0, 0);
        ObjectFile.Symbol start = other.symbol("__start_link_set_x", at);
        assertRefused("__start_link_set_x", "there is no __stop_link_set_x", other.build());
        other.symbol("__stop_link_set_x", at + 4);
        assertRefused("__start_link_set_x", "no array of pointers", other.build());
        assertTrue(start.number > 0);
    }

    @Test
    void theTableOfAllSymbols() {
        file.build();
        int header = file.at("sections") + 128;
        assertRefused("sh_size", "no multiple of 24", b -> b.putLong(header + 32, 25));
        assertRefused("SHT_SYMTAB", "beyond the end", b -> b.putLong(header + 24, 1 << 20));
        assertRefused("sh_link", "not one of 4", b -> b.putInt(header + 40, 4));
        assertRefused("sh_link", "not one of 4", b -> b.putInt(header + 40, -1));
        assertRefused("st_name", "beyond", b -> b.putInt(file.at(".symtab") + 24, 1 << 20));
    }

    /** Whatever is cut off: what is left is refused, or lacks nothing that is read. */
    @Test
    void aFileThatIsCutOffAnywhere() {
        file.relocate(data, 1, g, 0);
        byte[] whole = file.build();
        int refused = 0;
        for (int size = 0; size < whole.length; size++) {
            byte[] part = Arrays.copyOf(whole, size);
            try {
                useAll(SharedObject.of("lib.so", part));
            } catch (ElfException e) {
                refused++;
            }
        }
        assertEquals(whole.length, refused, "the last byte is one of a section header");
    }
}
