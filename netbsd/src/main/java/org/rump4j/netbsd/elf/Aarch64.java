package org.rump4j.netbsd.elf;

import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.elf.RelocationType.Operation;
import org.rump4j.netbsd.elf.RelocationType.Width;

/**
 * AArch64 with 64-bit pointers. Source of the facts: "ELF for the Arm 64-bit Architecture (AArch64)", section "Relocation". Its two
 * relocations that are left to the platform are the module and the offset of a thread-local variable, in this order, as glibc and the BSDs
 * have it.
 */
final class Aarch64 {
    static final int EM_AARCH64 = 183;

    /** The same as no relocation, in an older edition of the ABI. */
    private static final int NONE_OF_OLD = 256;

    private static final @Nullable RelocationType[] TYPES = new RelocationType[1033];

    static final Machine INSTANCE = new Machine("AArch64", EM_AARCH64, TYPES);

    static {
        type(0, "NONE", Operation.NONE, Width.WORD64);
        type(NONE_OF_OLD, "NONE", Operation.NONE, Width.WORD64);
        type(257, "ABS64", Operation.ABSOLUTE, Width.WORD64);
        type(258, "ABS32", Operation.ABSOLUTE, Width.ANY32);
        type(259, "ABS16", Operation.ABSOLUTE, Width.ANY16);
        type(260, "PREL64", Operation.PC_RELATIVE, Width.WORD64);
        type(261, "PREL32", Operation.PC_RELATIVE, Width.ANY32);
        type(262, "PREL16", Operation.PC_RELATIVE, Width.ANY16);
        type(1024, "COPY", Operation.COPY, Width.WORD64);
        type(1025, "GLOB_DAT", Operation.ABSOLUTE, Width.WORD64);
        type(1026, "JUMP_SLOT", Operation.ABSOLUTE, Width.WORD64);
        type(1027, "RELATIVE", Operation.RELATIVE, Width.WORD64);
        type(1028, "TLS_DTPMOD", Operation.TLS_MODULE, Width.WORD64);
        type(1029, "TLS_DTPREL", Operation.TLS_OFFSET, Width.WORD64);
        type(1030, "TLS_TPREL", Operation.TLS_THREAD_OFFSET, Width.WORD64);
        type(1031, "TLSDESC", Operation.TLS_DESCRIPTOR, Width.PAIR64);
        type(1032, "IRELATIVE", Operation.INDIRECT_RELATIVE, Width.WORD64);
        statics(263, """
                MOVW_UABS_G0 MOVW_UABS_G0_NC MOVW_UABS_G1 MOVW_UABS_G1_NC MOVW_UABS_G2 MOVW_UABS_G2_NC \
                MOVW_UABS_G3 MOVW_SABS_G0 MOVW_SABS_G1 MOVW_SABS_G2 LD_PREL_LO19 ADR_PREL_LO21 ADR_PREL_PG_HI21 \
                ADR_PREL_PG_HI21_NC ADD_ABS_LO12_NC LDST8_ABS_LO12_NC TSTBR14 CONDBR19""");
        statics(282, """
                JUMP26 CALL26 LDST16_ABS_LO12_NC LDST32_ABS_LO12_NC LDST64_ABS_LO12_NC MOVW_PREL_G0 \
                MOVW_PREL_G0_NC MOVW_PREL_G1 MOVW_PREL_G1_NC MOVW_PREL_G2 MOVW_PREL_G2_NC MOVW_PREL_G3""");
        statics(299, """
                LDST128_ABS_LO12_NC MOVW_GOTOFF_G0 MOVW_GOTOFF_G0_NC MOVW_GOTOFF_G1 MOVW_GOTOFF_G1_NC \
                MOVW_GOTOFF_G2 MOVW_GOTOFF_G2_NC MOVW_GOTOFF_G3 GOTREL64 GOTREL32 GOT_LD_PREL19 \
                LD64_GOTOFF_LO15 ADR_GOT_PAGE LD64_GOT_LO12_NC LD64_GOTPAGE_LO15 PLT32 GOTPCREL32""");
        statics(512, """
                TLSGD_ADR_PREL21 TLSGD_ADR_PAGE21 TLSGD_ADD_LO12_NC TLSGD_MOVW_G1 TLSGD_MOVW_G0_NC \
                TLSLD_ADR_PREL21 TLSLD_ADR_PAGE21 TLSLD_ADD_LO12_NC TLSLD_MOVW_G1 TLSLD_MOVW_G0_NC \
                TLSLD_LD_PREL19 TLSLD_MOVW_DTPREL_G2 TLSLD_MOVW_DTPREL_G1 TLSLD_MOVW_DTPREL_G1_NC \
                TLSLD_MOVW_DTPREL_G0 TLSLD_MOVW_DTPREL_G0_NC TLSLD_ADD_DTPREL_HI12 TLSLD_ADD_DTPREL_LO12 \
                TLSLD_ADD_DTPREL_LO12_NC TLSLD_LDST8_DTPREL_LO12 TLSLD_LDST8_DTPREL_LO12_NC \
                TLSLD_LDST16_DTPREL_LO12 TLSLD_LDST16_DTPREL_LO12_NC TLSLD_LDST32_DTPREL_LO12 \
                TLSLD_LDST32_DTPREL_LO12_NC TLSLD_LDST64_DTPREL_LO12 TLSLD_LDST64_DTPREL_LO12_NC \
                TLSIE_MOVW_GOTTPREL_G1 TLSIE_MOVW_GOTTPREL_G0_NC TLSIE_ADR_GOTTPREL_PAGE21 \
                TLSIE_LD64_GOTTPREL_LO12_NC TLSIE_LD_GOTTPREL_PREL19 TLSLE_MOVW_TPREL_G2 TLSLE_MOVW_TPREL_G1 \
                TLSLE_MOVW_TPREL_G1_NC TLSLE_MOVW_TPREL_G0 TLSLE_MOVW_TPREL_G0_NC TLSLE_ADD_TPREL_HI12 \
                TLSLE_ADD_TPREL_LO12 TLSLE_ADD_TPREL_LO12_NC TLSLE_LDST8_TPREL_LO12 TLSLE_LDST8_TPREL_LO12_NC \
                TLSLE_LDST16_TPREL_LO12 TLSLE_LDST16_TPREL_LO12_NC TLSLE_LDST32_TPREL_LO12 \
                TLSLE_LDST32_TPREL_LO12_NC TLSLE_LDST64_TPREL_LO12 TLSLE_LDST64_TPREL_LO12_NC TLSDESC_LD_PREL19 \
                TLSDESC_ADR_PREL21 TLSDESC_ADR_PAGE21 TLSDESC_LD64_LO12 TLSDESC_ADD_LO12 TLSDESC_OFF_G1 \
                TLSDESC_OFF_G0_NC TLSDESC_LDR TLSDESC_ADD TLSDESC_CALL TLSLE_LDST128_TPREL_LO12 \
                TLSLE_LDST128_TPREL_LO12_NC TLSLD_LDST128_DTPREL_LO12 TLSLD_LDST128_DTPREL_LO12_NC""");
    }

    private Aarch64() {}

    private static void statics(int first, String names) {
        int number = first;
        for (StringTokenizer each = new StringTokenizer(names); each.hasMoreTokens(); number++) {
            type(number, each.nextToken(), Operation.STATIC, Width.WORD64);
        }
    }

    private static void type(int number, String name, Operation operation, Width width) {
        TYPES[number] = new RelocationType(number, "R_AARCH64_".concat(name), operation, width);
    }
}
