package org.rump4j.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.rump4j.rump.PathCodec;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Writes a tar archive, as POSIX's {@code pax} describes it: a member has an extended header where something does not fit into the
 * old one. Files with holes are as GNU tar writes them there, in its format 1.0.
 */
final class TarWriter implements AutoCloseable {
    private static final int RECORD_BYTES = 20 * TarHeader.BYTES;

    private final OutputStream out;
    private long written;

    TarWriter(OutputStream out) {
        this.out = out;
    }

    /** Begins a member, whose data are to be written then, range by range. */
    void begin(TarEntry entry) throws IOException, ErrnoException {
        ByteArrayOutputStream pax = new ByteArrayOutputStream();
        byte[] header = new byte[TarHeader.BYTES];
        byte[] name = PathCodec.encode(entry.name());
        byte[] map = entry.isSparse() ? sparseMap(entry) : new byte[0];
        long stored = map.length;
        for (TarEntry.Range range : entry.data()) {
            stored += range.length();
        }
        if (entry.isSparse()) {
            record(pax, "GNU.sparse.major", "1");
            record(pax, "GNU.sparse.minor", "0");
            record(pax, "GNU.sparse.name", name);
            record(pax, "GNU.sparse.realsize", Long.toString(entry.size()));
            byte[] shown = PathCodec.encode(sparseName(entry.name()));
            put(header, TarHeader.NAME, Arrays.copyOf(shown, Math.min(shown.length, TarHeader.NAME.length())));
        } else if (!fits(header, name)) {
            record(pax, "path", name);
            put(header, TarHeader.NAME, Arrays.copyOf(name, TarHeader.NAME.length()));
        }
        byte[] link = PathCodec.encode(entry.link());
        if (link.length > TarHeader.LINK.length()) {
            record(pax, "linkpath", link);
            link = Arrays.copyOf(link, TarHeader.LINK.length());
        }
        put(header, TarHeader.LINK, link);
        octal(header, TarHeader.MODE, entry.mode());
        number(pax, "uid", header, TarHeader.UID, Integer.toUnsignedLong(entry.uid()));
        number(pax, "gid", header, TarHeader.GID, Integer.toUnsignedLong(entry.gid()));
        number(pax, "size", header, TarHeader.SIZE, stored);
        time(pax, header, entry.mtime());
        header[TarHeader.TYPE.offset()] = (byte) entry.type();
        if (entry.type() == TarEntry.CHARACTER || entry.type() == TarEntry.BLOCK) {
            octal(header, TarHeader.MAJOR, SysStat.major(entry.rdev()));
            octal(header, TarHeader.MINOR, SysStat.minor(entry.rdev()));
        }
        if (pax.size() > 0) {
            extended(pax.toByteArray());
        }
        finish(header);
        write(map, map.length);
    }

    /** Writes data of the member that was begun. */
    void write(byte[] bytes, int length) throws IOException {
        out.write(bytes, 0, length);
        written += length;
    }

    /** Writes nothing, where the data ended earlier than was said. */
    void fill(long bytes) throws IOException {
        byte[] nothing = new byte[(int) Math.min(bytes, 1 << 16)];
        for (long left = bytes; left > 0; left -= nothing.length) {
            write(nothing, (int) Math.min(left, nothing.length));
        }
    }

    /** Ends a member. */
    void end() throws IOException {
        int over = (int) (written % TarHeader.BYTES);
        if (over > 0) {
            fill(TarHeader.BYTES - over);
        }
    }

    /** Ends the archive. */
    @Override
    public void close() throws IOException {
        fill(2 * TarHeader.BYTES);
        int over = (int) (written % RECORD_BYTES);
        if (over > 0) {
            fill(RECORD_BYTES - over);
        }
        out.flush();
        out.close();
    }

    private void extended(byte[] records) throws IOException {
        byte[] header = new byte[TarHeader.BYTES];
        put(header, TarHeader.NAME, "PaxHeaders/x".getBytes(StandardCharsets.US_ASCII));
        octal(header, TarHeader.MODE, 0644);
        octal(header, TarHeader.UID, 0);
        octal(header, TarHeader.GID, 0);
        octal(header, TarHeader.SIZE, records.length);
        octal(header, TarHeader.MTIME, 0);
        header[TarHeader.TYPE.offset()] = TarHeader.PAX;
        finish(header);
        write(records, records.length);
        end();
    }

    private void finish(byte[] header) throws IOException {
        put(header, TarHeader.MAGIC, "ustar\0".getBytes(StandardCharsets.US_ASCII));
        put(header, TarHeader.VERSION, "00".getBytes(StandardCharsets.US_ASCII));
        byte[] sum = "%06o\0 ".formatted(TarHeader.checksum(header)).getBytes(StandardCharsets.US_ASCII);
        put(header, TarHeader.CHECKSUM, sum);
        write(header, header.length);
    }

    /** Puts a name into the header, cut in two at a slash where it is too long for one. */
    private static boolean fits(byte[] header, byte[] name) {
        if (name.length <= TarHeader.NAME.length()) {
            put(header, TarHeader.NAME, name);
            return true;
        }
        for (int slash = Math.min(name.length - 2, TarHeader.PREFIX.length()); slash > 0; slash--) {
            if (name[slash] == '/' && name.length - slash - 1 <= TarHeader.NAME.length()) {
                put(header, TarHeader.PREFIX, Arrays.copyOf(name, slash));
                put(header, TarHeader.NAME, Arrays.copyOfRange(name, slash + 1, name.length));
                return true;
            }
        }
        return false;
    }

    private static String sparseName(String name) {
        int slash = name.lastIndexOf('/');
        return name.substring(0, slash + 1) + "GNUSparseFile.0/" + name.substring(slash + 1);
    }

    /** How many ranges, then offset and length of each, a number a line, filled up to a header's length. */
    private static byte[] sparseMap(TarEntry entry) {
        StringBuilder map = new StringBuilder();
        boolean holeAtEnd = entry.data().isEmpty()
                || entry.data().getLast().offset() + entry.data().getLast().length() < entry.size();
        map.append(entry.data().size() + (holeAtEnd ? 1 : 0)).append('\n');
        for (TarEntry.Range range : entry.data()) {
            map.append(range.offset()).append('\n').append(range.length()).append('\n');
        }
        if (holeAtEnd) {
            map.append(entry.size()).append("\n0\n");
        }
        byte[] text = map.toString().getBytes(StandardCharsets.US_ASCII);
        return Arrays.copyOf(text, Math.ceilDiv(text.length, TarHeader.BYTES) * TarHeader.BYTES);
    }

    private static void number(ByteArrayOutputStream pax, String key, byte[] header, TarHeader field, long value) {
        boolean fits = value < 1L << (3 * (field.length() - 1));
        if (!fits) {
            record(pax, key, Long.toString(value));
        }
        octal(header, field, fits ? value : 0);
    }

    private static void time(ByteArrayOutputStream pax, byte[] header, Timespec time) {
        long sec = time.sec();
        boolean fits = sec >= 0 && sec < 1L << 33;
        octal(header, TarHeader.MTIME, fits ? sec : 0);
        if (!fits || time.nsec() != 0) {
            // A negative one counts its fraction downwards, as any decimal number does.
            boolean before = sec < 0 && time.nsec() > 0;
            long whole = before ? sec + 1 : sec;
            int nanos = before ? 1_000_000_000 - time.nsec() : time.nsec();
            String sign = before && whole == 0 ? "-" : "";
            String fraction = nanos == 0 ? "" : "." + "%09d".formatted(nanos).replaceFirst("0+$", "");
            record(pax, "mtime", sign + whole + fraction);
        }
    }

    private static void record(ByteArrayOutputStream pax, String key, String value) {
        record(pax, key, value.getBytes(StandardCharsets.US_ASCII));
    }

    /** {@code LENGTH KEY=VALUE\n}, where the length counts itself. */
    private static void record(ByteArrayOutputStream pax, String key, byte[] value) {
        int rest = 1 + key.length() + 1 + value.length + 1;
        int length = rest;
        while (length != rest + Integer.toString(length).length()) {
            length = rest + Integer.toString(length).length();
        }
        pax.writeBytes((length + " " + key + "=").getBytes(StandardCharsets.US_ASCII));
        pax.writeBytes(value);
        pax.write('\n');
    }

    private static void put(byte[] header, TarHeader field, byte[] bytes) {
        System.arraycopy(bytes, 0, header, field.offset(), Math.min(bytes.length, field.length()));
    }

    private static void octal(byte[] header, TarHeader field, long value) {
        long rest = value;
        for (int i = field.length() - 2; i >= 0; i--) {
            header[field.offset() + i] = (byte) ('0' + (rest & 7));
            rest >>>= 3;
        }
    }
}
