package org.rump4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.InputStream;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Timespec;

/** How modes, sizes, times and names are written. */
final class FormatsTest {
    @Test
    void modesAreWrittenAsStrmodeDoes() {
        assertEquals("-rw-r--r--", Modes.text(0100644));
        assertEquals("drwxrwxrwt", Modes.text(0041777));
        assertEquals("drwxrwxr-T", Modes.text(0041774));
        assertEquals("-rwsr-sr-x", Modes.text(0106755));
        assertEquals("-rwSr-Sr--", Modes.text(0106644));
        assertEquals("lrwxrwxrwx", Modes.text(0120777));
        assertEquals("prw-------", Modes.text(0010600));
        assertEquals("crw-rw-rw-", Modes.text(0020666));
        assertEquals("brw-r-----", Modes.text(0060640));
        assertEquals("srwxr-xr-x", Modes.text(0140755));
    }

    @Test
    void sizesForPeopleTakeFourCharactersAtTheMost() {
        assertEquals("0B", Sizes.human(0));
        assertEquals("999B", Sizes.human(999));
        assertEquals("1.0K", Sizes.human(1000));
        assertEquals("1.0K", Sizes.human(1024));
        assertEquals("1.5K", Sizes.human(1536));
        assertEquals("9.9K", Sizes.human(10_100));
        assertEquals("10K", Sizes.human(10_240));
        assertEquals("64M", Sizes.human(64L << 20));
        assertEquals("1.0M", Sizes.human(1_048_000));
        assertEquals("8.0E", Sizes.human(Long.MAX_VALUE));
    }

    @Test
    void blocksizeSaysHowLongBlocksAre() {
        assertEquals(512, blockSize(""));
        assertEquals(1024, blockSize("k"));
        assertEquals(1 << 20, blockSize("1M"));
        assertEquals(1 << 30, blockSize("7g"));
        assertEquals(512, blockSize("100"));
        assertEquals(1536, blockSize("2000"));
        assertEquals(512, blockSize("many"));
        assertEquals("1K-blocks", Sizes.blockName(1024));
        assertEquals("512-blocks", Sizes.blockName(512));
        assertEquals(3, Sizes.blocks(5, 1024));
    }

    private static long blockSize(String text) {
        return Sizes.blockSize(new Stdio(
                Channels.newChannel(InputStream.nullInputStream()),
                Channels.newChannel(System.out),
                Channels.newChannel(System.err),
                false,
                false,
                80,
                "",
                Map.of("BLOCKSIZE", text)));
    }

    @Test
    void jsonTimesAreRfc3339() {
        assertEquals("1970-01-01T00:00:00.000000000Z", Dates.rfc3339(Timespec.ZERO));
        assertEquals("1969-12-31T23:59:59.000000007Z", Dates.rfc3339(new Timespec(-1, 7)));
        assertEquals("2446-05-10T22:38:55.123456789Z", Dates.rfc3339(new Timespec(15_032_385_535L, 123_456_789)));
    }

    @Test
    void namesSortByTheirBytes() {
        List<String> names =
                new ArrayList<>(List.of("b", "a", "B", "é", "\uDCE9", "\uDC80", "a b", "😀", "\uFFFD", ""));
        names.sort(Names::compare);
        assertEquals(List.of("", "B", "a", "a b", "b", "\uDC80", "é", "\uDCE9", "\uFFFD", "😀"), names);
    }

    @Test
    void aTerminalIsNotSentWhatItWouldTakeForACommand() {
        assertEquals("a?[31m?b", Names.printable("a\u001b[31m\nb", true));
        assertEquals("naïve?", Names.printable("naïve\uDCE9", true));
        assertEquals("na??ve?", Names.printable("naïve\uDCE9", false));
        assertEquals("?x", Names.printable("\u202Ex", true));
    }

    @Test
    void wideCharactersTakeTwoColumnsAndCombiningOnesNone() {
        assertEquals(5, Names.width("naïve"));
        assertEquals(4, Names.width("日本"));
        assertEquals(1, Names.width("e\u0301"));
    }

    @Test
    void jsonStringsAreValidWhateverTheName() {
        assertEquals("\"a\\\"b\\\\c\\u000a\\u001b\"", Json.quoted("a\"b\\c\n\u001b"));
        assertEquals("\"caf\\udce9 é 😀\"", Json.quoted("caf\uDCE9 é 😀"));
    }

    @Test
    void progressShowsRateAndTimeLeft() {
        assertEquals(
                " 50% |********************                    | 512M/1.0G  256M/s  00:02 left",
                Progress.line(512L << 20, 1L << 30, 2_000_000_000L, 88));
        assertEquals("100% |********| 0B/0B  0B/s  --:-- left", Progress.line(0, 0, 0, 20));
    }

    @Test
    void coloursFollowLscolorsAndNoColorForbidsThem() {
        assertEquals(true, stdio(false, Map.of("CLICOLOR_FORCE", "1")).colours());
        assertEquals(
                false,
                stdio(true, Map.of("CLICOLOR_FORCE", "1", "NO_COLOR", "1")).colours());
        assertEquals(true, stdio(true, Map.of()).colours());
        assertEquals(false, stdio(true, Map.of("TERM", "dumb")).colours());
        assertEquals(false, stdio(false, Map.of()).colours());
    }

    private static Stdio stdio(boolean terminal, Map<String, String> environment) {
        return new Stdio(
                Channels.newChannel(InputStream.nullInputStream()),
                Channels.newChannel(System.out),
                Channels.newChannel(System.err),
                terminal,
                terminal,
                80,
                "",
                environment);
    }

    @Test
    void aStatFormatThatMakesNoSenseIsRefused() {
        assertThrows(UsageException.class, () -> StatFormat.parse("%q", ""));
        assertThrows(UsageException.class, () -> StatFormat.parse("50%", ""));
        assertThrows(UsageException.class, () -> StatFormat.parse("%99999d", ""));
    }
}
