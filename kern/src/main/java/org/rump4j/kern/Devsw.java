package org.rump4j.kern;

import java.util.ArrayList;
import java.util.List;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** The devices of a kernel: drivers by major number ({@code devsw(9)}). Character and block devices are numbered apart. */
public final class Devsw {
    /** Guards the tables. A leaf. */
    private final Kmutex lock;

    private final List<CharDriver> charDrivers = new ArrayList<>();
    private final List<BlockDriver> blockDrivers = new ArrayList<>();

    Devsw(Kmutex lock) {
        this.lock = lock;
    }

    /** Adds a driver of character devices, and gives its major number. */
    public int attachChar(CharDriver driver) {
        lock.enter();
        charDrivers.add(driver);
        int major = charDrivers.size() - 1;
        lock.exit();
        return major;
    }

    /** Adds a driver of block devices, and gives its major number. */
    public int attachBlock(BlockDriver driver) {
        lock.enter();
        blockDrivers.add(driver);
        int major = blockDrivers.size() - 1;
        lock.exit();
        return major;
    }

    /**
     * The driver of a character device.
     *
     * @throws ErrnoException ENXIO where there is none
     */
    public CharDriver charDriver(long dev) throws ErrnoException {
        return driver(charDrivers, dev);
    }

    /**
     * The driver of a block device.
     *
     * @throws ErrnoException ENXIO where there is none
     */
    public BlockDriver blockDriver(long dev) throws ErrnoException {
        return driver(blockDrivers, dev);
    }

    private <D> D driver(List<D> drivers, long dev) throws ErrnoException {
        int major = SysStat.major(dev);
        lock.enter();
        try {
            if (major >= drivers.size()) {
                throw Errno.ENXIO.exception("no driver for device " + major + "," + SysStat.minor(dev));
            }
            return drivers.get(major);
        } finally {
            lock.exit();
        }
    }
}
