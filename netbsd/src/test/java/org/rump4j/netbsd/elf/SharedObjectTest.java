package org.rump4j.netbsd.elf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.ObjectFile;
import org.rump4j.netbsd.ObjectFile.Hash;

/** What a shared object says. */
final class SharedObjectTest {
    @TempDir
    Path dir;

    private static SharedObject read(ObjectFile file) throws ElfException {
        return SharedObject.of("lib.so", file.build());
    }

    @Test
    void headersSayWhatItIsFor() throws ElfException {
        SharedObject x86 = read(ObjectFile.x86_64()
                .soname("librumpfoo.so.0")
                .needs("librump.so.0")
                .needs("libc.so.6"));
        assertEquals(Machine.x86_64(), x86.machine());
        assertEquals("librumpfoo.so.0", x86.soname());
        assertEquals(List.of("librump.so.0", "libc.so.6"), x86.needed());
        assertEquals(Machine.aarch64(), read(new ObjectFile(ObjectFile.AARCH64)).machine());
        assertNull(read(ObjectFile.x86_64()).soname());
    }

    @Test
    void segmentsAreWhereTheFileHasThem() throws ElfException {
        ObjectFile file = ObjectFile.x86_64().bss(0x5000).relro(0x100).tls(ObjectFile.DATA, 8, 24, 16);
        file.words(1, 2, 3);
        file.code(0xc3);
        SharedObject object = read(file);
        assertEquals(3, object.segments().size());
        Segment code = object.segments().get(1);
        assertTrue(code.isExecutable());
        assertFalse(code.isWritable());
        assertEquals(ObjectFile.TEXT, code.address());
        Segment data = object.segments().get(2);
        assertTrue(data.isWritable());
        assertEquals(ObjectFile.DATA + 24 + 0x5000, data.end());
        assertEquals(0, object.begin());
        assertEquals(data.end(), object.end());
        Segment tls = object.tls();
        assertNotNull(tls);
        assertEquals(24, tls.memoryBytes());
        assertEquals(16, tls.align());
        Segment relro = object.relro();
        assertNotNull(relro);
        assertEquals(0x100, relro.memoryBytes());
    }

    @Test
    void theContentOfASegmentIsPaddedWithZeros() throws ElfException {
        ObjectFile file = ObjectFile.x86_64();
        file.code(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        byte[] bytes = file.build();
        // The last five are not the segment's any more.
        bytes[file.at("segment 1") + 32] = 11;
        bytes[file.at("segment 1") + 40] = 11;
        SharedObject object = SharedObject.of("lib.so", bytes);
        long[] content = object.content(object.segments().get(1));
        assertEquals(2, content.length);
        assertEquals(0x0807060504030201L, content[0]);
        assertEquals(0x0b0a09L, content[1]);
    }

    @Test
    void symbolsAreFoundByEitherHash() throws ElfException {
        for (Hash hash : Hash.values()) {
            ObjectFile file = ObjectFile.x86_64().hash(hash);
            for (int i = 0; i < 100; i++) {
                file.symbol("rumpns_symbol" + i, ObjectFile.TEXT).size(i);
            }
            file.undefined("rumpuser_malloc");
            SymbolTable symbols = read(file).symbols();
            for (int i = 0; i < 100; i++) {
                int found = symbols.find("rumpns_symbol" + i);
                assertEquals("rumpns_symbol" + i, symbols.name(found), hash.name());
                assertEquals(i, symbols.size(found));
                assertEquals(ObjectFile.TEXT, symbols.value(found));
            }
            assertEquals(0, symbols.find("rumpuser_malloc"), "it is not defined here");
            assertEquals(0, symbols.find("rumpns_symbol100"));
            assertEquals(0, symbols.find("rumpns_symbol1\0x"));
            assertEquals(0, symbols.find(""));
        }
    }

    @Test
    void symbolsThatAreOnlyTheObjectsOwnAreNotFound() throws ElfException {
        for (Hash hash : Hash.values()) {
            ObjectFile file = ObjectFile.x86_64().hash(hash);
            file.symbol("hidden", ObjectFile.TEXT).visibility(ObjectFile.HIDDEN);
            file.symbol("protected", ObjectFile.TEXT).visibility(ObjectFile.PROTECTED);
            file.symbol("local", ObjectFile.TEXT).binding(ObjectFile.LOCAL);
            file.symbol("weak", ObjectFile.TEXT).binding(ObjectFile.WEAK);
            SymbolTable symbols = read(file).symbols();
            assertEquals(0, symbols.find("hidden"));
            assertEquals(0, symbols.find("local"));
            assertNotEquals(0, symbols.find("protected"));
            assertEquals(SymbolTable.STB_WEAK, symbols.binding(symbols.find("weak")));
        }
    }

    @Test
    void theEndOfAnObjectMayBeRounderThanItsLastByte() throws ElfException {
        ObjectFile file = ObjectFile.x86_64().bss(5);
        file.symbol("_end", ObjectFile.DATA + 16);
        file.tls(file.words(0), 0, 1 << 20, 8);
        file.symbol("variable", 1 << 19).type(ObjectFile.TLS);
        SymbolTable symbols = read(file).symbols();
        assertNotEquals(0, symbols.find("_end"));
        assertEquals(1 << 19, symbols.value(symbols.find("variable")));
    }

    @Test
    void aSymbolOfAnotherObjectIsFoundByItsName() throws ElfException {
        ObjectFile one = ObjectFile.x86_64();
        ObjectFile.Symbol wanted = one.undefined("rumpns_panic");
        ObjectFile other = ObjectFile.x86_64().hash(Hash.SYSV);
        ObjectFile.Symbol has = other.symbol("rumpns_panic", ObjectFile.TEXT);
        SymbolTable symbols = read(other).symbols();
        one.relocate(one.words(0), 1, wanted, 0);
        SymbolTable needer = read(one).symbols();
        assertEquals(has.number, symbols.find(needer, wanted.number));
        assertEquals(symbols.hash(has.number), needer.hash(wanted.number));
        assertTrue(symbols.hasSameName(has.number, needer, wanted.number));
    }

    @Test
    void anObjectThatExportsNothingStillHasTheSymbolsThatItNeeds() throws ElfException {
        ObjectFile file = ObjectFile.x86_64().stripped();
        ObjectFile.Symbol needed = file.undefined("rumpns_if_up");
        file.jumpSlot(file.words(0), 7, needed);
        SymbolTable symbols = read(file).symbols();
        assertEquals(2, symbols.count());
        assertEquals("rumpns_if_up", symbols.name(1));
        assertFalse(symbols.isDefined(1));
        assertEquals(0, symbols.find("rumpns_if_up"));
    }

    @Test
    void versionsAreThoseThatAreDefinedAndWanted() throws ElfException {
        ObjectFile file = ObjectFile.x86_64();
        ObjectFile.Symbol old = file.symbol("f", ObjectFile.TEXT).version("V1", true);
        ObjectFile.Symbol now = file.symbol("f", ObjectFile.TEXT).version("V2", false);
        ObjectFile.Symbol plain = file.symbol("g", ObjectFile.TEXT);
        ObjectFile.Symbol libc = file.undefined("memcpy").version("GLIBC_2.14", false);
        SymbolVersions versions = read(file).versions();
        assertTrue(versions.definesVersions());
        assertEquals("V1", versions.of(old.number));
        assertTrue(versions.isHidden(old.number));
        assertEquals("V2", versions.of(now.number));
        assertFalse(versions.isHidden(now.number));
        assertNull(versions.of(plain.number));
        assertEquals("GLIBC_2.14", versions.of(libc.number));
    }

    @Test
    void relocationsAreThoseOfAllTables() throws ElfException {
        ObjectFile file = ObjectFile.x86_64();
        ObjectFile.Symbol f = file.undefined("f");
        long at = file.words(0, 0, 0, 0, 0);
        file.relocate(at, 8, null, 0x10).jumpSlot(at + 8, 7, f).relr(at + 16, 0b101);
        Relocations relocations = read(file).relocations();
        assertEquals(2, relocations.count());
        assertEquals("R_X86_64_RELATIVE", relocations.type(0).name());
        assertEquals(0x10, relocations.addend(0));
        assertEquals("R_X86_64_JUMP_SLOT", relocations.type(1).name());
        assertEquals(f.number, relocations.symbol(1));
        assertEquals(at + 8, relocations.place(1));
        assertEquals(2, relocations.relativeCount());
        assertEquals(at + 16, relocations.relativePlace(0));
        assertEquals(at + 32, relocations.relativePlace(1));
    }

    @Test
    void functionsToBeCalledAreFound() throws ElfException {
        ObjectFile file = ObjectFile.x86_64();
        long code = file.code(0xc3);
        long array = file.words(0, 0, 0);
        file.tag(12, code)
                .tag(13, code)
                .tag(25, array)
                .tag(27, 16)
                .tag(26, array + 16)
                .tag(28, 8);
        SharedObject object = read(file);
        assertEquals(code, object.init());
        assertEquals(code, object.fini());
        assertEquals(new FunctionArray(array, 2), object.initArray());
        assertEquals(new FunctionArray(array + 16, 1), object.finiArray());
        assertEquals(0, read(ObjectFile.x86_64()).initArray().count());
    }

    @Test
    void linkSetsAreBetweenTheirSymbols() throws ElfException {
        ObjectFile file = ObjectFile.x86_64();
        long at = file.words(1, 2, 3);
        file.symbol("__start_link_set_modules", at);
        file.symbol("__stop_link_set_modules", at + 16);
        file.symbol("__start_link_set_evcnts", at + 16).visibility(ObjectFile.HIDDEN);
        file.symbol("__stop_link_set_evcnts", at + 24).visibility(ObjectFile.HIDDEN);
        List<LinkSet> sets = read(file).linkSets();
        assertTrue(sets.contains(new LinkSet("modules", at, 16, true)), sets.toString());
        assertTrue(sets.contains(new LinkSet("evcnts", at + 16, 8, false)), sets.toString());
    }

    @Test
    void allSymbolsAreThereUnlessStripped() throws ElfException {
        ObjectFile file = ObjectFile.x86_64();
        file.symbol("static_function", ObjectFile.TEXT).binding(ObjectFile.LOCAL);
        SymbolTable all = read(file).staticSymbols();
        assertNotNull(all);
        assertEquals("static_function", all.name(1));
        assertNull(read(file.stripped()).staticSymbols());
    }

    @Test
    void aFileIsReadAsBytesAre() throws Exception {
        ObjectFile file = ObjectFile.x86_64();
        file.symbol("f", ObjectFile.TEXT);
        Path path = Files.write(dir.resolve("librumpx.so"), file.build());
        SharedObject object = SharedObject.read(path);
        assertEquals(path, object.path());
        assertNotEquals(0, object.symbols().find("f"));
        assertEquals(0, object.relocations().count());
    }

    @Test
    void aFileThatHasChangedIsNotReadOn() throws Exception {
        Path path = Files.write(dir.resolve("librumpx.so"), ObjectFile.x86_64().build());
        SharedObject object = SharedObject.read(path);
        object.requireUnchanged();
        Files.write(path, new byte[] {1, 2, 3});
        ElfException e = assertThrows(ElfException.class, object::relocations);
        assertEquals(path.toString(), e.file());
        assertTrue(String.valueOf(e.getMessage()).contains("has changed"), e.getMessage());
    }

    @Test
    void whatIsNoFileIsAnExceptionOfOurs() throws Exception {
        Path missing = dir.resolve("librumpmissing.so");
        assertTrue(String.valueOf(assertThrows(ElfException.class, () -> SharedObject.read(missing))
                        .getMessage())
                .startsWith(missing + ": file: cannot be read"));
        assertThrows(ElfException.class, () -> SharedObject.read(dir));
        Path empty = Files.createFile(dir.resolve("empty"));
        assertEquals(
                empty + ": ELF header: 64 bytes at offset 0 are beyond the end of the file, which has 0",
                assertThrows(ElfException.class, () -> SharedObject.read(empty)).getMessage());
    }
}
