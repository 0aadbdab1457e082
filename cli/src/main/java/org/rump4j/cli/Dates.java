package org.rump4j.cli;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneRules;
import org.rump4j.rump.Timespec;

/** Points in time, as the user's clock shows them, with the names of the C locale. */
final class Dates {
    private static final String[] MONTHS = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
    };
    private static final String[] DAYS = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

    /** Older than this, or newer than now, and {@code ls} shows the year in place of the time: half of a mean year. */
    private static final long SIX_MONTHS_SECONDS = 365 * 86_400 / 2;

    private final ZoneRules zone = ZoneId.systemDefault().getRules();
    private final long nowSeconds = Instant.now().getEpochSecond();

    /** {@code ls -l}: {@code %b %e %H:%M}, or {@code %b %e  %Y} for what lies half a year back or in the future. */
    String brief(Timespec time) {
        boolean recent = time.sec() > nowSeconds - SIX_MONTHS_SECONDS && time.sec() <= nowSeconds;
        return format(recent ? "%b %e %H:%M" : "%b %e  %Y", time);
    }

    /** {@code strftime(3)} of the conversions a b d e m H M S T Y, and the percent sign. */
    String format(String format, Timespec time) {
        LocalDateTime local = local(time);
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            convert(out, format.charAt(++i), local);
        }
        return out.toString();
    }

    /** RFC 3339, in UTC, to the nanosecond. */
    static String rfc3339(Timespec time) {
        LocalDateTime utc = LocalDateTime.ofEpochSecond(time.sec(), 0, ZoneOffset.UTC);
        StringBuilder out = new StringBuilder();
        digits(out, utc.getYear(), 4, '0').append('-');
        digits(out, utc.getMonthValue(), 2, '0').append('-');
        digits(out, utc.getDayOfMonth(), 2, '0').append('T');
        clock(out, utc).append('.');
        return digits(out, time.nsec(), 9, '0').append('Z').toString();
    }

    private LocalDateTime local(Timespec time) {
        ZoneOffset offset = zone.getOffset(Instant.ofEpochSecond(time.sec()));
        return LocalDateTime.ofEpochSecond(time.sec(), 0, offset);
    }

    private static void convert(StringBuilder out, char conversion, LocalDateTime t) {
        switch (conversion) {
            case 'a' -> out.append(DAYS[t.getDayOfWeek().getValue() - 1]);
            case 'b' -> out.append(MONTHS[t.getMonthValue() - 1]);
            case 'd' -> digits(out, t.getDayOfMonth(), 2, '0');
            case 'e' -> digits(out, t.getDayOfMonth(), 2, ' ');
            case 'm' -> digits(out, t.getMonthValue(), 2, '0');
            case 'H' -> digits(out, t.getHour(), 2, '0');
            case 'M' -> digits(out, t.getMinute(), 2, '0');
            case 'S' -> digits(out, t.getSecond(), 2, '0');
            case 'T' -> clock(out, t);
            case 'Y' -> out.append(t.getYear());
            case '%' -> out.append('%');
            default -> out.append('%').append(conversion);
        }
    }

    private static StringBuilder clock(StringBuilder out, LocalDateTime t) {
        digits(out, t.getHour(), 2, '0').append(':');
        digits(out, t.getMinute(), 2, '0').append(':');
        return digits(out, t.getSecond(), 2, '0');
    }

    private static StringBuilder digits(StringBuilder out, int number, int width, char fill) {
        String text = Integer.toString(number);
        return out.repeat(fill, Math.max(0, width - text.length())).append(text);
    }
}
