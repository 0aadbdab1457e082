package org.rump4j.kern;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.rump4j.rump.suite.KernelUnderTest;
import org.rump4j.rump.suite.PollSuite;

@ParameterizedClass
@EnumSource(JavaKernelKind.class)
class JavaPollTest extends PollSuite {
    private final JavaKernelKind kind;

    JavaPollTest(JavaKernelKind kind) {
        this.kind = kind;
    }

    @Override
    protected KernelUnderTest kernelUnderTest() {
        return kind;
    }
}
