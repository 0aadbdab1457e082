package org.rump4j.netbsd.bind;

import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.RumpuserExit;

/** A function of C that the host has for a guest, written in Java. Any thread of the guest may call it, many at once. */
@FunctionalInterface
public interface HostFunction {

    /**
     * Answers a call. Arguments and result are words, of which an int takes the lower half; what a word is that the caller did not pass is
     * anybody's guess.
     *
     * @throws ErrnoException where the function reports errors by returning their numbers
     * @throws RumpuserExit to leave the guest, which has exited then
     * @throws LeavingGuest to leave the guest, which goes on. Whatever else is thrown ends the guest as a panic
     */
    long call(long a, long b, long c, long d, long e, long f, long g) throws ErrnoException;
}
