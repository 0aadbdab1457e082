package org.rump4j.rumpuser.real;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostSignalsTest {
    /** NetBSD's number, Linux's number. */
    @ParameterizedTest
    @CsvSource({
        "1, 1", "2, 2", "3, 3", "4, 4", "5, 5", "6, 6", "8, 8", "9, 9", "10, 7", "11, 11", "12, 31", "13, 13", "14, 14",
        "15, 15", "16, 23", "17, 19", "18, 20", "19, 18", "20, 17", "21, 21", "22, 22", "23, 29", "24, 24", "25, 25",
        "26, 26", "27, 27", "28, 28", "30, 10", "31, 12", "32, 30"
    })
    void netbsdsSignalsBecomeLinuxs(int netbsd, int linux) {
        assertEquals(linux, HostSignals.toHost(netbsd, "Linux"));
    }

    /** EMT, INFO, and real-time ones. */
    @ParameterizedTest
    @CsvSource({"0", "-1", "7", "29", "33", "63", "4711"})
    void whatLinuxDoesNotHaveIsNothing(int netbsd) {
        assertEquals(0, HostSignals.toHost(netbsd, "Linux"));
    }
}
