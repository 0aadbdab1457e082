package org.rump4j.netbsd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.rump4j.netbsd.memory.Region;

/** What the operating system says about this process's memory: {@code /proc/self/maps}, proc(5). */
public final class Maps {
    private static final Path MAPS = Path.of("/proc/self/maps");

    private Maps() {}

    /** One line of it. */
    public record Mapping(long begin, long end, String protection) {}

    public static void assumeLinux() {
        Assumptions.assumeTrue(Files.isReadable(MAPS), "there is no " + MAPS + ": not Linux");
    }

    public static int count() throws IOException {
        return all().size();
    }

    private static List<Mapping> all() throws IOException {
        List<Mapping> out = new ArrayList<>();
        for (String line : Files.readAllLines(MAPS)) {
            String range = line.substring(0, line.indexOf(' '));
            int dash = range.indexOf('-');
            int protection = range.length() + 1;
            out.add(new Mapping(
                    Long.parseUnsignedLong(range.substring(0, dash), 16),
                    Long.parseUnsignedLong(range.substring(dash + 1), 16),
                    line.substring(protection, protection + 4)));
        }
        return out;
    }

    /** Those that lie in a region, cut to it: the system joins neighbours that are alike. */
    public static List<Mapping> of(Region region) throws IOException {
        List<Mapping> out = new ArrayList<>();
        long end = region.address() + region.byteSize();
        for (Mapping m : all()) {
            if (m.begin() < end && m.end() > region.address()) {
                out.add(new Mapping(Math.max(m.begin(), region.address()), Math.min(m.end(), end), m.protection()));
            }
        }
        return out;
    }

    public static List<String> protections(Region region) throws IOException {
        return of(region).stream().map(Mapping::protection).toList();
    }

    /** What may be done at an address. */
    public static String at(Region region, long address) throws IOException {
        for (Mapping m : of(region)) {
            if (address >= m.begin() && address < m.end()) {
                return m.protection();
            }
        }
        return "none";
    }
}
