package org.rump4j.kern;

import org.rump4j.rumpuser.ErrnoException;

/** A driver of block devices ({@code struct bdevsw}). */
public interface BlockDriver {
    /**
     * Opens a device. Each open is closed once.
     *
     * @param write whether it will be written to
     * @throws ErrnoException ENXIO where there is no such device; EROFS where it cannot be written to; EIO
     */
    BlockDevice open(Lwp l, long dev, boolean write) throws ErrnoException;
}
