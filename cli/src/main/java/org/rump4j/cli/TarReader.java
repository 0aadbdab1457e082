package org.rump4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.PathCodec;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;

/**
 * Reads a tar archive: the formats of V7, POSIX (ustar and pax) and GNU, files with holes in each of the ways that GNU tar writes
 * them. What it says is not trusted; what is too large to be meant is an error.
 */
final class TarReader {
    /** Of an extended header or a long name. */
    private static final int MAX_EXTENDED_BYTES = 1 << 20;

    private static final int MAX_RANGES = 1 << 20;
    private static final int MAX_DIGITS = 19;
    private static final int BASE_256 = 0x80;

    /** Of the format 0.0: what its many records are put together as. */
    private static final String OFFSETS = "GNU.sparse.offsets";

    /** What is kept of extended headers: there may be any number of them, each with any keys. */
    private static final Set<String> KEYS = Set.of(
            "path",
            "linkpath",
            "size",
            "uid",
            "gid",
            "mtime",
            "GNU.sparse.name",
            "GNU.sparse.size",
            "GNU.sparse.realsize",
            "GNU.sparse.major",
            "GNU.sparse.map");

    private final InputStream in;
    private final Map<String, byte[]> global = new HashMap<>();
    private boolean begun;

    /** Data of the member and what follows up to the next header that has not been read. */
    private long dataLeft;

    private long padding;

    TarReader(InputStream in) {
        this.in = in;
    }

    /**
     * The next member, or null at the end.
     *
     * @throws IOException also where it is no archive
     */
    @Nullable
    TarEntry next() throws IOException {
        skip(dataLeft + padding);
        dataLeft = 0;
        padding = 0;
        Map<String, byte[]> pax = new HashMap<>(global);
        while (true) {
            byte[] header = header();
            if (header == null) {
                return null;
            }
            long size = number(header, TarHeader.SIZE);
            switch (header[TarHeader.TYPE.offset()]) {
                case TarHeader.PAX -> records(extended(size), pax);
                case TarHeader.PAX_GLOBAL -> {
                    byte[] records = extended(size);
                    records(records, global);
                    records(records, pax);
                }
                case TarHeader.GNU_NAME -> pax.put("path", text(extended(size)));
                case TarHeader.GNU_LINK -> pax.put("linkpath", text(extended(size)));
                default -> {
                    return member(header, pax);
                }
            }
        }
    }

    /** Reads data of the member; what its ranges are full of, one after the other. */
    void read(byte[] into, int length) throws IOException {
        readFully(into, length);
        dataLeft -= length;
    }

    private TarEntry member(byte[] header, Map<String, byte[]> pax) throws IOException {
        byte[] name = pax.getOrDefault("GNU.sparse.name", pax.getOrDefault("path", ownName(header)));
        byte[] link = pax.getOrDefault("linkpath", text(field(header, TarHeader.LINK)));
        long stored = pax.containsKey("size") ? decimal(pax, "size") : number(header, TarHeader.SIZE);
        char type = (char) (header[TarHeader.TYPE.offset()] & 0xFF);
        boolean trailingSlash = name.length > 0 && name[name.length - 1] == '/';
        if (type == 0 || type == '7' || type == TarEntry.FILE) {
            // Before POSIX a directory was a file whose name ends in a slash.
            type = trailingSlash && type != '7' ? TarEntry.DIRECTORY : TarEntry.FILE;
        }
        boolean hasData = type == TarEntry.FILE || type == TarHeader.GNU_SPARSE_FILE;
        dataLeft = hasData || type > TarEntry.FIFO ? stored : 0;
        padding = -dataLeft & (TarHeader.BYTES - 1);
        long size = hasData ? stored : 0;
        List<TarEntry.Range> ranges = hasData && size > 0 ? List.of(new TarEntry.Range(0, size)) : List.of();
        if (type == TarHeader.GNU_SPARSE_FILE) {
            type = TarEntry.FILE;
            size = number(header, TarHeader.GNU_REAL_SIZE);
            ranges = oldSparse(header);
        } else if (type == TarEntry.FILE && pax.containsKey("GNU.sparse.major")) {
            size = decimal(pax, "GNU.sparse.realsize");
            ranges = sparseMap();
        } else if (type == TarEntry.FILE && pax.containsKey("GNU.sparse.map")) {
            size = decimal(pax, "GNU.sparse.size");
            ranges = pairs(numbers(pax.get("GNU.sparse.map")), 0);
        } else if (type == TarEntry.FILE && pax.containsKey(OFFSETS)) {
            size = decimal(pax, "GNU.sparse.size");
            ranges = pairs(numbers(pax.get(OFFSETS)), 0);
        }
        check(ranges, size);
        return new TarEntry(
                PathCodec.decode(name),
                type,
                (int) number(header, TarHeader.MODE) & SysStat.ALLPERMS,
                (int) (pax.containsKey("uid") ? decimal(pax, "uid") : number(header, TarHeader.UID)),
                (int) (pax.containsKey("gid") ? decimal(pax, "gid") : number(header, TarHeader.GID)),
                size,
                pax.containsKey("mtime")
                        ? time(string(pax.get("mtime")))
                        : new Timespec(number(header, TarHeader.MTIME), 0),
                PathCodec.decode(link),
                SysStat.makedev((int) number(header, TarHeader.MAJOR), (int) number(header, TarHeader.MINOR)),
                ranges);
    }

    private void check(List<TarEntry.Range> ranges, long size) throws IOException {
        long end = 0;
        long sum = 0;
        for (TarEntry.Range range : ranges) {
            if (range.offset() < end || range.length() < 0 || range.offset() > size - range.length()) {
                throw new IOException("the holes of a file make no sense");
            }
            end = range.offset() + range.length();
            sum += range.length();
        }
        if (sum > dataLeft) {
            throw new IOException("a file has less data than it says");
        }
    }

    private byte @Nullable [] header() throws IOException {
        byte[] header = new byte[TarHeader.BYTES];
        int n = in.readNBytes(header, 0, header.length);
        if (n < header.length && !begun) {
            throw new IOException("no tar archive");
        }
        begun = true;
        if (n == 0 || isNothing(header, n)) {
            return null;
        }
        if (n < header.length) {
            throw new IOException("the archive ends in the middle");
        }
        if (number(header, TarHeader.CHECKSUM) != TarHeader.checksum(header)) {
            throw new IOException("no tar archive, or a damaged one");
        }
        return header;
    }

    private static boolean isNothing(byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static byte[] ownName(byte[] header) {
        byte[] name = text(field(header, TarHeader.NAME));
        byte[] prefix = text(field(header, TarHeader.PREFIX));
        // GNU's own format has other things there, and its magic ends in a space.
        if (prefix.length == 0
                || !new String(field(header, TarHeader.MAGIC), StandardCharsets.ISO_8859_1).equals("ustar\0")) {
            return name;
        }
        byte[] whole = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
        whole[prefix.length] = '/';
        System.arraycopy(name, 0, whole, prefix.length + 1, name.length);
        return whole;
    }

    /** Four pairs in the header, and 21 in each that follows while the one before says so. */
    private List<TarEntry.Range> oldSparse(byte[] header) throws IOException {
        List<TarEntry.Range> ranges = new ArrayList<>();
        add(ranges, header, TarHeader.GNU_SPARSE);
        boolean more = header[TarHeader.GNU_EXTENDED.offset()] != 0;
        while (more) {
            byte[] extension = new byte[TarHeader.BYTES];
            readFully(extension, extension.length);
            add(ranges, extension, TarHeader.EXTENSION);
            more = extension[TarHeader.EXTENSION_EXTENDED.offset()] != 0;
        }
        return ranges;
    }

    private static void add(List<TarEntry.Range> ranges, byte[] header, TarHeader table) throws IOException {
        for (int at = table.offset(); at < table.offset() + table.length(); at += 2 * TarHeader.NUMBER_BYTES) {
            long offset = number(header, new TarHeader(at, TarHeader.NUMBER_BYTES));
            long length = number(header, new TarHeader(at + TarHeader.NUMBER_BYTES, TarHeader.NUMBER_BYTES));
            if (length > 0) {
                ranges.add(new TarEntry.Range(offset, length));
            }
            if (ranges.size() > MAX_RANGES) {
                throw new IOException("a file has too many holes");
            }
        }
    }

    /** Format 1.0: in front of the data, a number a line. */
    private List<TarEntry.Range> sparseMap() throws IOException {
        byte[] block = new byte[TarHeader.BYTES];
        int at = block.length;
        StringBuilder number = new StringBuilder();
        long[] numbers = new long[1];
        int n = 0;
        while (n < numbers.length) {
            if (at == block.length) {
                if (dataLeft < block.length) {
                    throw new IOException("the holes of a file make no sense");
                }
                read(block, block.length);
                at = 0;
            }
            char c = (char) block[at++];
            if (c != '\n') {
                number.append(c);
                if (number.length() > MAX_DIGITS) {
                    throw new IOException("the holes of a file make no sense");
                }
                continue;
            }
            numbers[n++] = number(number.toString());
            number.setLength(0);
            if (n == 1) {
                if (numbers[0] > MAX_RANGES) {
                    throw new IOException("a file has too many holes");
                }
                numbers = Arrays.copyOf(numbers, 1 + 2 * (int) numbers[0]);
            }
        }
        return pairs(numbers, 1);
    }

    /** With commas between. */
    private static long[] numbers(byte @Nullable [] list) throws IOException {
        String[] texts = string(list).split(",", -1);
        long[] numbers = new long[texts.length];
        for (int i = 0; i < texts.length; i++) {
            numbers[i] = number(texts[i]);
        }
        return numbers;
    }

    /** Offsets and lengths. */
    private static List<TarEntry.Range> pairs(long[] numbers, int from) {
        List<TarEntry.Range> ranges = new ArrayList<>();
        for (int i = from; i + 1 < numbers.length; i += 2) {
            long length = numbers[i + 1];
            if (length > 0) {
                ranges.add(new TarEntry.Range(numbers[i], length));
            }
        }
        return ranges;
    }

    private byte[] extended(long size) throws IOException {
        if (size < 0 || size > MAX_EXTENDED_BYTES) {
            throw new IOException("an extended header of " + size + " bytes");
        }
        byte[] all = new byte[(int) size];
        readFully(all, all.length);
        skip(-size & (TarHeader.BYTES - 1));
        return all;
    }

    /** {@code LENGTH KEY=VALUE\n} each. GNU's format 0.0 for holes has keys more than once. */
    private static void records(byte[] all, Map<String, byte[]> into) throws IOException {
        StringBuilder offsets = new StringBuilder();
        int at = 0;
        while (at < all.length) {
            int space = at;
            while (space < all.length && all[space] != ' ') {
                space++;
            }
            long length = number(new String(all, at, space - at, StandardCharsets.ISO_8859_1));
            int end = (int) Math.min(at + length, all.length);
            int equals = space;
            while (equals < end && all[equals] != '=') {
                equals++;
            }
            if (length > all.length - at || equals >= end || all[end - 1] != '\n') {
                throw new IOException("an extended header makes no sense");
            }
            String key = new String(all, space + 1, equals - space - 1, StandardCharsets.UTF_8);
            byte[] value = Arrays.copyOfRange(all, equals + 1, end - 1);
            if (key.equals("GNU.sparse.offset") || key.equals("GNU.sparse.numbytes")) {
                offsets.append(offsets.isEmpty() ? "" : ",").append(string(value));
            } else if (value.length == 0) {
                into.remove(key);
            } else if (KEYS.contains(key)) {
                into.put(key, value);
            }
            at = end;
        }
        if (!offsets.isEmpty()) {
            into.put(OFFSETS, offsets.toString().getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    private static byte[] field(byte[] header, TarHeader field) {
        return Arrays.copyOfRange(header, field.offset(), field.offset() + field.length());
    }

    /** Up to the first zero. */
    private static byte[] text(byte[] bytes) {
        int n = 0;
        while (n < bytes.length && bytes[n] != 0) {
            n++;
        }
        return Arrays.copyOf(bytes, n);
    }

    private static String string(byte @Nullable [] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** In octal, or where the first bit is set, in base 256. */
    private static long number(byte[] header, TarHeader field) throws IOException {
        int at = field.offset();
        if ((header[at] & BASE_256) != 0) {
            long value = (header[at] & 0x40) != 0 ? -1 : 0;
            value = (value << 6) | (header[at] & 0x3F);
            for (int i = 1; i < field.length(); i++) {
                if (value >> 55 != 0 && value >> 55 != -1) {
                    throw new IOException("a number is too large");
                }
                value = (value << 8) | (header[at + i] & 0xFF);
            }
            return value;
        }
        long value = 0;
        for (int i = at; i < at + field.length(); i++) {
            int c = header[i];
            if (c >= '0' && c <= '7') {
                value = (value << 3) | (c - '0');
            } else if (c != ' ' && c != 0) {
                throw new IOException("no tar archive, or a damaged one");
            } else if (value != 0) {
                break;
            }
        }
        return value;
    }

    private static long decimal(Map<String, byte[]> pax, String key) throws IOException {
        return number(string(pax.get(key)));
    }

    private static long number(String text) throws IOException {
        try {
            long value = Long.parseLong(text);
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IOException("an extended header makes no sense");
    }

    private static Timespec time(String text) throws IOException {
        int point = text.indexOf('.');
        boolean negative = text.startsWith("-");
        try {
            long whole = Long.parseLong(point < 0 ? text : text.substring(0, point));
            String digits = point < 0 ? "" : text.substring(point + 1);
            int nanos = Integer.parseInt((digits + "000000000").substring(0, 9));
            return negative && nanos > 0 ? new Timespec(whole - 1, 1_000_000_000 - nanos) : new Timespec(whole, nanos);
        } catch (NumberFormatException e) {
            throw new IOException("an extended header makes no sense");
        }
    }

    private void readFully(byte[] into, int length) throws IOException {
        if (in.readNBytes(into, 0, length) < length) {
            throw new IOException("the archive ends in the middle");
        }
    }

    private void skip(long bytes) throws IOException {
        byte[] buffer = new byte[(int) Math.min(bytes, 1 << 16)];
        for (long left = bytes; left > 0; ) {
            int n = (int) Math.min(left, buffer.length);
            readFully(buffer, n);
            left -= n;
        }
    }
}
