package org.rump4j.vfs;

/**
 * A piece of a file, and where on the device it is.
 *
 * @param offset byte of the file
 * @param length bytes
 * @param deviceOffset byte of the device, or {@link #HOLE}
 */
public record FileExtent(long offset, long length, long deviceOffset) {
    /** In the place of a byte of the device: nowhere; it reads as zeros. */
    public static final long HOLE = -1;

    /** Whether it is nowhere. */
    public boolean isHole() {
        return deviceOffset == HOLE;
    }

    /** The first byte of the file behind it. */
    public long end() {
        return offset + length;
    }
}
