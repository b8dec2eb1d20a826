// SPDX-License-Identifier: ISC
/* Fork and exec, in a process without threads: one like master, or the spawn helper. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/os.h"

enum { STANDARD_COUNT = 3, EXIT_NOT_EXECUTED = 127 };

/* Ignored signals would stay ignored in the program. */
static void reset_signals(void)
{
    static const int changed[] = {SIGPIPE, SIGHUP, SIGINT, SIGTERM};
    sigset_t none;
    for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++) {
        (void)signal(changed[i], SIG_DFL);
    }
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static int first_free_above(const struct sys_spawn *spawn)
{
    int highest = STANDARD_COUNT - 1;
    for (int i = 0; i < spawn->descriptor_count; i++) {
        int theirs = spawn->descriptors[i].theirs;
        highest = theirs > highest ? theirs : highest;
    }
    return highest + 1;
}

/* Moves all out of the way of each other before any gets its place. */
static int place_descriptors(const struct sys_spawn *spawn, int *error_fd)
{
    int moved[OS_SPAWN_DESCRIPTORS_MAX];
    int above = first_free_above(spawn);
    *error_fd = fcntl(*error_fd, F_DUPFD_CLOEXEC, above);
    for (int i = 0; i < spawn->descriptor_count; i++) {
        moved[i] = fcntl(spawn->descriptors[i].ours, F_DUPFD_CLOEXEC, above);
        if (moved[i] < 0) {
            return errno;
        }
    }
    (void)close_range(STANDARD_COUNT, ~0U, CLOSE_RANGE_CLOEXEC);
    for (int i = 0; i < spawn->descriptor_count; i++) {
        if (dup2(moved[i], spawn->descriptors[i].theirs) < 0) {
            return errno;
        }
    }
    return 0;
}

/* In the new process. Only an error comes back, through error_fd. */
static NORETURN void execute(const struct sys_spawn *spawn, int error_fd)
{
    reset_signals();
    int number = place_descriptors(spawn, &error_fd);
    if (number == 0 && spawn->user != NULL) {
        number = os_user_become(spawn->user);
    }
    if (number == 0) {
        (void)execve(spawn->path, (char *const *)(uintptr_t)spawn->argv,
                     (char *const *)(uintptr_t)spawn->environment);
        number = errno;
    }
    ssize_t count = write(error_fd, &number, sizeof(number));
    (void)count;
    _exit(EXIT_NOT_EXECUTED);
}

/* The pipe closes without a word when the program was executed. */
static int read_outcome(int pid, int outcome_fd)
{
    int number;
    ssize_t count;
    do {
        count = read(outcome_fd, &number, sizeof(number));
    } while (count < 0 && errno == EINTR);
    (void)close(outcome_fd);
    if (count == 0) {
        return pid;
    }
    (void)waitpid(pid, NULL, 0);
    return count == sizeof(number) ? os_error(number) : -ERR_IO;
}

int os_spawn_fork(const struct sys_spawn *spawn)
{
    int ends[2];
    if (spawn->descriptor_count > OS_SPAWN_DESCRIPTORS_MAX) {
        return -ERR_LIMIT;
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return os_last_error();
    }
    int pid = fork();
    if (pid == 0) {
        execute(spawn, ends[1]);
    }
    int error = pid < 0 ? os_last_error() : 0;
    (void)close(ends[1]);
    if (error != 0) {
        (void)close(ends[0]);
        return error;
    }
    return read_outcome(pid, ends[0]);
}
