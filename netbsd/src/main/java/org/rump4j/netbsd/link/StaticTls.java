package org.rump4j.netbsd.link;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.elf.Machine;

/**
 * Memory at one distance from the thread pointer in every thread of the process, those included that are there already: what variables of
 * threads need that are addressed as initial-exec. Only the C library can give it, and it does to libraries that it loads. So a library is
 * made which has such memory and nothing else, and loaded. In a thread that it has not seen before the memory is zeros.
 *
 * <p>A C library keeps little for this, glibc some hundred bytes unless {@code GLIBC_TUNABLES=glibc.rtld.optional_static_tls=BYTES} says
 * more; a kernel wants eight. Sources of the facts: "ELF Handling For Thread-Local Storage"; dlopen(3); the manual of glibc, "Dynamic
 * Linking Tunables".
 */
public final class StaticTls implements AutoCloseable {
    private static final String SYMBOL = "rump4j_tls";
    private static final int R_X86_64_TPOFF64 = 18;
    private static final int R_AARCH64_TLS_TPREL = 1030;

    private final Arena arena;
    private final long threadOffset;

    private StaticTls(Arena arena, long threadOffset) {
        this.arena = arena;
        this.threadOffset = threadOffset;
    }

    /**
     * Takes memory.
     *
     * @param bytes how much, as {@link Plan#tlsBytes}
     * @param align a power of two, as {@link Plan#tlsAlign}
     * @throws LinkException where the C library has no more, or has no such thing
     */
    @SuppressWarnings("MustBeClosedChecker") // by close()
    public static StaticTls reserve(long bytes, long align) throws LinkException {
        Machine machine = Machine.host();
        if (machine == null) {
            throw new LinkException("variables of threads at a fixed distance: not on this machine");
        }
        Arena arena = Arena.ofShared();
        Path file = null;
        try {
            file = Files.createTempFile("rump4j-tls", ".so");
            Files.write(file, library(machine, bytes, align));
            MemorySegment word =
                    SymbolLookup.libraryLookup(file, arena).find(SYMBOL).orElseThrow();
            return new StaticTls(arena, word.reinterpret(Long.BYTES).get(ValueLayout.JAVA_LONG, 0));
        } catch (IOException | IllegalArgumentException e) {
            arena.close();
            throw new LinkException("the C library gives no " + bytes
                    + " bytes at a fixed distance from the thread pointer (" + e.getMessage()
                    + "); GLIBC_TUNABLES=glibc.rtld.optional_static_tls=BYTES may help");
        } finally {
            delete(file);
        }
    }

    private static void delete(@Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // It is in the folder of temporary files, where others clean up.
        }
    }

    /** What is to be added to the thread pointer. */
    public long threadOffset() {
        return threadOffset;
    }

    /** Gives the memory back. No thread may use it afterwards. */
    @Override
    public void close() {
        arena.close();
    }

    // The library: one symbol, which is a word that the loader is to store the distance in

    private static final int PAGE = 0x10000;
    private static final int PROGRAM_HEADERS = 5;
    private static final int SYMTAB = 64 + PROGRAM_HEADERS * 56;
    private static final int STRTAB = SYMTAB + 2 * 24;
    private static final int STRTAB_BYTES = 16;
    private static final int HASH = STRTAB + STRTAB_BYTES;
    private static final int RELA = HASH + 24;
    private static final int DYNAMIC = RELA + 24;

    /** DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_SYMENT, DT_RELA, DT_RELASZ, DT_RELAENT, DT_FLAGS (DF_STATIC_TLS), DT_NULL. */
    private static final long[] TAGS = {
        4, HASH, 5, STRTAB, 6, SYMTAB, 10, STRTAB_BYTES, 11, 24, 7, RELA, 8, 24, 9, 24, 30, 16, 0, 0
    };

    private static final int WORD = DYNAMIC + 10 * 16;
    private static final int END = WORD + Long.BYTES;

    private static byte[] library(Machine machine, long bytes, long align) {
        byte[] out = new byte[END];
        ByteBuffer b = ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(0x464c457f).put((byte) 2).put((byte) 1).put((byte) 1).position(16);
        b.putShort((short) 3).putShort((short) machine.number()).putInt(1);
        b.putLong(0).putLong(64).putLong(0).putInt(0);
        b.putShort((short) 64)
                .putShort((short) 56)
                .putShort((short) PROGRAM_HEADERS)
                .position(64);
        header(b, 1, 4, 0, 0, DYNAMIC, DYNAMIC, PAGE);
        header(b, 1, 6, DYNAMIC, PAGE + DYNAMIC, END - DYNAMIC, END - DYNAMIC, PAGE);
        header(b, 2, 6, DYNAMIC, PAGE + DYNAMIC, WORD - DYNAMIC, WORD - DYNAMIC, 8);
        header(b, 7, 4, 0, 0, 0, bytes, align);
        // Without this one, the loader makes all stacks of the process executable.
        header(b, 0x6474e551, 6, 0, 0, 0, 0, 16);
        b.position(SYMTAB + 24);
        b.putInt(1)
                .put((byte) 0x11)
                .put((byte) 0)
                .putShort((short) 1)
                .putLong(PAGE + WORD)
                .putLong(8);
        b.position(STRTAB + 1);
        b.put(SYMBOL.getBytes(StandardCharsets.US_ASCII));
        b.position(HASH);
        b.putInt(1).putInt(2).putInt(1).putInt(0).putInt(0);
        b.position(RELA);
        b.putLong(PAGE + WORD).putLong(machine == Machine.x86_64() ? R_X86_64_TPOFF64 : R_AARCH64_TLS_TPREL);
        b.position(DYNAMIC);
        for (int i = 0; i < TAGS.length; i += 2) {
            b.putLong(TAGS[i]).putLong(TAGS[i + 1]);
        }
        return out;
    }

    private static void header(
            ByteBuffer b, int type, int flags, long offset, long address, long fileBytes, long bytes, long align) {
        b.putInt(type).putInt(flags).putLong(offset).putLong(address).putLong(address);
        b.putLong(fileBytes).putLong(bytes).putLong(align);
    }
}
