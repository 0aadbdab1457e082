package org.rump4j.netbsd.link;

/** A guest of two libraries, in C. */
final class Guests {
    /** Counts calls, and has a weak definition that the driver replaces. */
    static final String BASE = """
            __thread int counter = 5;
            __thread int zero;
            int order[8], norder;
            void record(int who) { order[norder++] = who; }
            int how_many(void) { return norder; }
            int who(int i) { return order[i]; }
            __attribute__((constructor)) static void construct(void) { record(1); }
            __attribute__((destructor)) static void destruct(void) { record(-1); }
            int add(int a, int b) { return a + b; }
            int bump(void) { return ++counter + ++zero * 100; }
            __attribute__((weak)) int answer(void) { return 1; }
            int call_answer(void) { return answer(); }
            """;

    /** Has pointers of all kinds, and a link set. */
    static final String DRIVER = """
            extern int add(int, int), host_value(int), missing(void) __attribute__((weak));
            extern __thread int counter;
            extern void record(int);
            static int big[50000];
            static __attribute__((noinline)) int local_function(int x) { return host_value(x) + big[x]; }
            int (*pointer)(int, int) = add;
            int *inside = &big[3];
            const char *const names[] = { "one", "two" };
            int use(int x) { return pointer(x, 1) * 1000 + local_function(x); }
            int set_counter(int v) { counter = v; return counter; }
            int answer(void) { return 42; }
            int has_missing(void) { return missing != 0; }
            int points_inside(void) { return inside - big; }
            int letter(int i, int j) { return names[i][j]; }
            __attribute__((constructor)) static void construct(void) { record(2); }
            __attribute__((destructor)) static void destruct(void) { record(-2); }
            #define SET(v) static int v##_ = v; \\
                static int *const p##v __attribute__((section("link_set_numbers"), used)) = &v##_
            enum { a = 10, b = 20, c = 30 };
            SET(a); SET(b); SET(c);
            extern int *__start_link_set_numbers[], *__stop_link_set_numbers[];
            int sum(void) {
                int n = 0;
                for (int **p = __start_link_set_numbers; p < __stop_link_set_numbers; p++)
                    n += **p;
                return n;
            }
            """;

    private Guests() {}
}
