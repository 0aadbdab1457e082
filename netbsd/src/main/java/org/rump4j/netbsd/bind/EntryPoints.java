package org.rump4j.netbsd.bind;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.elf.Machine;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.netbsd.link.LinkHost;
import org.rump4j.netbsd.link.TlsBlock;
import org.rump4j.netbsd.memory.Protection;
import org.rump4j.netbsd.memory.Region;
import org.rump4j.netbsd.memory.RegionException;
import org.rump4j.rumpuser.Hypercall;

/** What a guest has from outside: the hypercalls, and what finds variables of threads. Nothing of the C library. */
final class EntryPoints implements LinkHost {
    private static final String TLS_GET_ADDR = "__tls_get_addr";

    private final long tlsAlign;
    private final Map<String, Long> addresses;
    private final long gate;

    private EntryPoints(long tlsAlign, Map<String, Long> addresses, long gate) {
        this.tlsAlign = tlsAlign;
        this.addresses = addresses;
        this.gate = gate;
    }

    /** To plan by: has the names, and no addresses. */
    static EntryPoints names() {
        Map<String, Long> names = new HashMap<>();
        for (Hypercall h : Hypercall.values()) {
            names.put(h.symbol(), 0L);
        }
        names.put(TLS_GET_ADDR, 0L);
        return new EntryPoints(1, names, 0);
    }

    /** How much room the code of {@link #in} takes. */
    static long bytes() {
        return X8664Code.bytes(Hypercall.values().length);
    }

    /**
     * Puts the code into a region.
     *
     * @param upcall as {@link X8664Code} wants it
     * @param tlsAlign what the guest's variables of threads are aligned to
     */
    static EntryPoints in(Region region, MemorySegment upcall, long tlsAlign) throws RegionException, LinkException {
        if (Machine.host() != Machine.x86_64()) {
            throw new LinkException("kernels of native code can be linked on this machine, but not yet be called");
        }
        long at = region.take(bytes(), 1);
        X8664Code code = new X8664Code(Hypercall.values().length, at, CurrentBlock.threadOffset(), upcall.address());
        Map<String, Long> addresses = new HashMap<>();
        long gate = code.gate();
        code.common();
        Hypercall[] table = Hypercall.values();
        for (int i = 0; i < table.length; i++) {
            addresses.put(table[i].symbol(), table[i] == Hypercall.DPRINTF ? code.variadicEntry(i) : code.entry(i));
        }
        addresses.put(TLS_GET_ADDR, code.tlsGetAddr());
        region.protect(at, bytes(), Protection.READ_WRITE);
        byte[] bytes = code.finished();
        region.memory().asSlice(at - region.address(), bytes.length).copyFrom(MemorySegment.ofArray(bytes));
        region.protect(at, bytes(), Protection.READ_EXECUTE);
        return new EntryPoints(tlsAlign, addresses, gate);
    }

    /** {@link X8664Code#gate}. */
    MemorySegment gate() {
        return MemorySegment.ofAddress(gate);
    }

    @Override
    public boolean has(String name) {
        return addresses.containsKey(name);
    }

    @Override
    public long address(String name, @Nullable String version) throws LinkException {
        Long address = addresses.get(name);
        if (address == null) {
            throw new LinkException(name + ": there is no such hypercall");
        }
        return address;
    }

    @Override
    public long tlsModule(TlsBlock block) {
        return GuestThread.headerBytes(tlsAlign) + block.offset();
    }
}
