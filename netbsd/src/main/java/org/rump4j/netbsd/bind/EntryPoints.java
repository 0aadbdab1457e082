package org.rump4j.netbsd.bind;

import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.elf.Machine;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.netbsd.link.LinkHost;
import org.rump4j.netbsd.link.TlsBlock;
import org.rump4j.netbsd.memory.Protection;
import org.rump4j.netbsd.memory.Region;
import org.rump4j.netbsd.memory.RegionException;
import org.rump4j.rumpuser.Hypercall;

/**
 * What a guest has from outside: the hypercalls, what finds variables of threads, and its {@link Surroundings}. Functions in Java have the
 * numbers behind those of the hypercalls.
 */
final class EntryPoints implements LinkHost {
    private static final String TLS_GET_ADDR = "__tls_get_addr";
    private static final String ERRNO_LOCATION = "__errno_location";

    /** What compilers have every library mention, weakly, and kernels have no use for. */
    private static final Set<String> NOT_OF_THE_LIBRARY =
            Set.of("_ITM_deregisterTMCloneTable", "_ITM_registerTMCloneTable", "__gmon_start__", "__cxa_finalize");

    private final long tlsAlign;
    private final Map<String, Long> addresses;
    private final Collection<String> overrides;
    private final SymbolLookup library;
    private final long gate;
    private final long escape;

    private EntryPoints(long tlsAlign, Map<String, Long> addresses, Surroundings surroundings, long gate, long escape) {
        this.tlsAlign = tlsAlign;
        this.addresses = addresses;
        overrides = surroundings.functionNames();
        library = surroundings.library();
        this.gate = gate;
        this.escape = escape;
    }

    /** To plan by: has the names, and no addresses. */
    static EntryPoints names(Surroundings surroundings) {
        Map<String, Long> names = new HashMap<>();
        for (Hypercall h : Hypercall.values()) {
            names.put(h.symbol(), 0L);
        }
        for (String name : surroundings.functionNames()) {
            names.put(name, 0L);
        }
        names.put(TLS_GET_ADDR, 0L);
        return new EntryPoints(1, names, surroundings, 0, 0);
    }

    /** How much room the code of {@link #in} takes. */
    static int bytes(Surroundings surroundings) {
        return X8664Code.bytes(count(surroundings));
    }

    private static int count(Surroundings surroundings) {
        return Hypercall.values().length + surroundings.functionNames().size();
    }

    /**
     * Puts the code into a region.
     *
     * @param upcall as {@link X8664Code} wants it
     * @param tlsAlign what the guest's variables of threads are aligned to
     */
    static EntryPoints in(Region region, MemorySegment upcall, long tlsAlign, Surroundings surroundings)
            throws RegionException, LinkException {
        if (Machine.host() != Machine.x86_64()) {
            throw new LinkException("kernels of native code can be linked on this machine, but not yet be called");
        }
        long room = bytes(surroundings);
        long at = region.take(room, 1);
        X8664Code code = new X8664Code(count(surroundings), at, CurrentBlock.threadOffset(), upcall.address());
        Map<String, Long> addresses = new HashMap<>();
        long gate = code.gate();
        code.common();
        Hypercall[] table = Hypercall.values();
        for (int i = 0; i < table.length; i++) {
            addresses.put(
                    table[i].symbol(),
                    switch (table[i]) {
                        case DPRINTF -> code.variadicEntry(i);
                        case SETERRNO -> code.errnoEntry(i, errnoLocation());
                        default -> code.entry(i);
                    });
        }
        int number = table.length;
        for (String name : surroundings.functionNames()) {
            addresses.put(name, code.entry(number++));
        }
        addresses.put(TLS_GET_ADDR, code.tlsGetAddr());
        region.protect(at, room, Protection.READ_WRITE);
        byte[] bytes = code.finished();
        region.memory().asSlice(at - region.address(), bytes.length).copyFrom(MemorySegment.ofArray(bytes));
        region.protect(at, room, Protection.READ_EXECUTE);
        return new EntryPoints(tlsAlign, addresses, surroundings, gate, code.escapeAddress());
    }

    private static long errnoLocation() throws LinkException {
        return Linker.nativeLinker()
                .defaultLookup()
                .find(ERRNO_LOCATION)
                .orElseThrow(() -> new LinkException("the C library has no " + ERRNO_LOCATION))
                .address();
    }

    /** {@link X8664Code#gate}. */
    MemorySegment gate() {
        return MemorySegment.ofAddress(gate);
    }

    /** {@link X8664Code#escapeAddress}. */
    long escape() {
        return escape;
    }

    @Override
    public boolean has(String name) {
        return addresses.containsKey(name)
                || (!NOT_OF_THE_LIBRARY.contains(name) && library.find(name).isPresent());
    }

    @Override
    public Collection<String> overrides() {
        return overrides;
    }

    @Override
    public long address(String name, @Nullable String version) throws LinkException {
        Long address = addresses.get(name);
        if (address != null) {
            return address;
        }
        return library.find(name)
                .map(MemorySegment::address)
                .orElseThrow(() -> new LinkException(name + ": the host has no such function"));
    }

    @Override
    public long tlsModule(TlsBlock block) {
        return GuestThread.headerBytes(tlsAlign) + block.offset();
    }
}
