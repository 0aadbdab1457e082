package org.rump4j.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.PathCodec;
import org.rump4j.rump.Stat;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** One run of a command: where its output goes, the kernel that it works on, and what has gone wrong so far. */
final class Run {
    /** Nothing has gone wrong. */
    static final int OK = 0;
    /** Something has, or {@code cmp} has found a difference. */
    static final int FAILED = 1;
    /** The user has asked for something that cannot be asked for. */
    static final int USAGE = 2;

    private final String command;
    private final String place;
    private final Settings settings;
    private final Machine machine;
    private int status = OK;

    Run(String command, Settings settings, Machine machine) {
        this(command, "", settings, machine);
    }

    /**
     * A run of a command in a script.
     *
     * @param place where it stands there
     */
    Run(String command, String place, Settings settings, Machine machine) {
        this.command = command;
        this.place = place;
        this.settings = settings;
        this.machine = machine;
    }

    /** Name of the command. */
    String command() {
        return command;
    }

    Stdio stdio() {
        return machine.stdio();
    }

    Settings settings() {
        return settings;
    }

    /** Standard output. */
    Output out() {
        return machine.out();
    }

    /** Standard error. */
    Output err() {
        return machine.err();
    }

    /** The kernel is there already when a line of a script is read. */
    void checkSettings() throws UsageException {
        if (!place.isEmpty() && settings.aboutKernel()) {
            throw new UsageException("options about the kernel and its images stand before --script");
        }
    }

    /** Which images are going to be used. In a script, nobody knows what is in the next line. */
    void expect(List<String> images) {
        if (place.isEmpty()) {
            machine.expect(images);
        }
    }

    /** What it has in common with the other commands of its script. */
    Machine machine() {
        return machine;
    }

    /** What the process shall say of how it went. */
    int status() {
        return status;
    }

    /** Makes the status at least this bad. */
    void status(int atLeast) {
        status = Math.max(status, atLeast);
    }

    /** Something has gone wrong with a file. */
    void fail(String text, ErrnoException e) throws IOException {
        fail(text, e.getMessage());
    }

    /** Likewise. */
    void fail(String text, String message) throws IOException {
        say(err().shown(text) + ": " + message);
        status(FAILED);
    }

    /** Something has gone wrong. */
    void fail(String message) throws IOException {
        say(message);
        status(FAILED);
    }

    /** Says something on standard error, after what has been printed before. */
    void say(String message) throws IOException {
        out().flush();
        err().print("rump4j: ")
                .print(place)
                .print(command.isEmpty() ? "" : command + ": ")
                .println(message);
        err().flush();
    }

    /**
     * An image, of which nothing will change.
     *
     * @param file what is wanted of it
     * @return the image, or null where it cannot be had, which has been said then
     */
    @Nullable
    Image image(Operand.InImage file) throws IOException, UsageException {
        return image(file, false);
    }

    /**
     * An image in which something is going to change. To be asked for before the same one is read.
     *
     * @param file what is wanted of it
     * @return the image, or null where it cannot be had or written, which has been said then
     */
    @Nullable
    Image writable(Operand.InImage file) throws IOException, UsageException {
        return image(file, true);
    }

    private @Nullable Image image(Operand.InImage file, boolean write) throws IOException, UsageException {
        Session booted;
        try {
            booted = machine.session();
        } catch (ErrnoException e) {
            fail("cannot boot the kernel: " + e.getMessage());
            return null;
        }
        if (write) {
            machine.writes();
        }
        try {
            return booted.image(file.image(), write);
        } catch (ErrnoException e) {
            imageFailed(file.image(), e);
            return null;
        }
    }

    /**
     * What a file is that others are to be like, wherever it is.
     *
     * @return null where it cannot be found out, which has been said then
     */
    @Nullable
    Stat stat(String text) throws IOException, UsageException {
        try {
            if (Operand.any(text) instanceof Operand.InImage file) {
                Image image = image(file);
                return image == null ? null : image.sys().stat(file.path());
            }
            return HostFiles.stat(HostPath.checked(text), true);
        } catch (ErrnoException e) {
            fail(text, e);
            return null;
        }
    }

    /** Something that is done to a file in an image. */
    @FunctionalInterface
    interface Change {
        /** Does it. */
        void make(Image image, Operand.InImage file) throws IOException, ErrnoException;
    }

    /** Changes files in images, one after the other. What cannot be done is said, and the next one is tried. */
    void change(List<String> texts, Change change) throws IOException, UsageException {
        for (String text : texts) {
            stopIfAsked();
            Operand.InImage file = Operand.inImage(text);
            Image image = writable(file);
            if (image != null) {
                try {
                    change.make(image, file);
                } catch (ErrnoException e) {
                    fail(text, e);
                }
            }
        }
    }

    /** Says on standard output what has been done to a file, where that is wanted. */
    void done(String text) throws IOException {
        if (settings.tells()) {
            out().name(text).println();
        }
    }

    /**
     * Asks whether to do something.
     *
     * @return whether the answer begins with a y
     */
    boolean confirmed(String question) throws IOException {
        out().flush();
        err().print(err().shown(question)).flush();
        String answer = readLine();
        return answer != null && !answer.isEmpty() && (answer.charAt(0) == 'y' || answer.charAt(0) == 'Y');
    }

    /**
     * Reads standard input.
     *
     * @param into filled from its position on
     * @return bytes; −1 at the end
     */
    int read(ByteBuffer into) throws IOException {
        return machine.read(into);
    }

    /** A line of standard input, byte by byte, since what follows is for somebody else; null at the end. */
    @Nullable
    String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        ByteBuffer one = ByteBuffer.allocate(1);
        int n;
        while ((n = read(one.clear())) > 0 && one.get(0) != '\n') {
            line.write(one.get(0));
        }
        if (n <= 0 && line.size() == 0) {
            return null;
        }
        return PathCodec.decode(line.toByteArray());
    }

    /** What the kernel says of its file of the host names it, which need not be said twice. */
    private void imageFailed(String image, ErrnoException e) throws IOException {
        boolean namesIt = image.equals(e.detail());
        int colon = image.indexOf(':');
        if (e.errno() == Errno.ENOENT && colon > 0 && HostPath.exists(image.substring(0, colon))) {
            fail(image, "a path in an image begins with a slash: " + err().shown(image.substring(0, colon)) + ":/...");
        } else {
            fail(image, namesIt ? e.errno().message() : e.getMessage());
        }
    }

    /**
     * To be called between system calls by whatever may take long.
     *
     * @throws StoppedException where the command is to end
     */
    void stopIfAsked() {
        machine.stopIfAsked();
    }

    /** Ends the kernel. What is dirty is written back, and whatever cannot be is said. */
    void close() throws IOException {
        List<ErrnoException> failed = new ArrayList<>();
        List<Image> where = new ArrayList<>();
        machine.close((image, e) -> {
            where.add(image);
            failed.add(e);
        });
        for (int i = 0; i < failed.size(); i++) {
            fail(where.get(i).name(), failed.get(i));
        }
    }
}
