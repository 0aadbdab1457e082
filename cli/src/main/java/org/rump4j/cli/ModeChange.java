package org.rump4j.cli;

import java.util.ArrayList;
import java.util.List;
import org.rump4j.rump.SysStat;

/**
 * What is to become of a mode: a number in octal, or clauses as {@code chmod(1)} describes them, such as {@code u=rwX,go-w+t}.
 */
final class ModeChange {
    private static final int USER = SysStat.S_ISUID | 0700;
    private static final int GROUP = SysStat.S_ISGID | 0070;
    private static final int OTHERS = 0007;
    private static final int SET_ID = SysStat.S_ISUID | SysStat.S_ISGID;
    private static final int ALL = 0777;
    private static final int EXECUTE = 0111;
    private static final int READ = 0444;
    private static final int WRITE = 0222;
    private static final int OCTAL = 8;

    /**
     * One thing to do.
     *
     * @param who bits that it is about
     * @param operator one of {@code + - =}
     * @param bits for everybody; those of who are meant
     * @param executeAlike whether there is an X: execute, where it is a directory or anybody may
     * @param copied one of {@code u g o}: whose permissions are copied; otherwise 0
     * @param mask what the umask takes away
     */
    private record Step(int who, char operator, int bits, boolean executeAlike, char copied, int mask) {
        int applied(int mode, boolean directory) {
            int value = bits | (executeAlike && (directory || (mode & EXECUTE) != 0) ? EXECUTE : 0);
            value |= switch (copied) {
                case 'u' -> ((mode >> 6) & 7) * EXECUTE;
                case 'g' -> ((mode >> 3) & 7) * EXECUTE;
                case 'o' -> (mode & 7) * EXECUTE;
                default -> 0;
            };
            value &= who & ~mask;
            return switch (operator) {
                case '+' -> mode | value;
                case '-' -> mode & ~value;
                default -> (mode & ~who) | value;
            };
        }
    }

    private final int absolute;
    private final List<Step> steps;

    private ModeChange(int absolute, List<Step> steps) {
        this.absolute = absolute;
        this.steps = steps;
    }

    /**
     * Reads a change.
     *
     * @param umask counts where a clause does not say whose permissions it is about
     * @throws UsageException where it is none
     */
    static ModeChange of(String text, int umask) throws UsageException {
        if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c < '8') && text.length() <= 5) {
            int mode = Integer.parseInt(text, OCTAL);
            if (mode <= SysStat.ALLPERMS) {
                return new ModeChange(mode, List.of());
            }
        }
        List<Step> steps = new ArrayList<>();
        for (String clause : text.split(",", -1)) {
            clause(steps, clause, umask, text);
        }
        return new ModeChange(-1, steps);
    }

    /** The mode that a file gets. */
    int applied(int mode, boolean directory) {
        int result = absolute >= 0 ? absolute : mode & SysStat.ALLPERMS;
        for (Step step : steps) {
            result = step.applied(result, directory);
        }
        return result;
    }

    private static void clause(List<Step> steps, String clause, int umask, String text) throws UsageException {
        int i = 0;
        int who = 0;
        for (; i < clause.length() && "ugoa".indexOf(clause.charAt(i)) >= 0; i++) {
            who |= switch (clause.charAt(i)) {
                case 'u' -> USER;
                case 'g' -> GROUP;
                case 'o' -> OTHERS;
                default -> USER | GROUP | OTHERS;
            };
        }
        int mask = who == 0 ? umask : 0;
        if (who == 0) {
            who = USER | GROUP | OTHERS;
        }
        if (i == clause.length()) {
            throw invalid(text);
        }
        while (i < clause.length()) {
            char operator = clause.charAt(i++);
            if ("+-=".indexOf(operator) < 0) {
                throw invalid(text);
            }
            int end = i;
            while (end < clause.length() && "+-=".indexOf(clause.charAt(end)) < 0) {
                end++;
            }
            steps.add(step(who, operator, clause.substring(i, end), mask, text));
            i = end;
        }
    }

    private static Step step(int who, char operator, String permissions, int mask, String text) throws UsageException {
        if (permissions.length() == 1 && "ugo".contains(permissions)) {
            return new Step(who, operator, 0, false, permissions.charAt(0), mask);
        }
        int bits = 0;
        boolean executeAlike = false;
        boolean sticky = false;
        for (int i = 0; i < permissions.length(); i++) {
            switch (permissions.charAt(i)) {
                case 'r' -> bits |= READ;
                case 'w' -> bits |= WRITE;
                case 'x' -> bits |= EXECUTE;
                case 's' -> bits |= SET_ID;
                case 't' -> sticky = true;
                case 'X' -> executeAlike = true;
                default -> throw invalid(text);
            }
        }
        // The sticky bit is set and cleared whoever the clause is about.
        boolean aboutSticky = sticky || (operator == '=' && (who & ALL) == ALL);
        int about = who | (aboutSticky ? SysStat.S_ISVTX : 0);
        return new Step(about, operator, bits | (sticky ? SysStat.S_ISVTX : 0), executeAlike, '\0', mask);
    }

    private static UsageException invalid(String text) {
        return new UsageException("invalid file mode: " + text);
    }
}
