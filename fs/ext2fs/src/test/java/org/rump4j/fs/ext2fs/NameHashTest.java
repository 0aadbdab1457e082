package org.rump4j.fs.ext2fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hashes of names are those that debugfs computes. */
final class NameHashTest {
    private static final String SEED_TEXT = "01020304-0506-0708-090a-0b0c0d0e0f10";
    private static final int[] SEED = {0x04030201, 0x08070605, 0x0C0B0A09, 0x100F0E0D};
    private static final Pattern ANSWER = Pattern.compile("Hash of \\S+ is 0x([0-9a-f]+) ");

    @TempDir
    Path dir;

    @ParameterizedTest
    @CsvSource({"legacy,0", "half_md4,1", "tea,2"})
    void hashesOfNamesOfAllLengthsAreThoseOfDebugfs(String name, int version) throws Exception {
        Path image = dir.resolve("image");
        Tools.mke2fs(image, "1M", "-t", "ext2");
        Random random = new Random(version);
        List<String> commands = new ArrayList<>();
        List<Integer> hashes = new ArrayList<>();
        for (int length = 1; length <= 255; length += 1 + random.nextInt(6)) {
            StringBuilder text = new StringBuilder();
            while (text.length() < length) {
                // A letter or a byte that is negative where characters have a sign; debugfs is given Latin 1.
                text.append((char) (random.nextInt(4) == 0 ? 0xA1 + random.nextInt(90) : 'a' + random.nextInt(26)));
            }
            for (String seed : List.of("", " -s " + SEED_TEXT)) {
                commands.add("dx_hash -h " + name + seed + " " + text);
                byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
                hashes.add(NameHash.hash(bytes, version, seed.isEmpty() ? new int[4] : SEED));
            }
        }
        List<Integer> judged = new ArrayList<>();
        Matcher answers = ANSWER.matcher(Tools.debugfs(image, commands.toArray(String[]::new)));
        while (answers.find()) {
            judged.add(Integer.parseUnsignedInt(answers.group(1), 16));
        }
        assertEquals(judged, hashes);
    }

    @Test
    void aSignMattersWhereACharacterHasOne() {
        byte[] plain = "plain".getBytes(StandardCharsets.US_ASCII);
        byte[] umlaut = "ümlaut".getBytes(StandardCharsets.UTF_8);
        for (int version : new int[] {NameHash.LEGACY, NameHash.HALF_MD4, NameHash.TEA}) {
            int unsigned = version + NameHash.UNSIGNED;
            assertEquals(NameHash.hash(plain, version, SEED), NameHash.hash(plain, unsigned, SEED));
            assertNotEquals(NameHash.hash(umlaut, version, SEED), NameHash.hash(umlaut, unsigned, SEED));
        }
    }
}
