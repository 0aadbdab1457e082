package org.rump4j.cli;

/**
 * A pattern of the shell's, as {@code fnmatch(3)} reads it without flags: {@code *}, {@code ?}, {@code [set]}, and a
 * backslash before what is meant literally. Slashes and leading dots are nothing special. Takes time in proportion to
 * pattern times name at the worst.
 */
final class Glob {
    private final String pattern;
    private final boolean anyCase;

    /**
     * A pattern.
     *
     * @param anyCase whether upper and lower case are the same
     */
    Glob(String pattern, boolean anyCase) {
        this.pattern = pattern;
        this.anyCase = anyCase;
    }

    /** Whether all of a name matches. */
    boolean matches(String name) {
        int p = 0;
        int n = 0;
        int star = -1;
        int starName = 0;
        while (n < name.length()) {
            int c = name.codePointAt(n);
            int after = p < pattern.length() && pattern.charAt(p) != '*' ? afterOne(p, c) : -1;
            if (after >= 0) {
                p = after;
                n += Character.charCount(c);
            } else if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                starName = n;
            } else if (star >= 0) {
                // The last star takes one more; those before it never need to.
                p = star + 1;
                starName += Character.charCount(name.codePointAt(starName));
                n = starName;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /** Where the pattern goes on after what matches one character, or −1 where it does not match. */
    private int afterOne(int p, int c) {
        int expected = pattern.codePointAt(p);
        if (expected == '?') {
            return p + 1;
        }
        if (expected == '[') {
            int end = endOfSet(p);
            if (end > 0) {
                return inSet(p + 1, end, c) ? end + 1 : -1;
            }
        }
        int at = p;
        if (expected == '\\' && p + 1 < pattern.length()) {
            at = p + 1;
            expected = pattern.codePointAt(at);
        }
        return same(expected, c) ? at + Character.charCount(expected) : -1;
    }

    /** Where the bracket closes that opens at p, or −1 where it does not and is an ordinary character. */
    private int endOfSet(int p) {
        int i = p + 1;
        if (i < pattern.length() && (pattern.charAt(i) == '!' || pattern.charAt(i) == '^')) {
            i++;
        }
        if (i < pattern.length() && pattern.charAt(i) == ']') {
            i++;
        }
        while (i < pattern.length() && pattern.charAt(i) != ']') {
            i += pattern.charAt(i) == '\\' ? 2 : 1;
        }
        return i < pattern.length() ? i : -1;
    }

    private boolean inSet(int begin, int end, int c) {
        int i = begin;
        boolean negated = pattern.charAt(i) == '!' || pattern.charAt(i) == '^';
        if (negated) {
            i++;
        }
        boolean found = false;
        while (i < end) {
            int at = literal(i, end);
            int low = pattern.codePointAt(at);
            i = at + Character.charCount(low);
            int high = low;
            if (i + 1 < end && pattern.charAt(i) == '-') {
                at = literal(i + 1, end);
                high = pattern.codePointAt(at);
                i = at + Character.charCount(high);
            }
            found |= within(low, high, c);
        }
        return found != negated;
    }

    private int literal(int i, int end) {
        return pattern.charAt(i) == '\\' && i + 1 < end ? i + 1 : i;
    }

    private boolean within(int low, int high, int c) {
        if (low <= c && c <= high) {
            return true;
        }
        if (!anyCase) {
            return false;
        }
        int lower = Character.toLowerCase(c);
        int upper = Character.toUpperCase(c);
        return (low <= lower && lower <= high) || (low <= upper && upper <= high);
    }

    private boolean same(int a, int b) {
        return a == b
                || (anyCase
                        && Character.toLowerCase(Character.toUpperCase(a))
                                == Character.toLowerCase(Character.toUpperCase(b)));
    }
}
