package org.rump4j.cli;

import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.PathCodec;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * Names of users and groups. The host's would be somebody else's: an image that has an {@code /etc/passwd} and an
 * {@code /etc/group} is asked itself, and otherwise numbers have to do.
 */
final class Owners {
    private static final int MAX_BYTES = 1 << 20;
    private static final int BUFFER_BYTES = 16 << 10;
    private static final int NUMBER_FIELD = 2;

    private final Image image;
    private @Nullable Map<Integer, String> users;
    private @Nullable Map<Integer, String> groups;

    Owners(Image image) {
        this.image = image;
    }

    String user(int uid) {
        Map<Integer, String> names = users;
        if (names == null) {
            users = names = read("/etc/passwd");
        }
        return name(names, uid);
    }

    String group(int gid) {
        Map<Integer, String> names = groups;
        if (names == null) {
            groups = names = read("/etc/group");
        }
        return name(names, gid);
    }

    /**
     * The number of a user, by name or as a number.
     *
     * @throws ErrnoException ENOENT where the image knows no such user
     */
    int uid(String user) throws ErrnoException {
        user(0);
        return number(users, user, "user");
    }

    /** Likewise of a group. */
    int gid(String group) throws ErrnoException {
        group(0);
        return number(groups, group, "group");
    }

    private static int number(@Nullable Map<Integer, String> names, String name, String kind) throws ErrnoException {
        if (names != null) {
            for (Map.Entry<Integer, String> entry : names.entrySet()) {
                if (entry.getValue().equals(name)) {
                    return entry.getKey();
                }
            }
        }
        try {
            return Integer.parseUnsignedInt(name);
        } catch (NumberFormatException e) {
            throw Errno.ENOENT.exception("the image has no " + kind + " " + name);
        }
    }

    private static String name(Map<Integer, String> names, int id) {
        String name = names.get(id);
        return name == null ? Integer.toUnsignedString(id) : name;
    }

    /** Both files have lines of fields with colons between, the first of them a name and the third a number. */
    private Map<Integer, String> read(String path) {
        Map<Integer, String> names = new HashMap<>();
        for (String line : text(path).split("\n", -1)) {
            String[] fields = line.split(":", -1);
            if (fields.length > NUMBER_FIELD && !fields[0].isEmpty()) {
                try {
                    names.putIfAbsent(Integer.parseUnsignedInt(fields[NUMBER_FIELD]), fields[0]);
                } catch (NumberFormatException e) {
                    // A line of some other kind.
                }
            }
        }
        return names;
    }

    /** What the file says; nothing where it cannot be read. */
    private String text(String path) {
        Syscalls sys = image.sys();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            int fd = sys.open(path, Fcntl.O_RDONLY | Fcntl.O_NONBLOCK, 0);
            try {
                byte[] buffer = new byte[BUFFER_BYTES];
                for (int n = sys.read(fd, buffer); n > 0 && all.size() < MAX_BYTES; n = sys.read(fd, buffer)) {
                    all.write(buffer, 0, n);
                }
            } finally {
                sys.close(fd);
            }
        } catch (ErrnoException e) {
            return "";
        }
        return PathCodec.decode(all.toByteArray());
    }
}
