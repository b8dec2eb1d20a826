// SPDX-License-Identifier: ISC
/* Rights given up for good, each step on its own: what the kernel lacks is named in `missing` and
 * the rest is done all the same. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/os.h"

/* ---- capabilities ------------------------------------------------------------------------------------ */

/* Without the right to, there is nothing to take away: a process that is not root has none. */
static void empty_bounding_set(void)
{
    for (unsigned capability = 0; capability <= CAP_LAST_CAP; capability++) {
        if (prctl(PR_CAPBSET_READ, capability) == 1) {
            (void)prctl(PR_CAPBSET_DROP, capability);
        }
    }
}

/* ---- Landlock ---------------------------------------------------------------------------------------- */

/* No program is executed, no device and no symbolic link made, wherever it would be. Moving a file
 * to another directory must be allowed by name, which the first version cannot. */
enum { LANDLOCK_VERSION_MIN = 2 };

static int allow_moves(int ruleset)
{
    struct landlock_path_beneath_attr rule = {
        .allowed_access = LANDLOCK_ACCESS_FS_REFER,
        .parent_fd = open("/", O_PATH | O_CLOEXEC),
    };
    long result = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    (void)close(rule.parent_fd);
    return (int)result;
}

static bool enter_landlock(void)
{
    struct landlock_ruleset_attr attributes = {
        .handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                             LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM |
                             LANDLOCK_ACCESS_FS_REFER,
    };
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < LANDLOCK_VERSION_MIN) {
        return false;
    }
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
    if (ruleset < 0) {
        return false;
    }
    bool entered =
        allow_moves(ruleset) == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    (void)close(ruleset);
    return entered;
}

/* ---- seccomp ------------------------------------------------------------------------------------------- */

#if defined(__x86_64__)
#define FILTER_MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define FILTER_MACHINE AUDIT_ARCH_AARCH64
#else
#define FILTER_MACHINE 0 /* no filter: reported as missing */
#endif

/* What this backend, the C library and the database and TLS libraries ask of the kernel while a
 * daemon serves. No new program, no new process, no tracing, no mounting, no modules. */
static const uint16_t allowed_calls[] = {
    /* descriptors */
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_pread64,
    SYS_pwrite64,
    SYS_preadv,
    SYS_pwritev,
    SYS_close,
    SYS_close_range,
    SYS_dup,
    SYS_dup3,
    SYS_fcntl,
    SYS_ioctl,
    SYS_lseek,
    SYS_pipe2,
    /* files */
    SYS_openat,
    SYS_fstat,
    SYS_newfstatat,
    SYS_statx,
    SYS_statfs,
    SYS_fstatfs,
    SYS_faccessat,
    SYS_faccessat2,
    SYS_readlinkat,
    SYS_renameat2,
    SYS_linkat,
    SYS_unlinkat,
    SYS_mkdirat,
    SYS_fchmod,
    SYS_fchmodat,
    SYS_fchown,
    SYS_fchownat,
    SYS_utimensat,
    SYS_ftruncate,
    SYS_fallocate,
    SYS_fsync,
    SYS_fdatasync,
    SYS_sync_file_range,
    SYS_getdents64,
    SYS_flock,
    SYS_chdir,
    SYS_fchdir,
    SYS_getcwd,
    SYS_fadvise64,
    SYS_umask,
    /* sockets */
    SYS_socket,
    SYS_socketpair,
    SYS_bind,
    SYS_listen,
    SYS_accept,
    SYS_accept4,
    SYS_connect,
    SYS_getsockname,
    SYS_getpeername,
    SYS_setsockopt,
    SYS_getsockopt,
    SYS_shutdown,
    SYS_sendto,
    SYS_recvfrom,
    SYS_sendmsg,
    SYS_recvmsg,
    SYS_sendmmsg,
    SYS_recvmmsg,
    /* waiting and time */
    SYS_epoll_create1,
    SYS_epoll_ctl,
    SYS_epoll_pwait,
    SYS_epoll_pwait2,
    SYS_ppoll,
    SYS_pselect6,
    SYS_eventfd2,
    SYS_signalfd4,
    SYS_nanosleep,
    SYS_clock_nanosleep,
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_gettimeofday,
    /* threads and memory */
    SYS_futex,
    SYS_clone,
    SYS_clone3,
    SYS_set_robust_list,
    SYS_get_robust_list,
    SYS_rseq,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_mmap,
    SYS_munmap,
    SYS_mremap,
    SYS_mprotect,
    SYS_madvise,
    SYS_msync,
    SYS_mlock,
    SYS_munlock,
    SYS_brk,
    SYS_membarrier,
    /* this process */
    SYS_exit,
    SYS_exit_group,
    SYS_getpid,
    SYS_gettid,
    SYS_getppid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_getgroups,
    SYS_getresuid,
    SYS_getresgid,
    SYS_kill,
    SYS_tgkill,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_restart_syscall,
    SYS_getrlimit,
    SYS_prlimit64,
    SYS_getrusage,
    SYS_uname,
    SYS_sysinfo,
    SYS_getrandom,
    SYS_wait4,
    SYS_waitid,
    SYS_prctl,
#ifdef SYS_open
    /* older forms that some machines still have */
    SYS_open,
    SYS_stat,
    SYS_lstat,
    SYS_access,
    SYS_readlink,
    SYS_rename,
    SYS_link,
    SYS_unlink,
    SYS_mkdir,
    SYS_rmdir,
    SYS_chmod,
    SYS_dup2,
    SYS_pipe,
    SYS_poll,
    SYS_select,
    SYS_epoll_wait,
    SYS_getdents,
    SYS_time,
    SYS_utimes,
    SYS_arch_prctl,
#endif
};

enum { ALLOWED_COUNT = sizeof(allowed_calls) / sizeof(allowed_calls[0]), FRAME_COUNT = 6 };

/* A refused call fails with EPERM: an error to report, not a crash. Threads may be made, new
 * processes by fork look the same to a filter and die with this one's rights. */
static bool enter_seccomp(void)
{
    struct sock_filter code[ALLOWED_COUNT + FRAME_COUNT];
    size_t size = 0;
    if (FILTER_MACHINE == 0) {
        return false;
    }
    code[size++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    code[size++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_MACHINE, 1, 0);
    code[size++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    code[size++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < ALLOWED_COUNT; i++) {
        uint8_t to_allow = (uint8_t)(ALLOWED_COUNT - i);
        code[size++] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed_calls[i], to_allow, 0);
    }
    code[size++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    code[size++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = (unsigned short)size, .filter = code};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

_Static_assert(ALLOWED_COUNT < 256, "a jump reaches 255 instructions");

/* ---- all together ---------------------------------------------------------------------------------------- */

static void add_missing(char missing[SYS_MISSING_MAX], const char *what)
{
    size_t used = strlen(missing);
    (void)snprintf(missing + used, SYS_MISSING_MAX - used, "%s%s", used > 0 ? ", " : "", what);
}

static int enter_root(const char *root)
{
    return chroot(root) == 0 && chdir("/") == 0 ? 0 : os_last_error();
}

int sys_confine(struct sys *sys, const struct sys_confinement *confinement,
                char missing[SYS_MISSING_MAX])
{
    missing[0] = '\0';
    os_zone_load(sys);
    if (confinement->root != NULL) {
        int error = enter_root(confinement->root);
        if (error != 0) {
            return error;
        }
    }
    empty_bounding_set();
    int number = confinement->user != NULL ? os_user_become(confinement->user) : 0;
    if (number != 0) {
        return os_error(number);
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        add_missing(missing, "no_new_privs");
    }
    if (!enter_landlock()) {
        add_missing(missing, "Landlock");
    }
    if (!enter_seccomp()) {
        add_missing(missing, "seccomp");
    }
    return 0;
}
