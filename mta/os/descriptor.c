// SPDX-License-Identifier: ISC
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/assert.h"
#include "os/os.h"

enum {
    INHERITED_MAX = 256, /* numbers that are looked at when the process starts */
    STANDARD_COUNT = 3,
};

static const uint32_t read_events = EPOLLIN | EPOLLRDHUP | EPOLLET;
static const uint32_t write_events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

static void open_entry(struct sys *sys, int fd, unsigned flags)
{
    struct os_descriptor *descriptor = &sys->descriptors[fd];
    list_init(&descriptor->readers);
    list_init(&descriptor->writers);
    descriptor->directory = NULL;
    descriptor->ready = NULL;
    descriptor->open = true;
    descriptor->interest = 0;
    descriptor->may_read = true;
    descriptor->hung_up = false;
    descriptor->stream = (flags & OS_STREAM) != 0;
    descriptor->unix_domain = (flags & OS_UNIX) != 0;
    descriptor->listening = (flags & OS_LISTENING) != 0;
    descriptor->shared = (flags & OS_SHARED) != 0;
    sys->descriptor_count++;
}

/* One system call tells which numbers are open. Children get only what is listed for them. */
static void add_inherited(struct sys *sys)
{
    struct pollfd polls[INHERITED_MAX];
    int count = sys->descriptor_limit < INHERITED_MAX ? sys->descriptor_limit : INHERITED_MAX;
    for (int fd = 0; fd < count; fd++) {
        polls[fd] = (struct pollfd){.fd = fd};
    }
    (void)poll(polls, (nfds_t)count, 0);
    for (int fd = 0; fd < count; fd++) {
        if ((polls[fd].revents & POLLNVAL) != 0) {
            continue;
        }
        open_entry(sys, fd, OS_SHARED);
        if (fd >= STANDARD_COUNT) {
            (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
        }
    }
}

/* The table is mapped for the highest number there can be; only touched pages cost. */
void os_descriptors_init(struct sys *sys)
{
    struct rlimit limit = {0};
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur != limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        (void)getrlimit(RLIMIT_NOFILE, &limit);
    }
    sys->descriptor_limit =
        limit.rlim_cur > OS_DESCRIPTORS_MAX ? OS_DESCRIPTORS_MAX : (int)limit.rlim_cur;
    size_t size = (size_t)sys->descriptor_limit * sizeof(struct os_descriptor);
    sys->descriptors = mmap(NULL, size, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert(sys->descriptors != MAP_FAILED);
    add_inherited(sys);
}

int os_descriptor_add(struct sys *sys, int fd, unsigned flags)
{
    if (fd < 0) {
        return os_last_error();
    }
    if (fd >= sys->descriptor_limit) {
        (void)close(fd);
        return -ERR_TOO_MANY_FILES;
    }
    open_entry(sys, fd, flags);
    return fd;
}

struct os_descriptor *os_descriptor(struct sys *sys, int fd)
{
    bool open = fd >= 0 && fd < sys->descriptor_limit && sys->descriptors[fd].open;
    return open ? &sys->descriptors[fd] : NULL;
}

void sys_close(struct sys *sys, int fd)
{
    struct os_descriptor *descriptor = os_descriptor(sys, fd);
    if (descriptor == NULL) {
        return;
    }
    if (descriptor->interest != 0 && descriptor->shared) {
        (void)epoll_ctl(sys->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
    }
    os_directory_free(descriptor->directory);
    descriptor->directory = NULL;
    descriptor->open = false;
    descriptor->generation++;
    sys->descriptor_count--;
    (void)close(fd);
    os_wake_all(sys, &descriptor->readers, -ERR_CLOSED);
    os_wake_all(sys, &descriptor->writers, -ERR_CLOSED);
}

int sys_descriptors_free(struct sys *sys)
{
    return sys->descriptor_limit - sys->descriptor_count;
}

/* ---- waiting for a descriptor ------------------------------------------------------------------ */

/* Registrations stay until the descriptor is closed. EPOLLOUT joins only when a write had to wait:
 * a unix socket would report it whenever the peer reads. */
static int register_interest(struct sys *sys, int fd, uint32_t interest)
{
    struct os_descriptor *descriptor = &sys->descriptors[fd];
    uint32_t events = descriptor->interest | interest;
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (events == descriptor->interest) {
        return 0;
    }
    int operation = descriptor->interest == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (epoll_ctl(sys->epoll_fd, operation, fd, &event) != 0) {
        return os_last_error();
    }
    descriptor->interest = events;
    return 0;
}

/* Nothing when there is no such interest: every change would report again what is the case anyway,
 * a hung-up peer without end. */
static void drop_interest(struct sys *sys, int fd, uint32_t interest)
{
    struct os_descriptor *descriptor = &sys->descriptors[fd];
    if ((descriptor->interest & interest & (EPOLLIN | EPOLLOUT)) == 0) {
        return;
    }
    struct epoll_event event = {.events = descriptor->interest & ~interest, .data.fd = fd};
    int operation = (event.events & (EPOLLIN | EPOLLOUT)) == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
    (void)epoll_ctl(sys->epoll_fd, operation, fd, &event);
    descriptor->interest = operation == EPOLL_CTL_DEL ? 0 : event.events;
}

void os_descriptor_watch(struct sys *sys, int fd, bool for_room, void (*ready)(struct sys *sys))
{
    sys->descriptors[fd].ready = ready;
    int error = register_interest(sys, fd, for_room ? write_events : read_events);
    assert(error == 0);
}

void os_descriptor_unwatch(struct sys *sys, int fd)
{
    drop_interest(sys, fd, write_events);
}

/* Another fiber may have closed the descriptor, and the number may stand for something else. */
static int wait_for_edge(struct sys *sys, int fd, uint32_t interest, struct list *waiters,
                         int64_t deadline_ns)
{
    struct os_descriptor *descriptor = &sys->descriptors[fd];
    uint32_t generation = descriptor->generation;
    int error = register_interest(sys, fd, interest);
    if (error == 0) {
        error = os_wait(sys, waiters, deadline_ns);
    }
    return descriptor->generation == generation ? error : -ERR_CLOSED;
}

int os_wait_readable(struct sys *sys, int fd, int64_t deadline_ns)
{
    sys->descriptors[fd].may_read = false;
    return wait_for_edge(sys, fd, read_events, &sys->descriptors[fd].readers, deadline_ns);
}

int os_wait_writable(struct sys *sys, int fd, int64_t deadline_ns)
{
    return wait_for_edge(sys, fd, write_events, &sys->descriptors[fd].writers, deadline_ns);
}

/* A process that is not interested in a listener now must not be woken by every connection. */
static void readable(struct sys *sys, int fd, struct os_descriptor *descriptor)
{
    descriptor->may_read = true;
    if (descriptor->listening && list_is_empty(&descriptor->readers)) {
        drop_interest(sys, fd, read_events);
    }
    os_wake_all(sys, &descriptor->readers, 0);
}

static void writable(struct sys *sys, int fd, struct os_descriptor *descriptor)
{
    if (descriptor->unix_domain && list_is_empty(&descriptor->writers)) {
        drop_interest(sys, fd, EPOLLOUT);
    }
    os_wake_all(sys, &descriptor->writers, 0);
}

void os_descriptor_ready(struct sys *sys, int fd, uint32_t events)
{
    struct os_descriptor *descriptor = os_descriptor(sys, fd);
    if (descriptor == NULL) {
        return;
    }
    if (descriptor->ready != NULL) {
        descriptor->ready(sys);
        os_wake_all(sys, &descriptor->writers, 0);
        return;
    }
    bool over = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    descriptor->hung_up |= over;
    if (over || (events & EPOLLIN) != 0) {
        readable(sys, fd, descriptor);
    }
    if (over || (events & EPOLLOUT) != 0) {
        writable(sys, fd, descriptor);
    }
}
