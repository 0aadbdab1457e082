package org.rump4j.fs.ext2fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ReservationsTest {
    private final Reservations reservations = new Reservations();

    @Test
    void othersGoAroundAWindow() {
        Reservations.Window window = reservations.reserve(null, 100, 108, 8);
        assertEquals(99, reservations.skip(99, null));
        assertEquals(108, reservations.skip(100, null));
        assertEquals(108, reservations.skip(107, null));
        assertEquals(108, reservations.skip(108, null));
        assertEquals(100, reservations.limit(50, null));
        assertEquals(Long.MAX_VALUE, reservations.limit(108, null));
        assertTrue(window.contains(100));
        assertFalse(window.contains(108));
    }

    @Test
    void aWindowIsNoObstacleToWhoHasIt() {
        Reservations.Window window = reservations.reserve(null, 100, 108, 8);
        reservations.reserve(null, 120, 130, 10);
        assertEquals(103, reservations.skip(103, window));
        assertEquals(120, reservations.limit(90, window));
    }

    @Test
    void aFileHasOneWindow() {
        Reservations.Window window = reservations.reserve(null, 100, 108, 8);
        reservations.reserve(window, 200, 216, 16);
        assertEquals(100, reservations.skip(100, null));
        assertEquals(216, reservations.skip(200, null));
        reservations.release(window);
        assertTrue(reservations.isEmpty());
    }

    @Test
    void whatWasClearedCanBeReleased() {
        Reservations.Window old = reservations.reserve(null, 100, 108, 8);
        reservations.clear();
        Reservations.Window other = reservations.reserve(null, 100, 104, 4);
        reservations.release(old);
        assertEquals(104, reservations.skip(100, null));
        reservations.release(other);
        assertTrue(reservations.isEmpty());
    }
}
