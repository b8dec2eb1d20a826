// SPDX-License-Identifier: ISC
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"
#include "os/os.h"

enum { EXIT_NO_MEMORY = 71 }; /* "system error", as sysexits.h numbers it */

/* Only for assert_failed(), which nobody can hand a process to. */
static struct sys *running;

static NORETURN void end_without_memory(void *argument)
{
    struct sys *sys = argument;
    sys_log(sys, STR("fatal: out of memory"));
    sys_exit(sys, EXIT_NO_MEMORY);
}

NORETURN void assert_failed(const char *condition, const char *file, int line, const char *function)
{
    char text[512];
    int size = snprintf(text, sizeof(text), "panic: %s:%d: %s: assertion failed: %s", file, line,
                        function, condition);
    struct str view = str_of(text, size < (int)sizeof(text) ? (size_t)size : sizeof(text) - 1);
    if (running != NULL) {
        sys_log(running, view);
        os_log_done(running);
    }
    if (running == NULL || running->log.fd >= 0) {
        (void)fprintf(stderr, "%s\n", text);
    }
    abort();
}

/* Signals of the parent must not count; modes are exact without an umask. */
static void clean_surroundings(void)
{
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)umask(0);
}

/* A program without the three standard descriptors would take files for them. */
static void open_standard(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0) {
            (void)open("/dev/null", O_RDWR);
        }
    }
}

static void find_names(struct sys *sys, const char *argument)
{
    ssize_t size = readlink("/proc/self/exe", sys->program_path, sizeof(sys->program_path) - 1);
    if (size < 0) {
        (void)snprintf(sys->program_path, sizeof(sys->program_path), "%s", argument);
    }
    if (gethostname(sys->host_name, sizeof(sys->host_name) - 1) != 0) {
        (void)snprintf(sys->host_name, sizeof(sys->host_name), "localhost");
    }
    if (getcwd(sys->start_directory, sizeof(sys->start_directory)) == NULL) {
        sys->start_directory[0] = '\0';
    }
}

static void start(struct sys *sys, const char *argument)
{
    clean_surroundings();
    open_standard();
    sys->mem = mem_create(0, end_without_memory, sys);
    sys->signal_fd = -1;
    sys->spawner_fd = -1;
    sys->log.fd = -1;
    list_init(&sys->fibers);
    list_init(&sys->free_stacks);
    list_init(&sys->signal_waiters);
    list_init(&sys->child_waiters);
    list_init(&sys->spawn_waiters);
    list_init(&sys->children);
    os_loop_init(sys);
    os_descriptors_init(sys);
    os_threads_init(&sys->threads);
    os_first_fiber_init(sys);
    find_names(sys, argument);
}

NORETURN void os_run(int (*program)(struct sys *sys, int argc, char **argv), int argc, char **argv)
{
    static struct sys sys;
    running = &sys;
    start(&sys, argc > 0 ? argv[0] : "");
    sys_exit(&sys, program(&sys, argc, argv));
}

void sys_exit(struct sys *sys, int status)
{
    os_log_done(sys);
    exit(status);
}

struct mem *sys_mem(struct sys *sys)
{
    return sys->mem;
}
