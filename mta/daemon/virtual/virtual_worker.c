// SPDX-License-Identifier: ISC
#include "virtual/virtual_worker.h"

#include "ipc/messages.h"
#include "stream/stream.h"
#include "sys/clock.h"
#include "sys/net.h"
#include "sys/process.h"

enum {
    CHANNEL_FD = 3, /* in the worker */
    BASE_FD = 4,
    STREAM_BYTES_MAX = IPC_MESSAGE_MAX,
    REQUEST_BYTES_MAX = IPC_MESSAGE_MAX,
};

static const int64_t start_timeout_ns = 30 * SYS_SECOND_NS;
static const int64_t delivery_timeout_ns = 1000 * SYS_SECOND_NS;
static const int64_t end_timeout_ns = 10 * SYS_SECOND_NS;

struct worker {
    struct list node; /* in workers->idle while it has nothing to do */
    uint32_t uid;
    uint32_t gid;
    int pid;
    struct stream stream;
};

void virtual_workers_init(struct virtual_workers *workers, struct sys *sys)
{
    *workers = (struct virtual_workers){.sys = sys};
    list_init(&workers->idle);
    sys_event_init(&workers->changed);
}

/* ---- start and end --------------------------------------------------------------------------- */

static int spawn(struct virtual_workers *workers, const struct sys_user *user, int channel,
                 int base_fd)
{
    struct sys *sys = workers->sys;
    const char *path = sys_program_path(sys);
    const char *const argv[] = {path, VIRTUAL_WORKER_ARGUMENT, NULL};
    const char *const environment[] = {NULL};
    const struct sys_spawn_descriptor descriptors[] = {{channel, CHANNEL_FD}, {base_fd, BASE_FD}};
    const struct sys_spawn options = {
        .path = path,
        .argv = argv,
        .environment = environment,
        .descriptors = descriptors,
        .descriptor_count = 2,
        .user = user,
    };
    return sys_spawn(sys, &options);
}

static int start(struct virtual_workers *workers, uint32_t uid, uint32_t gid, int base_fd,
                 struct worker **started)
{
    struct sys *sys = workers->sys;
    int pair[2];
    int error = sys_socket_pair(sys, pair);
    if (error != 0) {
        return error;
    }
    workers->count++;
    int pid = spawn(workers, &(struct sys_user){.uid = uid, .gid = gid}, pair[1], base_fd);
    sys_close(sys, pair[1]);
    if (pid < 0) {
        workers->count--;
        sys_close(sys, pair[0]);
        return pid;
    }
    struct worker *worker = mem_alloc(sys_mem(sys), sizeof(*worker));
    *worker = (struct worker){.uid = uid, .gid = gid, .pid = pid};
    list_init(&worker->node);
    stream_open(&worker->stream, sys, sys_mem(sys), pair[0], STREAM_BYTES_MAX);
    *started = worker;
    return 0;
}

/* A worker ends when its channel does; one that does not is ended. */
static void end(struct virtual_workers *workers, struct worker *worker)
{
    struct sys *sys = workers->sys;
    struct sys_exit_status status;
    list_remove(&worker->node);
    stream_close(&worker->stream);
    int64_t deadline_ns = sys_deadline(sys, end_timeout_ns);
    int error = sys_wait_child(sys, worker->pid, &status, deadline_ns);
    if (error == -ERR_TIMEOUT) {
        error = sys_kill(sys, worker->pid, SYS_SIGNAL_KILL);
    }
    mem_free(sys_mem(sys), worker);
    workers->count--;
    sys_event_wake_one(sys, &workers->changed);
}

void virtual_workers_done(struct virtual_workers *workers)
{
    while (!list_is_empty(&workers->idle)) {
        end(workers, list_entry(workers->idle.next, struct worker, node));
    }
}

/* ---- choice ---------------------------------------------------------------------------------- */

static struct worker *find_idle(struct virtual_workers *workers, uint32_t uid, uint32_t gid)
{
    list_each(node, &workers->idle)
    {
        struct worker *worker = list_entry(node, struct worker, node);
        if (worker->uid == uid && worker->gid == gid) {
            list_remove(node);
            return worker;
        }
    }
    return NULL;
}

static int take(struct virtual_workers *workers, uint32_t uid, uint32_t gid, int base_fd,
                struct worker **taken)
{
    for (;;) {
        *taken = find_idle(workers, uid, gid);
        if (*taken != NULL) {
            return 0;
        }
        if (workers->count < VIRTUAL_WORKERS_MAX) {
            return start(workers, uid, gid, base_fd, taken);
        }
        if (!list_is_empty(&workers->idle)) {
            end(workers, list_entry(workers->idle.previous, struct worker, node));
            continue;
        }
        int error = sys_event_wait(workers->sys, &workers->changed, SYS_FOREVER);
        if (error != 0) {
            return error;
        }
    }
}

static void give(struct virtual_workers *workers, struct worker *worker)
{
    list_prepend(&workers->idle, &worker->node);
    sys_event_wake_one(workers->sys, &workers->changed);
}

/* ---- a delivery, in the daemon ----------------------------------------------------------------- */

/* 0 or the worker's error in *result; a negative value when the worker itself failed. */
static int ask(struct worker *worker, const struct ipc_mailbox_request *request, int queue_fd,
               int *result)
{
    struct sys *sys = worker->stream.sys;
    struct arena arena;
    struct ipc_mailbox_reply reply = {0};
    int64_t deadline_ns = sys_deadline(sys, start_timeout_ns);
    int error = sys_send_descriptor(sys, worker->stream.fd, queue_fd, deadline_ns);
    if (error != 0) {
        return error;
    }
    arena_init(&arena, worker->stream.mem, REQUEST_BYTES_MAX);
    stream_set_timeout(&worker->stream, delivery_timeout_ns);
    ipc_mailbox_request_send(&worker->stream, request);
    error = ipc_mailbox_reply_receive(&worker->stream, &arena, &reply);
    arena_done(&arena);
    *result = -(int)reply.error;
    return error;
}

int virtual_workers_deliver(struct virtual_workers *workers, uint32_t uid, uint32_t gid,
                            const struct virtual_maildir *maildir, struct str head,
                            struct queue_message *message)
{
    struct worker *worker;
    int result = 0;
    int error = take(workers, uid, gid, maildir->base_fd, &worker);
    if (error != 0) {
        return error;
    }
    const struct ipc_mailbox_request request = {
        .path = maildir->path,
        .host = maildir->host,
        .head = head,
        .data_offset = message->size.content_offset,
        .data_size = message->size.file_content_bytes,
    };
    error = ask(worker, &request, message->fd, &result);
    if (error != 0) {
        end(workers, worker);
        return error;
    }
    give(workers, worker);
    return result;
}

/* ---- the worker ------------------------------------------------------------------------------ */

static int deliver(struct sys *sys, const struct ipc_mailbox_request *request, int queue_fd,
                   uint32_t file_count)
{
    struct queue queue = {.sys = sys};
    struct queue_message message;
    struct virtual_maildir maildir = {
        .sys = sys,
        .base_fd = BASE_FD,
        .path = request->path,
        .host = request->host,
        .file_count = file_count,
    };
    const struct queue_record_size size = {.content_offset = request->data_offset,
                                           .file_content_bytes = request->data_size};
    queue_message_adopt(&queue, queue_fd, &size, &message);
    int error = virtual_maildir_deliver(&maildir, request->head, &message);
    queue_message_close(&message);
    return error;
}

/* One request, from its descriptor to the reply: 0, or the channel is at its end. */
static int serve(struct sys *sys, struct stream *stream, struct arena *arena, uint32_t file_count)
{
    struct ipc_mailbox_request request;
    int queue_fd = sys_receive_descriptor(sys, stream->fd, SYS_FOREVER);
    if (queue_fd < 0) {
        return queue_fd;
    }
    int error = ipc_mailbox_request_receive(stream, arena, &request);
    if (error != 0) {
        sys_close(sys, queue_fd);
        return error;
    }
    int result = deliver(sys, &request, queue_fd, file_count);
    ipc_mailbox_reply_send(stream, &(struct ipc_mailbox_reply){.error = -result});
    arena_reset(arena);
    return stream_flush(stream);
}

int virtual_worker_main(struct sys *sys)
{
    struct stream stream;
    struct arena arena;
    char missing[SYS_MISSING_MAX];
    int error = sys_confine(sys, &(struct sys_confinement){0}, missing);
    if (error != 0) {
        return 1;
    }
    stream_open(&stream, sys, sys_mem(sys), CHANNEL_FD, STREAM_BYTES_MAX);
    stream_set_timeout(&stream, delivery_timeout_ns);
    arena_init(&arena, sys_mem(sys), REQUEST_BYTES_MAX);
    uint32_t file_count = 0;
    while (serve(sys, &stream, &arena, file_count) == 0) {
        file_count++;
    }
    arena_done(&arena);
    stream_close(&stream);
    return 0;
}
