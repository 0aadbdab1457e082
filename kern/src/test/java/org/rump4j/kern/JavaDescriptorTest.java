package org.rump4j.kern;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.rump4j.rump.suite.DescriptorSuite;
import org.rump4j.rump.suite.KernelUnderTest;

@ParameterizedClass
@EnumSource(JavaKernelKind.class)
class JavaDescriptorTest extends DescriptorSuite {
    private final JavaKernelKind kind;

    JavaDescriptorTest(JavaKernelKind kind) {
        this.kind = kind;
    }

    @Override
    protected KernelUnderTest kernelUnderTest() {
        return kind;
    }
}
