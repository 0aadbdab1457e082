package org.rump4j.kern;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.Supplier;
import org.jetbrains.lincheck.Lincheck;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.rump4j.rumpuser.CurlwpCalls;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.OpaqueLwp;

/**
 * Advisory locks under Lincheck's model checker: nobody has what somebody else has, nobody waits when nothing is in the way any more, and
 * those who wait for one another in a circle do not wait for ever.
 */
class LockTableLincheckTest {
    private static final int INVOCATIONS = Boolean.getBoolean("rump4j.nightly") ? 20_000 : 40;

    @Test
    void twoProcessesTakeTurns() {
        Lincheck.runConcurrentTest(INVOCATIONS, () -> {
            World world = new World(false);
            world.run(world.process(2, true, 0), world.process(3, true, 0));
        });
    }

    @Test
    void twoWhoShareLetTheThirdIn() {
        Lincheck.runConcurrentTest(INVOCATIONS, () -> {
            World world = new World(false);
            world.run(world.process(2, false, 0), world.process(3, false, 0), world.process(4, true, 0));
        });
    }

    @Test
    void openFilesAndProcessesTakeTurns() {
        Lincheck.runConcurrentTest(INVOCATIONS, () -> {
            World world = new World(false);
            world.run(world.openFile(true), world.process(3, true, 0));
        });
    }

    @Test
    void twoProcessesInOppositeOrderBothEnd() {
        Lincheck.runConcurrentTest(INVOCATIONS, () -> {
            World world = new World(false);
            world.run(world.process(2, true, 0, 1), world.process(3, true, 1, 0));
        });
    }

    @Test
    void aLostWakeUpWouldBeNoticed() {
        assertThrows(
                LincheckAssertionError.class,
                () -> Lincheck.runConcurrentTest(INVOCATIONS, () -> {
                    World world = new World(true);
                    world.run(world.process(2, true, 0), world.process(3, true, 0));
                }));
    }

    /** A table of locks, and two bytes of a file that are locked. */
    private static final class World {
        private final LockTable table;
        private final FileLocks locks;

        /** Who has a byte exclusively, which is one at the most if all is well. */
        private final int[] exclusive = new int[2];

        World(boolean forgetful) {
            ModelHost host = new ModelHost(forgetful);
            CurlwpCalls lwps = new Lwps();
            table = new LockTable(new Kmutex(lwps, host.mutexInit(0)), new Condvars(lwps, host));
            locks = new FileLocks(table, new Nothing());
        }

        Locker process(int pid, boolean exclusively, long... bytes) {
            return new Locker(this, LockOwner.process(pid, () -> 1), exclusively, bytes);
        }

        Locker openFile(boolean exclusively) {
            return new Locker(this, LockOwner.openFile(), exclusively, 0);
        }

        void run(Locker... lockers) {
            // As threads, which the checker knows how to wait for.
            for (Thread thread : lockers) {
                thread.start();
            }
            try {
                for (Thread thread : lockers) {
                    thread.join();
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            boolean any = false;
            for (Locker locker : lockers) {
                if (locker.overlapped) {
                    throw new AssertionError("two have what is exclusive");
                }
                any |= locker.done;
            }
            if (!any) {
                throw new AssertionError("everybody was told that it is a circle");
            }
        }
    }

    /** Locks bytes one after the other, and unlocks all. */
    private static final class Locker extends Thread {
        private final World world;
        private final LockOwner owner;
        private final boolean exclusively;
        private final long[] bytes;
        private final Lwp lwp = BareLwps.on(new VirtualCpu(0));

        private boolean overlapped;
        private boolean done;

        Locker(World world, LockOwner owner, boolean exclusively, long... bytes) {
            this.world = world;
            this.owner = owner;
            this.exclusively = exclusively;
            this.bytes = bytes;
        }

        @Override
        @SuppressWarnings("NullAway") // no descriptor is closed, so nobody asks which file it was by
        public void run() {
            try {
                for (long at : bytes) {
                    ByteRange range = owner.isProcess() ? new ByteRange(at, at) : ByteRange.ALL;
                    world.table.lock(null, world.locks, new FileLocks.Held(owner, exclusively, range, 0), true);
                    if (exclusively) {
                        overlapped |= world.exclusive[(int) at]++ != 0;
                        world.exclusive[(int) at]--;
                    } else {
                        overlapped |= world.exclusive[(int) at] != 0;
                    }
                }
                done = true;
            } catch (ErrnoException e) {
                // A circle: whoever is told so gives up.
            }
            world.table.release(owner, world.locks);
        }
    }

    /** A class with a name, as the others: what a lambda captures the checker takes for its thread's own. */
    private static final class Condvars implements Supplier<Kcondvar> {
        private final CurlwpCalls lwps;
        private final ModelHost host;

        Condvars(CurlwpCalls lwps, ModelHost host) {
            this.lwps = lwps;
            this.host = host;
        }

        @Override
        public Kcondvar get() {
            return new Kcondvar(lwps, host.cvInit());
        }
    }

    /** Who a thread is. */
    private static final class Lwps implements CurlwpCalls {
        @Override
        public @Nullable OpaqueLwp curlwp() {
            return Thread.currentThread() instanceof Locker locker ? locker.lwp : null;
        }

        @Override
        public void curlwpop(LwpOp op, OpaqueLwp lwp) {
            throw new UnsupportedOperationException();
        }
    }

    /** Nothing needs to stay in memory. */
    private static final class Nothing implements FileLocks.File {
        @Override
        public void anchor() {}

        @Override
        public void letGo() {}
    }
}
