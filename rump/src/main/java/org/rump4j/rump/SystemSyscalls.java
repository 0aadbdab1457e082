package org.rump4j.rump;

import java.util.List;
import org.rump4j.rumpuser.ErrnoException;

/** System calls on the kernel as a whole. */
public interface SystemSyscalls {
    /**
     * Reads a node of the sysctl tree. {@code sysctl(3)}, {@code sysctlbyname}.
     *
     * @param name such as {@code kern.ostype}
     * @throws ErrnoException ENOENT where there is none; EISDIR where it has nodes below and no value
     */
    SysctlValue sysctl(String name) throws ErrnoException;

    /**
     * Sets a node of the sysctl tree.
     *
     * @throws ErrnoException as the other; EPERM where it is read-only, or for anyone but the superuser; EINVAL where the
     *     value is of another type or not allowed
     */
    void sysctl(String name, SysctlValue value) throws ErrnoException;

    /**
     * The names of the nodes below a node.
     *
     * @param name such as {@code kern}; empty for the root
     * @return last parts of their names, in the order in which they were made
     * @throws ErrnoException ENOENT where there is none; ENOTDIR where it has a value
     */
    List<String> sysctlQuery(String name) throws ErrnoException;

    /**
     * Ends the kernel. Does not return. {@code reboot(2)}.
     *
     * @param howto RB_ constants of {@link SysReboot}
     * @throws ErrnoException EPERM for anyone but the superuser
     */
    void reboot(int howto) throws ErrnoException;
}
