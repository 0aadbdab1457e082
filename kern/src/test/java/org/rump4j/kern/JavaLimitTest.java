package org.rump4j.kern;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.rump4j.rump.suite.KernelUnderTest;
import org.rump4j.rump.suite.LimitSuite;

@ParameterizedClass
@EnumSource(JavaKernelKind.class)
class JavaLimitTest extends LimitSuite {
    private final JavaKernelKind kind;

    JavaLimitTest(JavaKernelKind kind) {
        this.kind = kind;
    }

    @Override
    protected KernelUnderTest kernelUnderTest() {
        return kind;
    }
}
