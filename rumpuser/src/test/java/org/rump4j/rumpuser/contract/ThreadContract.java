package org.rump4j.rumpuser.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.rump4j.rumpuser.CurlwpCalls.LwpOp;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.OpaqueLwp;
import org.rump4j.rumpuser.RumpThread;

/** Threads and their lwps. */
abstract class ThreadContract extends Contract {
    @Test
    void aJoinableThreadIsWaitedFor() throws Throwable {
        AtomicInteger ran = new AtomicInteger();
        RumpThread[] thread = new RumpThread[1];
        assertPairs(0, () -> thread[0] = create(ran::incrementAndGet, "worker"));
        assertPairs(1, () -> host.threadJoin(thread[0]));
        assertEquals(1, ran.get());
    }

    @Test
    void joiningAThreadThatHasEndedIsJoiningToo() throws Throwable {
        AtomicBoolean ran = new AtomicBoolean();
        RumpThread thread = create(() -> ran.set(true), null);
        waitUntil(ran::get);
        pause();
        assertPairs(1, () -> host.threadJoin(thread));
    }

    @Test
    void aThreadThatIsNotJoinableHasNoHandle() throws Throwable {
        AtomicBoolean ran = new AtomicBoolean();
        String name = "a name that is longer than fifteen characters";
        assertNull(host.threadCreate(() -> ran.set(true), hosts.threads(), name, false, 0, -1));
        waitUntil(ran::get);
    }

    @Test
    void aThreadCanEndItselfInTheMiddle() throws Throwable {
        AtomicInteger reached = new AtomicInteger();
        RumpThread thread = create(
                () -> {
                    reached.incrementAndGet();
                    deeper(reached);
                    reached.addAndGet(100);
                },
                "leaver");
        host.threadJoin(thread);
        assertEquals(11, reached.get());
    }

    private void deeper(AtomicInteger reached) {
        try {
            throw host.threadExit();
        } finally {
            reached.addAndGet(10);
        }
    }

    @Test
    void threadsRunAtTheSameTime() throws Throwable {
        int many = 50;
        AtomicInteger here = new AtomicInteger();
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            tasks.add(start("thread " + i, () -> {
                here.incrementAndGet();
                waitUntil(() -> here.get() == many);
            }));
        }
        for (Task task : tasks) {
            task.join();
        }
    }

    @Test
    void priorityAndProcessorAreHints() throws Throwable {
        AtomicInteger ran = new AtomicInteger();
        for (int priority : new int[] {-1, 0, 200}) {
            for (int cpu : new int[] {-1, 0, 1000}) {
                host.threadJoin(Objects.requireNonNull(
                        host.threadCreate(ran::incrementAndGet, hosts.threads(), "hinted", true, priority, cpu)));
            }
        }
        assertEquals(9, ran.get());
    }

    // Lwps

    @Test
    void aNewThreadHasNoLwp() throws Throwable {
        AtomicReference<@Nullable Object> found = new AtomicReference<>("nothing yet");
        host.threadJoin(create(() -> found.set(host.curlwp()), "bare"));
        assertNull(found.get());
    }

    @Test
    void eachThreadHasItsOwnLwp() throws Throwable {
        OpaqueLwp mine = host.curlwp();
        assertNotNull(mine);
        assertSame(kernel.context().lwp, mine);
        start("other", () -> {
                    assertNotSame(mine, host.curlwp());
                    assertSame(kernel.context().lwp, host.curlwp());
                })
                .join();
        assertSame(mine, host.curlwp());
    }

    @Test
    void anLwpIsSetWhereThereIsNoneAndClearedWhereItIs() {
        FakeLwp one = new FakeLwp("one", 1, false);
        FakeLwp other = new FakeLwp("other", 1, false);
        OpaqueLwp mine = kernel.context().lwp;
        assertNotNull(mine);
        host.curlwpop(LwpOp.CREATE, one);
        assertSame(mine, host.curlwp());
        assertMistake(IllegalStateException.class, () -> host.curlwpop(LwpOp.SET, one));
        assertMistake(IllegalStateException.class, () -> host.curlwpop(LwpOp.CLEAR, other));
        assertSame(mine, host.curlwp());
        host.curlwpop(LwpOp.CLEAR, mine);
        assertNull(host.curlwp());
        assertMistake(IllegalStateException.class, () -> host.curlwpop(LwpOp.CLEAR, mine));
        host.curlwpop(LwpOp.SET, mine);
        host.curlwpop(LwpOp.DESTROY, one);
        assertSame(mine, host.curlwp());
    }

    @Test
    void twoHostsDoNotShareLwps() {
        assertNull(hosts.make(setup(List.of())).curlwp());
        assertFalse(host.curlwp() == null);
    }

    private RumpThread create(Runnable body, @Nullable String name) throws ErrnoException {
        return Objects.requireNonNull(host.threadCreate(body, hosts.threads(), name, true, 0, -1));
    }
}
