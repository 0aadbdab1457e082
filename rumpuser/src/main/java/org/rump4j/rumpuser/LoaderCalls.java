package org.rump4j.rumpuser;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** What of the kernel is linked into the process. */
public interface LoaderCalls {
    /**
     * What a kernel does with what was found. All of it is called on the boot thread before {@link #dlBootstrap} returns.
     *
     * @param <C> the kernel's type for a component
     */
    interface DlCallbacks<C> {
        /** Kernel modules that are linked in. A host without such a thing does not call this. */
        void modinit(List<MemorySegment> modules);

        /**
         * The symbols of the kernel, as ELF has them. A host without such a thing does not call this.
         *
         * @param symtab symbol table; the kernel's from now on
         * @param strtab its string table; the kernel's from now on
         */
        void symload(MemorySegment symtab, MemorySegment strtab);

        /** A component. May be told of one more than once. */
        void compload(C component);
    }

    /**
     * Finds what is linked in and tells the kernel. On the boot thread, with the virtual CPU held. Does not unschedule.
     *
     * @param type the kernel's type for a component
     */
    <C> void dlBootstrap(Class<C> type, DlCallbacks<C> callbacks);
}
