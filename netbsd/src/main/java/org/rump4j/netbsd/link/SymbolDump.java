package org.rump4j.netbsd.link;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.rump4j.netbsd.elf.SymbolTable;

/**
 * The symbols of a kernel as one ELF symbol table with its names, which the host gives to the kernel while it boots, and which kernel
 * modules are linked by (rumpuser_dl_bootstrap(3)). Values are addresses in memory. What is defined by a component that exports nothing is
 * nothing, and no reason to stop.
 */
public final class SymbolDump {
    private static final int ENTRY_BYTES = 24;
    private static final int SHN_ABS = 0xfff1;

    /** How names begin that the kernel is told of: its own, those that it has for its users, and those of link sets. */
    private static final byte[][] PREFIXES = {
        {'r', 'u', 'm', 'p'}, {'R', 'U', 'M', 'P'}, {'_', '_'},
    };

    private ByteBuffer symbols = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    private ByteBuffer names = ByteBuffer.allocate(1 << 16);

    private SymbolDump() {
        // No name is at offset 0, as in any string table.
        names.put((byte) 0);
    }

    /** Those of all components, in the order of the plan. */
    public static SymbolDump of(LinkedImages kernel) {
        SymbolDump out = new SymbolDump();
        for (Image image : kernel.images()) {
            SymbolTable table = image.component().object().symbols();
            for (int i = 1; i < table.count(); i++) {
                if (isTold(table, i)) {
                    out.add(table, i, table.isAbsolute(i) ? 0 : image.bias());
                }
            }
        }
        return out;
    }

    private static boolean isTold(SymbolTable table, int i) {
        if (!table.isDefined(i) || table.value(i) == 0 || table.type(i) == SymbolTable.STT_TLS) {
            return false;
        }
        for (byte[] prefix : PREFIXES) {
            if (table.nameStartsWith(i, prefix)) {
                return true;
            }
        }
        return false;
    }

    private void add(SymbolTable table, int i, long bias) {
        byte[] name = table.name(i).getBytes(StandardCharsets.UTF_8);
        symbols = withRoom(symbols, ENTRY_BYTES);
        names = withRoom(names, name.length + 1);
        symbols.putInt(names.position())
                .put((byte) (table.binding(i) << 4 | table.type(i)))
                .put((byte) table.visibility(i))
                .putShort((short) SHN_ABS)
                .putLong(bias + table.value(i))
                .putLong(table.size(i));
        names.put(name).put((byte) 0);
    }

    private static ByteBuffer withRoom(ByteBuffer buffer, int bytes) {
        if (buffer.remaining() >= bytes) {
            return buffer;
        }
        return ByteBuffer.allocate(2 * buffer.capacity() + bytes)
                .order(buffer.order())
                .put(buffer.flip());
    }

    /** How many symbols there are. */
    public int count() {
        return symbols.position() / ENTRY_BYTES;
    }

    /** The table, each entry as the machine has it in memory. */
    public MemorySegment symtab() {
        return MemorySegment.ofBuffer(symbols.duplicate().flip()).asReadOnly();
    }

    /** Their names, each with the zero that ends it. */
    public MemorySegment strtab() {
        return MemorySegment.ofBuffer(names.duplicate().flip()).asReadOnly();
    }
}
