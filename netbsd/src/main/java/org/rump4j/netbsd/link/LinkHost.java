package org.rump4j.netbsd.link;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is around a kernel: symbols that none of its components defines, and how its threads find their variables. */
public interface LinkHost {

    /** Whether it has a symbol, for components that do not find it among themselves. */
    boolean has(String name);

    /** Symbols that it has in place of those of components: the host's half of a driver that is written in Java. */
    default Collection<String> overrides() {
        return List.of();
    }

    /**
     * The address of a symbol that it has. Asked once a symbol and kernel.
     *
     * @param version the version that is wanted, or null where any will do
     * @throws LinkException where it has none of that version
     */
    long address(String name, @Nullable String version) throws LinkException;

    /**
     * What a module is called in the first word of the pair that {@code __tls_get_addr} is given. If it is where the module's block is in
     * the memory of a thread, which is what it is unless somebody says otherwise, the function has to add three numbers.
     */
    default long tlsModule(TlsBlock block) {
        return block.offset();
    }

    /**
     * Where a module's block is, relative to the thread pointer, in every thread that will ever enter the guest: {@link StaticTls} has
     * such places.
     *
     * @throws LinkException where this host does not have such a place: always, unless somebody says otherwise
     */
    default long tlsThreadOffset(TlsBlock block) throws LinkException {
        throw new LinkException(block.component() + ": its variables of threads have to be at a fixed distance from the"
                + " thread pointer (initial-exec), which this host does not offer");
    }

    /**
     * What finds a variable by a descriptor.
     *
     * @param offset of the variable in the block
     * @throws LinkException where this host has none: always, unless somebody says otherwise
     */
    default TlsDescriptor tlsDescriptor(TlsBlock block, long offset) throws LinkException {
        throw new LinkException(block.component()
                + ": its variables of threads are found by descriptors (TLSDESC), which this host does not offer");
    }

    /**
     * Calls a function of the guest that says which function is to be called in its place. All other relocations are done by then.
     *
     * @return what it returns
     * @throws LinkException where this host does not call the guest while it is linked: always, unless somebody says otherwise
     */
    default long resolveIndirect(String component, long resolver) throws LinkException {
        throw new LinkException(
                component + ": it chooses functions while it is linked (IRELATIVE), which this host does not offer");
    }

    /**
     * A descriptor of a variable.
     *
     * @param function the machine's own convention; returns where the variable is, relative to the thread pointer
     * @param argument the descriptor's second word, which the function finds beside the first
     */
    record TlsDescriptor(long function, long argument) {}
}
