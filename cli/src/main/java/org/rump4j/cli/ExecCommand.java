package org.rump4j.cli;

import java.io.IOException;
import java.nio.channels.Channels;
import java.util.List;
import org.rump4j.netbsd.elf.ElfException;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.netbsd.memory.RegionException;
import org.rump4j.netbsd.program.Program;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.real.RealHost;
import picocli.CommandLine.Model.CommandSpec;

/** {@code rump4j exec}: runs a program of C that is a client of NetBSD's kernel, in this process. */
final class ExecCommand implements Command {
    private static final String KERNEL = "netbsd";

    private final Value components = new Value(
            "NAME[,NAME...]",
            "Components that the kernel is to have besides those that the program was linked with, or needs",
            "-c");
    private final Operands operands =
            new Operands("PROGRAM [ARGUMENT...]", "1..*", "What to run, and what it is given");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "exec",
                                "[-v] [-c COMPONENTS] PROGRAM [ARGUMENT...]",
                                "Runs a program of C together with NetBSD's kernel in this process.",
                                "The program is a shared object with a function main, such as cc -shared -fPIC makes, or an"
                                        + " executable of cc -pie -fPIC. It may call rump_init and rump_sys_*; it is linked with the kernel, and with the C library of the"
                                        + " host. Threads are threads of the JVM. It cannot fork, nor exec, nor catch signals that"
                                        + " the JVM needs. The status is the program's.",
                                "With -v, shows what the kernel says, and what each component is needed for.")
                        .addOption(components.spec())
                        .addPositional(operands.spec()),
                "rump4j exec -c rumpfs_kernfs ./version.so",
                "rump4j exec --kernel netbsd:/usr/lib -v ./server.so -p 80");
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        Settings settings = run.settings();
        if (settings.saysKernel() && !settings.kernel().equals(KERNEL)) {
            throw new UsageException("--kernel " + settings.kernel() + ": programs of C run with NetBSD's kernel only");
        }
        List<String> all = operands.texts();
        String file = all.getFirst();
        if (!HostPath.exists(file)) {
            run.fail(file, Errno.ENOENT.exception());
            return;
        }
        String which = settings.whichKernel();
        run.out().flush();
        try {
            Program program = Program.of(
                    HostPath.checked(file),
                    which == null ? "" : HostPath.toJvm(which),
                    Commands.words(components.all()));
            RealHost host = Session.host(settings, settings.verbose())
                    .console(program.console())
                    .debug(Channels.newOutputStream(run.stdio().err()))
                    .environment(program::variable)
                    .onExit(program::kernelExited)
                    .build();
            if (settings.verbose()) {
                program.explanation().forEach(line -> host.dprintf(line + "\n"));
            }
            run.status(program.run(host, file, all.subList(1, all.size())));
        } catch (LinkException | ElfException | RegionException e) {
            run.fail(String.valueOf(e.getMessage()));
        } catch (ErrnoException e) {
            run.fail(file, e);
        } catch (InterruptedException e) {
            throw new StoppedException();
        }
    }
}
