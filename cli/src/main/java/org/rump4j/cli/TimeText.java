package org.rump4j.cli;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.Year;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Timespec;

/** Points in time as users write them. Those that do not say otherwise are the user's clock's. */
final class TimeText {
    private static final Pattern DATE = Pattern.compile(
            "(\\d{4,9})-(\\d\\d)-(\\d\\d)(?:[T ](\\d\\d):(\\d\\d)(?::(\\d\\d)(?:[.,](\\d{1,9}))?)?)?(Z)?");
    private static final Pattern SECONDS = Pattern.compile("@(-?\\d{1,18})(?:[.,](\\d{1,9}))?");
    private static final Pattern STAMP =
            Pattern.compile("(\\d\\d)?(\\d\\d)?(\\d\\d)(\\d\\d)(\\d\\d)(\\d\\d)(?:\\.(\\d\\d))?");

    /** Years of two digits before this one are of the next century; POSIX, {@code touch}. */
    private static final int FIRST_OF_CENTURY = 69;

    private TimeText() {}

    /**
     * {@code touch -d}: as POSIX has it, with a space in place of the T as well; a date alone is its beginning; or seconds since
     * 1970.
     */
    static Timespec date(String text) throws UsageException {
        Matcher seconds = SECONDS.matcher(text);
        if (seconds.matches()) {
            int nanos = fraction(seconds.group(2));
            long whole = Long.parseLong(seconds.group(1));
            return text.charAt(1) == '-' && nanos > 0
                    ? new Timespec(whole - 1, 1_000_000_000 - nanos)
                    : new Timespec(whole, nanos);
        }
        Matcher date = DATE.matcher(text);
        if (!date.matches()) {
            throw invalid(text);
        }
        return time(
                text,
                new int[] {
                    number(date.group(1)),
                    number(date.group(2)),
                    number(date.group(3)),
                    number(date.group(4)),
                    number(date.group(5)),
                    number(date.group(6))
                },
                fraction(date.group(7)),
                date.group(8) != null);
    }

    /** {@code touch -t}: {@code [[CC]YY]MMDDhhmm[.SS]}. */
    static Timespec stamp(String text) throws UsageException {
        Matcher stamp = STAMP.matcher(text);
        if (!stamp.matches()) {
            throw invalid(text);
        }
        int year;
        if (stamp.group(1) == null) {
            year = Year.now(ZoneId.systemDefault()).getValue();
        } else if (stamp.group(2) == null) {
            int two = number(stamp.group(1));
            year = two + (two < FIRST_OF_CENTURY ? 2000 : 1900);
        } else {
            year = number(stamp.group(1)) * 100 + number(stamp.group(2));
        }
        int[] fields = {
            year,
            number(stamp.group(3)),
            number(stamp.group(4)),
            number(stamp.group(5)),
            number(stamp.group(6)),
            number(stamp.group(7))
        };
        return time(text, fields, 0, false);
    }

    private static Timespec time(String text, int[] fields, int nanos, boolean utc) throws UsageException {
        try {
            // A leap second is the one after it.
            int leap = fields[5] == 60 ? 1 : 0;
            LocalDateTime time = LocalDateTime.of(
                            fields[0], fields[1], fields[2], fields[3], fields[4], fields[5] - leap)
                    .plusSeconds(leap);
            ZoneOffset offset =
                    utc ? ZoneOffset.UTC : ZoneId.systemDefault().getRules().getOffset(time);
            return new Timespec(time.toEpochSecond(offset), nanos);
        } catch (DateTimeException e) {
            throw invalid(text);
        }
    }

    private static int number(@Nullable String digits) {
        return digits == null ? 0 : Integer.parseInt(digits);
    }

    private static int fraction(@Nullable String digits) {
        return digits == null ? 0 : Integer.parseInt((digits + "00000000").substring(0, 9));
    }

    private static UsageException invalid(String text) {
        return new UsageException(text + ": not a point in time");
    }
}
