// SPDX-License-Identifier: ISC
#include "world/descriptor.h"

#include "base/assert.h"
#include "os/call.h"
#include "sys/sys.h"
#include "world/disk_inode.h"
#include "world/fiber.h"
#include "world/process.h"
#include "world/socket.h"

/* Other fibers of this process that wait for the descriptor. */
static void wake_waiters(struct sys *sys, int fd, const struct open_file *file)
{
    if (file->inode != NULL) {
        fiber_wake_closed(disk_inode_lock_waiters(file->inode), sys, fd);
    }
    struct socket *socket = file->socket;
    if (socket != NULL) {
        fiber_wake_closed(&socket->read_waiters, sys, fd);
        fiber_wake_closed(&socket->write_waiters, sys, fd);
        if (socket->kind == SOCKET_DATAGRAM && socket->peer != NULL) {
            fiber_wake_closed(&socket->peer->write_waiters, sys, fd);
        }
    }
}

void sys_close(struct sys *sys, int fd)
{
    if (fd < 0) {
        return;
    }
    int result = call_enter_fd(sys, "close", fd);
    assert(result == 0); /* fault.def lists no result */
    struct open_file *file = descriptor_take(sys, fd);
    if (file != NULL) {
        wake_waiters(sys, fd, file);
        open_file_drop(file, false);
    }
    call_leave(sys, &(struct trace_record){
                        .call = "close",
                        .numbers = {fd},
                        .result = file != NULL ? 0 : -ERR_BAD_DESCRIPTOR,
                    });
}

int sys_descriptors_free(struct sys *sys)
{
    call_count(sys);
    return sys->descriptor_max - sys->descriptors_open;
}
