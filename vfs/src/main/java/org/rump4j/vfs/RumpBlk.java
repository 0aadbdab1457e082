package org.rump4j.vfs;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rump4j.kern.BlockDevice;
import org.rump4j.kern.BlockDriver;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Kmutex;
import org.rump4j.kern.Lwp;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.FileCalls;
import org.rump4j.rumpuser.Rumpuser;

/** The disks that the host lends ({@code rumpblk}), as block devices and, by {@link RawDisks}, as character devices. */
final class RumpBlk implements BlockDriver {
    private static final int MIN_SECTOR_SHIFT = 9;
    private static final int MAX_SECTOR_SHIFT = 16;

    /** A part of a file of the host. */
    private static final class Unit {
        final String hostpath;
        final long begin;
        final long size;
        final boolean readOnly;

        /** How often it is open. */
        int opens;

        Unit(String hostpath, long begin, long size, boolean readOnly) {
            this.hostpath = hostpath;
            this.begin = begin;
            this.size = size;
            this.readOnly = readOnly;
        }
    }

    private final Kernel kernel;
    private final int major;
    private final int rawMajor;
    private final int sectorShift;

    /** Guards what follows. A leaf. */
    private final Kmutex lock;

    private final Map<Integer, Unit> units = new HashMap<>();
    private final Set<HostDisk> disks = new HashSet<>();
    private int nextUnit;

    RumpBlk(Kernel kernel) {
        this.kernel = kernel;
        lock = kernel.mutex();
        sectorShift = sectorShift(kernel);
        major = kernel.devsw().attachBlock(this);
        rawMajor = kernel.devsw().attachChar(new RawDisks(kernel, this));
    }

    /**
     * Adds a unit, and gives its device number.
     *
     * @param raw whether it is to be a character device
     */
    long addUnit(String hostpath, long begin, long size, boolean readOnly, boolean raw) {
        lock.enter();
        int unit = nextUnit++;
        units.put(unit, new Unit(hostpath, begin, size, readOnly));
        lock.exit();
        return SysStat.makedev(raw ? rawMajor : major, unit);
    }

    /**
     * Takes a unit off.
     *
     * @throws ErrnoException EBUSY where somebody has it open
     */
    void removeUnit(long dev) throws ErrnoException {
        lock.enter();
        try {
            Unit unit = units.get(SysStat.minor(dev));
            if (unit != null && unit.opens > 0) {
                throw Errno.EBUSY.exception(unit.hostpath + " is in use");
            }
            units.remove(SysStat.minor(dev));
        } finally {
            lock.exit();
        }
    }

    @Override
    public BlockDevice open(Lwp l, long dev, boolean write) throws ErrnoException {
        Unit unit = claim(dev);
        boolean opened = false;
        try {
            if (write && unit.readOnly) {
                throw Errno.EROFS.exception(unit.hostpath + " is lent for reading only");
            }
            Rumpuser host = kernel.host();
            int mode = write ? FileCalls.OPEN_RDWR : FileCalls.OPEN_RDONLY;
            int fd = host.open(unit.hostpath, mode | FileCalls.OPEN_BIO);
            opened = true;
            HostDisk disk = new HostDisk(
                    host,
                    fd,
                    unit.hostpath,
                    unit.begin,
                    unit.size,
                    1 << sectorShift,
                    !write,
                    new FlushGate(kernel),
                    new Transfers(kernel),
                    closed -> release(unit, closed));
            lock.enter();
            disks.add(disk);
            lock.exit();
            return disk;
        } finally {
            if (!opened) {
                release(unit, null);
            }
        }
    }

    private Unit claim(long dev) throws ErrnoException {
        lock.enter();
        try {
            Unit unit = units.get(SysStat.minor(dev));
            if (unit == null) {
                throw Errno.ENXIO.exception("no such unit");
            }
            unit.opens++;
            return unit;
        } finally {
            lock.exit();
        }
    }

    private void release(Unit unit, @Nullable HostDisk disk) {
        lock.enter();
        unit.opens--;
        disks.remove(disk);
        lock.exit();
    }

    /** The kernel goes down: closes what others have not. */
    void closeAll() {
        lock.enter();
        List<HostDisk> open = List.copyOf(disks);
        lock.exit();
        open.forEach(HostDisk::close);
    }

    /** {@code RUMP_BLKSECTSHIFT}. */
    private static int sectorShift(Kernel kernel) {
        try {
            int shift = Integer.parseInt(kernel.host().getparam("RUMP_BLKSECTSHIFT"));
            if (shift >= MIN_SECTOR_SHIFT && shift <= MAX_SECTOR_SHIFT) {
                return shift;
            }
            kernel.log().print("RUMP_BLKSECTSHIFT " + shift + " is out of range: " + MIN_SECTOR_SHIFT + " is used");
        } catch (ErrnoException | NumberFormatException e) {
            // Not set, or not to be used.
        }
        return MIN_SECTOR_SHIFT;
    }
}
