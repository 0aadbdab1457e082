package org.rump4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rump.PathCodec;

/** {@code exec}: programs of C, each in a JVM of its own, since they print by the C library and end when they like. */
final class ExecTest {
    /** Of headers that need no kernel. */
    private static final String INCLUDES = """
            #define _GNU_SOURCE
            #include <assert.h>
            #include <err.h>
            #include <errno.h>
            #include <pthread.h>
            #include <signal.h>
            #include <stdint.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <sys/types.h>
            #include <sys/wait.h>
            #include <threads.h>
            #include <unistd.h>
            """;

    @TempDir
    private Path dir;

    @BeforeEach
    void needsACompiler() {
        Assumptions.assumeTrue(System.getProperty("os.name").equals("Linux"), "programs are linked on Linux");
        Assumptions.assumeTrue(
                System.getProperty("os.arch").equals("amd64"), "there are no gates for this machine yet");
        Tools.require("cc");
    }

    private static Path netbsd() {
        String folder = System.getenv("RUMP4J_NETBSD");
        Assumptions.assumeTrue(folder != null, "RUMP4J_NETBSD is not set");
        return Path.of(folder);
    }

    private Path compiled(Path source, String name, String... flags) throws Exception {
        Path program = dir.resolve(name);
        List<String> command = new ArrayList<>(List.of(Tools.path("cc"), "-fPIC", "-O1", "-w"));
        if (!List.of(flags).contains("-pie")) {
            command.add("-shared");
        }
        command.addAll(List.of("-o", program.toString(), source.toString()));
        command.addAll(List.of(flags));
        Tools.run(command.toArray(String[]::new));
        return program;
    }

    /** A program of functions and a main. */
    private Path program(String functions, String main, String... flags) throws Exception {
        String text = INCLUDES + functions + "\nint main(int argc, char **argv, char **envp) {\n" + main + "\n}\n";
        return compiled(Files.writeString(dir.resolve("program.c"), text), "program.so", flags);
    }

    private Path client(String functions, String main) throws Exception {
        Path include = netbsd().resolve("include");
        String headers = "#include <rump/rump.h>\n#include <rump/rump_syscalls.h>\n#include <rump/rumpdefs.h>\n";
        return program(headers + functions, main, "-I" + include);
    }

    private Shell.Result exec(String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Rump4j.class.getName(),
                "exec"));
        command.addAll(List.of(args));
        File out = dir.resolve("stdout").toFile();
        File err = dir.resolve("stderr").toFile();
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(dir.toFile())
                .redirectOutput(out)
                .redirectError(err);
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("FROM_OUTSIDE", "a variable");
        Process process = builder.start();
        process.getOutputStream().close();
        int status = process.waitFor();
        return new Shell.Result(
                status,
                PathCodec.decode(Files.readAllBytes(out.toPath())),
                PathCodec.decode(Files.readAllBytes(err.toPath())));
    }

    private Shell.Result exec(Path program, String... args) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(program.toString()));
        all.addAll(List.of(args));
        return exec(all.toArray(String[]::new));
    }

    private static Shell.Result printed(int status, String out) {
        return new Shell.Result(status, out, "");
    }

    // What main gets, and how it ends

    @Test
    void mainGetsWhatFollowsTheProgramAndTheEnvironment() throws Exception {
        Path program = program("", """
                for (int i = 1; i < argc; i++)
                    printf("%s\\n", argv[i]);
                printf("%d %s\\n", argv[argc] == NULL, getenv("FROM_OUTSIDE"));
                while (*envp && strncmp(*envp, "FROM_", 5))
                    envp++;
                printf("%s\\n", *envp);
                return strcmp(argv[0], program_invocation_name);""");
        assertEquals(
                printed(0, "-v\n--help\nboot\n1 a variable\nFROM_OUTSIDE=a variable\n"),
                exec(program, "-v", "--help", "boot"));
    }

    @Test
    void constructorsRunBeforeMainAndHandlersAndDestructorsAfterItTheLastFirst() throws Exception {
        Path program = program("""
                static void say(void) { puts("handler"); }
                static void late(int status, void *text) { printf("%s %d\\n", (char *)text, status); atexit(say); }
                __attribute__((constructor)) static void before(void) { puts("constructor"); }
                __attribute__((destructor)) static void after(void) { puts("destructor"); }
                """, "atexit(say); on_exit(late, \"late\"); puts(\"main\"); return 7;");
        assertEquals(printed(7, "constructor\nmain\nlate 7\nhandler\nhandler\ndestructor\n"), exec(program));
    }

    @Test
    void anExecutableThatIsIndependentOfItsPositionRunsToo() throws Exception {
        Path program = program(
                "static void say(void) { puts(\"handler\"); }",
                "atexit(say); fprintf(stdout, \"%d %s\\n\", argc, argv[1]); return 5;",
                "-pie");
        assertEquals(printed(5, "2 an argument\nhandler\n"), exec(program, "an argument"));
        Path copying = dir.resolve("copying");
        Tools.run(
                Tools.path("cc"),
                "-pie",
                "-fPIE",
                "-w",
                "-o",
                copying.toString(),
                dir.resolve("program.c").toString());
        Shell.Result result = exec(copying);
        assertEquals(Run.FAILED, result.status(), result::toString);
        assertTrue(
                result.err().contains("R_X86_64_COPY is refused")
                        && result.err().contains("-fPIC"),
                result.err());
    }

    private static final String ENDS = """
            static int deep(int n) { volatile char room[4096]; room[0] = n; return deep(n + 1) + room[0]; }
            static void *ends(void *a) { usleep(20000); exit(17); }
            static void again(void) { exit(18); }
            """;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "return 300                                                        | 44  | text",
                "exit(3)                                                           | 3   | text",
                "_exit(4)                                                          | 4   | ~~",
                "quick_exit(5)                                                     | 5   | ~~",
                "abort()                                                           | 134 | ~~",
                "errno = ENOENT; err(9, \"file %s %d%d%d%d\", \"a\", 1, 2, 3, 4)     | 9   | text",
                "errx(10, \"no\")                                                  | 10  | text",
                "assert(argc == 9)                                                 | 134 | ~~",
                "atexit(again); return 2                                           | 18  | text",
                "pthread_t t; pthread_create(&t, 0, ends, 0); pause()              | 17  | text",
                "pthread_t t; pthread_create(&t, 0, ends, 0); pthread_exit(0)      | 17  | text",
            })
    void theStatusIsThatOfAProcessThatEndsThisWay(String statement, int status, String out) throws Exception {
        Path program = program(ENDS, "printf(\"text\"); " + statement + ";");
        Shell.Result result = exec(program);
        assertEquals(status, result.status(), result::toString);
        assertEquals(out, result.out());
        String said = switch (status) {
            case 9 -> "program.so: file a 1234: No such file or directory\n";
            case 10 -> "program.so: no\n";
            default -> statement.startsWith("assert") ? result.err() : "";
        };
        assertEquals(said, result.err());
        assertEquals(statement.startsWith("assert"), result.err().contains("main: Assertion `argc == 9' failed.\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"*(volatile int *)8 = 1", "deep(0)", "memset((void *)argc, 1, 4096)"})
    void aFaultEndsTheProgramWithABacktraceAndNotTheJvm(String statement) throws Exception {
        Shell.Result result = exec(program(ENDS, statement + "; return 0;"));
        assertEquals(139, result.status(), result::toString);
        assertTrue(result.err().contains("SIGSEGV"), result.err());
        assertTrue(result.err().contains("(program)"), result.err());
    }

    // Threads, signals, processes

    @Test
    void threadsWaitForOneAnotherAndHaveWhatIsTheirOwn() throws Exception {
        Path program = program("""
                static __thread int mine = 7;
                static pthread_key_t key;
                static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
                static pthread_cond_t change = PTHREAD_COND_INITIALIZER;
                static int count, sum;
                static void gone(void *value) { pthread_mutex_lock(&mutex); sum += (long)value; pthread_mutex_unlock(&mutex); }
                static void *body(void *arg) {
                    mine += (long)arg;
                    pthread_setspecific(key, arg);
                    pthread_mutex_lock(&mutex);
                    count++;
                    pthread_cond_broadcast(&change);
                    while (count < 4)
                        pthread_cond_wait(&change, &mutex);
                    pthread_mutex_unlock(&mutex);
                    if ((long)arg == 2)
                        pthread_exit((void *)20L);
                    return (void *)(long)mine;
                }
                static int c11(void *arg) { if (*(int *)arg) thrd_exit(5); return 6; }
                """, """
                pthread_t t[4];
                void *result;
                pthread_key_create(&key, gone);
                for (long i = 0; i < 4; i++)
                    pthread_create(&t[i], NULL, body, (void *)i);
                for (int i = 0; i < 4; i++) {
                    int error = pthread_join(t[i], &result);
                    printf("%d %ld\\n", error, (long)result);
                }
                printf("keys %d, mine %d\\n", sum, mine);
                thrd_t other;
                int value = 1;
                thrd_create(&other, c11, &value);
                thrd_join(other, &value);
                printf("C11 %d\\n", value);
                pthread_attr_t attributes;
                pthread_attr_init(&attributes);
                pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
                pthread_create(t, &attributes, body, (void *)9);
                printf("detached %d, self %d\\n", pthread_join(t[0], NULL) != 0, pthread_equal(pthread_self(), t[0]));
                return 0;""");
        assertEquals(printed(0, "0 7\n0 8\n0 20\n0 10\nkeys 6, mine 7\nC11 5\ndetached 1, self 0\n"), exec(program));
    }

    @Test
    void aThousandThreadsComeAndGo() throws Exception {
        Path program = program("static void *body(void *arg) { return arg; }", """
                long sum = 0;
                for (long i = 0; i < 1000; i++) {
                    pthread_t t;
                    void *result;
                    if (pthread_create(&t, NULL, body, (void *)i) || pthread_join(t, &result))
                        return 1;
                    sum += (long)result;
                }
                return sum != 499500;""");
        assertEquals(printed(0, ""), exec(program));
    }

    @Test
    void signalsThatTheJvmDoesNotNeedAreCaughtAndTheOthersRefused() throws Exception {
        Path program = program("""
                static volatile sig_atomic_t caught;
                static void handler(int signal) { caught = signal; }
                """, """
                struct sigaction ignore = { .sa_handler = SIG_IGN }, catch = { .sa_handler = handler };
                signal(SIGUSR1, handler);
                raise(SIGUSR1);
                printf("%d", caught == SIGUSR1);
                printf(" %d", signal(SIGSEGV, handler) == SIG_ERR && errno == EINVAL);
                printf(" %d", sigaction(SIGQUIT, &catch, NULL) == -1 && errno == EINVAL);
                printf(" %d\\n", sigaction(SIGPIPE, &ignore, NULL));
                return 0;""");
        assertEquals(new Shell.Result(0, "1 1 1 0\n", """
                        program.so: signal: the JVM needs signal 11
                        program.so: sigaction: the JVM needs signal 3
                        """), exec(program));
    }

    @Test
    void aProcessCannotBecomeTwoOrAnotherButStartOne() throws Exception {
        Path program = program("", """
                printf("%d", fork() == -1 && errno == ENOSYS);
                printf(" %d", execl("/bin/true", "true", NULL) == -1 && errno == ENOSYS);
                fflush(stdout);
                printf(" %d\\n", WEXITSTATUS(system("exit 6")));
                return 0;""");
        Shell.Result result = exec(program);
        assertEquals(printed(0, "1 1 6\n").out(), result.out());
        assertEquals(0, result.status());
        assertEquals("""
                program.so: fork: its process is a JVM, which is there once
                program.so: execl: its process is a JVM, which is there once
                """, result.err());
    }

    @Test
    void aFunctionOfTheProgramsOwnIsNotTakenForTheLibrarys() throws Exception {
        Path program = program("int daemon(int a, int b) { return a + b; }", "return daemon(20, 3);");
        assertEquals(printed(23, ""), exec(program));
    }

    // What is around it

    @Test
    void otherLibrariesAreFoundBesideTheProgramAndOnTheHost() throws Exception {
        Path source = Files.writeString(dir.resolve("other.c"), "int other(void) { return 40; }");
        compiled(source, "libother.so", "-Wl,-soname,libother.so");
        Path program = program(
                "int other(void); double cos(double);",
                "return other() + (int)cos(0.0);",
                "-L" + dir,
                "-lother",
                "-lm");
        assertEquals(printed(41, ""), exec(program));
        Files.delete(dir.resolve("libother.so"));
        Shell.Result result = exec(program);
        assertEquals(Run.FAILED, result.status());
        assertTrue(
                result.err().startsWith("rump4j: exec: " + program + ": of the libraries libother.so"), result.err());
    }

    @Test
    void whatIsWrongWithAProgramIsSaid() throws Exception {
        assertEquals(
                new Shell.Result(Run.FAILED, "", "rump4j: exec: " + dir + "/none.so: No such file or directory\n"),
                exec(dir + "/none.so"));
        Path text = Files.writeString(dir.resolve("text.so"), "no program");
        assertTrue(exec(text).err().startsWith("rump4j: exec: " + text + ": "));
        Path noMain = compiled(Files.writeString(dir.resolve("no.c"), "int f(void) { return 1; }"), "no.so");
        assertTrue(
                exec(noMain).err().startsWith("rump4j: exec: no.so: there is no function main\n"),
                exec(noMain).err());
        Path unknown = program("int nobody_has_this(void);", "return nobody_has_this();");
        assertEquals(
                "rump4j: exec: undefined symbol nobody_has_this, wanted by program\n",
                exec(unknown).err());
        Shell.Result usage = exec("--kernel", "java", noMain.toString());
        assertEquals(Run.USAGE, usage.status());
        assertTrue(
                usage.err().startsWith("rump4j: exec: --kernel java: programs of C run with NetBSD's kernel only\n"));
    }

    @Test
    void aProgramThatMakesHypercallsNeedsNoKernel() throws Exception {
        Path program = program("""
                int rumpuser_getparam(const char *, void *, size_t);
                void rumpuser_putchar(int);
                void rumpuser_dprintf(const char *, ...);
                int rumpuser_malloc(size_t, int, void **);
                int rumpuser_clock_gettime(int, int64_t *, long *);
                void rumpuser_free(void *, size_t);
                void rumpuser_exit(int);
                """, """
                char ncpu[10];
                void *p;
                int64_t sec;
                long nsec;
                setenv("RUMP_NCPU", "5", 1);
                printf("%d", rumpuser_getparam("_RUMPUSER_NCPU", ncpu, sizeof(ncpu)));
                printf(" %s %d", ncpu, rumpuser_malloc(100, 64, &p));
                printf(" %d %d\\n", ((uintptr_t)p & 63) == 0, rumpuser_clock_gettime(0, &sec, &nsec));
                rumpuser_free(p, 100);
                for (const char *s = "console\\n"; *s; s++)
                    rumpuser_putchar(*s);
                rumpuser_dprintf("debug %d\\n", 1);
                rumpuser_exit(6);
                return 0;""");
        assertEquals(new Shell.Result(6, "0 5 0 1 0\nconsole\nhalted\n", "debug 1\n"), exec(program));
    }

    // Clients of NetBSD's kernel

    @Test
    void aClientSeesErrorNumbersAndItsThreadsMakeSystemCalls() throws Exception {
        Path program = client("""
                static void *body(void *arg) {
                    char name[20];
                    for (int i = 0; i < 50; i++) {
                        snprintf(name, sizeof(name), "/%ld-%d", (long)arg, i);
                        int fd = rump_sys_open(name, RUMP_O_CREAT | RUMP_O_RDWR, 0644);
                        if (fd == -1 || rump_sys_write(fd, name, 20) != 20 || rump_sys_close(fd))
                            return (void *)1;
                        errno = 0;
                        if (rump_sys_open("/none/file", 0) != -1 || errno != ENOENT)
                            return (void *)2;
                    }
                    return NULL;
                }
                """, """
                pthread_t t[4];
                void *result;
                if (rump_init())
                    return 1;
                for (long i = 0; i < 4; i++)
                    pthread_create(&t[i], NULL, body, (void *)i);
                for (int i = 0; i < 4; i++) {
                    pthread_join(t[i], &result);
                    printf("%ld\\n", (long)result);
                }
                errno = 0;
                int made = rump_sys_mkdir("/0-1/x", 0755);
                printf("%d %d\\n", made, errno == ENOTDIR);
                return 0;""");
        assertEquals(printed(0, "0\n0\n0\n0\n-1 1\n"), exec("-c", "rumpvfs", program.toString()));
    }

    @Test
    void aHaltOfTheKernelEndsTheProgram() throws Exception {
        Path program = client(
                "static void say(void) { puts(\"handler\"); }",
                "atexit(say); rump_init(); rump_sys_reboot(0, NULL); puts(\"not here\"); return 9;");
        Shell.Result result = exec(program);
        assertEquals(0, result.status(), result::toString);
        assertTrue(result.out().endsWith("halted\nhandler\n"), result.out());
    }

    @Test
    void aPanicOfTheKernelEndsItAsAnAbort() throws Exception {
        Path program = client(
                "void rump_schedule(void); void rumpns_panic(const char *, ...);",
                "rump_init(); rump_schedule(); rumpns_panic(\"enough\"); return 0;");
        Shell.Result result = exec(program);
        assertEquals(134, result.status(), result::toString);
        assertTrue(result.out().contains("panic: enough"), result::toString);
        assertTrue(result.err().contains("main+0x"), result.err());
    }

    @Test
    void withMinusVItIsSaidWhyComponentsAreThere() throws Exception {
        Path program = client("", "return rump_init();");
        Shell.Result result = exec("-v", "-c", "rumpfs_tmpfs", program.toString());
        assertEquals(0, result.status(), result::toString);
        List<String> said = result.err().lines().toList();
        assertTrue(said.contains("program: named") && said.contains("rump: program needs rump_init"), result.err());
        assertTrue(said.contains("rumpfs_tmpfs: named"), result.err());
        assertTrue(result.out().contains("NetBSD "), result.out());
    }

    @Test
    void componentsThatAProgramWasLinkedWithComeAlong() throws Exception {
        Path lib = netbsd().resolve("lib");
        String[] flags = {
            "-I" + netbsd().resolve("include"),
            "-L" + lib,
            "-Wl,--no-as-needed",
            "-lrumpfs_tmpfs",
            "-lrumpvfs",
            "-lrump",
            "-lrumpuser"
        };
        Path program = program("#include <rump/rump.h>", "return rump_init();", flags);
        Shell.Result result = exec("-v", program.toString());
        assertTrue(result.err().contains("rumpfs_tmpfs: named\n"), result.err());
        assertEquals(0, result.status(), result::toString);
        Shell.Result missing = exec("--kernel", "netbsd:" + lib + "/..", program.toString());
        assertEquals(0, missing.status(), missing::toString);
    }

    @Test
    void theProgramOfThePageAboutNetbsdReadsTheImageThatTheProjectShips() throws Exception {
        String page = Files.readString(Path.of("../docs/netbsd.md"));
        int begin = page.indexOf("```c\n") + "```c\n".length();
        Path source = Files.writeString(dir.resolve("readfile.c"), page.substring(begin, page.indexOf("```", begin)));
        Path program = compiled(source, "readfile.so", "-I" + netbsd().resolve("include"));
        String image = Path.of(Shell.HELLO).toAbsolutePath().toString();
        Shell.Result result = exec("-c", "rumpfs_ext2fs", program.toString(), image, "README");
        assertEquals(printed(0, Shell.out("cat", Shell.HELLO + ":/README")), result);
        result = exec("-c", "rumpfs_ext2fs", program.toString(), image, "none");
        assertEquals(new Shell.Result(1, "", "readfile.so: none: No such file or directory\n"), result);
    }

    // Upstream's own tests

    private Shell.Result upstream(String source, String components, String... args) throws Exception {
        String variable = System.getenv("RUMP4J_BUILDRUMP_TESTS");
        Assumptions.assumeTrue(variable != null, "RUMP4J_BUILDRUMP_TESTS does not name buildrump.sh's folder tests");
        Path tests = Path.of(variable);
        Path program = compiled(
                tests.resolve(source), "test.so", "-I" + netbsd().resolve("include"), "-I" + tests.resolve("common"));
        List<String> all = new ArrayList<>(List.of("-c", components, program.toString()));
        for (String arg : args) {
            all.add(arg.replace("@", tests.toString()));
        }
        return exec(all.toArray(String[]::new));
    }

    @Test
    void upstreamsTestOfTheBootstrapPasses() throws Exception {
        Shell.Result result = upstream("init/init.c", "rump");
        assertEquals(0, result.status(), result::toString);
        assertTrue(result.out().contains("NetBSD "), "RUMP_VERBOSE, which it sets, is seen");
        assertTrue(result.out().endsWith("rump kernel init complete, rv 0\n"), result.out());
    }

    @Test
    void upstreamsTestOfFileSystemsPasses() throws Exception {
        Shell.Result result = upstream("fstest/fstest.c", "rumpfs_kernfs");
        assertEquals(0, result.status(), result::toString);
        assertTrue(result.out().contains("Reading version info from /kern:\n\nNetBSD "), result.out());
    }

    @Test
    void upstreamsTestOfAFileSystemInAnImagePasses() throws Exception {
        Shell.Result result = upstream("fstest_img/fstest2.c", "rumpfs_sysvbfs,rumpdev_disk", "@/fstest_img");
        assertEquals(0, result.status(), result::toString);
    }

    @ParameterizedTest
    @CsvSource({"nettest_simple, server, client", "nettest_simple, server6, client6"})
    void upstreamsTestOfANetworkOfTwoProcessesPasses(String name, String server, String client) throws Exception {
        String components = "rumpnet_shmif,rumpnet_config,rumpnet_net,rumpnet_netinet,rumpnet_netinet6";
        // The server goes to the background when it listens, and ends when it has answered.
        assertEquals(printed(0, ""), upstream(name + "/" + name + ".c", components, server));
        assertEquals(printed(0, ""), upstream(name + "/" + name + ".c", components, client));
    }
}
