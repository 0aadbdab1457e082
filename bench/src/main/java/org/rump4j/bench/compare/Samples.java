package org.rump4j.bench.compare;

import java.util.Arrays;

/** What the rounds of one side gave. */
final class Samples {
    private final double[] sorted;

    Samples(double[] values) {
        sorted = values.clone();
        Arrays.sort(sorted);
    }

    double median() {
        return quantile(0.5);
    }

    /** How much they scatter: half the distance between the quartiles, as a part of the median. */
    double spread() {
        return median() == 0 ? 0 : (quantile(0.75) - quantile(0.25)) / 2 / median();
    }

    private double quantile(double q) {
        double at = q * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
