package org.rump4j.netbsd.link;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A host whose symbols are given. */
class TestHost implements LinkHost {
    private final Map<String, Long> symbols = new LinkedHashMap<>();
    private final Set<String> overrides = new LinkedHashSet<>();

    TestHost with(String name, long address) {
        symbols.put(name, address);
        return this;
    }

    TestHost overriding(String name, long address) {
        overrides.add(name);
        return with(name, address);
    }

    @Override
    public boolean has(String name) {
        return symbols.containsKey(name);
    }

    @Override
    public Collection<String> overrides() {
        return overrides;
    }

    @Override
    public long address(String name, @Nullable String version) throws LinkException {
        Long address = symbols.get(name);
        if (address == null) {
            throw new LinkException("this host has no " + name);
        }
        return address;
    }
}
