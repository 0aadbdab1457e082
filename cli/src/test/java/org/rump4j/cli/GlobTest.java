package org.rump4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

final class GlobTest {
    private static boolean matches(String pattern, String name) {
        return new Glob(pattern, false).matches(name);
    }

    @Test
    void starsMatchAnythingAndQuestionMarksOneCharacter() {
        assertTrue(matches("*.txt", "notes.txt"));
        assertTrue(matches("*.txt", ".txt"));
        assertFalse(matches("*.txt", "notes.txt~"));
        assertTrue(matches("a?c", "aéc"));
        assertTrue(matches("a?c", "a😀c"));
        assertFalse(matches("a?c", "ac"));
        assertTrue(matches("", ""));
        assertTrue(matches("a*b*c", "a-b-b-c"));
    }

    @Test
    void setsHaveRangesAndCanBeNegated() {
        assertTrue(matches("[a-c]x", "bx"));
        assertFalse(matches("[!a-c]x", "bx"));
        assertTrue(matches("[^a-c]x", "dx"));
        assertTrue(matches("[]]", "]"));
        assertTrue(matches("[a-]", "-"));
        assertTrue(matches("[\\]]", "]"));
        assertTrue(matches("[abc", "[abc"));
    }

    @Test
    void aBackslashTakesTheMeaningAway() {
        assertTrue(matches("\\*", "*"));
        assertFalse(matches("\\*", "x"));
        assertTrue(matches("a\\", "a\\"));
    }

    @Test
    void caseIsDisregardedWhereThatIsWanted() {
        assertTrue(new Glob("*.TXT", true).matches("notes.txt"));
        assertTrue(new Glob("[A-C]É", true).matches("bé"));
        assertFalse(matches("*.TXT", "notes.txt"));
    }

    @Test
    void manyStarsTakeNoLongTime() {
        Glob glob = new Glob("*a".repeat(50) + "b", false);
        String name = "a".repeat(2000);
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(20), () -> assertFalse(glob.matches(name)));
    }

    @Test
    void starsAndQuestionMarksMatchWhatRegularExpressionsWould() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            String pattern = random(random, "ab*?", 6);
            String name = random(random, "ab", 8);
            String regex = pattern.replace("*", ".*").replace("?", ".");
            assertEquals(
                    Pattern.matches(regex, name), matches(pattern, name), pattern + " on " + name + ", seed " + seed);
        }
    }

    private static String random(Random random, String alphabet, int maxLength) {
        StringBuilder out = new StringBuilder();
        for (int n = random.nextInt(maxLength + 1); n > 0; n--) {
            out.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return out.toString();
    }
}
