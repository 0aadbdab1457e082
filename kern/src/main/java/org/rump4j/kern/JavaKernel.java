package org.rump4j.kern;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.Etfs;
import org.rump4j.rump.KernelDownException;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.CurlwpCalls.LwpOp;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.LoaderCalls.DlCallbacks;
import org.rump4j.rumpuser.OpaqueLwp;
import org.rump4j.rumpuser.ParameterCalls;
import org.rump4j.rumpuser.Rumpuser;

/** The java kernel: embedded, and made of the components that the host's loader finds. */
public final class JavaKernel implements RumpKernel {
    /** What {@code kern.ostype} says. */
    public static final String OSTYPE = "rump4j";

    /** What {@code kern.osrelease} says. */
    public static final String OSRELEASE = "0.1.0";

    /** The same as a number, as NetBSD counts: two digits each for what stands between the points. */
    private static final int OSREVISION = 1_00_00;

    /** As of POSIX.1-2024. */
    private static final int POSIX_VERSION = 202405;

    /** Bytes of arguments of a new program; NetBSD's. */
    private static final int ARG_MAX = 256 << 10;

    private static final int MAX_HOSTNAME = 255;
    private static final int PAGE_SIZE = 4096;

    private final Kernel kernel;
    private final Upcalls upcalls;
    private final SyscallTable syscalls;
    private final Lwproc lwproc;
    private final Etfs etfs;

    private JavaKernel(Kernel kernel, Upcalls upcalls) {
        this.kernel = kernel;
        this.upcalls = upcalls;
        VfsCalls faction = kernel.find(VfsCalls.class);
        VfsCalls vfs = faction == null ? VfsCalls.ABSENT : faction;
        syscalls = new SyscallTable(kernel);
        lwproc = new LwprocHandle();
        etfs = new EtfsHandle(vfs);
    }

    /**
     * Boots.
     *
     * @param host one that has no kernel yet
     * @throws ErrnoException EALREADY where it has; EINVAL where its environment makes no sense; what a component reports that
     *     cannot attach. The host has had its kernel then, and what was attached before has been shut down
     */
    public static JavaKernel boot(Rumpuser host) throws ErrnoException {
        Upcalls upcalls = new Upcalls();
        host.init(Rumpuser.VERSION, upcalls);
        Kernel kernel = new Kernel(host, BootParameters.of(host));
        upcalls.connect(kernel);
        Lwp lwp0 = kernel.procs().bootLwp();
        host.curlwpop(LwpOp.CREATE, lwp0);
        kernel.attach(lwp0);
        try {
            kernel.log().verbose(OSTYPE + " " + OSRELEASE + ", hypercalls of version " + Rumpuser.VERSION);
            kernel.log().verbose("memory: " + (kernel.kmem().limitBytes() >> 10) + " KiB, cpus: " + kernel.ncpu());
            kernel.setHostname(host.getparam(ParameterCalls.PARAM_HOSTNAME));
            addSysctls(kernel);
            attachComponents(kernel);
            kernel.procs().makeInit();
            kernel.log().verbose("booted");
            return new JavaKernel(kernel, upcalls);
        } catch (ErrnoException e) {
            kernel.log().print("cannot boot: " + e.getMessage());
            kernel.haltNow(lwp0);
            throw e;
        } catch (RuntimeException | Error e) {
            throw kernel.asDown(e);
        } finally {
            lwp0.released = true;
            kernel.leave(lwp0);
        }
    }

    private static void attachComponents(Kernel kernel) throws ErrnoException {
        List<Component> found = new ArrayList<>();
        kernel.host().dlBootstrap(Component.class, new DlCallbacks<>() {
            @Override
            public void modinit(List<MemorySegment> modules) {
                // Modules of native code are no use to this kernel.
            }

            @Override
            public void symload(MemorySegment symtab, MemorySegment strtab) {
                // Nor are their symbols.
            }

            @Override
            public void compload(Component component) {
                if (!found.contains(component)) {
                    found.add(component);
                }
            }
        });
        found.sort((a, b) -> a.stage() == b.stage()
                ? a.name().compareTo(b.name())
                : a.stage().compareTo(b.stage()));
        for (Component component : found) {
            kernel.log().verbose("component: " + component.name());
            component.attach(kernel);
            kernel.addComponent(component);
        }
    }

    private static void addSysctls(Kernel kernel) {
        Sysctl tree = kernel.sysctl();
        tree.text("kern.ostype", () -> OSTYPE);
        tree.text("kern.osrelease", () -> OSRELEASE);
        tree.int32("kern.osrevision", () -> OSREVISION);
        tree.text("kern.version", () -> OSTYPE + " " + OSRELEASE + " (java kernel)");
        tree.text("kern.hostname", kernel::hostname, value -> {
            if (value.value().length() > MAX_HOSTNAME) {
                throw Errno.EINVAL.exception("host name of " + value.value().length() + " characters");
            }
            kernel.setHostname(value.value());
        });
        AtomicReference<String> domainname = new AtomicReference<>("");
        tree.text("kern.domainname", domainname::get, value -> {
            if (value.value().length() > MAX_HOSTNAME) {
                throw Errno.EINVAL.exception("domain name of " + value.value().length() + " characters");
            }
            domainname.set(value.value());
        });
        AtomicInteger hostid = new AtomicInteger();
        tree.int32("kern.hostid", hostid::get, value -> hostid.set(value.value()));
        tree.quad("kern.boottime", () -> kernel.clock().bootTime().sec());
        tree.int32("kern.clockrate.hz", () -> Clock.HZ);
        tree.int32("kern.maxproc", () -> Procs.PID_MAX);
        tree.int32("kern.maxfiles", () -> Limits.MAXFILES);
        tree.int32("kern.argmax", () -> ARG_MAX);
        tree.int32("kern.posix1version", () -> POSIX_VERSION);
        tree.int32("kern.saved_ids", () -> 1);
        tree.int32("kern.job_control", () -> 0);
        tree.int32("kern.fsync", () -> 1);
        tree.int32("kern.synchronized_io", () -> 1);
        tree.int32("kern.ngroups", () -> Cred.NGROUPS_MAX);
        tree.int32("kern.iov_max", () -> Uio.IOV_MAX);
        tree.text("kern.msgbuf", () -> String.join("\n", kernel.log().lines()));
        tree.text("hw.machine", () -> "jvm");
        tree.text("hw.machine_arch", () -> "jvm");
        tree.text("hw.model", () -> "virtual");
        tree.int32("hw.ncpu", kernel::ncpu);
        tree.int32("hw.ncpuonline", kernel::ncpu);
        tree.int32("hw.byteorder", () -> ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? 4321 : 1234);
        tree.int32("hw.pagesize", () -> PAGE_SIZE);
        tree.quad("hw.physmem64", () -> kernel.kmem().limitBytes());
        tree.quad(
                "hw.usermem64", () -> kernel.kmem().limitBytes() - kernel.kmem().usedBytes());
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

    @Override
    public String probe(String fspec) throws ErrnoException {
        VfsCalls vfs = kernel.find(VfsCalls.class);
        return inKernel(l -> (vfs == null ? VfsCalls.ABSENT : vfs).probe(l, fspec));
    }

    @Override
    public boolean isUp() {
        return kernel.isUp();
    }

    @Override
    public void halt() {
        Lwp l;
        try {
            l = kernel.enter();
        } catch (KernelDownException e) {
            return;
        }
        try {
            kernel.haltNow(l);
        } catch (RuntimeException | Error e) {
            throw kernel.asDown(e);
        } finally {
            kernel.leave(l);
        }
    }

    private interface Body<T> {
        T on(Lwp l) throws ErrnoException;
    }

    private <T> T inKernel(Body<T> body) throws ErrnoException {
        Lwp l = kernel.enter();
        try {
            return body.on(l);
        } catch (RuntimeException | Error e) {
            throw kernel.asDown(e);
        } finally {
            kernel.leave(kernel.curlwp());
        }
    }

    private final class LwprocHandle implements Lwproc {
        @Override
        public int rfork(int flags) throws ErrnoException {
            return inKernel(_ -> {
                upcalls.lwprocRfork(null, flags, null);
                return upcalls.getpid();
            });
        }

        @Override
        public void newlwp(int pid) throws ErrnoException {
            inKernel(_ -> {
                upcalls.lwprocNewlwp(pid);
                return pid;
            });
        }

        @Override
        public void switchTo(@Nullable OpaqueLwp lwp) {
            kernel.enter();
            try {
                upcalls.lwprocSwitch(lwp);
            } finally {
                kernel.leave(kernel.curlwp());
            }
        }

        @Override
        public void releaselwp() {
            Lwp l = kernel.enter();
            try {
                upcalls.lwprocRelease();
            } catch (RuntimeException | Error e) {
                throw kernel.asDown(e);
            } finally {
                kernel.leave(l);
            }
        }

        @Override
        public @Nullable OpaqueLwp curlwp() {
            Lwp l = kernel.enter();
            OpaqueLwp current = upcalls.lwprocCurlwp();
            kernel.leave(l);
            return current;
        }
    }

    private final class EtfsHandle implements Etfs {
        private final VfsCalls vfs;

        EtfsHandle(VfsCalls vfs) {
            this.vfs = vfs;
        }

        @Override
        public void register(String key, String hostpath, Type type, long begin, long size, boolean readOnly)
                throws ErrnoException {
            inKernel(l -> {
                vfs.etfsRegister(l, key, hostpath, type, begin, size, readOnly);
                return key;
            });
        }

        @Override
        public void remove(String key) throws ErrnoException {
            inKernel(l -> {
                vfs.etfsRemove(l, key);
                return key;
            });
        }
    }
}
