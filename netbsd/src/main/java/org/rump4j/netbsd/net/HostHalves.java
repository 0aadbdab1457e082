package org.rump4j.netbsd.net;

import java.util.List;
import java.util.Map;
import org.rump4j.netbsd.bind.HostHalf;

/** The host's halves of all drivers that have one. */
public final class HostHalves {
    private HostHalves() {}

    /**
     * All of them.
     *
     * @param links as {@link Virtif#Virtif} takes them
     */
    public static List<HostHalf> all(Map<String, Link> links) {
        return List.of(new Virtif(links), new Shmif(), new Sockin(), new Ugenhc());
    }
}
