package org.rump4j.fs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Fields of structures on disk: where in the structure one is, how wide it is, and in which byte order. They are records, so that
 * the compiler takes their offsets for constants.
 */
final class Fields {
    private static final ValueLayout.OfShort LE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort BE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt BE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Fields() {}

    /** A byte. */
    record U8(int offset) {
        int get(MemorySegment memory, long structure) {
            return Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, structure + offset));
        }

        void set(MemorySegment memory, long structure, int value) {
            memory.set(ValueLayout.JAVA_BYTE, structure + offset, (byte) value);
        }
    }

    /** 16 bits, the low byte first. */
    record Le16(int offset) {
        int get(MemorySegment memory, long structure) {
            return Short.toUnsignedInt(memory.get(LE16, structure + offset));
        }

        void set(MemorySegment memory, long structure, int value) {
            memory.set(LE16, structure + offset, (short) value);
        }
    }

    /** 32 bits, the low byte first. */
    record Le32(int offset) {
        /** As they are. */
        int get(MemorySegment memory, long structure) {
            return memory.get(LE32, structure + offset);
        }

        /** As a number without a sign. */
        long getUnsigned(MemorySegment memory, long structure) {
            return Integer.toUnsignedLong(get(memory, structure));
        }

        void set(MemorySegment memory, long structure, int value) {
            memory.set(LE32, structure + offset, value);
        }
    }

    /** 16 bits, the high byte first, as everything in a journal. */
    record Be16(int offset) {
        int get(MemorySegment memory, long structure) {
            return Short.toUnsignedInt(memory.get(BE16, structure + offset));
        }

        void set(MemorySegment memory, long structure, int value) {
            memory.set(BE16, structure + offset, (short) value);
        }
    }

    /** 32 bits, the high byte first. */
    record Be32(int offset) {
        int get(MemorySegment memory, long structure) {
            return memory.get(BE32, structure + offset);
        }

        long getUnsigned(MemorySegment memory, long structure) {
            return Integer.toUnsignedLong(get(memory, structure));
        }

        void set(MemorySegment memory, long structure, int value) {
            memory.set(BE32, structure + offset, value);
        }
    }

    /** A 16-byte identifier. */
    record Uuid(int offset) {
        static final int BYTES = 16;

        void set(MemorySegment memory, long structure, byte[] uuid) {
            MemorySegment.copy(uuid, 0, memory, ValueLayout.JAVA_BYTE, structure + offset, BYTES);
        }

        byte[] get(MemorySegment memory, long structure) {
            return memory.asSlice(structure + offset, BYTES).toArray(ValueLayout.JAVA_BYTE);
        }

        /** As {@code blkid(8)} writes it. */
        String text(MemorySegment memory, long structure) {
            StringBuilder out = new StringBuilder(36);
            byte[] bytes = get(memory, structure);
            for (int i = 0; i < bytes.length; i++) {
                if (i == 4 || i == 6 || i == 8 || i == 10) {
                    out.append('-');
                }
                out.append(Character.forDigit((bytes[i] >> 4) & 0xF, 16))
                        .append(Character.forDigit(bytes[i] & 0xF, 16));
            }
            return out.toString();
        }
    }

    /** Bytes that are text as far as the first zero. */
    record Text(int offset, int length) {
        /** Sets it; there must be room for it. */
        void set(MemorySegment memory, long structure, byte[] text) {
            memory.asSlice(structure + offset, length).fill((byte) 0);
            MemorySegment.copy(text, 0, memory, ValueLayout.JAVA_BYTE, structure + offset, text.length);
        }

        String get(MemorySegment memory, long structure) {
            StringBuilder out = new StringBuilder();
            for (int i = 0; i < length; i++) {
                int c = Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, structure + offset + i));
                if (c == 0) {
                    break;
                }
                out.append(c >= ' ' && c < 0x7F ? (char) c : '?');
            }
            return out.toString();
        }
    }
}
