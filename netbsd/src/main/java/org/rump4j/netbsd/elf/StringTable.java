package org.rump4j.netbsd.elf;

import java.nio.charset.StandardCharsets;

/** Names that end with a zero byte each. */
final class StringTable {
    private final ElfBytes file;
    private final String field;
    final byte[] bytes;

    StringTable(ElfBytes file, long offset, long size, String field) throws ElfException {
        this.file = file;
        this.field = field;
        bytes = file.bytes(offset, size, field);
        if (bytes.length == 0 || bytes[bytes.length - 1] != 0) {
            throw file.bad(field, "the string table does not end with a zero byte");
        }
    }

    /** Fails unless a name begins at an offset. */
    void require(long offset, String of) throws ElfException {
        if (offset < 0 || offset >= bytes.length) {
            throw file.bad(of, "offset " + Long.toUnsignedString(offset) + " is beyond the end of " + field);
        }
    }

    String get(long offset, String of) throws ElfException {
        require(offset, of);
        return get((int) offset);
    }

    /** That at an offset which is known to be good. */
    String get(int offset) {
        return new String(bytes, offset, length(offset), StandardCharsets.UTF_8);
    }

    int length(int offset) {
        int end = offset;
        while (bytes[end] != 0) {
            end++;
        }
        return end - offset;
    }

    /** Whether the names at two offsets of two tables are the same. */
    static boolean isSame(byte[] a, int at, byte[] b, int bt) {
        int i = at;
        int j = bt;
        while (a[i] == b[j]) {
            if (a[i] == 0) {
                return true;
            }
            i++;
            j++;
        }
        return false;
    }
}
