package org.rump4j.cli;

import java.util.List;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.PositionalParamSpec;

/** What is on the command line besides options. */
final class Operands {
    private final PositionalParamSpec spec;
    private List<String> texts = List.of();

    /**
     * Operands.
     *
     * @param label what they are called in the usage message
     * @param arity how many there must be, such as {@code 1..*}
     * @param description a sentence without a period
     */
    Operands(String label, String arity, String description) {
        spec = PositionalParamSpec.builder()
                .index("0..*")
                .paramLabel(label)
                .description(Commands.format(description))
                .hideParamSyntax(true)
                .type(String[].class)
                .arity(arity)
                .required(!arity.startsWith("0"))
                .setter(new ISetter() {
                    @Override
                    public <T> T set(T value) {
                        texts = value instanceof String[] given ? List.of(given) : List.of();
                        return value;
                    }
                })
                .build();
    }

    PositionalParamSpec spec() {
        return spec;
    }

    List<String> texts() {
        return texts;
    }
}
