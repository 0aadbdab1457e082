package org.rump4j.kern;

import org.rump4j.rumpuser.CondVarCalls;
import org.rump4j.rumpuser.MutexCalls;
import org.rump4j.rumpuser.RumpCondVar;
import org.rump4j.rumpuser.RumpMutex;

/**
 * Hands virtual CPUs to lwps. An lwp keeps its CPU until it gives it away: there is no preemption.
 *
 * <p><b>The fast path</b> is lock-free. Taking a CPU is a compare-and-set from FREE to BUSY, giving it back is a swap to FREE. An
 * lwp tries the CPU that it had last, then, unless it is bound,
 * the others.
 *
 * <p><b>The slow path</b>, when no CPU is free: under the scheduler's mutex the lwp marks the CPUs that would do WANTED and
 * sleeps. Whoever gives a CPU back that is marked wakes one that sleeps, under the same mutex. Between the two an lwp that
 * does not sleep may take the CPU first; then the one that woke marks it again. So there is no lost wake-up:
 *
 * <ul>
 *   <li>an lwp sleeps only after it has found each CPU that would do held and marked it, with the mutex held all the while;
 *   <li>a mark is taken off only by giving the CPU back, which wakes somebody;
 *   <li>an lwp that leaves the slow path with a CPU while others sleep renews all marks, its own CPU's too, for CPUs may have
 *       been given back and taken again since;
 *   <li>somebody who has been woken looks at all CPUs that would do before it sleeps again.
 * </ul>
 *
 * <p>A wake-up goes to one lwp, unless lwps that are bound to a CPU sleep: one of those may have no use for the CPU that
 * came free, so then all are woken. The mutex is a leaf: nothing is locked inside of it.
 */
final class Scheduler {
    private final VirtualCpu[] cpus;
    private final RumpMutex mutex;
    private final RumpCondVar cpuFree;

    /** Lwps in the slow path; guarded by mutex. */
    private int sleepers;

    /** Those of them that are bound; guarded by mutex. */
    private int boundSleepers;

    /** With all CPUs free. */
    <H extends MutexCalls & CondVarCalls> Scheduler(H host, int ncpu) {
        cpus = new VirtualCpu[ncpu];
        for (int i = 0; i < ncpu; i++) {
            cpus[i] = new VirtualCpu(i);
        }
        mutex = host.mutexInit(RumpMutex.SPIN);
        cpuFree = host.cvInit();
    }

    int ncpu() {
        return cpus.length;
    }

    VirtualCpu cpu(int index) {
        return cpus[index];
    }

    /** Gives l a CPU, and waits for one if it must. */
    void schedule(Lwp l) {
        if (!l.cpu.tryTake(VirtualCpu.BUSY)) {
            scheduleElsewhere(l);
        }
    }

    /** Takes l's CPU away. */
    void unschedule(Lwp l) {
        VirtualCpu cpu = l.cpu;
        if (cpu.softints != null) {
            // With spin mutexes only: to block here would be to change the CPU.
            SoftintQueue.deliver(cpu, l);
        }
        if (cpu.give()) {
            wake();
        }
    }

    private void scheduleElsewhere(Lwp l) {
        if (!takeAny(l, VirtualCpu.BUSY)) {
            sleepForCpu(l);
        }
    }

    private void sleepForCpu(Lwp l) {
        mutex.enterNowrap();
        sleepers++;
        if (l.isBound()) {
            boundSleepers++;
        }
        while (!takeAny(l, sleepers > 1 ? VirtualCpu.WANTED : VirtualCpu.BUSY)) {
            if (markAll(l)) {
                cpuFree.awaitNowrap(mutex);
            }
        }
        sleepers--;
        if (l.isBound()) {
            boundSleepers--;
        }
        if (sleepers > 0) {
            renewMarks();
        }
        mutex.exit();
    }

    /** With the mutex held. CPUs may have changed hands since the others went to sleep, and lost their marks by that. */
    private void renewMarks() {
        for (VirtualCpu cpu : cpus) {
            if (!cpu.markWanted()) {
                wakeLocked();
                return;
            }
        }
    }

    /** Tries the CPUs that l may use, from its last one on. */
    private boolean takeAny(Lwp l, int mark) {
        if (l.cpu.tryTake(mark)) {
            return true;
        }
        if (l.isBound()) {
            return false;
        }
        int start = l.cpu.index();
        for (int i = 1; i < cpus.length; i++) {
            VirtualCpu cpu = cpus[(start + i) % cpus.length];
            if (cpu.tryTake(mark)) {
                l.cpu = cpu;
                return true;
            }
        }
        return false;
    }

    /** Marks the CPUs that l may use as wanted. False as soon as one turns out to be free. */
    private boolean markAll(Lwp l) {
        if (l.isBound()) {
            return l.cpu.markWanted();
        }
        for (VirtualCpu cpu : cpus) {
            if (!cpu.markWanted()) {
                return false;
            }
        }
        return true;
    }

    private void wake() {
        mutex.enterNowrap();
        wakeLocked();
        mutex.exit();
    }

    private void wakeLocked() {
        if (boundSleepers > 0) {
            cpuFree.broadcast();
        } else {
            cpuFree.signal();
        }
    }
}
