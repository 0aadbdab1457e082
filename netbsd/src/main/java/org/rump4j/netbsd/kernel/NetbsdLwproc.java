package org.rump4j.netbsd.kernel;

import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.bind.Guest;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.rump.Lwproc;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.OpaqueLwp;

/** {@code rump_lwproc(3)}. */
final class NetbsdLwproc implements Lwproc {
    private final NetbsdKernel kernel;
    private final Guest guest;
    private final long rfork;
    private final long newlwp;
    private final long switchTo;
    private final long releaselwp;
    private final long curlwp;

    NetbsdLwproc(NetbsdKernel kernel, Guest guest) throws LinkException {
        this.kernel = kernel;
        this.guest = guest;
        rfork = guest.images().function("rump_pub_lwproc_rfork");
        newlwp = guest.images().function("rump_pub_lwproc_newlwp");
        switchTo = guest.images().function("rump_pub_lwproc_switch");
        releaselwp = guest.images().function("rump_pub_lwproc_releaselwp");
        curlwp = guest.images().function("rump_pub_lwproc_curlwp");
    }

    @Override
    public int rfork(int flags) throws ErrnoException {
        NetbsdKernel.require((int) kernel.call(rfork, flags));
        return kernel.syscalls().getpid();
    }

    @Override
    public void newlwp(int pid) throws ErrnoException {
        NetbsdKernel.require((int) kernel.call(newlwp, pid));
    }

    @Override
    public void switchTo(@Nullable OpaqueLwp lwp) {
        if (lwp == null && curlwp() == null) {
            // The kernel takes that for a mistake.
            return;
        }
        long _ = kernel.call(switchTo, Guest.address(lwp));
    }

    @Override
    public void releaselwp() {
        long _ = kernel.call(releaselwp);
    }

    @Override
    public @Nullable OpaqueLwp curlwp() {
        return guest.lwp(kernel.call(curlwp));
    }
}
