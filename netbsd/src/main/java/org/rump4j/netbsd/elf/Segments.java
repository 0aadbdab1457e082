package org.rump4j.netbsd.elf;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The ELF header and the program headers, looked at: what there is to load, and where in the file an address is. */
final class Segments {
    private static final int HEADER_BYTES = 64;
    private static final int PROGRAM_HEADER_BYTES = 56;
    private static final int MAGIC = 0x464c457f;
    private static final int ELFCLASS64 = 2;
    private static final int ELFDATA2LSB = 1;
    private static final int EV_CURRENT = 1;
    private static final int ELFOSABI_SYSV = 0;
    private static final int ELFOSABI_NETBSD = 2;
    private static final int ELFOSABI_GNU = 3;
    private static final int ET_DYN = 3;
    private static final int PN_XNUM = 0xffff;

    /** The smallest page that a machine here can have. */
    private static final long MIN_PAGE_BYTES = 4096;

    /** No object is larger in memory, and no segment wants a coarser place. */
    private static final long MAX_IMAGE_BYTES = 1L << 30;

    private final ElfBytes bytes;
    final Machine machine;
    final List<Segment> loads;
    final Segment dynamic;
    final @Nullable Segment tls;
    final @Nullable Segment relro;
    final @Nullable Segment ehFrame;
    final long entry;
    final long sectionsOffset;
    final int sectionCount;
    final int sectionBytes;

    Segments(ElfBytes bytes) throws ElfException {
        this.bytes = bytes;
        ByteBuffer header = bytes.read(0, HEADER_BYTES, "ELF header");
        requireIdent(header);
        if (unsigned16(header, 16) != ET_DYN) {
            throw bad("e_type", unsigned16(header, 16) + " is not ET_DYN: no shared object");
        }
        machine = machine(unsigned16(header, 18));
        if (header.getInt(20) != EV_CURRENT) {
            throw bad("e_version", Integer.toUnsignedString(header.getInt(20)) + " is not EV_CURRENT");
        }
        if (unsigned16(header, 52) != HEADER_BYTES) {
            throw bad("e_ehsize", unsigned16(header, 52) + " is not " + HEADER_BYTES);
        }
        entry = header.getLong(24);
        sectionsOffset = header.getLong(40);
        sectionBytes = unsigned16(header, 58);
        sectionCount = sectionsOffset == 0 ? 0 : unsigned16(header, 60);

        List<Segment> found = new ArrayList<>();
        Segment dynamicFound = null;
        Segment tlsFound = null;
        Segment relroFound = null;
        Segment ehFrameFound = null;
        for (Segment s : programHeaders(header)) {
            switch (s.type()) {
                case Segment.PT_LOAD -> {
                    requireAfter(found.isEmpty() ? null : found.getLast(), s);
                    found.add(s);
                }
                case Segment.PT_DYNAMIC -> dynamicFound = only(dynamicFound, s, "PT_DYNAMIC");
                case Segment.PT_TLS -> tlsFound = only(tlsFound, s, "PT_TLS");
                case Segment.PT_GNU_EH_FRAME -> ehFrameFound = s;
                default -> relroFound = only(relroFound, s, "PT_GNU_RELRO");
            }
        }
        if (found.isEmpty()) {
            throw bad("program headers", "there is no PT_LOAD: nothing to load");
        }
        if (dynamicFound == null) {
            throw bad("program headers", "there is no PT_DYNAMIC: no shared object");
        }
        loads = List.copyOf(found);
        dynamic = dynamicFound;
        tls = tlsFound;
        relro = relroFound;
        if (relro != null && relro.memoryBytes() > 0) {
            Segment in = load(relro.address(), relro.memoryBytes());
            if (in == null || !in.isWritable()) {
                throw bad("PT_GNU_RELRO", range(relro) + " is in no writable segment");
            }
        }
        ehFrame = ehFrameFound != null && isConstant(ehFrameFound) ? ehFrameFound : null;
        if (tls != null && tls.fileBytes() > 0) {
            fileOffset(tls.address(), tls.fileBytes(), "PT_TLS");
        }
    }

    /** Nobody needs to have what backtraces are made with: where it makes no sense there is none. */
    private boolean isConstant(Segment s) {
        Segment in = load(s.address(), s.memoryBytes());
        return in != null && !in.isWritable() && (in.flags() & Segment.READABLE) != 0;
    }

    private void requireIdent(ByteBuffer header) throws ElfException {
        if (header.getInt(0) != MAGIC) {
            throw bad("e_ident[EI_MAG]", "this is no ELF file");
        }
        if (header.get(4) != ELFCLASS64) {
            throw bad("e_ident[EI_CLASS]", header.get(4) + " is not ELFCLASS64");
        }
        if (header.get(5) != ELFDATA2LSB) {
            throw bad("e_ident[EI_DATA]", header.get(5) + " is not ELFDATA2LSB: not little endian");
        }
        if (header.get(6) != EV_CURRENT) {
            throw bad("e_ident[EI_VERSION]", header.get(6) + " is not EV_CURRENT");
        }
        int abi = Byte.toUnsignedInt(header.get(7));
        if (abi != ELFOSABI_SYSV && abi != ELFOSABI_NETBSD && abi != ELFOSABI_GNU) {
            throw bad("e_ident[EI_OSABI]", abi + " is neither System V, NetBSD nor GNU");
        }
    }

    private Machine machine(int number) throws ElfException {
        Machine found = Machine.of(number);
        if (found == null) {
            throw bad("e_machine", number + " is neither EM_X86_64 nor EM_AARCH64");
        }
        return found;
    }

    private List<Segment> programHeaders(ByteBuffer header) throws ElfException {
        int count = unsigned16(header, 56);
        if (unsigned16(header, 54) != PROGRAM_HEADER_BYTES) {
            throw bad("e_phentsize", unsigned16(header, 54) + " is not " + PROGRAM_HEADER_BYTES);
        }
        if (count == PN_XNUM) {
            throw bad("e_phnum", "there are too many program headers");
        }
        ByteBuffer table = bytes.read(header.getLong(32), (long) count * PROGRAM_HEADER_BYTES, "e_phoff");
        List<Segment> out = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int at = i * PROGRAM_HEADER_BYTES;
            Segment s = new Segment(
                    table.getInt(at),
                    table.getInt(at + 4),
                    table.getLong(at + 8),
                    table.getLong(at + 16),
                    table.getLong(at + 32),
                    table.getLong(at + 40),
                    Math.max(1, table.getLong(at + 48)));
            if (s.type() == Segment.PT_LOAD
                    || s.type() == Segment.PT_DYNAMIC
                    || s.type() == Segment.PT_TLS
                    || s.type() == Segment.PT_GNU_RELRO) {
                requireSane(s, i, table.getLong(at + 48));
                out.add(s);
            } else if (s.type() == Segment.PT_GNU_EH_FRAME) {
                out.add(s);
            }
        }
        return out;
    }

    private void requireSane(Segment s, int index, long align) throws ElfException {
        String name = "program header " + index;
        if (s.type() != Segment.PT_GNU_RELRO) {
            bytes.require(s.fileOffset(), s.fileBytes(), name + ": p_filesz");
            if (Long.compareUnsigned(s.fileBytes(), s.memoryBytes()) > 0) {
                throw bad(name + ": p_memsz", "it has more bytes in the file than in memory");
            }
        }
        if (s.memoryBytes() < 0 || s.memoryBytes() > MAX_IMAGE_BYTES) {
            throw bad(name + ": p_memsz", Long.toUnsignedString(s.memoryBytes()) + " bytes are too many");
        }
        if (s.address() < 0 || s.address() > MAX_IMAGE_BYTES - s.memoryBytes()) {
            throw bad(name + ": p_vaddr", "0x" + Long.toHexString(s.address()) + " is too high");
        }
        if (align < 0 || align > MAX_IMAGE_BYTES || Long.bitCount(align) > 1) {
            throw bad(name + ": p_align", Long.toUnsignedString(align) + " is no power of two that a place can have");
        }
        if (s.type() == Segment.PT_LOAD) {
            if (s.isWritable() && s.isExecutable()) {
                throw bad(name + ": p_flags", "memory that is writable and executable at once is refused");
            }
            if (((s.address() - s.fileOffset()) & (s.align() - 1)) != 0) {
                throw bad(name + ": p_vaddr", "it and p_offset differ by no multiple of p_align");
            }
        }
    }

    private void requireAfter(@Nullable Segment before, Segment s) throws ElfException {
        if (before != null && roundUp(before.end(), MIN_PAGE_BYTES) > (s.address() & -MIN_PAGE_BYTES)) {
            throw bad("PT_LOAD", "segments " + range(before) + " and " + range(s) + " overlap, or are out of order");
        }
    }

    private Segment only(@Nullable Segment before, Segment s, String name) throws ElfException {
        if (before != null) {
            throw bad(name, "there is more than one");
        }
        return s;
    }

    /** The segment to load that has bytes from an address on, or null. */
    @Nullable
    Segment load(long address, long byteCount) {
        for (int i = 0; i < loads.size(); i++) {
            if (loads.get(i).contains(address, byteCount)) {
                return loads.get(i);
            }
        }
        return null;
    }

    /** Where in the file what will be at an address is; all of it in one segment. */
    long fileOffset(long address, long byteCount, String field) throws ElfException {
        for (int i = 0; i < loads.size(); i++) {
            Segment s = loads.get(i);
            if (s.hasInFile(address, byteCount)) {
                return s.fileOffset() + (address - s.address());
            }
        }
        throw bad(
                field,
                Long.toUnsignedString(byteCount) + " bytes at address 0x" + Long.toHexString(address)
                        + " are in no segment that has them in the file");
    }

    /** How many bytes of its segment the file has from an address on; 0 where it is in none. */
    long fileBytesFrom(long address) {
        for (int i = 0; i < loads.size(); i++) {
            Segment s = loads.get(i);
            if (s.hasInFile(address, 0)) {
                return s.fileBytes() - (address - s.address());
            }
        }
        return 0;
    }

    /** What the coarsest segment wants. */
    long align() {
        long align = MIN_PAGE_BYTES;
        for (Segment s : loads) {
            align = Math.max(align, s.align());
        }
        return align;
    }

    private ElfException bad(String field, String problem) {
        return bytes.bad(field, problem);
    }

    private static String range(Segment s) {
        return "0x" + Long.toHexString(s.address()) + "-0x" + Long.toHexString(s.end());
    }

    static long roundUp(long value, long to) {
        return (value + to - 1) & -to;
    }

    private static int unsigned16(ByteBuffer buffer, int at) {
        return Short.toUnsignedInt(buffer.getShort(at));
    }
}
