package org.rump4j.netbsd.kernel;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rump4j.netbsd.bind.Guest;
import org.rump4j.netbsd.elf.ElfException;
import org.rump4j.netbsd.link.Catalogue;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.netbsd.link.Plan;
import org.rump4j.netbsd.memory.RegionException;
import org.rump4j.rump.KernelProvider;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.Rumpuser;

/**
 * Boots NetBSD's kernels for those who ask for one by name. Which one is said by a folder of libraries, or one that has them in {@code
 * lib}, and by components behind it, each after a comma. Where none are named those are taken that a user of files may want: all file
 * systems there that can be linked.
 */
public final class NetbsdKernelProvider implements KernelProvider {
    /** The folder where none is said. */
    private static final String FOLDER = "RUMP4J_NETBSD";

    private static final List<String> ALWAYS = List.of("rumpvfs", "rumpdev_disk");
    private static final String FILE_SYSTEM = "rumpfs_";

    /** For the service loader. */
    public NetbsdKernelProvider() {}

    @Override
    public String name() {
        return "netbsd";
    }

    /** That of the folder which the host's variable {@code RUMP4J_NETBSD} names. */
    @Override
    public RumpKernel boot(Rumpuser host) throws ErrnoException {
        String folder;
        try {
            folder = host.getparam(FOLDER);
        } catch (ErrnoException e) {
            throw Errno.ENOENT.exception("where NetBSD's kernel is: " + FOLDER + " is not set");
        }
        return boot(host, folder);
    }

    @Override
    public RumpKernel boot(Rumpuser host, String which) throws ErrnoException {
        List<String> parts = List.of(which.split(",", -1));
        Path folder = Path.of(parts.getFirst());
        Path lib = folder.resolve("lib");
        boolean inside = !Files.exists(folder.resolve("librump.so")) && Files.exists(lib.resolve("librump.so"));
        try {
            Catalogue catalogue = Catalogue.of(List.of(inside ? lib : folder));
            Plan plan = parts.size() > 1 ? Guest.plan(catalogue, parts.subList(1, parts.size())) : usual(catalogue);
            return NetbsdKernel.boot(plan, host);
        } catch (LinkException e) {
            throw Errno.ENOENT.exception(String.valueOf(e.getMessage()));
        } catch (ElfException e) {
            throw Errno.ENOEXEC.exception(String.valueOf(e.getMessage()));
        } catch (RegionException e) {
            throw Errno.ENOMEM.exception(String.valueOf(e.getMessage()));
        }
    }

    private static Plan usual(Catalogue catalogue) throws LinkException, ElfException {
        List<String> names = new ArrayList<>(ALWAYS);
        for (String name : catalogue.names()) {
            if (name.startsWith(FILE_SYSTEM)) {
                names.add(name);
            }
        }
        try {
            return Guest.plan(catalogue, names);
        } catch (LinkException | ElfException e) {
            // Which of them is to blame may depend on the others: ask for each alone.
            names.removeIf(name -> !ALWAYS.contains(name) && !isLinked(catalogue, name));
            return Guest.plan(catalogue, names);
        }
    }

    private static boolean isLinked(Catalogue catalogue, String name) {
        try {
            Plan _ = Guest.plan(catalogue, List.of(name));
            return true;
        } catch (LinkException | ElfException e) {
            return false;
        }
    }
}
