package org.rump4j.netbsd.bind;

import java.util.Map;
import java.util.Set;

/**
 * The host's half of a driver, written in Java. Drivers that talk to the outside come with such a half in C, whose functions have names of
 * their own ({@code rumpcomp_}…); calls of these lead here instead.
 */
public interface HostHalf {

    /** The names of its functions. They mean these ones also where a component defines them. */
    Set<String> symbols();

    /**
     * The functions for one guest, before anything of the guest has run.
     *
     * @return one for each of {@link #symbols}
     */
    Map<String, HostFunction> functions(Guest guest);
}
