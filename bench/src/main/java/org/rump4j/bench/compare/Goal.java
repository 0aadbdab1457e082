package org.rump4j.bench.compare;

/** What a row is to reach. */
sealed interface Goal {
    /** Ours is at most so many times the reference's. */
    record AtMostTimes(double factor) implements Goal {}

    /** Ours is at least so many times the reference's. */
    record AtLeastTimes(double factor) implements Goal {}

    /** Ours is at most so much, in the row's unit, whatever the reference's is. */
    record AtMost(double value) implements Goal {}

    /** A figure that others are to be seen against. */
    record None() implements Goal {}

    /**
     * Whether it is reached.
     *
     * @param ratio of ours to the reference's; NaN where there is no reference, and then a goal that needs one is not reached
     */
    default boolean isMet(double ours, double ratio) {
        return switch (this) {
            case AtMostTimes(double factor) -> ratio <= factor;
            case AtLeastTimes(double factor) -> ratio >= factor;
            case AtMost(double value) -> ours <= value;
            case None() -> true;
        };
    }

    /** Whether nothing can be said without a reference. */
    default boolean needsReference() {
        return this instanceof AtMostTimes || this instanceof AtLeastTimes;
    }

    /** As the table shows it. */
    default String text(String unit) {
        return switch (this) {
            case AtMostTimes(double factor) -> "≤ " + Table.number(factor) + "×";
            case AtLeastTimes(double factor) -> "≥ " + Table.number(factor) + "×";
            case AtMost(double value) -> "≤ " + Table.number(value) + " " + unit;
            case None() -> "";
        };
    }
}
