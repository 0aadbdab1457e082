package org.rump4j.rump;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Addresses of sockets and control messages as the kernel has them. */
final class SockaddrTest {
    private static String hex(Sockaddr a) throws ErrnoException {
        return HexFormat.of().formatHex(a.encode());
    }

    private static Sockaddr decode(String hex) {
        return Sockaddr.decode(MemorySegment.ofArray(HexFormat.of().parseHex(hex)));
    }

    @Test
    void addressesOfVersion4HavePortAndAddressInNetworkOrder() throws Exception {
        Sockaddr.Inet a = Sockaddr.Inet.of("10.1.2.255", 8080);
        assertEquals("10021f900a0102ff0000000000000000", hex(a));
        assertEquals(a, decode("10021f900a0102ff0000000000000000"));
        assertEquals("10.1.2.255:8080", a.toString());
        assertEquals(new Sockaddr.Inet(0, 65535), decode("1002ffff00000000"));
        assertThrows(IllegalArgumentException.class, () -> Sockaddr.Inet.of("::1", 1));
    }

    @Test
    void addressesOfVersion6HaveTheirScopeInTheOrderOfTheMachine() throws Exception {
        Sockaddr.Inet6 a = new Sockaddr.Inet6(0xfe80L << 48, 1, 80, 0x01020304, 5);
        String scope = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? "05000000" : "00000005";
        String bytes = "1c18005001020304fe800000000000000000000000000001" + scope;
        assertEquals(bytes, hex(a));
        assertEquals(a, decode(bytes));
        assertEquals("[fe80:0:0:0:0:0:0:1%5]:80", a.toString());
        assertEquals(new Sockaddr.Inet6(0, 1, 443, 0, 0), Sockaddr.Inet6.of("::1", 443));
    }

    @Test
    void namesAmongFilesEndWithANul() throws Exception {
        assertEquals("07012f746d7000", hex(new Sockaddr.Local("/tmp")));
        assertEquals(new Sockaddr.Local("/tmp"), decode("07012f746d7000"));
        assertEquals(new Sockaddr.Local("/tmp"), decode("6a012f746d7000616263"));
        assertEquals(new Sockaddr.Local(""), decode("0201"));
        String longName = "x".repeat(252);
        assertEquals(255, new Sockaddr.Local(longName).encode().length);
        ErrnoException e = assertThrows(ErrnoException.class, () -> new Sockaddr.Local(longName + "y").encode());
        assertEquals(Errno.EINVAL, e.errno());
    }

    @Test
    void otherFamiliesAreKeptAsTheyAre() throws Exception {
        Sockaddr.Other a = new Sockaddr.Other(SysSocket.AF_LINK, new byte[] {1, 2});
        assertEquals("04120102", hex(a));
        assertEquals(a, decode("04120102"));
        assertEquals(SysSocket.AF_UNSPEC, decode("").family());
    }

    @Test
    void controlMessagesAreAlignedAndReadBack() {
        Cmsg one = Cmsg.rights(3, 4, 5);
        Cmsg two = new Cmsg(SysSocket.IPPROTO_IP, 7, new byte[] {9});
        byte[] bytes = Cmsg.encode(List.of(one, two));
        assertEquals(Cmsg.space(12) + Cmsg.space(1), bytes.length);
        assertEquals(0, bytes.length % 8);
        assertEquals(List.of(one, two), Cmsg.decode(MemorySegment.ofArray(bytes)));
        assertArrayEquals(new int[] {3, 4, 5}, one.ints());
        assertEquals(List.of(one), Cmsg.decode(MemorySegment.ofArray(bytes).asSlice(0, Cmsg.space(12) + 10)));
        bytes[0] = 3;
        assertEquals(List.of(), Cmsg.decode(MemorySegment.ofArray(bytes)));
    }
}
