package org.rump4j.netbsd.program;

import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.bind.Guest;
import org.rump4j.netbsd.bind.HostHalf;
import org.rump4j.netbsd.bind.LeavingGuest;
import org.rump4j.netbsd.bind.Surroundings;
import org.rump4j.netbsd.elf.ElfException;
import org.rump4j.netbsd.elf.SharedObject;
import org.rump4j.netbsd.kernel.Folders;
import org.rump4j.netbsd.link.Catalogue;
import org.rump4j.netbsd.link.Component;
import org.rump4j.netbsd.link.Image;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.netbsd.link.Plan;
import org.rump4j.netbsd.memory.RegionException;
import org.rump4j.netbsd.net.HostHalves;
import org.rump4j.rumpuser.Rumpuser;
import org.rump4j.rumpuser.RumpuserExit;

/**
 * A program of C that is a client of a kernel in its own process: a shared object with a function {@code main}, or an executable that
 * is independent of its position. It runs once, since it has
 * the C library's variables as it finds them. The host that it runs on is best one whose {@link #console}, {@link #variable environment}
 * and {@link #kernelExited exit} are the program's.
 */
public final class Program {
    private static final String MAIN = "main";

    /** What the beginning of an executable calls. */
    private static final String START = "__libc_start_main";

    private static final String OF_A_KERNEL = "rump_";
    private static final String LIBRARY_OF_COMPONENT = "librump";
    private static final String HYPERVISOR = "rumpuser";
    private static final Set<String> OF_A_CLIENT = Set.of("rumpclient", "rumphijack");

    private final CProcess process;
    private final StandardOutput output;
    private final Ending ending;
    private final PosixThreads threads;
    private final String component;

    /** Whether it begins as executables do. */
    private final boolean isExecutable;

    private final Plan plan;
    private final Surroundings surroundings;

    private Program(
            Component program,
            CProcess process,
            StandardOutput output,
            Ending ending,
            PosixThreads threads,
            Plan plan,
            Surroundings s) {
        component = program.name();
        isExecutable = program.needs().contains(START);
        this.process = process;
        this.output = output;
        this.ending = ending;
        this.threads = threads;
        this.plan = plan;
        surroundings = s;
    }

    /**
     * Plans a program, and the kernel that it is linked with: the components that it was linked against, those that are named, and those
     * that have what these need. One that needs nothing of a kernel has none.
     *
     * @param folder of the kernel as of {@link Folders#catalogue}; empty for the usual one
     * @param components as {@link Catalogue#find} takes them
     * @throws LinkException where there is no main, a component or library is not there, or symbols are not to be had
     * @throws ElfException where a file makes no sense
     */
    public static Program of(Path file, String folder, List<String> components) throws LinkException, ElfException {
        SharedObject object = SharedObject.read(file);
        Component program = new Component(Component.nameOf(file), object);
        Set<String> needs = new TreeSet<>(program.needs());
        Catalogue catalogue = catalogue(folder, needs, components);

        List<String> names = new ArrayList<>(List.of(file.toAbsolutePath().toString()));
        List<String> libraries = new ArrayList<>();
        for (String library : object.needed()) {
            if (library.startsWith(LIBRARY_OF_COMPONENT)) {
                addComponent(file, library, catalogue, names);
            } else {
                libraries.add(library);
            }
        }
        names.addAll(components);

        CLibrary library = libraries(file, libraries);
        CProcess process = new CProcess(library, String.valueOf(file.getFileName()));
        StandardOutput output = new StandardOutput(library);
        Ending ending = new Ending(process, output, program.name());
        PosixThreads threads = new PosixThreads(process, ending);
        Functions functions = new Functions(process);
        ending.addTo(functions);
        threads.addTo(functions);
        new Refusals(process).addTo(functions);
        // Of the arguments it has those that it found on a stack where there were none.
        functions.one(START, main -> ending.exitFor(process.callMain(main)));
        functions.retain(needs);
        // Drivers that talk to the outside do it by Java.
        List<HostHalf> halves = new ArrayList<>(List.of(functions));
        halves.addAll(HostHalves.all(Map.of()));
        Surroundings surroundings = new Surroundings(halves, library.lookup());
        Plan plan = Guest.plan(catalogue, names, surroundings);
        return new Program(program, process, output, ending, threads, plan, surroundings);
    }

    private static Catalogue catalogue(String folder, Set<String> needs, List<String> components) throws LinkException {
        try {
            return Folders.catalogue(folder, System.getenv(Folders.VARIABLE));
        } catch (LinkException e) {
            boolean kernel = !folder.isEmpty() || !components.isEmpty();
            for (String need : needs) {
                kernel |= need.startsWith(OF_A_KERNEL);
            }
            if (kernel) {
                throw e;
            }
            return Catalogue.of(List.of());
        }
    }

    /** A library of those that a linker was told to link the program with. The dynamic linker would look for it. */
    private static void addComponent(Path file, String library, Catalogue catalogue, List<String> names)
            throws LinkException {
        String name = Component.nameOf(Path.of(library));
        if (OF_A_CLIENT.contains(name)) {
            throw new LinkException(file + ": " + library + ": is for clients of another process's kernel");
        }
        if (!name.equals(HYPERVISOR)) {
            if (!catalogue.names().contains(name)) {
                throw new LinkException(file + ": it was linked with " + library + ", which is not in "
                        + (catalogue.folders().isEmpty()
                                ? "any folder"
                                : catalogue.folders().getFirst()));
            }
            names.add(name);
        }
    }

    private static CLibrary libraries(Path file, List<String> names) throws LinkException {
        List<String> paths = new ArrayList<>();
        for (String name : names) {
            // Beside the program, as one says to linkers with $ORIGIN.
            Path beside = file.toAbsolutePath().resolveSibling(name);
            paths.add(Files.exists(beside) ? beside.toString() : name);
        }
        try {
            return CLibrary.ofProcess().with(paths);
        } catch (IllegalArgumentException e) {
            throw new LinkException(
                    file + ": of the libraries " + String.join(", ", names) + " one is not there: " + e.getMessage());
        }
    }

    /** Which components there are, and why: a line each. */
    public List<String> explanation() {
        return plan.explanation();
    }

    /** Where the program's kernel prints: among what the program prints, in order. */
    public OutputStream console() {
        return output;
    }

    /** A variable of the environment, as the program may have changed it; null where it is not set. */
    public @Nullable String variable(String name) {
        return process.library().variable(name);
    }

    /** To be told when the program's kernel exits: that ends the program. */
    public void kernelExited(int value) {
        ending.kernelExited(value);
    }

    /**
     * Runs it to its end. Threads of it that are in the C library then stay there, and so does its memory: the JVM is not to go on for long.
     *
     * @param name what it is called, and its arguments
     * @return the status that it has ended with: 128 and the number of a signal where it was killed by one
     * @throws LinkException where it cannot be linked on this machine, or has no main
     * @throws ElfException where a file is another now than it was planned with
     * @throws RegionException where there is not enough memory
     */
    public int run(Rumpuser host, String name, List<String> arguments)
            throws LinkException, ElfException, RegionException, InterruptedException {
        Guest guest;
        try {
            guest = Guest.load(plan, host, surroundings);
        } catch (LeavingGuest e) {
            // A constructor has ended it.
            return ending.await();
        }
        long main = guest.images().address(MAIN);
        long begin = main == 0 ? entry(guest) : main;
        List<String> all = new ArrayList<>(List.of(name));
        all.addAll(arguments);
        MemorySegment argv = strings(all);
        // What err(3) and others begin their messages with.
        process.library().pointer("program_invocation_name", argv.get(ValueLayout.JAVA_LONG, 0));
        process.library()
                .pointer(
                        "program_invocation_short_name",
                        argv.get(ValueLayout.JAVA_LONG, 0) + name.lastIndexOf('/') + 1);
        process.arguments(all.size(), argv.address());
        Thread thread = new Thread(
                null,
                () -> main(main == 0 ? () -> guest.call(begin) : () -> process.callMain(main)),
                MAIN,
                PosixThreads.STACK_BYTES,
                false);
        thread.setDaemon(true);
        thread.start();
        int status = ending.await();
        output.close();
        try {
            // Threads of the kernel leave it: the JVM would wait for them for a while when it ends.
            throw host.exit(0);
        } catch (RumpuserExit e) {
            return status;
        }
    }

    /** Of an executable, whose main nobody sees but the function of the C library that it hands it to. */
    private long entry(Guest guest) throws LinkException {
        for (Image image : guest.images().images()) {
            long entry = image.component().object().entry();
            if (image.component().name().equals(component) && entry != 0 && isExecutable) {
                return image.bias() + entry;
            }
        }
        throw new LinkException(process.name() + ": there is no function " + MAIN);
    }

    private void main(LongSupplier body) {
        try {
            threads.main(() -> ending.exit((int) body.getAsLong()));
        } catch (RuntimeException | Error e) {
            ending.fail(e);
        }
    }

    /** An array of pointers with a null pointer at its end. For ever: the program may have kept one. */
    private static MemorySegment strings(List<String> strings) {
        Arena arena = Arena.global();
        MemorySegment array = arena.allocate(ValueLayout.JAVA_LONG, strings.size() + 1L);
        for (int i = 0; i < strings.size(); i++) {
            array.setAtIndex(
                    ValueLayout.JAVA_LONG, i, arena.allocateFrom(strings.get(i)).address());
        }
        return array;
    }
}
