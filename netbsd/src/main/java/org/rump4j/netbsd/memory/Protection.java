package org.rump4j.netbsd.memory;

/** What may be done with memory. Nothing can be written and executed at once. */
public enum Protection {
    NONE(0),
    READ(1),
    READ_WRITE(3),
    READ_EXECUTE(5);

    /** {@code PROT_*}, as in mmap(2). */
    final int prot;

    Protection(int prot) {
        this.prot = prot;
    }
}
