package org.rump4j.kern;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.rump4j.rump.suite.KernelUnderTest;
import org.rump4j.rump.suite.ProcessSuite;

@ParameterizedClass
@EnumSource(JavaKernelKind.class)
class JavaProcessTest extends ProcessSuite {
    private final JavaKernelKind kind;

    JavaProcessTest(JavaKernelKind kind) {
        this.kind = kind;
    }

    @Override
    protected KernelUnderTest kernelUnderTest() {
        return kind;
    }
}
