package org.rump4j.netbsd.elf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.rump4j.netbsd.elf.RelocationType.Operation;
import org.rump4j.netbsd.elf.RelocationType.Width;

/** The tables of relocations. */
final class MachineTest {

    private static void assertType(Machine machine, int number, String name, Operation operation, Width width) {
        assertEquals(new RelocationType(number, name, operation, width), machine.relocation(number));
    }

    @Test
    void whatTheLinkersOfX8664MakeForSharedObjects() {
        Machine m = Machine.x86_64();
        assertType(m, 1, "R_X86_64_64", Operation.ABSOLUTE, Width.WORD64);
        assertType(m, 2, "R_X86_64_PC32", Operation.PC_RELATIVE, Width.SIGNED32);
        assertType(m, 5, "R_X86_64_COPY", Operation.COPY, Width.WORD64);
        assertType(m, 6, "R_X86_64_GLOB_DAT", Operation.ABSOLUTE, Width.WORD64);
        assertType(m, 7, "R_X86_64_JUMP_SLOT", Operation.ABSOLUTE, Width.WORD64);
        assertType(m, 8, "R_X86_64_RELATIVE", Operation.RELATIVE, Width.WORD64);
        assertType(m, 10, "R_X86_64_32", Operation.ABSOLUTE, Width.UNSIGNED32);
        assertType(m, 16, "R_X86_64_DTPMOD64", Operation.TLS_MODULE, Width.WORD64);
        assertType(m, 17, "R_X86_64_DTPOFF64", Operation.TLS_OFFSET, Width.WORD64);
        assertType(m, 18, "R_X86_64_TPOFF64", Operation.TLS_THREAD_OFFSET, Width.WORD64);
        assertType(m, 33, "R_X86_64_SIZE64", Operation.SIZE, Width.WORD64);
        assertType(m, 36, "R_X86_64_TLSDESC", Operation.TLS_DESCRIPTOR, Width.PAIR64);
        assertType(m, 37, "R_X86_64_IRELATIVE", Operation.INDIRECT_RELATIVE, Width.WORD64);
    }

    @Test
    void whatTheLinkersOfAarch64MakeForSharedObjects() {
        Machine m = Machine.aarch64();
        assertType(m, 257, "R_AARCH64_ABS64", Operation.ABSOLUTE, Width.WORD64);
        assertType(m, 258, "R_AARCH64_ABS32", Operation.ABSOLUTE, Width.ANY32);
        assertType(m, 261, "R_AARCH64_PREL32", Operation.PC_RELATIVE, Width.ANY32);
        assertType(m, 1024, "R_AARCH64_COPY", Operation.COPY, Width.WORD64);
        assertType(m, 1025, "R_AARCH64_GLOB_DAT", Operation.ABSOLUTE, Width.WORD64);
        assertType(m, 1026, "R_AARCH64_JUMP_SLOT", Operation.ABSOLUTE, Width.WORD64);
        assertType(m, 1027, "R_AARCH64_RELATIVE", Operation.RELATIVE, Width.WORD64);
        assertType(m, 1028, "R_AARCH64_TLS_DTPMOD", Operation.TLS_MODULE, Width.WORD64);
        assertType(m, 1029, "R_AARCH64_TLS_DTPREL", Operation.TLS_OFFSET, Width.WORD64);
        assertType(m, 1030, "R_AARCH64_TLS_TPREL", Operation.TLS_THREAD_OFFSET, Width.WORD64);
        assertType(m, 1031, "R_AARCH64_TLSDESC", Operation.TLS_DESCRIPTOR, Width.PAIR64);
        assertType(m, 1032, "R_AARCH64_IRELATIVE", Operation.INDIRECT_RELATIVE, Width.WORD64);
    }

    /** Single entries of runs of numbers, so that a name that was left out shows. */
    @Test
    void whatIsForTheStaticLinkerOnlyHasItsName() {
        Object[][] entries = {
            {263, "MOVW_UABS_G0"},
            {275, "ADR_PREL_PG_HI21"},
            {280, "CONDBR19"},
            {282, "JUMP26"},
            {293, "MOVW_PREL_G3"},
            {299, "LDST128_ABS_LO12_NC"},
            {311, "ADR_GOT_PAGE"},
            {315, "GOTPCREL32"},
            {512, "TLSGD_ADR_PREL21"},
            {541, "TLSIE_ADR_GOTTPREL_PAGE21"},
            {549, "TLSLE_ADD_TPREL_HI12"},
            {569, "TLSDESC_CALL"},
            {573, "TLSLD_LDST128_DTPREL_LO12_NC"},
        };
        for (Object[] e : entries) {
            assertType(Machine.aarch64(), (int) e[0], "R_AARCH64_" + e[1], Operation.STATIC, Width.WORD64);
        }
        assertType(Machine.x86_64(), 22, "R_X86_64_GOTTPOFF", Operation.STATIC, Width.WORD64);
        assertType(Machine.x86_64(), 42, "R_X86_64_REX_GOTPCRELX", Operation.STATIC, Width.WORD64);
        assertNull(Machine.aarch64().relocation(281));
        assertNull(Machine.aarch64().relocation(294));
        assertNull(Machine.aarch64().relocation(1033));
        assertNull(Machine.x86_64().relocation(-1));
    }

    @Test
    void aNameIsThereOnce() {
        for (Machine machine : new Machine[] {Machine.x86_64(), Machine.aarch64()}) {
            Set<String> names = new HashSet<>();
            for (int i = 0; i < 2000; i++) {
                RelocationType type = machine.relocation(i);
                if (type != null && type.operation() != Operation.NONE) {
                    assertEquals(i, type.number());
                    assertTrue(names.add(type.name()), type.name());
                }
            }
        }
    }

    @Test
    void whatCannotBeDoneSaysWhy() {
        RelocationType copy = Machine.x86_64().relocation(5);
        assertNotNull(copy);
        assertNotNull(copy.refusal());
        RelocationType absolute = Machine.x86_64().relocation(1);
        assertNotNull(absolute);
        assertNull(absolute.refusal());
    }

    @Test
    void aNumberFitsOrItDoesNot() {
        assertTrue(Width.UNSIGNED32.holds(0xffff_ffffL));
        assertFalse(Width.UNSIGNED32.holds(-1));
        assertFalse(Width.UNSIGNED32.holds(0x1_0000_0000L));
        assertTrue(Width.SIGNED32.holds(Integer.MIN_VALUE));
        assertFalse(Width.SIGNED32.holds(0x8000_0000L));
        assertTrue(Width.ANY32.holds(0x8000_0000L));
        assertTrue(Width.ANY32.holds(-1));
        assertFalse(Width.ANY32.holds(-0x8000_0001L));
        assertTrue(Width.ANY16.holds(0xffff));
        assertFalse(Width.SIGNED16.holds(0x8000));
        assertFalse(Width.ANY8.holds(0x100));
        assertTrue(Width.WORD64.holds(Long.MIN_VALUE));
    }
}
