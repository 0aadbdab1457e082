package org.rump4j.netbsd.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rump4j.netbsd.bind.Guest;
import org.rump4j.netbsd.link.Catalogue;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.netbsd.link.Plan;
import org.rump4j.rump.KernelDownException;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** Every component of a build of NetBSD's kernel boots, alone and with all others. */
final class ComponentsTest {
    /** What is in the folder and no part of a kernel: the other side of the hypercalls, and what clients of a proxy link. */
    private static final Set<String> NO_COMPONENTS = Set.of("rumpuser", "rumpclient", "rumphijack");

    /** They want {@code rumpns_bus_dma*}, which no component of such a build has. */
    private static final Set<String> UNLINKED =
            Set.of("rumpdev_usb", "rumpdev_ubt", "rumpdev_ucom", "rumpdev_ugenhc", "rumpdev_ulpt", "rumpdev_umass");

    /** Their other halves are of the host. */
    private static final Set<String> HALVES = Set.of("rumpnet_shmif", "rumpnet_sockin", "rumpnet_virtif");

    /** It has the kernel take structures and give numbers of errors as Linux does: not for those who ask as NetBSD does. */
    private static final String LINUX = "rumpkern_sys_linux";

    /** It panics without an internet, which it does not ask for: there is a component that it could be. */
    private static final String NEEDS_INTERNET = "rumpnet_config";

    private Catalogue catalogue;

    @BeforeEach
    void openCatalogue() throws Exception {
        catalogue = Catalogue.of(List.of(Build.folder().resolve("lib")));
    }

    private List<String> components() {
        List<String> out = new ArrayList<>();
        for (String name : catalogue.names()) {
            if (name.startsWith("rump") && !NO_COMPONENTS.contains(name) && !UNLINKED.contains(name)) {
                out.add(name);
            }
        }
        assertTrue(out.size() > 20, out.toString());
        return out;
    }

    private void bootsAndHalts(List<String> names) throws Exception {
        NetbsdKernel kernel = NetbsdKernel.boot(Guest.plan(catalogue, names), Build.host(Map.of()));
        assertEquals(1, kernel.syscalls().getpid(), names.toString());
        kernel.halt();
        assertNull(kernel.failure(), names.toString());
    }

    @Test
    void eachBootsAlone() throws Exception {
        for (String name : components()) {
            if (name.equals(NEEDS_INTERNET)) {
                assertThrows(KernelDownException.class, () -> bootsAndHalts(List.of(name)));
                bootsAndHalts(List.of(name, "rumpnet_net", "rumpnet_netinet"));
            } else if (name.equals(LINUX)) {
                ErrnoException e = assertThrows(ErrnoException.class, () -> bootsAndHalts(List.of(name)));
                assertEquals(Errno.ENOEXEC, e.errno(), e.toString());
            } else if (!HALVES.contains(name)) {
                bootsAndHalts(List.of(name));
            }
        }
    }

    @Test
    void allBootTogether() throws Exception {
        List<String> names = components();
        names.removeAll(HALVES);
        names.remove(LINUX);
        bootsAndHalts(names);
    }

    @Test
    void whatNothingSuppliesIsNamed() {
        for (String name : UNLINKED) {
            if (catalogue.names().contains(name)) {
                LinkException e = assertThrows(LinkException.class, () -> {
                    Plan _ = Guest.plan(catalogue, List.of(name));
                });
                assertTrue(String.valueOf(e.getMessage()).contains("rumpns_bus_dmamap_load"), e.getMessage());
            }
        }
    }
}
