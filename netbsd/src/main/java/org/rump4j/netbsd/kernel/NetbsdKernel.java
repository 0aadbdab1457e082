package org.rump4j.netbsd.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.bind.Guest;
import org.rump4j.netbsd.bind.Surroundings;
import org.rump4j.netbsd.elf.ElfException;
import org.rump4j.netbsd.link.Catalogue;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.netbsd.link.LinkedImages;
import org.rump4j.netbsd.link.Plan;
import org.rump4j.netbsd.memory.RegionException;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.KernelDownException;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.SysReboot;
import org.rump4j.rump.Syscalls;
import org.rump4j.rump.Sysno;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.RumpuserExit;

/** NetBSD's own kernel, of the components that it was linked from. Only platform threads can enter it. */
public final class NetbsdKernel implements RumpKernel {
    /** {@code sys/errno.h}: not for programs. */
    private static final int ERESTART = -3;

    private final Guest guest;
    private final long syscall;
    private final NetbsdSyscalls syscalls;
    private final NetbsdLwproc lwproc;
    private final NetbsdEtfs etfs;
    private final Netconfig netconfig;
    private final ThreadLocal<Frame> frames = ThreadLocal.withInitial(Frame::new);
    private final ReentrantLock halting = new ReentrantLock();

    /** Guarded by {@link #halting}. */
    private boolean closed;

    private NetbsdKernel(Guest guest) throws LinkException {
        this.guest = guest;
        LinkedImages images = guest.images();
        syscall = images.function("rump_syscall");
        syscalls = new NetbsdSyscalls(this);
        lwproc = new NetbsdLwproc(this, guest);
        etfs = new NetbsdEtfs(this, guest);
        netconfig = new Netconfig(this, images);
    }

    /**
     * Boots a kernel.
     *
     * @param names of components, as {@link Catalogue#find} takes them; what they need comes along
     * @param host has no other kernel
     * @throws LinkException where it cannot be linked
     * @throws ElfException where a file makes no sense
     * @throws RegionException where there is not enough memory
     * @throws ErrnoException what the kernel's own initialization reports
     */
    public static NetbsdKernel boot(Catalogue catalogue, List<String> names, Rumpuser host)
            throws LinkException, ElfException, RegionException, ErrnoException {
        return boot(catalogue, names, host, Surroundings.NONE);
    }

    /**
     * Boots a kernel with something around it, such as networks.
     *
     * @throws LinkException as the other
     * @throws ElfException as the other
     * @throws RegionException as the other
     * @throws ErrnoException as the other
     */
    public static NetbsdKernel boot(Catalogue catalogue, List<String> names, Rumpuser host, Surroundings surroundings)
            throws LinkException, ElfException, RegionException, ErrnoException {
        return boot(Guest.plan(catalogue, names, surroundings), host, surroundings);
    }

    /**
     * Boots a kernel that has been planned: any number can be by one plan.
     *
     * @throws LinkException as the other
     * @throws ElfException as the other
     * @throws RegionException as the other
     * @throws ErrnoException as the other
     */
    public static NetbsdKernel boot(Plan plan, Rumpuser host)
            throws LinkException, ElfException, RegionException, ErrnoException {
        return boot(plan, host, Surroundings.NONE);
    }

    /**
     * Boots a kernel that has been planned with something around it.
     *
     * @throws LinkException as the other
     * @throws ElfException as the other
     * @throws RegionException as the other
     * @throws ErrnoException as the other
     */
    public static NetbsdKernel boot(Plan plan, Rumpuser host, Surroundings surroundings)
            throws LinkException, ElfException, RegionException, ErrnoException {
        Guest guest = Guest.load(plan, host, surroundings);
        boolean up = false;
        try {
            NetbsdKernel kernel = new NetbsdKernel(guest);
            guest.hearsOfBlockIoAtOnce();
            require((int) kernel.call(guest.images().function("rump_init")));
            LayoutCheck.of(kernel);
            up = true;
            return kernel;
        } finally {
            if (!up) {
                guest.close();
            }
        }
    }

    /** What is in it. */
    public LinkedImages images() {
        return guest.images();
    }

    @Override
    public Syscalls syscalls() {
        return syscalls;
    }

    @Override
    public Lwproc lwproc() {
        return lwproc;
    }

    @Override
    public Etfs etfs() {
        return etfs;
    }

    /** Its network interfaces. */
    public Netconfig netconfig() {
        return netconfig;
    }

    @Override
    public String probe(String fspec) throws ErrnoException {
        String type = Probe.type(syscalls, fspec);
        if (type == null) {
            throw Errno.EFTYPE.exception("no file system that is known is on " + fspec);
        }
        return type;
    }

    // Entering it

    /** Memory for a system call of the calling thread. */
    Frame frame() {
        return frames.get().begin(this);
    }

    /** Calls a function of the kernel. */
    long call(long function) {
        return call(function, 0, 0, 0, 0, 0);
    }

    long call(long function, long a) {
        return call(function, a, 0, 0, 0, 0);
    }

    long call(long function, long a, long b, long c, long d, long e) {
        try {
            return guest.call(function, a, b, c, d, e, 0);
        } catch (RumpuserExit exit) {
            throw down(exit);
        }
    }

    /**
     * {@code rump_syscall(number, arguments, bytes, results)}; returns NetBSD's error number. Calls that the kernel wants to be made anew, as
     * their descriptor may be another's now, are.
     */
    int syscall(int number, long arguments, long bytes, long results, MemorySegment held) {
        try {
            int error;
            do {
                error = (int) guest.callHolding(held, syscall, number, arguments, bytes, results, 0, 0);
            } while (error == ERESTART);
            return error;
        } catch (RumpuserExit exit) {
            throw down(exit);
        }
    }

    private KernelDownException down(RumpuserExit exit) {
        Throwable why = guest.failure();
        return new KernelDownException(String.valueOf(exit.getMessage()), why == null ? exit : why);
    }

    static void require(int error) throws ErrnoException {
        if (error != 0) {
            throw exception(error);
        }
    }

    static ErrnoException exception(int error) {
        Errno errno = Errno.of(error);
        return errno == null
                ? Errno.EINVAL.exception("the kernel says " + error + ", which is no error")
                : errno.exception();
    }

    // The end

    @Override
    public boolean isUp() {
        return !guest.hasExited();
    }

    @Override
    public void halt() {
        halting.lock();
        try {
            if (closed) {
                return;
            }
            if (isUp()) {
                // Who may not end it as the lwp that it is may as the host.
                lwproc.switchTo(null);
                try (Frame frame = frame()) {
                    long _ = frame.call(Sysno.REBOOT, SysReboot.RB_AUTOBOOT, 0);
                    throw new IllegalStateException("the kernel does not end");
                } catch (ErrnoException e) {
                    throw new IllegalStateException(e);
                } catch (KernelDownException e) {
                    // As it should.
                }
            }
            closed = true;
            guest.close();
        } finally {
            halting.unlock();
        }
    }

    /** What it did that no kernel may; null where it ended as it should, or has not. */
    public @Nullable Throwable failure() {
        return guest.failure();
    }
}
