// SPDX-License-Identifier: ISC
/* Standard input and output of a command. They may be shared with other programs, so that they
 * are never set to non-blocking: poll says when a call will not wait. */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "os/os.h"

static int wait_until_ready(struct sys *sys, int fd, short events, os_wait_function wait)
{
    struct pollfd poll_fd = {.fd = fd, .events = events};
    while (poll(&poll_fd, 1, 0) != 1) {
        int error = wait(sys, fd, SYS_FOREVER);
        if (error != 0) {
            return error;
        }
    }
    return sys_canceled(sys) ? -ERR_CANCELED : 0;
}

static int write_all(struct sys *sys, int fd, struct str text)
{
    size_t done = 0;
    while (done < text.size) {
        int error = wait_until_ready(sys, fd, POLLOUT, os_wait_writable);
        if (error != 0) {
            return error;
        }
        ssize_t count = write(fd, text.data + done, text.size - done);
        if (count < 0 && errno != EINTR && errno != EAGAIN) {
            return os_last_error();
        }
        done += count > 0 ? (size_t)count : 0;
    }
    return 0;
}

int sys_output(struct sys *sys, struct str text)
{
    return write_all(sys, STDOUT_FILENO, text);
}

int sys_error_output(struct sys *sys, struct str text)
{
    return write_all(sys, STDERR_FILENO, text);
}

long sys_input(struct sys *sys, void *data, size_t size)
{
    for (;;) {
        int error = wait_until_ready(sys, STDIN_FILENO, POLLIN, os_wait_readable);
        if (error != 0) {
            return error;
        }
        ssize_t count = read(STDIN_FILENO, data, size);
        if (count >= 0) {
            return count;
        }
        if (errno != EINTR && errno != EAGAIN) {
            return os_last_error();
        }
    }
}
