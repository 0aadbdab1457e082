package org.rump4j.fs.ext2fs.judge;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Rows of choices in which any two choices of different axes meet at least once. Always the same rows. */
final class Pairs {
    /** Rows that are tried before the one with the most new pairs is taken. */
    private static final int CANDIDATES = 60;

    private record Pair(int axis, int choice, int otherAxis, int otherChoice) {}

    private Pairs() {}

    /** @param sizes how many choices each axis has */
    static List<List<Integer>> of(List<Integer> sizes) {
        Set<Pair> missing = new HashSet<>();
        for (int a = 0; a < sizes.size(); a++) {
            for (int b = a + 1; b < sizes.size(); b++) {
                for (int i = 0; i < sizes.get(a) * sizes.get(b); i++) {
                    missing.add(new Pair(a, i % sizes.get(a), b, i / sizes.get(a)));
                }
            }
        }
        Random random = new Random(1);
        List<List<Integer>> rows = new ArrayList<>();
        while (!missing.isEmpty()) {
            List<Integer> best = List.of();
            Set<Pair> most = Set.of();
            for (int i = 0; i < CANDIDATES || most.isEmpty(); i++) {
                List<Integer> row = sizes.stream().map(random::nextInt).toList();
                Set<Pair> met = pairs(row);
                met.retainAll(missing);
                if (met.size() > most.size()) {
                    best = row;
                    most = met;
                }
            }
            rows.add(best);
            missing.removeAll(most);
        }
        return rows;
    }

    private static Set<Pair> pairs(List<Integer> row) {
        Set<Pair> pairs = new HashSet<>();
        for (int a = 0; a < row.size(); a++) {
            for (int b = a + 1; b < row.size(); b++) {
                pairs.add(new Pair(a, row.get(a), b, row.get(b)));
            }
        }
        return pairs;
    }
}
