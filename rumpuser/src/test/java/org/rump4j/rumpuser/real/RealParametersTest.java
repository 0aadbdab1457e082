package org.rump4j.rumpuser.real;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.ParameterCalls;

/** Where parameters come from. */
final class RealParametersTest {
    @Test
    void anEnvironmentThatChangesIsSeenBehindWhatWasSet() throws Exception {
        Map<String, String> process = new HashMap<>(Map.of("A", "outside", "B", "outside"));
        RealHost host = RealHost.builder()
                .environment("A", "set")
                .environment(process::get)
                .build();
        assertEquals("set", host.getparam("A"));
        assertEquals("outside", host.getparam("B"));
        process.put("RUMP_NCPU", "7");
        assertEquals("7", host.getparam(ParameterCalls.PARAM_NCPU));
        ErrnoException none = assertThrows(ErrnoException.class, () -> host.getparam("C"));
        assertEquals(Errno.ENOENT, none.errno());
    }
}
