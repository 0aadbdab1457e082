package org.rump4j.cli;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Stat;
import org.rump4j.rump.SysStat;
import org.rump4j.rump.Timespec;

/**
 * Objects in a JSON array (RFC 8259), one a line, written as they come.
 *
 * <p>A byte of a name that is no UTF-8 is the lone surrogate that {@link org.rump4j.rump.PathCodec} maps it to, escaped:
 * {@code udcXX} after a backslash for the byte XX. Python's {@code json} and {@code os.fsencode} give the byte back.
 * Control characters are escaped too, so that the document itself is harmless text in UTF-8.
 */
final class Json implements AutoCloseable {
    private final Output out;
    private boolean firstObject = true;
    private boolean firstMember;

    Json(Output out) throws IOException {
        this.out = out;
        out.print("[");
    }

    /** Begins an object. */
    Json begin() throws IOException {
        out.print(firstObject ? "\n  {" : ",\n  {");
        firstObject = false;
        firstMember = true;
        return this;
    }

    /** Ends it. */
    Json end() throws IOException {
        out.print("}");
        return this;
    }

    Json member(String key, String value) throws IOException {
        key(key);
        out.print(quoted(value));
        return this;
    }

    Json member(String key, long value) throws IOException {
        key(key);
        out.print(Long.toString(value));
        return this;
    }

    /** A number without a sign. */
    Json unsigned(String key, long value) throws IOException {
        key(key);
        out.print(Long.toUnsignedString(value));
        return this;
    }

    /** A point in time. */
    Json member(String key, Timespec value) throws IOException {
        return member(key, Dates.rfc3339(value));
    }

    Json member(String key, String[] values) throws IOException {
        key(key);
        String separator = "[";
        for (String value : values) {
            out.print(separator).print(quoted(value));
            separator = ",";
        }
        out.print(values.length == 0 ? "[]" : "]");
        return this;
    }

    /**
     * The members that tell of a file.
     *
     * @param path as the user could name it
     * @param target what a symbolic link says, or null
     */
    Json file(String path, String name, Stat st, @Nullable String target) throws IOException {
        member("path", path).member("name", name).member("type", type(st.mode()));
        member("mode", octal(st.mode() & SysStat.ALLPERMS))
                .unsigned("dev", st.dev())
                .unsigned("ino", st.ino());
        member("nlink", st.nlink()).member("uid", st.uid() & 0xFFFF_FFFFL).member("gid", st.gid() & 0xFFFF_FFFFL);
        if (Modes.isDevice(st.mode())) {
            member("major", SysStat.major(st.rdev())).member("minor", SysStat.minor(st.rdev()));
        }
        member("size", st.size()).member("blocks", st.blocks()).member("blksize", st.blksize());
        member("atime", st.atime()).member("mtime", st.mtime()).member("ctime", st.ctime());
        if (!st.birthtime().equals(Timespec.ZERO)) {
            member("birthtime", st.birthtime());
        }
        member("flags", st.flags() & 0xFFFF_FFFFL);
        return target == null ? this : member("target", target);
    }

    /** Ends the array. */
    @Override
    public void close() throws IOException {
        out.println(firstObject ? "]" : "\n]");
    }

    static String octal(int mode) {
        String digits = Integer.toOctalString(mode);
        return "0".repeat(Math.max(0, 4 - digits.length())) + digits;
    }

    private static String type(int mode) {
        return switch (mode & SysStat.S_IFMT) {
            case SysStat.S_IFIFO -> "fifo";
            case SysStat.S_IFCHR -> "character device";
            case SysStat.S_IFDIR -> "directory";
            case SysStat.S_IFBLK -> "block device";
            case SysStat.S_IFREG -> "file";
            case SysStat.S_IFLNK -> "symlink";
            case SysStat.S_IFSOCK -> "socket";
            default -> "unknown";
        };
    }

    private void key(String key) throws IOException {
        out.print(firstMember ? "\"" : ", \"").print(key).print("\": ");
        firstMember = false;
    }

    /** A string of JSON. */
    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
            } else if (c < 0x20
                    || (c >= 0x7F && c < 0xA0)
                    || (c >= 0xD800 && c <= 0xDFFF)
                    || c == 0x2028
                    || c == 0x2029) {
                quoted.append("\\u");
                String hex = Integer.toHexString(c);
                quoted.repeat('0', 4 - hex.length()).append(hex);
            } else {
                quoted.appendCodePoint(c);
            }
        }
        return quoted.append('"').toString();
    }
}
