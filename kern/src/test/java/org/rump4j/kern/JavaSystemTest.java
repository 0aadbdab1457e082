package org.rump4j.kern;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.rump4j.rump.suite.KernelUnderTest;
import org.rump4j.rump.suite.SystemSuite;

@ParameterizedClass
@EnumSource(JavaKernelKind.class)
class JavaSystemTest extends SystemSuite {
    private final JavaKernelKind kind;

    JavaSystemTest(JavaKernelKind kind) {
        this.kind = kind;
    }

    @Override
    protected KernelUnderTest kernelUnderTest() {
        return kind;
    }
}
