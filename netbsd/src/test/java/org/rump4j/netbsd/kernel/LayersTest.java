package org.rump4j.netbsd.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.rump4j.rump.Dirent;
import org.rump4j.rump.Fcntl;
import org.rump4j.rump.MountArgs;
import org.rump4j.rump.Syscalls;
import org.rump4j.rump.SysctlValue;
import org.rump4j.rumpuser.ErrnoException;

/** File systems of NetBSD that are on no device: layers on others, and what shows the kernel itself. */
final class LayersTest {
    /** Uses a kernel with two file systems in memory. */
    private interface Use {
        void of(Syscalls sys) throws Exception;
    }

    private static void with(String component, Use use) throws Exception {
        try (NetbsdKernel kernel = NetbsdKernel.boot(Build.plan(component, "rumpfs_tmpfs"), Build.host(Map.of()))) {
            Syscalls sys = kernel.syscalls();
            for (String dir : List.of("/lower", "/upper", "/mnt")) {
                sys.mkdir(dir, 0755);
            }
            sys.mount("tmpfs", "/lower", 0, new MountArgs.Memory());
            sys.mount("tmpfs", "/upper", 0, new MountArgs.Memory());
            use.of(sys);
        }
    }

    private static void write(Syscalls sys, String path, String text) throws ErrnoException {
        int fd = sys.open(path, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_TRUNC, 0644);
        assertEquals(text.length(), sys.write(fd, text.getBytes(StandardCharsets.US_ASCII)));
        sys.close(fd);
    }

    private static String read(Syscalls sys, String path) throws ErrnoException {
        int fd = sys.open(path, Fcntl.O_RDONLY, 0);
        byte[] buf = new byte[1000];
        int n = sys.read(fd, buf);
        sys.close(fd);
        return new String(buf, 0, n, StandardCharsets.US_ASCII);
    }

    private static Set<String> names(Syscalls sys, String path) throws ErrnoException {
        Set<String> out = new TreeSet<>();
        int fd = sys.open(path, Fcntl.O_RDONLY, 0);
        for (List<Dirent> some = sys.getdents(fd); !some.isEmpty(); some = sys.getdents(fd)) {
            some.forEach(entry -> out.add(entry.name()));
        }
        sys.close(fd);
        out.removeAll(Set.of(".", ".."));
        return out;
    }

    @Test
    void aNullLayerIsItsDirectoryUnderAnotherName() throws Exception {
        with("rumpfs_null", sys -> {
            write(sys, "/lower/f", "lower");
            sys.mount("null", "/mnt", 0, new MountArgs.Layer("/lower"));
            assertEquals("lower", read(sys, "/mnt/f"));
            write(sys, "/mnt/g", "through");
            assertEquals("through", read(sys, "/lower/g"));
            sys.unmount("/mnt", 0);
            assertEquals(Set.of(), names(sys, "/mnt"));
        });
    }

    @Test
    void aUnionShowsBothAndChangesWhatIsAbove() throws Exception {
        with("rumpfs_union", sys -> {
            write(sys, "/lower/below", "below");
            write(sys, "/lower/both", "below");
            write(sys, "/upper/both", "above");
            sys.mount("union", "/lower", 0, new MountArgs.Layer("/upper"));
            assertEquals(Set.of("below", "both"), names(sys, "/lower"));
            assertEquals("below", read(sys, "/lower/below"));
            assertEquals("above", read(sys, "/lower/both"));
            write(sys, "/lower/new", "new");
            assertEquals("new", read(sys, "/upper/new"));
        });
    }

    @Test
    void theKernelTellsOfItselfInFiles() throws Exception {
        with("rumpfs_kernfs", sys -> {
            sys.mount("kernfs", "/mnt", 0, new MountArgs.Nothing());
            sys.sysctl("kern.hostname", new SysctlValue.Text("vulcan"));
            assertEquals("vulcan\n", read(sys, "/mnt/hostname"));
            assertTrue(read(sys, "/mnt/version").contains("NetBSD"));
        });
    }

    @Test
    void descriptorsOfAProcessAreFiles() throws Exception {
        with("rumpfs_fdesc", sys -> {
            write(sys, "/lower/f", "content");
            sys.mount("fdesc", "/mnt", 0, new MountArgs.Nothing());
            int fd = sys.open("/lower/f", Fcntl.O_RDONLY, 0);
            int again = sys.open("/mnt/fd/" + fd, Fcntl.O_RDONLY, 0);
            byte[] buf = new byte[7];
            assertEquals(7, sys.read(again, buf));
            assertEquals("content", new String(buf, StandardCharsets.US_ASCII));
        });
    }

    @Test
    void terminalsOfProgramsAreFiles() throws Exception {
        with("rumpfs_ptyfs", sys -> {
            sys.mount("ptyfs", "/mnt", 0, new MountArgs.Nothing());
            assertEquals("ptyfs", sys.statvfs1("/mnt", 0).fstypename());
            assertEquals(Set.of(), names(sys, "/mnt"));
        });
    }
}
