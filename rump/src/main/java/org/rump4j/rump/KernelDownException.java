package org.rump4j.rump;

import org.jspecify.annotations.Nullable;

/** The kernel is no more: it has been halted, or has panicked. */
public final class KernelDownException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Made by kernels.
     *
     * @param message what ended it
     * @param cause what the panic comes from, or null
     */
    public KernelDownException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
