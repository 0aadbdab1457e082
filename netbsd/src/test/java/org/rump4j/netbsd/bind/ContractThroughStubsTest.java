package org.rump4j.netbsd.bind;

/** The same where many of them are machine code that does not enter Java. */
final class ContractThroughStubsTest extends ContractThroughCTest {
    @Override
    boolean stubs() {
        return true;
    }
}
