package org.rump4j.kern;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.rump4j.rump.suite.KernelUnderTest;
import org.rump4j.rump.suite.NoNetworkSuite;

@ParameterizedClass
@EnumSource(JavaKernelKind.class)
class JavaNoNetworkTest extends NoNetworkSuite {
    private final JavaKernelKind kind;

    JavaNoNetworkTest(JavaKernelKind kind) {
        this.kind = kind;
    }

    @Override
    protected KernelUnderTest kernelUnderTest() {
        return kind;
    }
}
