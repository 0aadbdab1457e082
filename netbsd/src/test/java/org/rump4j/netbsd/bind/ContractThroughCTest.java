package org.rump4j.netbsd.bind;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.Toolchain;
import org.rump4j.rumpuser.contract.HostUnderTest;
import org.rump4j.rumpuser.contract.RumpuserContract;

/** The contract of every host, through the functions of C that a kernel calls: each enters Java. */
class ContractThroughCTest extends RumpuserContract {
    @TempDir
    static Path dir;

    private static Path library;

    @BeforeAll
    static void compile() throws Exception {
        Toolchain.assumeGuests();
        library = CHost.library(dir);
    }

    /** Whether hypercalls may be machine code. */
    boolean stubs() {
        return false;
    }

    @Override
    protected HostUnderTest newHost() {
        return new CHostUnderTest(library, stubs());
    }
}
