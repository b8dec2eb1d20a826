// SPDX-License-Identifier: ISC
#include "host/host_watchdog.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/assert.h"
#include "world/fiber.h"
#include "world/process.h"
#include "world/world_state.h"

enum { EXIT_INTERNAL_ERROR = 3, MESSAGE_MAX = 1000 };

/* Where the world was at the last look. */
static struct {
    const struct world *world;
    uint64_t trace_count;
    uint64_t calls_at_instant;
} seen;

static void give_up(const struct world *world)
{
    char message[MESSAGE_MAX];
    const struct sys *sys = process_running(world);
    int size = snprintf(message, sizeof(message),
                        "postsim: %s[%d] on %s computed for %d s without a system call\n%s\n",
                        sys->program->file, sys->pid, sys->machine->name, HOST_WATCHDOG_S,
                        world_reproduce(world));
    ssize_t written = write(STDERR_FILENO, message, (size_t)size);
    (void)written;
    _exit(EXIT_INTERNAL_ERROR);
}

static void look(int signal UNUSED)
{
    const struct world *world = fiber_world();
    if (world != NULL && world == seen.world && world->trace.count == seen.trace_count &&
        world->calls_at_instant == seen.calls_at_instant) {
        give_up(world);
    }
    seen.world = world;
    seen.trace_count = world != NULL ? world->trace.count : 0;
    seen.calls_at_instant = world != NULL ? world->calls_at_instant : 0;
}

static void start_timer(void)
{
    const struct timeval period = {.tv_sec = HOST_WATCHDOG_S};
    const struct itimerval timer = {.it_interval = period, .it_value = period};
    assert(setitimer(ITIMER_VIRTUAL, &timer, NULL) == 0);
}

void host_watchdog_start(void)
{
    const struct sigaction action = {.sa_handler = look, .sa_flags = SA_RESTART};
    assert(sigaction(SIGVTALRM, &action, NULL) == 0);
    assert(pthread_atfork(NULL, NULL, start_timer) == 0);
    start_timer();
}
