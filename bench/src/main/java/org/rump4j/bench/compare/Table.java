package org.rump4j.bench.compare;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A table in Markdown that is good to look at as it is. */
final class Table {
    private static final List<String> HEAD = List.of("work", "rump4j", "reference", "ratio", "goal", "");

    private final List<List<String>> lines = new ArrayList<>();

    Table() {
        lines.add(HEAD);
    }

    void add(Row row, Samples ours, @Nullable Samples reference) {
        double ratio = reference == null ? Double.NaN : ours.median() / reference.median();
        lines.add(List.of(
                row.name() + (row.pinned() ? " (pinned)" : ""),
                figure(ours, row.unit()),
                reference == null ? "" : figure(reference, row.unit()),
                Double.isNaN(ratio) ? "" : number(ratio) + "×",
                row.goal().text(row.unit()),
                verdict(row.goal(), ours.median(), ratio)));
    }

    /** A row that could not be measured. */
    void add(Row row, String why) {
        lines.add(List.of(row.name(), why, "", "", row.goal().text(row.unit()), ""));
    }

    void print(PrintStream out) {
        int[] widths = IntStream.range(0, HEAD.size())
                .map(column -> lines.stream()
                        .mapToInt(line -> line.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        for (int i = 0; i < lines.size(); i++) {
            out.println(format(lines.get(i), widths));
            if (i == 0) {
                out.println(IntStream.range(0, widths.length)
                        .mapToObj(column -> isNumeric(column)
                                ? "-".repeat(widths[column] + 1) + ":"
                                : "-".repeat(widths[column] + 2))
                        .collect(Collectors.joining("|", "|", "|")));
            }
        }
    }

    /** With as many digits as mean something. */
    static String number(double value) {
        double size = Math.abs(value);
        if (size >= 100 || value == Math.rint(value)) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        return String.format(Locale.ROOT, size >= 10 ? "%.1f" : size >= 0.1 ? "%.2f" : "%.3f", value);
    }

    private static String figure(Samples samples, String unit) {
        return number(samples.median()) + " " + unit + " ±" + Math.round(samples.spread() * 100) + " %";
    }

    private static String verdict(Goal goal, double ours, double ratio) {
        if (goal instanceof Goal.None || (goal.needsReference() && Double.isNaN(ratio))) {
            return "";
        }
        return goal.isMet(ours, ratio) ? "met" : "missed";
    }

    private static boolean isNumeric(int column) {
        return column >= 1 && column <= 4;
    }

    private static String format(List<String> line, int[] widths) {
        return IntStream.range(0, widths.length)
                .mapToObj(column -> {
                    String pad = " ".repeat(widths[column] - line.get(column).length());
                    return " " + (isNumeric(column) ? pad + line.get(column) : line.get(column) + pad) + " ";
                })
                .collect(Collectors.joining("|", "|", "|"));
    }
}
