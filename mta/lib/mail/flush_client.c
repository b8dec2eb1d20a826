// SPDX-License-Identifier: ISC
#include "mail/flush_client.h"

#include "base/arena.h"
#include "conf/service_path.h"
#include "ipc/ipc.h"

static int dial(struct sys *sys, const struct conf *conf, int64_t timeout_ns, struct stream *stream)
{
    struct service_path path = service_path(conf, CONF_flush_service_name);
    int64_t deadline_ns = sys_deadline(sys, timeout_ns);
    struct sys_address address;
    int error = sys_address_unix(str_from(path.text), &address);
    int fd = error != 0 ? error : sys_dial(sys, NULL, &address, deadline_ns);
    if (fd < 0) {
        return fd;
    }
    stream_open(stream, sys, sys_mem(sys), fd, IPC_MESSAGE_MAX);
    stream_set_deadline(stream, deadline_ns);
    return 0;
}

static int read_answer(struct stream *stream)
{
    struct arena arena;
    struct ipc_greeting greeting;
    struct ipc_flush_reply reply;
    arena_init(&arena, stream->mem, IPC_MESSAGE_MAX);
    int error = ipc_greeting_receive(stream, &arena, &greeting);
    if (error == 0 && !str_equal(greeting.protocol, STR(IPC_PROTOCOL_FLUSH))) {
        error = -ERR_PROTOCOL;
    }
    error = error != 0 ? error : ipc_flush_reply_receive(stream, &arena, &reply);
    arena_done(&arena);
    return error != 0 ? error : reply.status == FLUSH_FAILED ? -ERR_IO : (int)reply.status;
}

int flush_client_add(struct sys *sys, const struct conf *conf, struct str site, struct str queue_id)
{
    struct stream stream;
    int error = dial(sys, conf, FLUSH_ADD_TIMEOUT_NS, &stream);
    if (error != 0) {
        return error;
    }
    ipc_flush_add_request_send(&stream,
                               &(struct ipc_flush_add_request){.site = site, .queue_id = queue_id});
    int status = read_answer(&stream);
    stream_close(&stream);
    return status;
}

int flush_client_send_site(struct sys *sys, const struct conf *conf, struct str site)
{
    struct stream stream;
    int error = dial(sys, conf, FLUSH_TIMEOUT_NS, &stream);
    if (error != 0) {
        return error;
    }
    ipc_flush_site_request_send(&stream, &(struct ipc_flush_site_request){.site = site});
    int status = read_answer(&stream);
    stream_close(&stream);
    return status;
}

int flush_client_send_file(struct sys *sys, const struct conf *conf, struct str queue_id)
{
    struct stream stream;
    int error = dial(sys, conf, FLUSH_TIMEOUT_NS, &stream);
    if (error != 0) {
        return error;
    }
    ipc_flush_file_request_send(&stream, &(struct ipc_flush_file_request){.queue_id = queue_id});
    int status = read_answer(&stream);
    stream_close(&stream);
    return status;
}
