package org.rump4j.netbsd.elf;

import org.jspecify.annotations.Nullable;

/**
 * A file that is no shared object that can be linked, or cannot be read. The message says which file, which field, and what is wrong with
 * it.
 */
public final class ElfException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final String field;

    public ElfException(String file, String field, String problem) {
        this(file, field, problem, null);
    }

    ElfException(String file, String field, String problem, @Nullable Throwable cause) {
        super(file + ": " + field + ": " + problem, cause);
        this.file = file;
        this.field = field;
    }

    /** The file, as whoever had it read has named it. */
    public String file() {
        return file;
    }

    /** What of it is wrong, by the name that the ABI has for it. */
    public String field() {
        return field;
    }
}
