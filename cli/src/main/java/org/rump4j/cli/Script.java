package org.rump4j.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.PathCodec;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/**
 * {@code rump4j --script}: commands out of a file, one a line, all of them on one kernel, whose images stay mounted. Words are
 * what they are to a shell: quotes, backslashes and comments mean what they mean there; nothing else means anything.
 */
final class Script {
    static final String OPTION = "--script";

    private static final String STANDARD_INPUT = "-";

    private final Settings settings;
    private final Value file =
            new Value("FILE", "Run the commands in this file, one a line; - is standard input", OPTION);
    private final Value image = new Value("IMAGE", "In a script, :/PATH is a file in this image", "--image");
    private final Flag keepGoing = new Flag("In a script, go on after a command that fails", "-k", "--keep-going");

    /**
     * A script.
     *
     * @param settings for all of its commands
     */
    Script(Settings settings) {
        this.settings = settings;
    }

    /** Adds the options to the command at the top. */
    void addTo(CommandSpec top) {
        top.addOption(file.spec()).addOption(image.spec()).addOption(keepGoing.spec());
    }

    /** Runs it. */
    void run(Run run) throws IOException, UsageException {
        String name = file.text();
        if (name == null) {
            throw new UsageException(
                    image.text() == null && !keepGoing.isSet()
                            ? "which command? One of " + String.join(", ", new Commands(settings).names())
                            : "--image and -k are of use with --script only");
        }
        boolean fromInput = name.equals(STANDARD_INPUT);
        Lines lines;
        try {
            lines = fromInput ? run::readLine : linesOf(name);
        } catch (ErrnoException e) {
            run.fail(name, e);
            return;
        }
        String shown = fromInput ? "(standard input)" : run.err().shown(name);
        int number = 0;
        for (String line = lines.next(); line != null; line = lines.next()) {
            int first = ++number;
            StringBuilder text = new StringBuilder(line);
            List<String> words = null;
            String wrong = null;
            while (words == null && wrong == null) {
                try {
                    words = words(text);
                } catch (UsageException e) {
                    // A quote, or a backslash, that goes on in the next line.
                    String next = lines.next();
                    number++;
                    if (next == null) {
                        wrong = e.getMessage();
                    } else {
                        text.append('\n').append(next);
                    }
                }
            }
            String place = shown + ":" + first + ": ";
            int status = wrong != null
                    ? unfinished(run, place, wrong)
                    : words == null || words.isEmpty() ? Run.OK : run(run, place, words);
            run.status(status);
            if (status != Run.OK && !keepGoing.isSet()) {
                return;
            }
        }
    }

    private int unfinished(Run run, String place, String message) throws IOException {
        new Run("", place, settings, run.machine()).say(message);
        return Run.USAGE;
    }

    private int run(Run script, String place, List<String> words) throws IOException, UsageException {
        script.stopIfAsked();
        String[] args = new String[words.size()];
        for (int i = 0; i < args.length; i++) {
            String word = words.get(i);
            args[i] = image.text() != null && word.startsWith(":/") ? image.text() + word : word;
        }
        Settings own = new Settings();
        Commands commands = new Commands(own);
        Run run = new Run(commands.nameIn(args), place, own, script.machine());
        if (commands.nameIn(args).isEmpty()) {
            run.say(words.getFirst() + ": no such command; one of " + String.join(", ", commands.names()));
            return Run.USAGE;
        }
        Rump4j.run(run, commands, commands.lineFor(args), args);
        run.out().flush();
        return run.status();
    }

    /** Lines, one after the other; null behind the last. */
    @FunctionalInterface
    private interface Lines {
        /** The next one, without its end. */
        @Nullable
        String next() throws IOException;
    }

    private static Lines linesOf(String name) throws ErrnoException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (Input input = Input.openOnHost(name)) {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            while (input.read(buffer.clear()) >= 0) {
                all.write(buffer.array(), 0, buffer.position());
            }
        }
        String text = PathCodec.decode(all.toByteArray());
        int[] at = {0};
        return () -> {
            if (at[0] >= text.length()) {
                return null;
            }
            int end = text.indexOf('\n', at[0]);
            String line = text.substring(at[0], end < 0 ? text.length() : end);
            at[0] = end < 0 ? text.length() : end + 1;
            return line;
        };
    }

    /**
     * The words of a line.
     *
     * @throws UsageException where it ends before a word does
     */
    static List<String> words(CharSequence line) throws UsageException {
        List<String> words = new ArrayList<>();
        StringBuilder word = null;
        int n = line.length();
        for (int i = 0; i < n; i++) {
            char c = line.charAt(i);
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                if (word != null) {
                    words.add(word.toString());
                    word = null;
                }
                continue;
            }
            if (c == '#' && word == null) {
                while (i + 1 < n && line.charAt(i + 1) != '\n') {
                    i++;
                }
                continue;
            }
            if (c == '\\' && i + 1 < n && line.charAt(i + 1) == '\n') {
                i++;
                continue;
            }
            word = word == null ? new StringBuilder() : word;
            if (c == '\\') {
                if (i + 1 == n) {
                    throw new UsageException("a backslash at the end");
                }
                word.append(line.charAt(++i));
            } else if (c == '\'' || c == '"') {
                i = quoted(line, i, word);
            } else {
                word.append(c);
            }
        }
        if (word != null) {
            words.add(word.toString());
        }
        return words;
    }

    /** Appends what is in the quotes that open at i, and gives where they close. */
    private static int quoted(CharSequence line, int i, StringBuilder word) throws UsageException {
        char quote = line.charAt(i);
        int at = i + 1;
        while (at < line.length() && line.charAt(at) != quote) {
            char c = line.charAt(at);
            if (quote == '"' && c == '\\' && at + 1 < line.length()) {
                char next = line.charAt(++at);
                if (next == '\n') {
                    at++;
                    continue;
                }
                if ("\"\\$`".indexOf(next) < 0) {
                    word.append('\\');
                }
                c = next;
            }
            word.append(c);
            at++;
        }
        if (at >= line.length()) {
            throw new UsageException("a quote that is not closed");
        }
        return at;
    }
}
