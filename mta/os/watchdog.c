// SPDX-License-Identifier: ISC
/* A timer of the kernel ticks several times within the timeout; the loop sets the count of ticks
 * back whenever it has polled, which costs no system call. A tick ends the wait of a process that
 * waits, so that one never counts more than a tick or two. Ticks of a process that was stopped, or
 * of a machine that slept, come as one. */
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/assert.h"
#include "os/os.h"
#include "sys/clock.h"

enum { STEPS = 3 };

/* Only for the signal handler, which nobody can hand a process to. */
static struct sys *watched;

/* The first tick may come at once: one more than STEPS make sure that the timeout has passed. */
static void take_step(int number UNUSED)
{
    struct sys *sys = watched;
    if (++sys->steps_without_poll > STEPS) {
        os_log_now(sys, sys->watch.last_line(sys->watch.argument, sys_wall_ns(sys)));
        _exit(1);
    }
}

static struct timeval step_of(int64_t timeout_ns)
{
    int64_t step_ns = timeout_ns / STEPS;
    step_ns = step_ns < SYS_MILLI_NS ? SYS_MILLI_NS : step_ns;
    return (struct timeval){
        .tv_sec = step_ns / SYS_SECOND_NS,
        .tv_usec = step_ns % SYS_SECOND_NS / 1000,
    };
}

void sys_watch(struct sys *sys, const struct sys_watch *watch)
{
    struct sigaction action = {.sa_handler = take_step, .sa_flags = SA_RESTART};
    struct timeval step = step_of(watch->timeout_ns);
    struct itimerval timer = {.it_interval = step, .it_value = step};
    assert(watch->timeout_ns > 0);
    sys->watch = *watch;
    watched = sys;
    (void)sigemptyset(&action.sa_mask);
    int error = sigaction(SIGALRM, &action, NULL);
    assert(error == 0);
    error = setitimer(ITIMER_REAL, &timer, NULL);
    assert(error == 0);
}
