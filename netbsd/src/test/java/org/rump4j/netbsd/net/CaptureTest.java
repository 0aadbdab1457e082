package org.rump4j.netbsd.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.Tool;

/** Files of frames, judged by {@code tshark}. */
final class CaptureTest {
    /** A second of 2033, which takes more than 32 bits in nanoseconds. */
    private static final long TIME = 2_000_000_000_123_456_789L;

    @TempDir
    Path dir;

    private static MemorySegment frame(int bytes) {
        byte[] out = new byte[bytes];
        out[0] = 2;
        out[5] = 2;
        out[6] = 2;
        out[11] = 1;
        // A type for experiments, IEEE 802.
        out[12] = (byte) 0x88;
        out[13] = (byte) 0xb5;
        return MemorySegment.ofArray(out);
    }

    @Test
    void framesAreReadBackWithTheirTimeLengthAndLink() throws Exception {
        Tool tshark = Tool.named("tshark");
        Path file = dir.resolve("x.pcapng");
        long[] now = {TIME};
        try (Capture capture = Capture.to(file, () -> now[0]++)) {
            Wire first = new Wire(capture.link("first"));
            Switch second = new Switch(capture.link("another one"));
            Link.Port a = first.attach();
            Link.Port b = first.attach();
            Link.Port c = second.attach();
            a.send(frame(60));
            b.send(frame(61).asSlice(0, 20), frame(61).asSlice(20));
            c.send(frame(9018));
        }
        String said = tshark.run(
                "-r",
                file.toString(),
                "-T",
                "fields",
                "-e",
                "frame.time_epoch",
                "-e",
                "frame.len",
                "-e",
                "frame.cap_len",
                "-e",
                "frame.interface_name",
                "-e",
                "eth.src");
        assertEquals("""
                2000000000.123456789\t60\t60\tfirst\t02:00:00:00:00:01
                2000000000.123456790\t61\t61\tfirst\t02:00:00:00:00:01
                2000000000.123456791\t9018\t9018\tanother one\t02:00:00:00:00:01
                """, said);
    }

    @Test
    void blocksFollowOneAnotherToTheEnd() throws Exception {
        Path file = dir.resolve("x.pcapng");
        try (Capture capture = Capture.to(file)) {
            FrameLog log = capture.link("link");
            for (int bytes = 14; bytes < 1514; bytes++) {
                log.frame(frame(bytes));
            }
            log.frame(MemorySegment.ofArray(new byte[Link.MAX_FRAME_BYTES + 1]));
        }
        ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
        int blocks = 0;
        while (all.hasRemaining()) {
            int begin = all.position();
            int type = all.getInt();
            int length = all.getInt();
            assertEquals(blocks == 0 ? 0x0a0d0d0a : blocks == 1 ? 1 : 6, type);
            assertEquals(0, length % 4);
            assertEquals(length, all.getInt(begin + length - 4));
            if (blocks > 1) {
                assertEquals(12 + blocks, all.getInt(begin + 24));
            }
            all.position(begin + length);
            blocks++;
        }
        assertEquals(1502, blocks);
    }

    @Test
    void aDiskThatIsFullIsReportedAtTheEnd() throws Exception {
        Path full = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.isWritable(full), "there is no " + full);
        Capture capture = Capture.to(full);
        FrameLog log = capture.link("link");
        for (int i = 0; i < 1000; i++) {
            log.frame(frame(1000));
        }
        assertThrows(IOException.class, capture::close);
        log.frame(frame(1000));
    }

    @Test
    void whatPassesAfterTheEndIsNotWritten() throws Exception {
        Path file = dir.resolve("x.pcapng");
        Capture capture = Capture.to(file);
        FrameLog log = capture.link("link");
        capture.close();
        long before = Files.size(file);
        log.frame(frame(100));
        capture.close();
        assertEquals(before, Files.size(file));
    }
}
