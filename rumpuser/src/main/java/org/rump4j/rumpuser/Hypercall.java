package org.rump4j.rumpuser;

/**
 * The table of the hypercalls: the name and the C signature of each ({@code rumpuser.h}), and whether it gives the
 * virtual CPU away. The contract tests are driven from it: each has at least one. Kernels of native code are bound by it.
 */
public enum Hypercall {
    INIT("rumpuser_init", "int (int version, const struct rumpuser_hyperup *)", Unschedules.NEVER),

    MALLOC("rumpuser_malloc", "int (size_t size, int align, void **)", Unschedules.NEVER),
    FREE("rumpuser_free", "void (void *, size_t size)", Unschedules.NEVER),
    ANONMMAP("rumpuser_anonmmap", "int (void *hint, size_t size, int alignbit, int exec, void **)", Unschedules.NEVER),
    UNMAP("rumpuser_unmap", "void (void *, size_t size)", Unschedules.NEVER),

    GETFILEINFO("rumpuser_getfileinfo", "int (const char *path, uint64_t *size, int *type)", Unschedules.NEVER),
    OPEN("rumpuser_open", "int (const char *path, int flags, int *fd)", Unschedules.ALWAYS),
    CLOSE("rumpuser_close", "int (int fd)", Unschedules.ALWAYS),
    IOVREAD(
            "rumpuser_iovread",
            "int (int fd, struct rumpuser_iovec *, size_t n, int64_t off, size_t *)",
            Unschedules.ALWAYS),
    IOVWRITE(
            "rumpuser_iovwrite",
            "int (int fd, const struct rumpuser_iovec *, size_t n, int64_t off, size_t *)",
            Unschedules.ALWAYS),
    SYNCFD("rumpuser_syncfd", "int (int fd, int flags, uint64_t start, uint64_t len)", Unschedules.SOMETIMES),

    BIO(
            "rumpuser_bio",
            "void (int fd, int op, void *data, size_t len, int64_t off, rump_biodone_fn, void *arg)",
            Unschedules.SOMETIMES),

    CLOCK_GETTIME("rumpuser_clock_gettime", "int (int which, int64_t *sec, long *nsec)", Unschedules.NEVER),
    CLOCK_SLEEP("rumpuser_clock_sleep", "int (int which, int64_t sec, long nsec)", Unschedules.ALWAYS),

    GETPARAM("rumpuser_getparam", "int (const char *name, void *buf, size_t len)", Unschedules.NEVER),

    GETRANDOM("rumpuser_getrandom", "int (void *buf, size_t len, int flags, size_t *)", Unschedules.NEVER),

    PUTCHAR("rumpuser_putchar", "void (int c)", Unschedules.NEVER),
    DPRINTF("rumpuser_dprintf", "void (const char *format, ...)", Unschedules.NEVER),

    EXIT("rumpuser_exit", "void (int value)", Unschedules.NEVER),
    KILL("rumpuser_kill", "int (int64_t pid, int signo)", Unschedules.NEVER),

    SETERRNO("rumpuser_seterrno", "void (int errno)", Unschedules.NEVER),

    THREAD_CREATE(
            "rumpuser_thread_create",
            "int (void *(*f)(void *), void *arg, const char *name, int joinable, int priority, int cpuidx, void **)",
            Unschedules.NEVER),
    THREAD_EXIT("rumpuser_thread_exit", "void (void)", Unschedules.NEVER),
    THREAD_JOIN("rumpuser_thread_join", "int (void *)", Unschedules.ALWAYS),

    CURLWPOP("rumpuser_curlwpop", "void (int op, struct lwp *)", Unschedules.NEVER),
    CURLWP("rumpuser_curlwp", "struct lwp *(void)", Unschedules.NEVER),

    MUTEX_INIT("rumpuser_mutex_init", "void (struct rumpuser_mtx **, int flags)", Unschedules.NEVER),
    MUTEX_ENTER("rumpuser_mutex_enter", "void (struct rumpuser_mtx *)", Unschedules.SOMETIMES),
    MUTEX_ENTER_NOWRAP("rumpuser_mutex_enter_nowrap", "void (struct rumpuser_mtx *)", Unschedules.NEVER),
    MUTEX_TRYENTER("rumpuser_mutex_tryenter", "int (struct rumpuser_mtx *)", Unschedules.NEVER),
    MUTEX_EXIT("rumpuser_mutex_exit", "void (struct rumpuser_mtx *)", Unschedules.NEVER),
    MUTEX_DESTROY("rumpuser_mutex_destroy", "void (struct rumpuser_mtx *)", Unschedules.NEVER),
    MUTEX_OWNER("rumpuser_mutex_owner", "void (struct rumpuser_mtx *, struct lwp **)", Unschedules.NEVER),
    MUTEX_SPIN_P("rumpuser_mutex_spin_p", "int (struct rumpuser_mtx *)", Unschedules.NEVER),

    RW_INIT("rumpuser_rw_init", "void (struct rumpuser_rw **)", Unschedules.NEVER),
    RW_ENTER("rumpuser_rw_enter", "void (int kind, struct rumpuser_rw *)", Unschedules.SOMETIMES),
    RW_TRYENTER("rumpuser_rw_tryenter", "int (int kind, struct rumpuser_rw *)", Unschedules.NEVER),
    RW_TRYUPGRADE("rumpuser_rw_tryupgrade", "int (struct rumpuser_rw *)", Unschedules.NEVER),
    RW_DOWNGRADE("rumpuser_rw_downgrade", "void (struct rumpuser_rw *)", Unschedules.SOMETIMES),
    RW_EXIT("rumpuser_rw_exit", "void (struct rumpuser_rw *)", Unschedules.NEVER),
    RW_DESTROY("rumpuser_rw_destroy", "void (struct rumpuser_rw *)", Unschedules.NEVER),
    RW_HELD("rumpuser_rw_held", "void (int kind, struct rumpuser_rw *, int *)", Unschedules.NEVER),

    CV_INIT("rumpuser_cv_init", "void (struct rumpuser_cv **)", Unschedules.NEVER),
    CV_DESTROY("rumpuser_cv_destroy", "void (struct rumpuser_cv *)", Unschedules.NEVER),
    CV_WAIT("rumpuser_cv_wait", "void (struct rumpuser_cv *, struct rumpuser_mtx *)", Unschedules.ALWAYS),
    CV_WAIT_NOWRAP("rumpuser_cv_wait_nowrap", "void (struct rumpuser_cv *, struct rumpuser_mtx *)", Unschedules.NEVER),
    CV_TIMEDWAIT(
            "rumpuser_cv_timedwait",
            "int (struct rumpuser_cv *, struct rumpuser_mtx *, int64_t sec, int64_t nsec)",
            Unschedules.ALWAYS),
    CV_SIGNAL("rumpuser_cv_signal", "void (struct rumpuser_cv *)", Unschedules.NEVER),
    CV_BROADCAST("rumpuser_cv_broadcast", "void (struct rumpuser_cv *)", Unschedules.NEVER),
    CV_HAS_WAITERS("rumpuser_cv_has_waiters", "void (struct rumpuser_cv *, int *)", Unschedules.NEVER),

    DL_BOOTSTRAP(
            "rumpuser_dl_bootstrap", "void (rump_modinit_fn, rump_symload_fn, rump_compload_fn)", Unschedules.NEVER),

    DAEMONIZE_BEGIN("rumpuser_daemonize_begin", "int (void)", Unschedules.NEVER),
    DAEMONIZE_DONE("rumpuser_daemonize_done", "int (int status)", Unschedules.NEVER),

    SP_INIT(
            "rumpuser_sp_init",
            "int (const char *url, const char *ostype, const char *osrelease, const char *machine)",
            Unschedules.NEVER),
    SP_FINI("rumpuser_sp_fini", "void (void *client)", Unschedules.NEVER),
    SP_COPYIN(
            "rumpuser_sp_copyin", "int (void *client, const void *raddr, void *laddr, size_t len)", Unschedules.ALWAYS),
    SP_COPYINSTR(
            "rumpuser_sp_copyinstr",
            "int (void *client, const void *raddr, void *laddr, size_t *len)",
            Unschedules.ALWAYS),
    SP_COPYOUT(
            "rumpuser_sp_copyout",
            "int (void *client, const void *laddr, void *raddr, size_t len)",
            Unschedules.ALWAYS),
    SP_COPYOUTSTR(
            "rumpuser_sp_copyoutstr",
            "int (void *client, const void *laddr, void *raddr, size_t *len)",
            Unschedules.ALWAYS),
    SP_ANONMMAP("rumpuser_sp_anonmmap", "int (void *client, size_t size, void **)", Unschedules.ALWAYS),
    SP_RAISE("rumpuser_sp_raise", "int (void *client, int signo)", Unschedules.ALWAYS),

    COMPONENT_UNSCHEDULE("rumpuser_component_unschedule", "void *(void)", Unschedules.ALWAYS),
    COMPONENT_SCHEDULE("rumpuser_component_schedule", "void (void *cookie)", Unschedules.ALWAYS),
    COMPONENT_KTHREAD("rumpuser_component_kthread", "void (void)", Unschedules.NEVER),
    COMPONENT_KTHREAD_RELEASE("rumpuser_component_kthread_release", "void (void)", Unschedules.NEVER),
    COMPONENT_CURLWP("rumpuser_component_curlwp", "struct lwp *(void)", Unschedules.NEVER),
    COMPONENT_SWITCHLWP("rumpuser_component_switchlwp", "void (struct lwp *)", Unschedules.NEVER),
    COMPONENT_ERRTRANS("rumpuser_component_errtrans", "int (int hosterrno)", Unschedules.NEVER);

    /** Whether a hypercall gives the virtual CPU away while it is at work. */
    public enum Unschedules {
        /** It does not, and may be called before there is a scheduler. */
        NEVER,
        /** It does when it has to wait. */
        SOMETIMES,
        /** It does in each call. */
        ALWAYS
    }

    private final String symbol;
    private final String signature;
    private final Unschedules unschedules;

    Hypercall(String symbol, String signature, Unschedules unschedules) {
        this.symbol = symbol;
        this.signature = signature;
        this.unschedules = unschedules;
    }

    /** The name of the C function. */
    public String symbol() {
        return symbol;
    }

    /** Its C type, without its name. */
    public String signature() {
        return signature;
    }

    /** Whether it gives the virtual CPU away. */
    public Unschedules unschedules() {
        return unschedules;
    }

    /** The header that declares it. */
    public String header() {
        return symbol.startsWith("rumpuser_component_") ? "rump/rumpuser_component.h" : "rump/rumpuser.h";
    }

    /** Whether all headers of {@link Rumpuser#VERSION} declare it; newer kernels have what others of the same version do not know. */
    public boolean isOfEveryHeader() {
        return this != MUTEX_SPIN_P;
    }
}
