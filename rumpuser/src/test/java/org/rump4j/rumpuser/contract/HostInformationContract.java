package org.rump4j.rumpuser.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ParameterCalls;
import org.rump4j.rumpuser.RandomCalls;
import org.rump4j.rumpuser.Rumpuser;

/** Parameters, randomness, console and error number. */
abstract class HostInformationContract extends Contract {
    // Parameters

    @Test
    void aVariableIsFoundByItsNameAndOthersAreNot() throws Throwable {
        Rumpuser other = hosts.make(setup(Map.of("RUMP_VERBOSE", "1", "anything", "", "RUMP_MEMLIMIT", "8m")));
        assertEquals("1", other.getparam("RUMP_VERBOSE"));
        assertEquals("", other.getparam("anything"));
        assertEquals("8m", other.getparam("RUMP_MEMLIMIT"));
        assertErrno(Errno.ENOENT, () -> other.getparam("RUMP4J_NO_SUCH_VARIABLE"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"_RUMPUSER_NOTHING", "_", "_RUMPUSER_NCPU_"})
    void otherNamesWithAnUnderscoreAreErrors(String name) {
        assertErrno(Errno.EINVAL, () -> host.getparam(name));
    }

    @Test
    void thereAreAsManyVirtualCpusAsTheEnvironmentSays() throws Throwable {
        String ncpu = ParameterCalls.PARAM_NCPU;
        assertEquals("7", hosts.make(setup(Map.of("RUMP_NCPU", "7"))).getparam(ncpu));
        assertEquals(
                "nonsense", hosts.make(setup(Map.of("RUMP_NCPU", "nonsense"))).getparam(ncpu));
        int all =
                Integer.parseInt(hosts.make(setup(Map.of("RUMP_NCPU", "host"))).getparam(ncpu));
        assertTrue(all >= 1);
        if (System.getenv("RUMP_NCPU") == null) {
            assertEquals("2", host.getparam(ncpu));
        }
    }

    @Test
    void theHostNameBeginsWithRump() throws Throwable {
        String name = host.getparam(ParameterCalls.PARAM_HOSTNAME);
        assertTrue(name.matches("rump-[0-9]{5,}(\\..+)?"), name);
        Rumpuser other = hosts.make(setup(Map.of("RUMP_HOSTNAME", "x")));
        assertEquals(name, other.getparam(ParameterCalls.PARAM_HOSTNAME));
    }

    // Randomness

    @ParameterizedTest
    @ValueSource(ints = {0, RandomCalls.RANDOM_HARD, RandomCalls.RANDOM_NOWAIT})
    void randomBytesComeBitByBitAndDiffer(int flags) throws Throwable {
        byte[] one = random(64, flags);
        byte[] another = random(64, flags);
        assertFalse(Arrays.equals(one, another));
        assertNotEquals(0, Arrays.hashCode(one));
        assertEquals(0, host.getrandom(new byte[0], flags));
    }

    private byte[] random(int length, int flags) throws Throwable {
        byte[] all = new byte[length];
        for (int have = 0; have < length; ) {
            byte[] part = new byte[length - have];
            int n = host.getrandom(part, flags);
            assertTrue(n >= 0 && n <= part.length);
            System.arraycopy(part, 0, all, have, n);
            have += n;
        }
        return all;
    }

    // Console

    @Test
    void whatTheKernelPrintsIsOutAtOnce() {
        for (char c : "panic: x".toCharArray()) {
            host.putchar(c);
        }
        assertEquals("panic: x", console());
        host.putchar('\n' | 0x7f00);
        assertEquals("panic: x\n", console());
        assertEquals("", debug());
    }

    @Test
    void messagesForDebuggingGoElsewhere() {
        host.dprintf("100 % sure, ä\n");
        assertEquals("100 % sure, ä\n", debug());
        assertEquals("", console());
    }

    // errno

    @ParameterizedTest
    @ValueSource(ints = {2, 0, -1, 4711})
    void theErrorNumberIsKeptAsItIsForEachThread(int errno) throws Throwable {
        assertEquals(0, host.errno());
        host.seterrno(errno);
        assertEquals(errno, host.errno());
        start("other", () -> {
                    assertEquals(0, host.errno());
                    host.seterrno(99);
                })
                .join();
        assertEquals(errno, host.errno());
    }
}
