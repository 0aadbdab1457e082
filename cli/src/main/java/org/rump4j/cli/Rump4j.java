package org.rump4j.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.KernelDownException;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The rump4j command: finds what is asked for, has it done, and says how it went. */
public final class Rump4j {
    /** What a shell says of a process that wrote to a pipe that nobody reads: 128 and SIGPIPE. */
    static final int BROKEN_PIPE = 128 + 13;

    private final Stdio stdio;
    private final Machine.Booter booter;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable Machine machine;
    private volatile boolean stopped;

    Rump4j(Stdio stdio, Machine.Booter booter) {
        this.stdio = stdio;
        this.booter = booter;
    }

    /** The command as it is used. */
    static Rump4j on(Stdio stdio) {
        return new Rump4j(stdio, Session::boot);
    }

    /** Runs a command and ends the process with its status. */
    public static void main(String[] args) {
        Rump4j command = on(Stdio.ofProcess());
        // A signal ends the process by itself, with its own status, once its hooks have.
        Runtime.getRuntime().addShutdownHook(new Thread(command::stop));
        int status = command.run(HostPath.arguments(args));
        if (!command.isStopped()) {
            // The kernel is down and nothing is open: there is nothing to wait for.
            Runtime.getRuntime().halt(status);
        }
    }

    /** Ends what is running. Where it is writing to images, comes back when those are consistent. By any other thread. */
    void stop() {
        stopped = true;
        Machine running = machine;
        if (running != null && running.stop()) {
            boolean waiting = true;
            while (waiting) {
                try {
                    ended.await();
                    waiting = false;
                } catch (InterruptedException e) {
                    // There is nothing better to do.
                }
            }
        }
    }

    private boolean isStopped() {
        return stopped;
    }

    /**
     * Runs a command. Once.
     *
     * @return what the process should say of how it went
     */
    int run(String... args) {
        Settings settings = new Settings();
        Commands commands = new Commands(settings);
        CommandLine line = commands.lineFor(args);
        Machine common = new Machine(stdio, settings, booter);
        machine = common;
        Run run = new Run(commands.nameIn(args), settings, common);
        try {
            try {
                run(run, commands, line, args);
                run.out().flush();
            } finally {
                run.close();
            }
        } catch (IOException e) {
            return outputFailed(run, e);
        } finally {
            ended.countDown();
        }
        return run.status();
    }

    /** Does what the arguments say. */
    static void run(Run run, Commands commands, CommandLine line, String... args) throws IOException {
        try {
            ParseResult parsed = line.parseArgs(args);
            List<CommandLine> chain = parsed.asCommandLineList();
            CommandLine last = chain.getLast();
            if (last.isUsageHelpRequested()) {
                run.out().print(commands.usage(last, run.stdio()));
            } else if (last.isVersionHelpRequested()) {
                run.out().println(Commands.version());
            } else if (last.getCommandSpec().userObject() instanceof Command command) {
                run.checkSettings();
                run.expect(Operand.images(List.of(args), command.knowsHostFiles() ? List.of() : operands(parsed)));
                command.run(run);
            } else if (last.getCommandSpec().userObject() instanceof Script script) {
                script.run(run);
            }
        } catch (MissingParameterException e) {
            boolean operand = e.getMissing().stream().anyMatch(ArgSpec::isPositional);
            usage(run, operand ? "too few operands" : String.valueOf(e.getMessage()));
        } catch (ParameterException e) {
            usage(run, String.valueOf(e.getMessage()));
        } catch (UsageException e) {
            usage(run, e.getMessage());
        } catch (StoppedException e) {
            run.status(Run.FAILED);
        } catch (KernelDownException e) {
            run.fail(String.valueOf(e.getMessage()));
        }
    }

    private static List<String> operands(ParseResult parsed) {
        List<String> texts = new ArrayList<>();
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        for (ArgSpec operand : last.matchedPositionals()) {
            texts.addAll(operand.originalStringValues());
        }
        return texts;
    }

    private static void usage(Run run, String message) throws IOException {
        run.say(message);
        run.err()
                .print("Try 'rump4j ")
                .print(run.command().isEmpty() ? "" : run.command() + " ")
                .println("--help'.");
        run.err().flush();
        run.status(Run.USAGE);
    }

    /** Nobody reads what we print: that is no reason to say anything. Anything else is. */
    private static int outputFailed(Run run, IOException e) {
        String reason = String.valueOf(e.getMessage());
        if (reason.contains("Broken pipe")) {
            return BROKEN_PIPE;
        }
        try {
            run.fail("standard output: " + reason);
        } catch (IOException again) {
            // Then there is nobody to tell.
        }
        return Run.FAILED;
    }
}
