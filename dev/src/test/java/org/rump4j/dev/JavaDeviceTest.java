package org.rump4j.dev;

import org.rump4j.rump.suite.DeviceSuite;
import org.rump4j.rump.suite.KernelUnderTest;

class JavaDeviceTest extends DeviceSuite {
    @Override
    protected KernelUnderTest kernelUnderTest() {
        return new DeviceKernel();
    }
}
