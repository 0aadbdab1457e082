package org.rump4j.rumpuser.contract;

import org.junit.jupiter.api.Nested;

/** The whole contract. A kind of host passes it by a class that extends this one. */
public abstract class RumpuserContract {
    /** A host of the kind that is tested, made afresh for each test. */
    protected abstract HostUnderTest newHost();

    @Nested
    final class Table extends TableContract {
        @Override
        HostUnderTest hosts() {
            return newHost();
        }
    }

    @Nested
    final class Memory extends MemoryContract {
        @Override
        HostUnderTest hosts() {
            return newHost();
        }
    }

    @Nested
    final class Files extends FileContract {
        @Override
        HostUnderTest hosts() {
            return newHost();
        }
    }

    @Nested
    final class BlockIo extends BlockIoContract {
        @Override
        HostUnderTest hosts() {
            return newHost();
        }
    }

    @Nested
    final class Clocks extends ClockContract {
        @Override
        HostUnderTest hosts() {
            return newHost();
        }
    }

    @Nested
    final class HostInformation extends HostInformationContract {
        @Override
        HostUnderTest hosts() {
            return newHost();
        }
    }

    @Nested
    final class Threads extends ThreadContract {
        @Override
        HostUnderTest hosts() {
            return newHost();
        }
    }

    @Nested
    final class Mutexes extends MutexContract {
        @Override
        HostUnderTest hosts() {
            return newHost();
        }
    }

    @Nested
    final class RwLocks extends RwLockContract {
        @Override
        HostUnderTest hosts() {
            return newHost();
        }
    }

    @Nested
    final class CondVars extends CondVarContract {
        @Override
        HostUnderTest hosts() {
            return newHost();
        }
    }

    @Nested
    final class Services extends ServicesContract {
        @Override
        HostUnderTest hosts() {
            return newHost();
        }
    }

    @Nested
    final class Termination extends TerminationContract {
        @Override
        HostUnderTest hosts() {
            return newHost();
        }
    }
}
