package org.rump4j.netbsd.link;

import org.rump4j.netbsd.elf.Segment;

/**
 * A component in memory.
 *
 * @param component what it is
 * @param begin its first address
 * @param end the address behind its last
 * @param bias what is to be added to an address of the object
 */
public record Image(Component component, long begin, long end, long bias) {
    public boolean contains(long address) {
        return address >= begin && address < end;
    }

    /** Whether there is code at an address. */
    public boolean isCode(long address) {
        Segment in = component.object().segmentAt(address - bias);
        return in != null && in.isExecutable();
    }
}
