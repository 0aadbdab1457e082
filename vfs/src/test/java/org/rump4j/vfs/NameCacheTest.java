package org.rump4j.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.Syscalls;
import org.rump4j.rump.SysctlValue;
import org.rump4j.rumpuser.ErrnoException;

class NameCacheTest {
    private final HookFs fs = new HookFs();
    private TestKernel kernel;
    private Syscalls sys;
    private int lookups;

    @BeforeEach
    void boot() throws Exception {
        kernel = TestKernel.builder().type(fs).boot();
        sys = kernel.handle().syscalls();
        sys.mkdir("/m", 0755);
        fs.directory(5, HookFs.ROOT).entry(HookFs.ROOT, "d", 5).file(10).entry(5, "f", 10);
        fs.onLookup.put(5L, () -> lookups++);
        sys.mount("hookfs", "/m", 0, new MountArgs.Memory());
    }

    @AfterEach
    void halt() {
        kernel.close();
    }

    /** What is known of a name in the root directory: a file's number, 0 for nowhere, or null. */
    private Long known(String name) throws Exception {
        long[] answer = {-1};
        kernel.inside(_ -> {
            NameCache.Answer known = kernel.vfs().names().lookup(kernel.vfs().root(), name);
            if (known instanceof NameCache.Somewhere somewhere) {
                answer[0] = somewhere.vnode().fileno();
                somewhere.vnode().rele();
            } else if (known != null) {
                answer[0] = 0;
            }
            return true;
        });
        return answer[0];
    }

    @Test
    void aNameIsLookedUpOnce() throws Exception {
        for (int i = 0; i < 10; i++) {
            sys.stat("/m/d/f");
        }
        assertEquals(1, lookups);
    }

    @Test
    void thatThereIsNoSuchNameIsKnownToo() {
        for (int i = 0; i < 10; i++) {
            assertThrows(ErrnoException.class, () -> sys.stat("/m/d/none"));
        }
        assertEquals(1, lookups);
    }

    @Test
    void whoMakesMovesAndRemovesNamesTellsTheCache() throws Exception {
        assertEquals(-1, known("d"));
        sys.mkdir("/d", 0755);
        assertEquals(sys.stat("/d").ino(), known("d"));
        long ino = sys.stat("/d").ino();
        sys.rename("/d", "/e");
        assertEquals(0, known("d"));
        assertEquals(ino, known("e"));
        sys.rmdir("/e");
        assertEquals(0, known("e"));
    }

    @Test
    void aNameDoesNotKeepItsFile() throws Exception {
        sys.mkdir("/d", 0755);
        sys.sysctl("kern.maxvnodes", new SysctlValue.Int(1));
        assertEquals(-1, known("d"));
        assertTrue(sys.stat("/d").isDirectory());
    }

    @Test
    void nothingIsKnownOfAFileSystemThatIsGone() throws Exception {
        sys.stat("/m/d/f");
        sys.unmount("/m", 0);
        fs.entry(5, "f", 5);
        sys.mount("hookfs", "/m", 0, new MountArgs.Memory());
        assertTrue(sys.stat("/m/d/f").isDirectory());
    }

    @Test
    void thereAreNoMoreNamesThanTheLimit() throws Exception {
        kernel.inside(_ -> {
            NameCache names = kernel.vfs().names();
            Vnode root = kernel.vfs().root();
            for (int i = 0; i < 50_000; i++) {
                names.enter(root, "name" + i, null);
            }
            int known = 0;
            for (int i = 0; i < 50_000; i++) {
                if (names.lookup(root, "name" + i) != null) {
                    known++;
                }
            }
            assertEquals(NameCache.MAX_NAMES, known);
            assertNotNull(names.lookup(root, "name49999"));
            assertNull(names.lookup(root, "name0"));
            return true;
        });
    }
}
