// SPDX-License-Identifier: ISC
/* Helper threads do one thing: fsync. A request is a struct on the stack of the fiber that waits;
 * one write to an eventfd tells the loop of all requests that ended since it last looked. */
#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/assert.h"
#include "os/os.h"

enum { THREAD_STACK_BYTES = 256 * 1024 };

static void push(struct os_job_queue *queue, struct os_job *job)
{
    job->next = NULL;
    if (queue->first == NULL) {
        queue->first = job;
    } else {
        queue->last->next = job;
    }
    queue->last = job;
}

static struct os_job *pop(struct os_job_queue *queue)
{
    struct os_job *job = queue->first;
    if (job != NULL) {
        queue->first = job->next;
    }
    return job;
}

void os_threads_init(struct os_threads *threads)
{
    (void)pthread_mutex_init(&threads->mutex, NULL);
    (void)pthread_cond_init(&threads->work, NULL);
    threads->done_fd = -1;
}

/* ---- in a helper thread ------------------------------------------------------------------------- */

static struct os_job *wait_for_job(struct os_threads *threads)
{
    while (threads->asked_count == 0) {
        threads->idle_count++;
        (void)pthread_cond_wait(&threads->work, &threads->mutex);
        threads->idle_count--;
    }
    threads->asked_count--;
    return pop(&threads->asked);
}

/* The loop's descriptor is edge-triggered: every write is an edge, and nobody has to read. */
static void tell_loop(struct os_threads *threads)
{
    const uint64_t one = 1;
    ssize_t count = write(threads->done_fd, &one, sizeof(one));
    assert(count == sizeof(one));
}

static void *serve(void *argument)
{
    struct os_threads *threads = argument;
    (void)pthread_mutex_lock(&threads->mutex);
    for (;;) {
        struct os_job *job = wait_for_job(threads);
        (void)pthread_mutex_unlock(&threads->mutex);
        job->result = fsync(job->fd) == 0 ? 0 : os_last_error();
        (void)pthread_mutex_lock(&threads->mutex);
        bool first = threads->done.first == NULL;
        push(&threads->done, job);
        if (first) {
            tell_loop(threads);
        }
    }
    return NULL;
}

/* ---- in the loop's thread ------------------------------------------------------------------------ */

static void collect(struct sys *sys)
{
    struct os_threads *threads = &sys->threads;
    (void)pthread_mutex_lock(&threads->mutex);
    struct os_job_queue done = threads->done;
    threads->done = (struct os_job_queue){0};
    (void)pthread_mutex_unlock(&threads->mutex);
    for (struct os_job *job = pop(&done); job != NULL; job = pop(&done)) {
        os_wake(sys, job->fiber, job->result);
    }
}

/* Signals are for the loop's thread. */
static int start_thread(struct os_threads *threads)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all;
    sigset_t before;
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setstacksize(&attributes, THREAD_STACK_BYTES);
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int number = pthread_create(&thread, &attributes, serve, threads);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attributes);
    return number == 0 ? 0 : os_error(number);
}

static int open_done_fd(struct sys *sys)
{
    if (sys->threads.done_fd >= 0) {
        return 0;
    }
    int fd = os_descriptor_add(sys, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), 0);
    if (fd < 0) {
        return fd;
    }
    sys->threads.done_fd = fd;
    os_descriptor_watch(sys, fd, false, collect);
    return 0;
}

/* A thread that is idle and not about to take another job, or a new one: 0 as long as there is
 * any thread at all. */
static int provide_thread(struct sys *sys)
{
    struct os_threads *threads = &sys->threads;
    (void)pthread_mutex_lock(&threads->mutex);
    bool enough = threads->idle_count > threads->asked_count || threads->count == OS_THREADS_MAX;
    (void)pthread_mutex_unlock(&threads->mutex);
    if (enough) {
        return 0;
    }
    int error = open_done_fd(sys);
    if (error == 0) {
        error = start_thread(threads);
    }
    if (error == 0) {
        threads->count++;
    }
    return threads->count > 0 ? 0 : error;
}

static void ask(struct os_threads *threads, struct os_job *job)
{
    (void)pthread_mutex_lock(&threads->mutex);
    push(&threads->asked, job);
    threads->asked_count++;
    bool wake = threads->idle_count > 0;
    (void)pthread_mutex_unlock(&threads->mutex);
    if (wake) {
        (void)pthread_cond_signal(&threads->work);
    }
}

int os_threads_fsync(struct sys *sys, int fd)
{
    struct list nobody;
    struct os_job job = {.fiber = sys->current, .fd = fd};
    if (provide_thread(sys) != 0) {
        return fsync(fd) == 0 ? 0 : os_last_error();
    }
    list_init(&nobody);
    ask(&sys->threads, &job);
    return os_wait_shielded(sys, &nobody, SYS_FOREVER);
}
