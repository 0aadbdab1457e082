package org.rump4j.netbsd.bind;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/** x86-64 machine code that is put together byte by byte, from the beginning to the end. Distances of jumps have four bytes. */
abstract class MachineCode {
    private static final int ALIGN = 16;

    /** What there is so far. */
    final ByteBuffer code;

    /**
     * Begins.
     *
     * @param bytes how much room there is
     */
    MachineCode(int bytes) {
        code = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** What has been put together. */
    final byte[] finished() {
        byte[] out = new byte[code.position()];
        code.get(0, out);
        return out;
    }

    /** Goes on where functions, and tables of addresses, may begin. */
    final void align() {
        while (code.position() % ALIGN != 0) {
            code.put((byte) 0xcc);
        }
    }

    /** Bytes, in hexadecimal. */
    final ByteBuffer emit(String hex) {
        return code.put(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    /** A jump, or a call, to a place that there is. */
    final void jump(String opcode, int to) {
        emit(opcode);
        code.putInt(to - (code.position() + Integer.BYTES));
    }

    /** A jump to what {@link #land} will be told. */
    final int jumpAhead(String opcode) {
        emit(opcode);
        int at = code.position();
        code.putInt(0);
        return at;
    }

    /** Here is where a jump goes to. */
    final void land(int jump) {
        code.putInt(jump, code.position() - (jump + Integer.BYTES));
    }
}
