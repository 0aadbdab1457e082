package org.rump4j.netbsd.link;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.elf.ElfException;
import org.rump4j.netbsd.elf.SharedObject;
import org.rump4j.netbsd.elf.SymbolTable;

/**
 * The components that there are: the {@code librump*.so} of some folders, read when they are first asked for and then kept. A folder is
 * looked through once. Any number of threads may use one.
 */
public final class Catalogue {
    private static final String PREFIX = "librump";
    private static final String SUFFIX = ".so";

    /** Of the search for who has a symbol. */
    private static final int ROUNDS = 3;

    private final List<Path> folders;

    /** By name, sorted. */
    private final TreeMap<String, Path> files = new TreeMap<>();

    private final ReentrantLock lock = new ReentrantLock();

    /** By file. Guarded by {@link #lock}. */
    private final Map<Path, Component> read = new HashMap<>();

    private Catalogue(List<Path> folders) {
        this.folders = List.copyOf(folders);
    }

    /**
     * The components of folders. Of two of one name the one of the earlier folder is taken.
     *
     * @throws LinkException where one is no folder that can be read
     */
    public static Catalogue of(List<Path> folders) throws LinkException {
        Catalogue out = new Catalogue(folders);
        for (Path folder : folders) {
            for (Map.Entry<String, Path> e : list(folder, PREFIX).entrySet()) {
                out.files.putIfAbsent(e.getKey(), e.getValue());
            }
        }
        return out;
    }

    /** Of several versions of one library that without a number, which is what a linker takes, else the highest. */
    private static Map<String, Path> list(Path folder, String prefix) throws LinkException {
        Map<String, Path> out = new HashMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path file : entries) {
                String name = String.valueOf(file.getFileName());
                if (name.startsWith(prefix) && isLibrary(name)) {
                    String component = Component.nameOf(file);
                    Path other = out.get(component);
                    if (other == null || isBetter(name, String.valueOf(other.getFileName()))) {
                        out.put(component, file);
                    }
                }
            }
        } catch (IOException e) {
            throw new LinkException(
                    folder + ": is no folder that can be read (" + e.getClass().getSimpleName() + ")");
        }
        return out;
    }

    private static boolean isLibrary(String name) {
        int suffix = name.indexOf(SUFFIX);
        return suffix > 0
                && (suffix + SUFFIX.length() == name.length() || name.charAt(suffix + SUFFIX.length()) == '.');
    }

    private static boolean isBetter(String name, String than) {
        if (name.endsWith(SUFFIX) != than.endsWith(SUFFIX)) {
            return name.endsWith(SUFFIX);
        }
        return name.length() != than.length() ? name.length() > than.length() : name.compareTo(than) > 0;
    }

    /** The folders, as they were given. */
    public List<Path> folders() {
        return folders;
    }

    /** Names of all components, sorted. Hypervisors and clients, whose libraries lie beside them, are none. */
    public List<String> names() {
        List<String> out = new ArrayList<>();
        for (String name : files.keySet()) {
            if (!isOutside(name)) {
                out.add(name);
            }
        }
        return out;
    }

    /**
     * The file of a component.
     *
     * @param name one of {@link #names}
     * @throws IllegalArgumentException where it is none of them
     */
    public Path file(String name) {
        Path file = files.get(name);
        if (file == null) {
            throw new IllegalArgumentException(name);
        }
        return file;
    }

    private static boolean isOutside(String name) {
        return name.equals("rumpuser") || name.equals("rumpclient") || name.equals("rumphijack");
    }

    /**
     * What somebody means who says what a kernel is to have.
     *
     * @param what the name of a component ({@code rumpfs_ffs}), or that of its file ({@code librumpfs_ffs.so}), in one of the folders; the
     *     path of a file; or that of a folder, which means all libraries in it
     * @throws LinkException where there is no such thing
     * @throws ElfException where it cannot be linked
     */
    public List<Component> find(String what) throws LinkException, ElfException {
        if (what.indexOf('/') >= 0 || what.equals(".") || what.equals("..")) {
            Path path = Path.of(what);
            if (!Files.isDirectory(path)) {
                return List.of(read(path));
            }
            List<Component> out = new ArrayList<>();
            for (Path file : new TreeMap<>(list(path, "lib")).values()) {
                if (!isOutside(Component.nameOf(file))) {
                    out.add(read(file));
                }
            }
            if (out.isEmpty()) {
                throw new LinkException(what + ": there is no library in this folder");
            }
            return out;
        }
        String name = isLibrary(what) ? Component.nameOf(Path.of(what)) : what;
        if (isOutside(name)) {
            throw new LinkException(what + ": is no component of a kernel, but what a C program has around one");
        }
        Path file = files.get(name);
        if (file == null) {
            String similar = similar(name);
            throw new LinkException(
                    what + ": there is no such component in " + (folders.isEmpty() ? "no folder" : join(folders))
                            + (similar == null ? "" : "; is it " + similar + "?"));
        }
        return List.of(read(file));
    }

    private static String join(List<Path> paths) {
        List<String> out = new ArrayList<>();
        for (Path path : paths) {
            out.add(path.toString());
        }
        return String.join(", ", out);
    }

    /** A name that is one or two letters away, or null. */
    private @Nullable String similar(String name) {
        String best = null;
        int distance = 3;
        for (String candidate : names()) {
            int d = distance(name, candidate);
            if (d < distance) {
                distance = d;
                best = candidate;
            }
        }
        return best;
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }

    private Component read(Path file) throws ElfException {
        lock.lock();
        try {
            Component known = read.get(file);
            if (known == null) {
                known = new Component(Component.nameOf(file), SharedObject.read(file));
                read.put(file, known);
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Those that have a symbol which somebody needs. If one of the base or a faction has it, then that; else those of the needer's own
     * family, so that not all files have to be read; else all.
     *
     * @param needer the name of who needs it
     * @param notes told of files that cannot be looked into
     */
    List<Component> suppliers(String needer, SymbolTable symbols, int symbol, Set<String> notes) {
        for (int round = 0; round < ROUNDS; round++) {
            List<Component> out = new ArrayList<>();
            for (Map.Entry<String, Path> e : files.entrySet()) {
                String name = e.getKey();
                if (!isOutside(name) && round(name, needer) == round) {
                    Component component = readOrNote(e.getValue(), notes);
                    if (component != null && component.object().symbols().find(symbols, symbol) != 0) {
                        out.add(component);
                    }
                }
            }
            if (!out.isEmpty()) {
                return out;
            }
        }
        return List.of();
    }

    private @Nullable Component readOrNote(Path file, Set<String> notes) {
        try {
            return read(file);
        } catch (ElfException e) {
            notes.add(String.valueOf(e.getMessage()));
            return null;
        }
    }

    private static int round(String name, String needer) {
        if (Component.rank(name) != Component.Rank.DRIVER) {
            return 0;
        }
        return Component.family(name).equals(Component.family(needer)) ? 1 : 2;
    }
}
