package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.Lwproc;
import org.rump4j.rump.Syscalls;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Renames that lock the same vnodes in different parts get by one another. */
class RenameLockTest {
    private interface Body {
        void run() throws ErrnoException;
    }

    private static void tried(Body body) throws ErrnoException {
        try {
            body.run();
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTEMPTY && e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
    }

    /** One renames a directory over another, as files in the directory above; another renames between those two. */
    @Test
    @Timeout(60)
    void aDirectoryIsRenamedWhileNamesMoveBetweenItAndItsNeighbour() throws Exception {
        try (TestKernel kernel = TestKernel.boot()) {
            Syscalls sys = kernel.handle().syscalls();
            sys.mkdir("/p", 0755);
            sys.mkdir("/p/a", 0755);
            sys.mkdir("/p/b", 0755);
            List<Body> bodies = List.of(
                    () -> tried(() -> sys.rename("/p/a", "/p/b")),
                    () -> tried(() -> sys.rename("/p/b", "/p/a")),
                    () -> tried(() -> sys.rename("/p/a/x", "/p/b/x")),
                    () -> tried(() -> sys.rename("/p/b/x", "/p/a/x")),
                    () -> {
                        tried(() -> sys.mkdir("/p/a", 0755));
                        tried(() -> sys.mkdir("/p/b", 0755));
                    },
                    () -> {
                        tried(() -> sys.close(sys.open("/p/a/x", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644)));
                        tried(() -> sys.unlink("/p/a/x"));
                        tried(() -> sys.unlink("/p/b/x"));
                    });
            List<Throwable> failures = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (Body body : bodies) {
                threads.add(Thread.ofPlatform().daemon().start(() -> {
                    try {
                        kernel.handle().lwproc().rfork(Lwproc.RFCFDG);
                        for (int i = 0; i < 1000; i++) {
                            body.run();
                        }
                        kernel.handle().lwproc().releaselwp();
                    } catch (Throwable t) {
                        synchronized (failures) {
                            failures.add(t);
                        }
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(List.of(), failures);
        }
    }
}
