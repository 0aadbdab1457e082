package org.rump4j.netbsd.elf;

import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.elf.RelocationType.Operation;
import org.rump4j.netbsd.elf.RelocationType.Width;

/** x86-64. Source of the facts: "System V Application Binary Interface, AMD64 Architecture Processor Supplement", section "Relocation". */
final class X8664 {
    static final int EM_X86_64 = 62;
    private static final @Nullable RelocationType[] TYPES = new RelocationType[52];

    static final Machine INSTANCE = new Machine("x86-64", EM_X86_64, TYPES);

    static {
        type(0, "NONE", Operation.NONE, Width.WORD64);
        type(1, "64", Operation.ABSOLUTE, Width.WORD64);
        type(2, "PC32", Operation.PC_RELATIVE, Width.SIGNED32);
        type(3, "GOT32");
        type(4, "PLT32", Operation.PC_RELATIVE, Width.SIGNED32);
        type(5, "COPY", Operation.COPY, Width.WORD64);
        type(6, "GLOB_DAT", Operation.ABSOLUTE, Width.WORD64);
        type(7, "JUMP_SLOT", Operation.ABSOLUTE, Width.WORD64);
        type(8, "RELATIVE", Operation.RELATIVE, Width.WORD64);
        type(9, "GOTPCREL");
        type(10, "32", Operation.ABSOLUTE, Width.UNSIGNED32);
        type(11, "32S", Operation.ABSOLUTE, Width.SIGNED32);
        type(12, "16", Operation.ABSOLUTE, Width.ANY16);
        type(13, "PC16", Operation.PC_RELATIVE, Width.SIGNED16);
        type(14, "8", Operation.ABSOLUTE, Width.ANY8);
        type(15, "PC8", Operation.PC_RELATIVE, Width.SIGNED8);
        type(16, "DTPMOD64", Operation.TLS_MODULE, Width.WORD64);
        type(17, "DTPOFF64", Operation.TLS_OFFSET, Width.WORD64);
        type(18, "TPOFF64", Operation.TLS_THREAD_OFFSET, Width.WORD64);
        type(19, "TLSGD");
        type(20, "TLSLD");
        type(21, "DTPOFF32", Operation.TLS_OFFSET, Width.SIGNED32);
        type(22, "GOTTPOFF");
        type(23, "TPOFF32", Operation.TLS_THREAD_OFFSET, Width.SIGNED32);
        type(24, "PC64", Operation.PC_RELATIVE, Width.WORD64);
        type(25, "GOTOFF64");
        type(26, "GOTPC32");
        type(27, "GOT64");
        type(28, "GOTPCREL64");
        type(29, "GOTPC64");
        type(30, "GOTPLT64");
        type(31, "PLTOFF64");
        type(32, "SIZE32", Operation.SIZE, Width.UNSIGNED32);
        type(33, "SIZE64", Operation.SIZE, Width.WORD64);
        type(34, "GOTPC32_TLSDESC");
        type(35, "TLSDESC_CALL");
        type(36, "TLSDESC", Operation.TLS_DESCRIPTOR, Width.PAIR64);
        type(37, "IRELATIVE", Operation.INDIRECT_RELATIVE, Width.WORD64);
        type(38, "RELATIVE64", Operation.RELATIVE, Width.WORD64);
        type(39, "PC32_BND");
        type(40, "PLT32_BND");
        type(41, "GOTPCRELX");
        type(42, "REX_GOTPCRELX");
        type(43, "CODE_4_GOTPCRELX");
        type(44, "CODE_4_GOTTPOFF");
        type(45, "CODE_4_GOTPC32_TLSDESC");
        type(46, "CODE_5_GOTPCRELX");
        type(47, "CODE_5_GOTTPOFF");
        type(48, "CODE_5_GOTPC32_TLSDESC");
        type(49, "CODE_6_GOTPCRELX");
        type(50, "CODE_6_GOTTPOFF");
        type(51, "CODE_6_GOTPC32_TLSDESC");
    }

    private X8664() {}

    private static void type(int number, String name) {
        type(number, name, Operation.STATIC, Width.WORD64);
    }

    private static void type(int number, String name, Operation operation, Width width) {
        TYPES[number] = new RelocationType(number, "R_X86_64_".concat(name), operation, width);
    }
}
