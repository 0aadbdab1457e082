package org.rump4j.rump;

/** The value of a node of the sysctl tree, by the node's type. Source: NetBSD {@code sysctl(9)}. */
public sealed interface SysctlValue {
    /** {@code CTLTYPE_INT}. */
    record Int(int value) implements SysctlValue {
        @Override
        public String toString() {
            return Integer.toString(value);
        }
    }

    /** {@code CTLTYPE_QUAD}. */
    record Quad(long value) implements SysctlValue {
        @Override
        public String toString() {
            return Long.toString(value);
        }
    }

    /** {@code CTLTYPE_STRING}. */
    record Text(String value) implements SysctlValue {
        @Override
        public String toString() {
            return value;
        }
    }
}
