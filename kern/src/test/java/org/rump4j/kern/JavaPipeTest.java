package org.rump4j.kern;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.rump4j.rump.suite.KernelUnderTest;
import org.rump4j.rump.suite.PipeSuite;

@ParameterizedClass
@EnumSource(JavaKernelKind.class)
class JavaPipeTest extends PipeSuite {
    private final JavaKernelKind kind;

    JavaPipeTest(JavaKernelKind kind) {
        this.kind = kind;
    }

    @Override
    protected KernelUnderTest kernelUnderTest() {
        return kind;
    }
}
