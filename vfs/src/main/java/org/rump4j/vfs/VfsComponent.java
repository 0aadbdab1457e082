package org.rump4j.vfs;

import org.rump4j.kern.Component;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.Lwp;
import org.rump4j.kern.VfsCalls;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.vfs.rumpfs.RumpfsType;

/** Makes the file system faction part of a kernel, with a root in memory. */
public final class VfsComponent implements Component {
    /** For the service loader. */
    public VfsComponent() {}

    @Override
    public String name() {
        return "vfs";
    }

    @Override
    public Stage stage() {
        return Stage.VFS;
    }

    @Override
    public void attach(Kernel kernel) throws ErrnoException {
        Lwp l = kernel.curlwp();
        Vfs vfs = new Vfs(kernel);
        RumpfsType rumpfs = new RumpfsType("rumpfs");
        vfs.addType(rumpfs);
        vfs.addType(new RumpfsType("tmpfs"));
        vfs.mountRoot(l, rumpfs);
        kernel.provide(Vfs.class, vfs);
        kernel.provide(VfsCalls.class, new VfsSyscalls(vfs));
        kernel.onShutdown((_, sync) -> vfs.shutdown(sync));
    }
}
