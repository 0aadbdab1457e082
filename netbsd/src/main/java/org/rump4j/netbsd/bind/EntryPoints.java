package org.rump4j.netbsd.bind;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.elf.Machine;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.netbsd.link.LinkHost;
import org.rump4j.netbsd.link.Plan;
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

    /** What compilers have every library mention, weakly, and kernels have no use for. */
    private static final Set<String> NOT_OF_THE_LIBRARY =
            Set.of("_ITM_deregisterTMCloneTable", "_ITM_registerTMCloneTable", "__gmon_start__", "__cxa_finalize");

    private final long tlsAlign;

    /** Distance of the guest's {@link StaticPlace}, or 0. */
    private final long staticPlace;

    private final Map<String, Long> addresses;
    private final Collection<String> overrides;
    private final SymbolLookup library;
    private final long gate;
    private final long escape;
    private final long futex;

    private EntryPoints(
            long tlsAlign,
            long staticPlace,
            Map<String, Long> addresses,
            Collection<String> overrides,
            SymbolLookup library,
            long gate,
            long escape,
            long futex) {
        this.tlsAlign = tlsAlign;
        this.staticPlace = staticPlace;
        this.addresses = addresses;
        this.overrides = overrides;
        this.library = library;
        this.gate = gate;
        this.escape = escape;
        this.futex = futex;
    }

    /** To plan by: has the names, and no addresses. */
    static EntryPoints names(Surroundings surroundings) {
        Map<String, Long> names = new HashMap<>();
        for (Hypercall h : Hypercall.values()) {
            names.put(h.symbol(), 0L);
        }
        Set<String> functions = surroundings.functionNames();
        for (String name : functions) {
            names.put(name, 0L);
        }
        names.put(TLS_GET_ADDR, 0L);
        return new EntryPoints(1, 0, names, functions, surroundings.library(), 0, 0, 0);
    }

    /** How much room the code of {@link #in} takes. */
    static int bytes(Surroundings surroundings) {
        return bytes(count(surroundings.functionNames()));
    }

    private static int bytes(int entries) {
        return X8664Code.bytes(entries) + X8664Stubs.BYTES;
    }

    private static int count(Set<String> functions) {
        return Hypercall.values().length + functions.size();
    }

    /**
     * Puts the code into a region.
     *
     * @param upcall as {@link X8664Code} wants it
     * @param plan tells of the guest's variables of threads
     * @param locks where {@link NativeThreading} has them; null where each hypercall is to enter Java
     * @param wallClockGoes as {@link X8664Stubs} wants it
     */
    static EntryPoints in(
            Region region,
            MemorySegment upcall,
            Plan plan,
            Surroundings surroundings,
            @Nullable Cells locks,
            boolean wallClockGoes)
            throws RegionException, LinkException {
        if (Machine.host() != Machine.x86_64()) {
            throw new LinkException("kernels of native code can be linked on this machine, but not yet be called");
        }
        Set<String> functions = surroundings.functionNames();
        int count = count(functions);
        long room = bytes(count);
        long at = region.take(room, 1);
        long stubsAt = at + X8664Code.bytes(count);
        long staticPlace = usesStaticTls(plan) ? StaticPlace.threadOffset(plan.tlsBytes(), plan.tlsAlign()) : 0;
        X8664Code code = new X8664Code(count, at, CurrentBlock.threadOffset(), staticPlace, upcall.address());
        Map<String, Long> addresses = new HashMap<>();
        long gate = code.gate();
        code.common();
        Map<Hypercall, Long> entries = new EnumMap<>(Hypercall.class);
        for (Hypercall h : Hypercall.values()) {
            int i = entries.size();
            entries.put(
                    h,
                    switch (h) {
                        case DPRINTF -> code.variadicEntry(i);
                        case SETERRNO -> code.errnoEntry(i, X8664Stubs.libraryFunction("__errno_location"));
                        default -> code.entry(i);
                    });
        }
        X8664Stubs stubs = null;
        if (locks != null) {
            stubs = new X8664Stubs(stubsAt, CurrentBlock.threadOffset(), locks, entries, wallClockGoes);
            entries.putAll(stubs.stubs());
        }
        entries.forEach((h, address) -> addresses.put(h.symbol(), address));
        int number = entries.size();
        for (String name : functions) {
            addresses.put(name, code.entry(number++));
        }
        addresses.put(TLS_GET_ADDR, code.tlsGetAddr());
        region.protect(at, room, Protection.READ_WRITE);
        put(region, at, code.finished());
        if (stubs != null) {
            put(region, stubsAt, stubs.code());
        }
        region.protect(at, room, Protection.READ_EXECUTE);
        return new EntryPoints(
                plan.tlsAlign(),
                staticPlace,
                addresses,
                functions,
                surroundings.library(),
                gate,
                code.escapeAddress(),
                stubs == null ? 0 : stubs.futexAddress());
    }

    private static boolean usesStaticTls(Plan plan) {
        for (Plan.Member member : plan.members()) {
            if (member.component().object().usesStaticTls()) {
                return true;
            }
        }
        return false;
    }

    private static void put(Region region, long at, byte[] bytes) {
        region.memory().asSlice(at - region.address(), bytes.length).copyFrom(MemorySegment.ofArray(bytes));
    }

    /** {@link X8664Code#gate}. */
    MemorySegment gate() {
        return MemorySegment.ofAddress(gate);
    }

    /** {@link X8664Code#escapeAddress}. */
    long escape() {
        return escape;
    }

    /** {@link X8664Stubs#futexAddress}, where there are stubs. */
    MemorySegment futex() {
        return MemorySegment.ofAddress(futex);
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
        return (staticPlace != 0 ? staticPlace : GuestThread.headerBytes(tlsAlign)) + block.offset();
    }

    @Override
    public long tlsThreadOffset(TlsBlock block) throws LinkException {
        if (staticPlace == 0) {
            throw new LinkException(block.component()
                    + ": its variables of threads have to be at a fixed distance (initial-exec), which it does not say"
                    + " (DF_STATIC_TLS)");
        }
        return staticPlace + block.offset();
    }
}
