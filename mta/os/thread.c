// SPDX-License-Identifier: ISC
/* Helper threads do one thing: fsync. A request is a struct on the stack of the fiber that waits.
 * The loop's thread alone decides who does what, so nothing is locked: each helper sleeps on a
 * semaphore of its own, and puts itself on a stack when it is done, which the loop takes whole.
 * Who finds that stack empty tells the loop, by one write to an eventfd. */
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/assert.h"
#include "os/os.h"

enum { THREAD_STACK_BYTES = 256 * 1024 };

void os_threads_init(struct os_threads *threads)
{
    list_init(&threads->waiting);
    threads->done_fd = -1;
}

/* ---- in a helper thread ------------------------------------------------------------------------- */

/* True when the loop has not heard yet that there is something done. */
static bool put_done(struct os_thread *thread)
{
    struct os_threads *threads = thread->threads;
    struct os_thread *first = atomic_load(&threads->done);
    do {
        thread->next = first;
    } while (!atomic_compare_exchange_weak(&threads->done, &first, thread));
    return first == NULL;
}

/* The loop's descriptor is edge-triggered: every write is an edge, and nobody has to read. */
static void tell_loop(int done_fd)
{
    const uint64_t one = 1;
    ssize_t count = write(done_fd, &one, sizeof(one));
    assert(count == sizeof(one));
}

static void *serve(void *argument)
{
    struct os_thread *thread = argument;
    int done_fd = thread->threads->done_fd;
    for (;;) {
        if (sem_wait(&thread->wake) != 0) {
            continue;
        }
        struct os_job *job = thread->job;
        job->result = fsync(job->fd) == 0 ? 0 : os_last_error();
        if (put_done(thread)) {
            tell_loop(done_fd);
        }
    }
    return NULL;
}

/* ---- in the loop's thread ------------------------------------------------------------------------ */

static void give(struct os_thread *thread, struct os_job *job)
{
    thread->job = job;
    (void)sem_post(&thread->wake);
}

static void put_idle(struct os_threads *threads, struct os_thread *thread)
{
    thread->next = threads->idle;
    threads->idle = thread;
}

static struct os_thread *take_idle(struct os_threads *threads)
{
    struct os_thread *thread = threads->idle;
    if (thread != NULL) {
        threads->idle = thread->next;
    }
    return thread;
}

/* The job that has waited longest for a thread, or NULL. */
static struct os_job *take_waiting(struct os_threads *threads)
{
    if (list_is_empty(&threads->waiting)) {
        return NULL;
    }
    struct os_job *job = list_entry(threads->waiting.next, struct os_job, node);
    list_remove(&job->node);
    return job;
}

static void collect(struct sys *sys)
{
    struct os_threads *threads = &sys->threads;
    struct os_thread *thread = atomic_exchange(&threads->done, NULL);
    while (thread != NULL) {
        struct os_thread *next = thread->next;
        os_wake(sys, thread->job->fiber, thread->job->result);
        struct os_job *job = take_waiting(threads);
        if (job != NULL) {
            give(thread, job);
        } else {
            put_idle(threads, thread);
        }
        thread = next;
    }
}

/* Signals are for the loop's thread. */
static int create_thread(struct os_thread *argument)
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
    int number = pthread_create(&thread, &attributes, serve, argument);
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

/* One more idle thread, as long as there may be more. */
static int start_thread(struct sys *sys)
{
    struct os_threads *threads = &sys->threads;
    if (threads->count == OS_THREADS_MAX) {
        return -ERR_LIMIT;
    }
    int error = open_done_fd(sys);
    if (error != 0) {
        return error;
    }
    struct os_thread *thread = &threads->all[threads->count];
    thread->threads = threads;
    (void)sem_init(&thread->wake, 0, 0);
    error = create_thread(thread);
    if (error == 0) {
        threads->count++;
        put_idle(threads, thread);
    }
    return error;
}

/* The newest idle thread, a new one, or the next that is done: 0 as long as there is any. */
static int ask(struct sys *sys, struct os_job *job)
{
    struct os_threads *threads = &sys->threads;
    int error = threads->idle == NULL ? start_thread(sys) : 0;
    struct os_thread *thread = take_idle(threads);
    if (thread != NULL) {
        give(thread, job);
        return 0;
    }
    if (threads->count == 0) {
        return error;
    }
    list_append(&threads->waiting, &job->node);
    return 0;
}

int os_threads_fsync(struct sys *sys, int fd)
{
    struct list nobody;
    struct os_job job = {.fiber = sys->current, .fd = fd};
    if (ask(sys, &job) != 0) {
        return fsync(fd) == 0 ? 0 : os_last_error();
    }
    list_init(&nobody);
    return os_wait_shielded(sys, &nobody, SYS_FOREVER);
}
