package org.rump4j.netbsd.link;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.rump4j.netbsd.elf.ElfException;
import org.rump4j.netbsd.elf.Segment;
import org.rump4j.netbsd.elf.SharedObject;
import org.rump4j.netbsd.memory.Protection;
import org.rump4j.netbsd.memory.Region;
import org.rump4j.netbsd.memory.RegionException;

/**
 * Brings one object into memory. What relocation writes is put together in arrays and stored when it is finished; the rest is mapped from
 * the file, so that all kernels share it.
 */
final class Loader {
    private final SharedObject object;
    private final Region region;
    private final long bias;
    private final List<Segment> segments;

    /** Content by segment; empty where it is mapped. */
    private final long[][] content;

    private Loader(SharedObject object, Region region, long bias) {
        this.object = object;
        this.region = region;
        this.bias = bias;
        segments = object.segments();
        content = new long[segments.size()][];
    }

    /** Finds a place for an object, and maps or reads it. */
    static Loader load(SharedObject object, Region region) throws RegionException, LinkException, ElfException {
        requireOwnPages(object);
        long align = Math.max(object.align(), Region.pageBytes());
        long begin = object.begin() & -align;
        long at = region.take(object.end() - begin, align);
        Loader out = new Loader(object, region, at - begin);
        object.requireUnchanged();
        for (int i = 0; i < out.content.length; i++) {
            Segment s = out.segments.get(i);
            out.content[i] = out.isMapped(s) ? new long[0] : object.content(s);
            if (out.isMapped(s)) {
                out.map(s);
            }
        }
        return out;
    }

    /** Where pages of the machine are larger than those that the object was made for, they could have to have two protections. */
    private static void requireOwnPages(SharedObject object) throws LinkException {
        long before = Long.MIN_VALUE;
        for (Segment s : object.segments()) {
            if ((s.address() & -Region.pageBytes()) < before) {
                throw new LinkException(object.file() + ": p_align: segments share a page of this machine, which has "
                        + Region.pageBytes() + " bytes");
            }
            before = roundUp(s.end());
        }
    }

    private boolean isMapped(Segment s) {
        return object.path() != null
                && s.fileBytes() > 0
                && !s.isWritable()
                && !object.hasTextRelocations()
                && s.fileBytes() == s.memoryBytes()
                && ((s.address() - s.fileOffset()) & (Region.pageBytes() - 1)) == 0;
    }

    private void map(Segment s) throws RegionException {
        long begin = s.address() & -Region.pageBytes();
        long ahead = s.address() - begin;
        Path file = Objects.requireNonNull(object.path());
        region.map(bias + begin, s.fileBytes() + ahead, protection(s), file, s.fileOffset() - ahead);
    }

    private static Protection protection(Segment s) {
        if (s.isWritable()) {
            return Protection.READ_WRITE;
        }
        if (s.isExecutable()) {
            return Protection.READ_EXECUTE;
        }
        return (s.flags() & Segment.READABLE) != 0 ? Protection.READ : Protection.NONE;
    }

    long bias() {
        return bias;
    }

    /** The segment whose array has an address. Relocations have been looked at: there is one. */
    int segmentOf(long address) {
        int i = segments.size() - 1;
        while (address < segments.get(i).address()) {
            i--;
        }
        return i;
    }

    long addressOf(int segment) {
        return segments.get(segment).address();
    }

    long[] content(int segment) {
        return content[segment];
    }

    /** Stores the arrays, and gives all segments but writable ones the protection that they will keep. */
    void store() throws RegionException {
        for (int i = 0; i < content.length; i++) {
            Segment s = segments.get(i);
            if (isMapped(s) || s.memoryBytes() == 0) {
                continue;
            }
            long begin = (bias + s.address()) & -Region.pageBytes();
            long bytes = roundUp(bias + s.end()) - begin;
            region.protect(begin, bytes, Protection.READ_WRITE);
            region.write(bias + s.address(), content[i], s.fileBytes());
            if (!s.isWritable()) {
                region.protect(begin, bytes, protection(s));
            }
            content[i] = new long[0];
        }
    }

    /** Makes what is not to be written any more so, as far as whole pages go. */
    void protectRelro() throws RegionException {
        Segment relro = object.relro();
        if (relro == null) {
            return;
        }
        long begin = (bias + relro.address()) & -Region.pageBytes();
        long end = (bias + relro.end()) & -Region.pageBytes();
        if (end > begin) {
            region.protect(begin, end - begin, Protection.READ);
        }
    }

    private static long roundUp(long address) {
        return (address + Region.pageBytes() - 1) & -Region.pageBytes();
    }
}
