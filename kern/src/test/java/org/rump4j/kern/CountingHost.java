package org.rump4j.kern;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.rump4j.rumpuser.Hyperup;
import org.rump4j.rumpuser.Rumpuser;

/** Counts what goes through between a kernel and its host, both ways. */
final class CountingHost {
    /** Hypercalls, but for those of objects such as mutexes. */
    final AtomicLong hypercalls = new AtomicLong();

    /** Virtual CPUs given away in the middle of a hypercall. */
    final AtomicLong unschedules = new AtomicLong();

    /** Virtual CPUs taken again. Every wake-up of a thread in the kernel is one. */
    final AtomicLong schedules = new AtomicLong();

    private final Rumpuser proxy;
    private volatile @Nullable Hyperup hyperup;

    CountingHost(Rumpuser host) {
        proxy = (Rumpuser) Proxy.newProxyInstance(
                CountingHost.class.getClassLoader(), new Class<?>[] {Rumpuser.class}, (_, method, arguments) -> {
                    hypercalls.incrementAndGet();
                    if (method.getName().equals("init")) {
                        hyperup = (Hyperup) arguments[1];
                        arguments[1] = counting((Hyperup) arguments[1]);
                    }
                    return call(host, method, arguments);
                });
    }

    Rumpuser host() {
        return proxy;
    }

    /** The upcalls of the kernel, which are not counted when made through this. */
    Hyperup upcalls() {
        Hyperup upcalls = hyperup;
        if (upcalls == null) {
            throw new IllegalStateException("no kernel has booted");
        }
        return upcalls;
    }

    private Hyperup counting(Hyperup upcalls) {
        return (Hyperup) Proxy.newProxyInstance(
                CountingHost.class.getClassLoader(), new Class<?>[] {Hyperup.class}, (_, method, arguments) -> {
                    switch (method.getName()) {
                        case "backendUnschedule" -> unschedules.incrementAndGet();
                        case "backendSchedule" -> schedules.incrementAndGet();
                        default -> {}
                    }
                    return call(upcalls, method, arguments);
                });
    }

    private static @Nullable Object call(Object target, Method method, @Nullable Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
