package org.rump4j.netbsd.elf;

import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.Fuzz;
import org.rump4j.netbsd.ObjectFile;
import org.rump4j.netbsd.ObjectFile.Hash;
import org.rump4j.netbsd.Toolchain;

/** Damaged objects are read, planned and linked, or refused by an exception of ours: nothing else happens. */
final class FuzzTest {
    private static final int ROUNDS = 4000;
    private static final int NIGHTLY_ROUNDS = 400_000;

    @TempDir
    Path dir;

    /** One of everything. */
    private static byte[] everything(int machine, Hash hash) {
        boolean x86 = machine == ObjectFile.X86_64;
        ObjectFile file = new ObjectFile(machine)
                .hash(hash)
                .soname("librumpx.so.0")
                .needs("librump.so.0")
                .bss(5000)
                .relro(100);
        long code = file.code(0xc3);
        long template = file.words(1, 2);
        file.tls(template, 16, 24, 8);
        ObjectFile.Symbol f = file.symbol("f", code).size(1);
        ObjectFile.Symbol v = file.symbol("v", 8).type(ObjectFile.TLS);
        ObjectFile.Symbol g = file.symbol("g", code).version("V1", false);
        ObjectFile.Symbol w = file.undefined("w").binding(ObjectFile.WEAK).version("W1", false);
        long at = file.words(new long[12]);
        file.symbol("__start_link_set_s", at);
        file.symbol("__stop_link_set_s", at + 16);
        file.symbol("local", code).binding(ObjectFile.LOCAL);
        file.relocate(at, x86 ? 1 : 257, f, 0)
                .relocate(at + 8, x86 ? 8 : 1027, null, code)
                .relocate(at + 16, x86 ? 16 : 1028, v, 0)
                .relocate(at + 24, x86 ? 17 : 1029, v, 0)
                .relocate(at + 32, x86 ? 24 : 260, g, 0)
                .relocate(at + 40, x86 ? 14 : 259, w, 0)
                .jumpSlot(at + 48, x86 ? 7 : 1026, w)
                .relr(at + 56, 0b111);
        return file.tag(12, code)
                .tag(25, at + 8)
                .tag(27, 8)
                .tag(26, at + 8)
                .tag(28, 8)
                .build();
    }

    private static List<byte[]> ours() {
        List<byte[]> out = new ArrayList<>();
        for (Hash hash : Hash.values()) {
            out.add(everything(ObjectFile.X86_64, hash));
            out.add(everything(ObjectFile.AARCH64, hash));
        }
        return out;
    }

    private static void fuzz(List<byte[]> seeds, int rounds) {
        long seed = Long.getLong("rump4j.seed", System.nanoTime());
        System.out.println("FuzzTest: -Drump4j.seed=" + seed);
        Random random = new Random(seed);
        int read = 0;
        for (int i = 0; i < rounds; i++) {
            byte[] damaged = damage(seeds.get(random.nextInt(seeds.size())), random);
            try {
                read += Fuzz.use(damaged) ? 1 : 0;
            } catch (Throwable t) {
                throw new AssertionError("round " + i + " of seed " + seed, t);
            }
        }
        assertNotEquals(0, read, "not one of them could be read");
        assertNotEquals(rounds, read, "not one of them was refused");
    }

    /**
     * Some numbers changed to others that are likely to hurt, mostly in the first and last pages, where tables are; now and then it is cut
     * off.
     */
    private static byte[] damage(byte[] whole, Random random) {
        byte[] out = whole.clone();
        ByteBuffer b = ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN);
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = switch (random.nextInt(5)) {
                case 0 -> random.nextInt(64 + 6 * 56);
                case 1, 2 -> random.nextInt(Math.min(out.length, 2048));
                case 3 -> Math.max(0, out.length - 1 - random.nextInt(4096));
                default -> random.nextInt(out.length);
            };
            long[] numbers = {
                0,
                1,
                -1,
                2,
                8,
                24,
                0x7fff_ffff,
                0xffff_ffffL,
                1L << 32,
                Long.MIN_VALUE,
                Long.MAX_VALUE,
                out.length,
                random.nextInt(out.length),
                random.nextLong()
            };
            long number = numbers[random.nextInt(numbers.length)];
            switch (random.nextInt(4)) {
                case 0 -> b.put(at, (byte) number);
                case 1 -> b.putShort(Math.min(at & -2, out.length - 2), (short) number);
                case 2 -> b.putInt(Math.min(at & -4, out.length - 4), (int) number);
                default -> b.putLong(Math.min(at & -8, out.length - 8), number);
            }
        }
        return random.nextInt(50) == 0 ? Arrays.copyOf(out, random.nextInt(out.length)) : out;
    }

    @Test
    void objectsOfOurs() {
        fuzz(ours(), ROUNDS);
    }

    @Test
    void objectsOfTheSystemsLinker() throws Exception {
        fuzz(compiled(), ROUNDS / 4);
    }

    private List<byte[]> compiled() throws Exception {
        Toolchain.assumeNative();
        List<byte[]> out = new ArrayList<>();
        for (String flag :
                List.of("-Wl,--hash-style=both", "-Wl,--hash-style=sysv", "-Wl,-z,pack-relative-relocs", "-s")) {
            out.add(Files.readAllBytes(Toolchain.library(dir, "x", """
                    __thread int v = 1;
                    int other(void), g = 3, *p = &g, **q = &p;
                    __attribute__((constructor)) int f(void) { return other() + v + g; }
                    """, flag)));
        }
        return out;
    }

    @Test
    void librariesOfNetbsd() throws Exception {
        fuzz(netbsd(), ROUNDS / 40);
    }

    private static List<byte[]> netbsd() throws Exception {
        String build = System.getenv("RUMP4J_NETBSD");
        Assumptions.assumeTrue(build != null, "RUMP4J_NETBSD names no build of NetBSD's rump kernel");
        List<byte[]> out = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(build, "lib"), "librump*.so")) {
            for (Path file : files) {
                if (Files.size(file) < 200_000) {
                    out.add(Files.readAllBytes(file));
                }
            }
        }
        return out;
    }

    @Test
    @Tag("nightly")
    void objectsOfOursAllNight() {
        fuzz(ours(), NIGHTLY_ROUNDS);
    }

    @Test
    @Tag("nightly")
    void objectsOfTheSystemsLinkerAllNight() throws Exception {
        fuzz(compiled(), NIGHTLY_ROUNDS / 4);
    }

    @Test
    @Tag("nightly")
    void librariesOfNetbsdAllNight() throws Exception {
        fuzz(netbsd(), NIGHTLY_ROUNDS / 40);
    }
}
