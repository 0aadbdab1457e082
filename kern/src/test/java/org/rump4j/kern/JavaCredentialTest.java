package org.rump4j.kern;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.rump4j.rump.suite.CredentialSuite;
import org.rump4j.rump.suite.KernelUnderTest;

@ParameterizedClass
@EnumSource(JavaKernelKind.class)
class JavaCredentialTest extends CredentialSuite {
    private final JavaKernelKind kind;

    JavaCredentialTest(JavaKernelKind kind) {
        this.kind = kind;
    }

    @Override
    protected KernelUnderTest kernelUnderTest() {
        return kind;
    }
}
