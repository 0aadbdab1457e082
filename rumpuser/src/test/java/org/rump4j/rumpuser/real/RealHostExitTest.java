package org.rump4j.rumpuser.real;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rump4j.rumpuser.RumpuserExit;

final class RealHostExitTest {
    private final RealHost host =
            RealHost.builder().console(OutputStream.nullOutputStream()).build();

    @Test
    void whatIsToBeDoneAtTheExitIsDoneWhenTheKernelHasExited() {
        List<String> done = new ArrayList<>();
        host.checkExit();
        host.atExit(() -> {
            assertThrows(RumpuserExit.class, host::checkExit);
            done.add("before");
        });
        assertEquals(List.of(), done);
        RumpuserExit exit = assertThrows(RumpuserExit.class, () -> host.exit(1));
        assertSame(exit, assertThrows(RumpuserExit.class, host::checkExit));
        assertThrows(RumpuserExit.class, () -> host.exit(2));
        host.atExit(() -> done.add("afterwards"));
        assertEquals(List.of("before", "afterwards"), done);
    }
}
