package org.rump4j.fs.ext2fs;

import org.rump4j.kern.Component;
import org.rump4j.kern.Kernel;
import org.rump4j.vfs.Vfs;

/** Makes the driver part of a kernel. */
public final class Ext2fsComponent implements Component {
    /** For the service loader. */
    public Ext2fsComponent() {}

    @Override
    public String name() {
        return "ext2fs";
    }

    @Override
    public Stage stage() {
        return Stage.DRIVER;
    }

    @Override
    public void attach(Kernel kernel) {
        kernel.require(Vfs.class).addType(new Ext2fsType());
    }
}
