package org.rump4j.dev;

import org.rump4j.kern.Component;
import org.rump4j.kern.Kernel;
import org.rump4j.kern.VfsCalls;
import org.rump4j.rumpuser.ErrnoException;

/** Makes the device faction part of a kernel. */
public final class DevComponent implements Component {
    /** For the service loader. */
    public DevComponent() {}

    @Override
    public String name() {
        return "dev";
    }

    @Override
    public Stage stage() {
        return Stage.DEV;
    }

    @Override
    public void attach(Kernel kernel) throws ErrnoException {
        int console = kernel.devsw().attachChar(new ConsoleDevice(kernel.log()));
        int tty = kernel.devsw().attachChar(new ControllingTerminal());
        int mem = kernel.devsw().attachChar(new MemDevices());
        int rnd = kernel.devsw().attachChar(new RandomDevices(kernel.host()));
        VfsCalls vfs = kernel.find(VfsCalls.class);
        if (vfs == null) {
            return;
        }
        DeviceNodes nodes = new DeviceNodes(vfs, kernel.curlwp());
        nodes.make("console", console, ConsoleDevice.MINOR, 0600);
        nodes.make("tty", tty, ControllingTerminal.MINOR, 0666);
        nodes.make("null", mem, MemDevices.NULL, 0666);
        nodes.make("full", mem, MemDevices.FULL, 0666);
        nodes.make("zero", mem, MemDevices.ZERO, 0666);
        nodes.make("random", rnd, RandomDevices.RANDOM, 0444);
        nodes.make("urandom", rnd, RandomDevices.URANDOM, 0644);
    }
}
