package org.rump4j.kern;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.rump4j.rump.suite.KernelUnderTest;
import org.rump4j.rump.suite.TimeSuite;

@ParameterizedClass
@EnumSource(JavaKernelKind.class)
class JavaTimeTest extends TimeSuite {
    private final JavaKernelKind kind;

    JavaTimeTest(JavaKernelKind kind) {
        this.kind = kind;
    }

    @Override
    protected KernelUnderTest kernelUnderTest() {
        return kind;
    }
}
