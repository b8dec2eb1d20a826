// SPDX-License-Identifier: ISC
#include "sys/process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"
#include "os/os.h"
#include "sys/clock.h"

static const int signal_numbers[] = {
    [SYS_SIGNAL_NONE] = 0,           [SYS_SIGNAL_HANGUP] = SIGHUP, [SYS_SIGNAL_TERMINATE] = SIGTERM,
    [SYS_SIGNAL_INTERRUPT] = SIGINT, [SYS_SIGNAL_KILL] = SIGKILL,  [SYS_SIGNAL_USER1] = SIGUSR1,
};

enum { SIGNAL_COUNT = sizeof(signal_numbers) / sizeof(signal_numbers[0]) };

/* ---- signals as messages --------------------------------------------------------------------------- */

static enum sys_signal signal_of(uint32_t number)
{
    for (int i = 1; i < SIGNAL_COUNT; i++) {
        if ((uint32_t)signal_numbers[i] == number) {
            return (enum sys_signal)i;
        }
    }
    return SYS_SIGNAL_NONE;
}

static void signals_ready(struct sys *sys)
{
    struct signalfd_siginfo info;
    while (read(sys->signal_fd, &info, sizeof(info)) == sizeof(info)) {
        enum sys_signal signal = signal_of(info.ssi_signo);
        if (signal == SYS_SIGNAL_NONE) {
            os_wake_all(sys, &sys->child_waiters, 0);
            continue;
        }
        sys->signals_pending |= 1U << signal;
        os_wake_all(sys, &sys->signal_waiters, 0);
    }
}

static void fill_watched(const struct sys *sys, sigset_t *set)
{
    (void)sigemptyset(set);
    if (sys->children_asked) {
        (void)sigaddset(set, SIGCHLD);
    }
    for (int i = 1; sys->signals_asked && i < SIGNAL_COUNT; i++) {
        if (i != SYS_SIGNAL_KILL) {
            (void)sigaddset(set, signal_numbers[i]);
        }
    }
}

/* What is asked for arrives at the loop; the rest keeps its default action. */
static int watch_signals(struct sys *sys)
{
    sigset_t watched;
    fill_watched(sys, &watched);
    (void)sigprocmask(SIG_SETMASK, &watched, NULL);
    if (sys->signal_fd >= 0) {
        return signalfd(sys->signal_fd, &watched, 0) >= 0 ? 0 : os_last_error();
    }
    int fd = os_descriptor_add(sys, signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK), 0);
    if (fd < 0) {
        return fd;
    }
    sys->signal_fd = fd;
    os_descriptor_watch(sys, fd, false, signals_ready);
    return 0;
}

int sys_wait_signal(struct sys *sys, int64_t deadline_ns)
{
    int error = 0;
    if (!sys->signals_asked) {
        sys->signals_asked = true;
        error = watch_signals(sys);
    }
    while (error == 0) {
        if (sys_canceled(sys)) {
            return -ERR_CANCELED;
        }
        if (sys->signals_pending != 0) {
            int signal = __builtin_ctz(sys->signals_pending);
            sys->signals_pending &= ~(1U << signal);
            return signal;
        }
        error = os_wait(sys, &sys->signal_waiters, deadline_ns);
    }
    return error;
}

/* ---- children --------------------------------------------------------------------------------------- */

int sys_spawn(struct sys *sys, const struct sys_spawn *spawn)
{
    if (sys_canceled(sys)) {
        return -ERR_CANCELED;
    }
    if (sys->spawner_fd >= 0) {
        return os_spawner_spawn(sys, spawn);
    }
    assert(sys->threads.count == 0);
    if (!sys->children_asked) {
        sys->children_asked = true;
        int error = watch_signals(sys);
        if (error != 0) {
            return error;
        }
    }
    return os_spawn_fork(spawn);
}

struct sys_exit_status os_exit_status(int pid, int status)
{
    bool exited = WIFEXITED(status);
    return (struct sys_exit_status){
        .pid = pid,
        .status = exited ? WEXITSTATUS(status) : -1,
        .signal = exited ? 0 : WTERMSIG(status),
    };
}

/* 1 and status set, 0 when none has ended yet, or an error. */
static int take_ended(struct sys *sys, int pid, struct sys_exit_status *status)
{
    int raw;
    if (sys->spawner_fd >= 0) {
        return os_spawner_take_ended(sys, pid, status);
    }
    int found = waitpid(pid == 0 ? -1 : pid, &raw, WNOHANG);
    if (found < 0) {
        return os_last_error();
    }
    if (found > 0) {
        *status = os_exit_status(found, raw);
    }
    return found > 0;
}

int sys_wait_child(struct sys *sys, int pid, struct sys_exit_status *status, int64_t deadline_ns)
{
    for (;;) {
        if (sys_canceled(sys)) {
            return -ERR_CANCELED;
        }
        int taken = take_ended(sys, pid, status);
        if (taken != 0) {
            return taken > 0 ? 0 : taken;
        }
        int error = os_wait(sys, &sys->child_waiters, deadline_ns);
        if (error != 0) {
            return error;
        }
    }
}

int sys_kill(struct sys *sys, int pid, enum sys_signal signal)
{
    if (pid <= 0 || signal <= SYS_SIGNAL_NONE || (int)signal >= SIGNAL_COUNT) {
        return -ERR_INVALID;
    }
    if (os_spawner_has(sys, pid)) {
        return os_spawner_kill(sys, pid, signal_numbers[signal]);
    }
    return kill(pid, signal_numbers[signal]) == 0 ? 0 : os_last_error();
}

int sys_process_exists(struct sys *sys UNUSED, int pid)
{
    bool exists = pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
    return exists ? 0 : -ERR_NO_PROCESS;
}

/* ---- this process ----------------------------------------------------------------------------------- */

int sys_detach(struct sys *sys UNUSED)
{
    return setsid() >= 0 ? 0 : os_last_error();
}

int sys_pid(struct sys *sys UNUSED)
{
    return getpid();
}

const char *sys_host_name(struct sys *sys)
{
    return sys->host_name;
}

const char *sys_environment(struct sys *sys UNUSED, const char *name)
{
    return getenv(name);
}

const char *sys_program_path(struct sys *sys)
{
    return sys->program_path;
}
