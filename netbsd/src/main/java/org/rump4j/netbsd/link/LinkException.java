package org.rump4j.netbsd.link;

import java.util.List;

/** Components that cannot be linked. The message has all reasons, a line each. */
public final class LinkException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Undefined> undefined;

    public LinkException(String problem) {
        super(problem);
        undefined = List.of();
    }

    LinkException(List<Undefined> undefined) {
        super(describe(undefined));
        this.undefined = List.copyOf(undefined);
    }

    /**
     * A symbol that nobody has.
     *
     * @param name its name, with {@code @VERSION} where one is wanted
     * @param wantedBy names of components
     * @param suppliers names of components that have it and are not among those that are linked
     */
    public record Undefined(String name, List<String> wantedBy, List<String> suppliers) {}

    /** The symbols that are to blame; empty where it is something else. */
    public List<Undefined> undefined() {
        return undefined;
    }

    private static String describe(List<Undefined> undefined) {
        StringBuilder out = new StringBuilder();
        for (Undefined u : undefined) {
            if (!out.isEmpty()) {
                out.append('\n');
            }
            out.append("undefined symbol ")
                    .append(u.name())
                    .append(", wanted by ")
                    .append(String.join(", ", u.wantedBy()));
            if (!u.suppliers().isEmpty()) {
                out.append("; it is in ").append(String.join(", ", u.suppliers()));
            }
        }
        return out.toString();
    }
}
