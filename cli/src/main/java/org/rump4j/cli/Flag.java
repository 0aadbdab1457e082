package org.rump4j.cli;

import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;

/** An option without a value. May be given more than once, as in any BSD tool. */
final class Flag {
    private final OptionSpec spec;
    private boolean set;

    /**
     * An option.
     *
     * @param description a sentence without a period
     * @param names such as {@code -l}
     */
    Flag(String description, String... names) {
        // An array, because picocli grumbles when anything else is given twice.
        this(OptionSpec.builder(names).description(Commands.format(description)).type(boolean[].class));
    }

    private Flag(OptionSpec.Builder builder) {
        spec = builder.arity("0")
                .setter(new ISetter() {
                    @Override
                    public <T> T set(T value) {
                        set |= value instanceof boolean[] || Boolean.TRUE.equals(value);
                        return value;
                    }
                })
                .build();
    }

    /** {@code --help}: with it, nothing else needs to be right. */
    static Flag help() {
        return new Flag(OptionSpec.builder("--help")
                .type(boolean.class)
                .usageHelp(true)
                .description("Show this help and exit"));
    }

    /** {@code --version}, likewise. */
    static Flag version() {
        return new Flag(OptionSpec.builder("--version")
                .type(boolean.class)
                .versionHelp(true)
                .description("Show the version and exit"));
    }

    /** The same with another scope. */
    OptionSpec spec() {
        return spec;
    }

    boolean isSet() {
        return set;
    }
}
