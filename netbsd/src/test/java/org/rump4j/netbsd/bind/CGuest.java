package org.rump4j.netbsd.bind;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.rump4j.netbsd.Toolchain;
import org.rump4j.netbsd.link.Catalogue;
import org.rump4j.netbsd.link.LinkException;
import org.rump4j.netbsd.link.Plan;
import org.rump4j.rumpuser.Hypercall;
import org.rump4j.rumpuser.real.RealHost;

/**
 * A guest in C on the real host. Its source begins with declarations of all hypercalls, made of the table, and with upcalls that count: a
 * thread that gives its virtual CPU away gets 7 for a count of locks, and must hand that back.
 */
final class CGuest implements AutoCloseable {
    private static final String UPCALLS = """
            static __thread int pairs;
            static __thread void *interlock_down, *interlock_up;
            static __thread int held_wrong;
            static int kthreads;
            int (*in_unschedule)(void);
            static void up_nothing(void) { }
            static void up_unschedule(int n, int *np, void *interlock) {
                *np = 7 + n;
                interlock_down = interlock;
                if (in_unschedule) in_unschedule();
            }
            static void up_schedule(int n, void *interlock) {
                held_wrong += n != 7 && n != 0;
                interlock_up = interlock;
                pairs++;
            }
            static void up_switch(void *l) { }
            static int up_rfork(void *p, int f, const char *c) { return 0; }
            static int up_newlwp(int pid) { kthreads += pid == 0; return pid == 0 ? 0 : 3; }
            static void *up_curlwp(void) { return rumpuser_curlwp(); }
            static int up_syscall(int n, void *a, long *r) { r[0] = n; return 0; }
            static void up_exec(const char *c) { }
            static int up_getpid(void) { return 1; }
            struct rumpuser_hyperup {
                void *f[13];
                void *extra[8];
            } up = {{ up_nothing, up_nothing, up_unschedule, up_schedule, up_switch, up_nothing, up_rfork, up_newlwp,
                up_curlwp, up_syscall, up_nothing, up_exec, up_getpid }};
            long init(long version) { return rumpuser_init(version, &up); }
            long take_pairs(void) { int n = pairs; pairs = 0; return held_wrong ? -1 : n; }
            """;

    private final Arena arena = Arena.ofShared();
    private final ByteArrayOutputStream console = new ByteArrayOutputStream();
    private final ByteArrayOutputStream debug = new ByteArrayOutputStream();
    final RealHost host;
    final Guest guest;

    private CGuest(Path library, Surroundings surroundings, Consumer<RealHost.Builder> changes) throws Exception {
        RealHost.Builder builder = RealHost.builder().console(console).debug(debug);
        changes.accept(builder);
        host = builder.build();
        Plan plan = Guest.plan(Catalogue.of(List.of()), List.of(library.toString()), surroundings);
        guest = Guest.load(plan, host, surroundings);
    }

    /** Declares each hypercall as the table does. */
    static String declarations() {
        StringBuilder out = new StringBuilder("""
                typedef unsigned long size_t, uint64_t; typedef long int64_t;
                struct rumpuser_hyperup; struct rumpuser_iovec { void *base; size_t len; };
                struct rumpuser_mtx; struct rumpuser_rw; struct rumpuser_cv; struct lwp;
                typedef void (*rump_biodone_fn)(void *, size_t, int);
                typedef void (*rump_modinit_fn)(const void *const *, size_t);
                typedef int (*rump_symload_fn)(void *, uint64_t, char *, uint64_t);
                typedef void (*rump_compload_fn)(const void *);
                """);
        for (Hypercall h : Hypercall.values()) {
            out.append(declaration(h)).append('\n');
        }
        return out.toString();
    }

    static String declaration(Hypercall h) {
        int arguments = h.signature().indexOf(" (") + 1;
        if (arguments == 0) {
            arguments = h.signature().indexOf("(");
        }
        return "extern " + h.signature().substring(0, arguments) + h.symbol()
                + h.signature().substring(arguments) + ";";
    }

    static CGuest of(Path dir, String source) throws Exception {
        return of(dir, source, _ -> {});
    }

    static CGuest of(Path dir, String source, Consumer<RealHost.Builder> changes) throws Exception {
        return new CGuest(library(dir, source), Surroundings.NONE, changes);
    }

    static CGuest of(Path dir, String source, Surroundings surroundings) throws Exception {
        return new CGuest(library(dir, source), surroundings, _ -> {});
    }

    /** Of a library that {@link #library} has made. */
    static CGuest ofLibrary(Path library, Consumer<RealHost.Builder> changes) throws Exception {
        return new CGuest(library, Surroundings.NONE, changes);
    }

    /** Compiles one. */
    static Path library(Path dir, String source, String... flags) throws IOException {
        List<String> all = new ArrayList<>(List.of(
                "-Wall",
                "-Werror=implicit-function-declaration",
                "-Wno-unused",
                "-Wl,-z,start-stop-visibility=default"));
        all.addAll(List.of(flags));
        return Toolchain.library(dir, "guest", declarations() + UPCALLS + source, all.toArray(new String[0]));
    }

    /** That it is loaded and its kernel known to the host. */
    CGuest booted() {
        if (call("init", 17) != 0) {
            throw new AssertionError("rumpuser_init");
        }
        return this;
    }

    long call(String function, long... arguments) {
        long[] a = new long[6];
        System.arraycopy(arguments, 0, a, 0, arguments.length);
        try {
            return guest.call(guest.images().function(function), a[0], a[1], a[2], a[3], a[4], a[5]);
        } catch (LinkException e) {
            throw new AssertionError(e);
        }
    }

    long string(Object s) {
        return arena.allocateFrom(s.toString()).address();
    }

    String console() {
        return console.toString(StandardCharsets.UTF_8);
    }

    String debug() {
        return debug.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        guest.close();
        arena.close();
    }
}
