package org.rump4j.netbsd.kernel;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.bind.Guest;
import org.rump4j.netbsd.bind.Surroundings;
import org.rump4j.netbsd.elf.ElfException;
import org.rump4j.netbsd.link.Catalogue;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.netbsd.link.Plan;
import org.rump4j.netbsd.memory.RegionException;
import org.rump4j.netbsd.net.HostHalves;
import org.rump4j.rump.KernelProvider;
import org.rump4j.rump.KernelRequest;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.Rumpuser;

/**
 * Boots NetBSD's kernels for those who ask for one by name. Which one is said by a folder of libraries, or one that has them in {@code
 * lib}, and by components behind it, each after a comma. Where no folder is said it is the one of {@code RUMP4J_NETBSD}, or the first of
 * the system's that has a kernel. Where no components are named the kernel gets the drivers of the file systems that it is wanted for, and
 * where that is not known those of all that there are. Where {@code RUMP_VERBOSE} is 2, the console is told why each component is there.
 */
public final class NetbsdKernelProvider implements KernelProvider {
    /** What users of files want besides file systems. That does not go as far as FIFOs: those need the network faction. */
    private static final List<String> ALWAYS = List.of("rumpvfs", "rumpdev_disk");

    private static final String FILE_SYSTEM = "rumpfs_";

    /** What drivers have that talk to the outside: none of file systems does. */
    private static final Surroundings OUTSIDE = Surroundings.withCLibrary(HostHalves.all(Map.of()));

    /** Value of {@code RUMP_VERBOSE} with which components are told, too, and what each of them is needed for. */
    private static final String EXPLAINING = "2";

    /** For the service loader. */
    public NetbsdKernelProvider() {}

    @Override
    public String name() {
        return "netbsd";
    }

    @Override
    public RumpKernel boot(Rumpuser host) throws ErrnoException {
        return boot(host, KernelRequest.of(null));
    }

    @Override
    public RumpKernel boot(Rumpuser host, String which) throws ErrnoException {
        return boot(host, KernelRequest.of(which));
    }

    @Override
    public RumpKernel boot(Rumpuser host, KernelRequest request) throws ErrnoException {
        try {
            List<String> parts = request.which() == null
                    ? List.of("")
                    : List.of(request.which().split(",", -1));
            List<String> named = new ArrayList<>(parts.subList(1, parts.size()));
            named.addAll(request.components());
            Surroundings surroundings = named.isEmpty() ? Surroundings.NONE : OUTSIDE;
            Catalogue catalogue = Folders.catalogue(parts.getFirst(), parameter(host, Folders.VARIABLE));
            Plan plan = named.isEmpty() ? plan(catalogue, request) : Guest.plan(catalogue, named, surroundings);
            if (EXPLAINING.equals(parameter(host, "RUMP_VERBOSE"))) {
                plan.explanation().forEach(line -> host.dprintf(line + "\n"));
            }
            return NetbsdKernel.boot(plan, host, surroundings);
        } catch (LinkException e) {
            throw Errno.ENOENT.exception(String.valueOf(e.getMessage()));
        } catch (ElfException e) {
            throw Errno.ENOEXEC.exception(String.valueOf(e.getMessage()));
        } catch (RegionException e) {
            throw Errno.ENOMEM.exception(String.valueOf(e.getMessage()));
        }
    }

    private static Plan plan(Catalogue catalogue, KernelRequest request) throws LinkException, ElfException {
        Set<String> types = types(request);
        if (types.isEmpty()) {
            return usual(catalogue);
        }
        List<String> names = new ArrayList<>(ALWAYS);
        for (String type : types) {
            if (!catalogue.names().contains(FILE_SYSTEM + type)) {
                throw new LinkException("no driver for " + type + " (" + FILE_SYSTEM + type + ") in "
                        + catalogue.folders().getFirst());
            }
            names.add(FILE_SYSTEM + type);
        }
        return Guest.plan(catalogue, names);
    }

    /** Of the file systems that there will be; empty where that is not known. */
    private static Set<String> types(KernelRequest request) {
        Set<String> types = new TreeSet<>(request.types());
        for (String image : request.images()) {
            String type = Probe.type(Path.of(image));
            if (type == null) {
                return Set.of();
            }
            types.add(type);
        }
        return types;
    }

    private static @Nullable String parameter(Rumpuser host, String name) {
        try {
            return host.getparam(name);
        } catch (ErrnoException e) {
            return null;
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
