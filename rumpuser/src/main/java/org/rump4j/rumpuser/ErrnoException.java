package org.rump4j.rumpuser;

import org.jspecify.annotations.Nullable;

/**
 * A hypercall or system call that failed with an {@link Errno}.
 *
 * <p>It is a result and not an accident: it carries no stack trace, no cause and nothing suppressed, so that making one
 * costs an allocation at the most, and {@link Errno#exception()} not even that.
 */
public final class ErrnoException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Errno errno;
    private final @Nullable String detail;

    ErrnoException(Errno errno, @Nullable String detail) {
        super(null, null, false, false);
        this.errno = errno;
        this.detail = detail;
    }

    /** The error. */
    public Errno errno() {
        return errno;
    }

    /** What was wrong and where, or null where the error says it all. */
    public @Nullable String detail() {
        return detail;
    }

    /** The error's own message, followed by the detail in parentheses where there is one. */
    @Override
    public String getMessage() {
        return detail == null ? errno.message() : errno.message() + " (" + detail + ")";
    }

    @Override
    public String toString() {
        return errno + ": " + getMessage();
    }
}
