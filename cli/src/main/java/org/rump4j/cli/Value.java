package org.rump4j.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;

/** An option with a value. Where it is given more than once, the last one counts, unless all of them are asked for. */
final class Value {
    private final OptionSpec spec;
    private List<String> texts = List.of();

    /**
     * An option.
     *
     * @param label what the value is called in the usage message
     * @param description a sentence without a period
     * @param names such as {@code -t}
     */
    Value(String label, String description, String... names) {
        spec = OptionSpec.builder(names)
                .paramLabel(label)
                .description(Commands.format(description))
                .type(String[].class)
                .arity("1")
                .setter(new ISetter() {
                    @Override
                    public <T> T set(T value) {
                        // Nothing, where picocli begins with a command: what stood before its name counts.
                        if (value instanceof String[] given) {
                            texts = List.of(given);
                        }
                        return value;
                    }
                })
                .build();
    }

    OptionSpec spec() {
        return spec;
    }

    /** The value, or null where the option was not given. */
    @Nullable
    String text() {
        return texts.isEmpty() ? null : texts.getLast();
    }

    /** Each value that was given, in order. */
    List<String> all() {
        return texts;
    }

    /**
     * The value as a number.
     *
     * @param least what it must be at least
     * @param otherwise the number where the option was not given
     * @throws UsageException where it is none
     */
    int number(int least, int otherwise) throws UsageException {
        String text = text();
        if (text == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new UsageException(spec.longestName() + " " + text + ": not a number from " + least + " on");
    }
}
