// SPDX-License-Identifier: ISC
#include "sys/net.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "os/os.h"
#include "sys/clock.h"

enum { SOCKET_FILE_MODE = 0666, SOCKET_TYPE_FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC };

static const int64_t full_listener_retry_ns = 5 * SYS_MILLI_NS;

/* ---- addresses --------------------------------------------------------------------------------- */

union socket_address {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
    struct sockaddr_un unix_domain;
};

static socklen_t to_kernel(const struct sys_address *address, union socket_address *kernel)
{
    memset(kernel, 0, sizeof(*kernel));
    switch (address->family) {
    case SYS_FAMILY_NONE:
        break;
    case SYS_FAMILY_IPV4:
        kernel->ipv4.sin_family = AF_INET;
        kernel->ipv4.sin_port = htons(address->port);
        memcpy(&kernel->ipv4.sin_addr, address->ip, 4);
        return sizeof(kernel->ipv4);
    case SYS_FAMILY_IPV6:
        kernel->ipv6.sin6_family = AF_INET6;
        kernel->ipv6.sin6_port = htons(address->port);
        memcpy(&kernel->ipv6.sin6_addr, address->ip, 16);
        return sizeof(kernel->ipv6);
    case SYS_FAMILY_UNIX:
        kernel->unix_domain.sun_family = AF_UNIX;
        memcpy(kernel->unix_domain.sun_path, address->path, SYS_UNIX_PATH_MAX);
        return sizeof(kernel->unix_domain);
    }
    return 0;
}

static void from_kernel(const union socket_address *kernel, socklen_t size,
                        struct sys_address *address)
{
    memset(address, 0, sizeof(*address));
    if (size < sizeof(sa_family_t)) {
        return;
    }
    switch (kernel->any.sa_family) {
    case AF_INET:
        address->family = SYS_FAMILY_IPV4;
        address->port = ntohs(kernel->ipv4.sin_port);
        memcpy(address->ip, &kernel->ipv4.sin_addr, 4);
        break;
    case AF_INET6:
        address->family = SYS_FAMILY_IPV6;
        address->port = ntohs(kernel->ipv6.sin6_port);
        memcpy(address->ip, &kernel->ipv6.sin6_addr, 16);
        break;
    case AF_UNIX:
        address->family = SYS_FAMILY_UNIX;
        if (size > offsetof(struct sockaddr_un, sun_path)) {
            (void)snprintf(address->path, sizeof(address->path), "%.*s", SYS_UNIX_PATH_MAX - 1,
                           kernel->unix_domain.sun_path);
        }
        break;
    }
}

static int open_socket(struct sys *sys, enum sys_family family, int type, unsigned flags)
{
    static const int domains[] = {
        [SYS_FAMILY_NONE] = AF_UNSPEC,
        [SYS_FAMILY_IPV4] = AF_INET,
        [SYS_FAMILY_IPV6] = AF_INET6,
        [SYS_FAMILY_UNIX] = AF_UNIX,
    };
    if (family == SYS_FAMILY_NONE) {
        return -ERR_INVALID;
    }
    flags |= family == SYS_FAMILY_UNIX ? OS_UNIX : 0;
    return os_descriptor_add(sys, socket(domains[family], type | SOCKET_TYPE_FLAGS, 0), flags);
}

static void set_option(int fd, int level, int option, int value)
{
    (void)setsockopt(fd, level, option, &value, sizeof(value));
}

/* ---- listen and dial ---------------------------------------------------------------------------- */

static int bind_unix(int fd, const union socket_address *kernel, socklen_t size)
{
    const char *path = kernel->unix_domain.sun_path;
    struct stat stale;
    int result = bind(fd, &kernel->any, size);
    if (result != 0 && errno == EADDRINUSE && lstat(path, &stale) == 0 && S_ISSOCK(stale.st_mode)) {
        result = unlink(path) != 0 ? -1 : bind(fd, &kernel->any, size);
    }
    return result != 0 ? -1 : chmod(path, SOCKET_FILE_MODE);
}

/* 0, or -1 and errno. */
static int bind_address(int fd, const struct sys_address *address)
{
    union socket_address kernel;
    socklen_t size = to_kernel(address, &kernel);
    if (address->family == SYS_FAMILY_UNIX) {
        return bind_unix(fd, &kernel, size);
    }
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (address->family == SYS_FAMILY_IPV6) {
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    }
    return bind(fd, &kernel.any, size);
}

static int close_with(struct sys *sys, int fd, int error)
{
    sys_close(sys, fd);
    return error;
}

/* Accepted sockets inherit TCP_NODELAY: streams above write whole replies. */
int sys_listen(struct sys *sys, const struct sys_address *address, int backlog)
{
    int fd = open_socket(sys, address->family, SOCK_STREAM, OS_LISTENING);
    if (fd < 0) {
        return fd;
    }
    if (address->family != SYS_FAMILY_UNIX) {
        set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    }
    if (bind_address(fd, address) != 0 || listen(fd, backlog) != 0) {
        return close_with(sys, fd, os_last_error());
    }
    return fd;
}

int sys_datagram_listen(struct sys *sys, const struct sys_address *address)
{
    int fd = open_socket(sys, address->family, SOCK_DGRAM, 0);
    if (fd >= 0 && bind_address(fd, address) != 0) {
        return close_with(sys, fd, os_last_error());
    }
    return fd;
}

int sys_datagram_dial(struct sys *sys, const struct sys_address *remote)
{
    union socket_address kernel;
    socklen_t size = to_kernel(remote, &kernel);
    int fd = open_socket(sys, remote->family, SOCK_DGRAM, 0);
    if (fd >= 0 && connect(fd, &kernel.any, size) != 0) {
        return close_with(sys, fd, os_last_error());
    }
    return fd;
}

/* A unix listener whose queue is full tells nobody when there is room again. */
static int wait_for_listener(struct sys *sys, int64_t deadline_ns)
{
    int64_t retry_ns = sys_deadline(sys, full_listener_retry_ns);
    bool last = deadline_ns <= retry_ns;
    int error = sys_sleep_until(sys, last ? deadline_ns : retry_ns);
    return error == 0 && last ? -ERR_TIMEOUT : error;
}

/* Asking again tells how a connection under way is doing. */
static int connect_socket(struct sys *sys, int fd, const struct sys_address *remote,
                          int64_t deadline_ns)
{
    union socket_address kernel;
    socklen_t size = to_kernel(remote, &kernel);
    for (;;) {
        int error = 0;
        if (connect(fd, &kernel.any, size) == 0 || errno == EISCONN) {
            return 0;
        }
        if (errno == EINPROGRESS || errno == EALREADY) {
            error = os_wait_writable(sys, fd, deadline_ns);
        } else if (errno == EAGAIN && remote->family == SYS_FAMILY_UNIX) {
            error = wait_for_listener(sys, deadline_ns);
        } else if (errno != EINTR) {
            error = os_last_error();
        }
        if (error != 0) {
            return error;
        }
    }
}

static int prepare_dial(int fd, const struct sys_address *local, const struct sys_address *remote)
{
    union socket_address kernel;
    if (remote->family != SYS_FAMILY_UNIX) {
        set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    }
    if (local == NULL || local->family == SYS_FAMILY_UNIX) {
        return 0;
    }
    socklen_t size = to_kernel(local, &kernel);
    set_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    return bind(fd, &kernel.any, size) == 0 ? 0 : os_last_error();
}

int sys_dial(struct sys *sys, const struct sys_address *local, const struct sys_address *remote,
             int64_t deadline_ns)
{
    if (sys_canceled(sys)) {
        return -ERR_CANCELED;
    }
    int fd = open_socket(sys, remote->family, SOCK_STREAM, OS_STREAM);
    if (fd < 0) {
        return fd;
    }
    int error = prepare_dial(fd, local, remote);
    if (error == 0) {
        error = connect_socket(sys, fd, remote, deadline_ns);
    }
    return error == 0 ? fd : close_with(sys, fd, error);
}

/* ---- try, wait, try again ------------------------------------------------------------------------ */

static int check_usable(struct sys *sys, int fd)
{
    if (os_descriptor(sys, fd) == NULL) {
        return -ERR_BAD_DESCRIPTOR;
    }
    return sys_canceled(sys) ? -ERR_CANCELED : 0;
}

/* After a failed attempt: 0 when it is worth another. */
static int wait_to_retry(struct sys *sys, int fd, os_wait_function wait, int64_t deadline_ns)
{
    if (errno == EINTR) {
        return 0;
    }
    int error = errno == EAGAIN ? wait(sys, fd, deadline_ns) : os_last_error();
    return error == 0 ? check_usable(sys, fd) : error;
}

/* Errors of one connection that broke while it waited in the queue; the next may be good. */
static bool connection_broke(int number)
{
    return number == ECONNABORTED || number == EPROTO || number == ENETDOWN ||
           number == EHOSTUNREACH || number == ENETUNREACH || number == EPERM;
}

static int accepted(struct sys *sys, int fd, const union socket_address *kernel, socklen_t size,
                    struct sys_address *peer)
{
    unsigned domain = kernel->any.sa_family == AF_UNIX ? OS_UNIX : 0;
    if (peer != NULL) {
        from_kernel(kernel, size, peer);
    }
    int added = os_descriptor_add(sys, fd, OS_STREAM | domain);
    os_take_turn(sys);
    return added;
}

int sys_accept(struct sys *sys, int listener, struct sys_address *peer, int64_t deadline_ns)
{
    int error = check_usable(sys, listener);
    while (error == 0) {
        union socket_address kernel;
        socklen_t size = sizeof(kernel);
        sys->descriptors[listener].listening = true;
        int fd = accept4(listener, &kernel.any, &size, SOCKET_TYPE_FLAGS);
        if (fd >= 0) {
            return accepted(sys, fd, &kernel, size, peer);
        }
        if (!connection_broke(errno)) {
            error = wait_to_retry(sys, listener, os_wait_readable, deadline_ns);
        }
    }
    return error;
}

int sys_readable(struct sys *sys, int fd, int64_t deadline_ns)
{
    int error = check_usable(sys, fd);
    while (error == 0) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN | POLLRDHUP};
        if (sys->descriptors[fd].may_read && poll(&poll_fd, 1, 0) == 1) {
            return 0;
        }
        errno = EAGAIN;
        error = wait_to_retry(sys, fd, os_wait_readable, deadline_ns);
    }
    return error;
}

/* A short read of a stream shows that it is drained: the next call waits for the edge first. */
static long took(struct sys *sys, int fd, size_t size, ssize_t count)
{
    struct os_descriptor *descriptor = &sys->descriptors[fd];
    if (descriptor->stream && !descriptor->hung_up && descriptor->interest != 0 && count > 0 &&
        (size_t)count < size) {
        descriptor->may_read = false;
    }
    os_take_turn(sys);
    return count;
}

static ssize_t try_read(struct sys *sys, int fd, void *data, size_t size)
{
    if (!sys->descriptors[fd].may_read) {
        errno = EAGAIN;
        return -1;
    }
    return recv(fd, data, size, MSG_DONTWAIT);
}

long sys_read(struct sys *sys, int fd, void *data, size_t size, int64_t deadline_ns)
{
    int error = check_usable(sys, fd);
    while (error == 0) {
        ssize_t count = try_read(sys, fd, data, size);
        if (count >= 0) {
            return took(sys, fd, size, count);
        }
        error = wait_to_retry(sys, fd, os_wait_readable, deadline_ns);
    }
    return error;
}

long sys_write(struct sys *sys, int fd, const void *data, size_t size, int64_t deadline_ns)
{
    int error = check_usable(sys, fd);
    while (error == 0) {
        ssize_t count = send(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count >= 0) {
            os_take_turn(sys);
            return count;
        }
        error = wait_to_retry(sys, fd, os_wait_writable, deadline_ns);
    }
    return error;
}

long sys_receive_from(struct sys *sys, int fd, void *data, size_t size, struct sys_address *peer,
                      int64_t deadline_ns)
{
    int error = check_usable(sys, fd);
    while (error == 0) {
        union socket_address kernel;
        socklen_t kernel_size = sizeof(kernel);
        ssize_t count = recvfrom(fd, data, size, MSG_DONTWAIT, &kernel.any, &kernel_size);
        if (count >= 0) {
            from_kernel(&kernel, kernel_size, peer);
            os_take_turn(sys);
            return count;
        }
        error = wait_to_retry(sys, fd, os_wait_readable, deadline_ns);
    }
    return error;
}

long sys_send_to(struct sys *sys, int fd, const void *data, size_t size,
                 const struct sys_address *peer, int64_t deadline_ns)
{
    union socket_address kernel;
    socklen_t kernel_size = to_kernel(peer, &kernel);
    int error = check_usable(sys, fd);
    while (error == 0) {
        ssize_t count =
            sendto(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL, &kernel.any, kernel_size);
        if (count >= 0) {
            os_take_turn(sys);
            return count;
        }
        error = wait_to_retry(sys, fd, os_wait_writable, deadline_ns);
    }
    return error;
}

int sys_shutdown(struct sys *sys, int fd)
{
    if (os_descriptor(sys, fd) == NULL) {
        return -ERR_BAD_DESCRIPTOR;
    }
    return shutdown(fd, SHUT_WR) == 0 ? 0 : os_last_error();
}

void sys_reset_on_close(struct sys *sys UNUSED, int fd)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    int error = setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    (void)error; /* what is no socket closes in order */
}

/* ---- names --------------------------------------------------------------------------------------- */

int sys_local_address(struct sys *sys UNUSED, int fd, struct sys_address *address)
{
    union socket_address kernel;
    socklen_t size = sizeof(kernel);
    if (getsockname(fd, &kernel.any, &size) != 0) {
        return os_last_error();
    }
    from_kernel(&kernel, size, address);
    return 0;
}

int sys_peer_address(struct sys *sys UNUSED, int fd, struct sys_address *address)
{
    union socket_address kernel;
    socklen_t size = sizeof(kernel);
    if (getpeername(fd, &kernel.any, &size) != 0) {
        return os_last_error();
    }
    from_kernel(&kernel, size, address);
    return 0;
}

int sys_interface_addresses(struct sys *sys UNUSED, struct sys_address *addresses, int count_max)
{
    struct ifaddrs *interfaces;
    int count = 0;
    if (getifaddrs(&interfaces) != 0) {
        return os_last_error();
    }
    for (const struct ifaddrs *each = interfaces; each != NULL; each = each->ifa_next) {
        struct sys_address address;
        bool has_ip = each->ifa_addr != NULL && (each->ifa_addr->sa_family == AF_INET ||
                                                 each->ifa_addr->sa_family == AF_INET6);
        if (!has_ip) {
            continue;
        }
        from_kernel((const void *)each->ifa_addr, sizeof(union socket_address), &address);
        if (count < count_max) {
            addresses[count] = address;
        }
        count++;
    }
    freeifaddrs(interfaces);
    return count;
}

/* ---- descriptor passing ---------------------------------------------------------------------------- */

int sys_socket_pair(struct sys *sys, int pair[2])
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCKET_TYPE_FLAGS, 0, ends) != 0) {
        return os_last_error();
    }
    int first = os_descriptor_add(sys, ends[0], OS_STREAM | OS_UNIX);
    int second = os_descriptor_add(sys, ends[1], OS_STREAM | OS_UNIX);
    if (first < 0 || second < 0) {
        sys_close(sys, first);
        sys_close(sys, second);
        return -ERR_TOO_MANY_FILES;
    }
    pair[0] = first;
    pair[1] = second;
    return 0;
}

/* One byte of data that carries one descriptor. */
struct passing {
    char byte;
    struct iovec part;
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    struct msghdr message;
};

static void passing_init(struct passing *passing)
{
    memset(passing, 0, sizeof(*passing));
    passing->part = (struct iovec){.iov_base = &passing->byte, .iov_len = 1};
    passing->message = (struct msghdr){
        .msg_iov = &passing->part,
        .msg_iovlen = 1,
        .msg_control = passing->control,
        .msg_controllen = sizeof(passing->control),
    };
}

int sys_send_descriptor(struct sys *sys, int fd, int passed, int64_t deadline_ns)
{
    struct passing passing;
    if (os_descriptor(sys, passed) == NULL) {
        return -ERR_BAD_DESCRIPTOR;
    }
    passing_init(&passing);
    struct cmsghdr *header = CMSG_FIRSTHDR(&passing.message);
    header->cmsg_len = CMSG_LEN(sizeof(int));
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    memcpy(CMSG_DATA(header), &passed, sizeof(int));
    int error = check_usable(sys, fd);
    while (error == 0) {
        if (sendmsg(fd, &passing.message, MSG_DONTWAIT | MSG_NOSIGNAL) == 1) {
            sys->descriptors[passed].shared = true;
            return 0;
        }
        error = wait_to_retry(sys, fd, os_wait_writable, deadline_ns);
    }
    return error;
}

static int received_descriptor(struct sys *sys, struct passing *passing)
{
    struct cmsghdr *header = CMSG_FIRSTHDR(&passing->message);
    int fd;
    if (header == NULL || header->cmsg_type != SCM_RIGHTS ||
        header->cmsg_len != CMSG_LEN(sizeof(int))) {
        bool lost = (passing->message.msg_flags & MSG_CTRUNC) != 0;
        return lost ? -ERR_TOO_MANY_FILES : -ERR_PROTOCOL;
    }
    memcpy(&fd, CMSG_DATA(header), sizeof(int));
    return os_descriptor_add(sys, fd, OS_SHARED);
}

int sys_receive_descriptor(struct sys *sys, int fd, int64_t deadline_ns)
{
    int error = check_usable(sys, fd);
    while (error == 0) {
        struct passing passing;
        passing_init(&passing);
        ssize_t count = recvmsg(fd, &passing.message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (count >= 0) {
            return count == 0 ? -ERR_CLOSED : received_descriptor(sys, &passing);
        }
        error = wait_to_retry(sys, fd, os_wait_readable, deadline_ns);
    }
    return error;
}
