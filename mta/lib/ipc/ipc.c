// SPDX-License-Identifier: ISC
#include "ipc/ipc.h"

#include <stdio.h>

#include "base/assert.h"
#include "sys/clock.h"
#include "sys/net.h"

/* Pauses between two attempts to reach a service that is being restarted. */
#define IPC_PAUSE_FIRST_NS (10 * SYS_MILLI_NS)
#define IPC_PAUSE_MAX_NS   SYS_SECOND_NS

/* ---- dial ------------------------------------------------------------------------------------------- */

int ipc_dial(struct sys *sys, const char *path, int64_t deadline_ns)
{
    struct sys_address address;
    int error = sys_address_unix(str_from(path), &address);
    if (error != 0) {
        return error;
    }
    int64_t pause_ns = IPC_PAUSE_FIRST_NS;
    for (;;) {
        int fd = sys_dial(sys, NULL, &address, deadline_ns);
        bool may_come_back = fd == -ERR_REFUSED || fd == -ERR_NOT_FOUND;
        if (!may_come_back || sys_now_ns(sys) >= deadline_ns) {
            return fd;
        }
        error = sys_sleep_until(sys, sys_deadline(sys, pause_ns));
        if (error != 0) {
            return error;
        }
        pause_ns = pause_ns * 2 < IPC_PAUSE_MAX_NS ? pause_ns * 2 : IPC_PAUSE_MAX_NS;
    }
}

/* ---- pool ------------------------------------------------------------------------------------------- */

void ipc_pool_init(struct ipc_pool *pool, struct sys *sys, const struct ipc_service *service)
{
    assert(service->idle_max >= 0 && service->idle_max <= IPC_IDLE_MAX);
    *pool = (struct ipc_pool){.sys = sys, .service = *service};
    snprintf(pool->path, sizeof(pool->path), "%s", service->path);
    pool->service.path = pool->path;
    if (pool->service.idle_ns == 0) {
        pool->service.idle_ns = IPC_IDLE_DEFAULT_NS;
    }
    list_init(&pool->idle);
}

static struct ipc_connection *take_idle(struct ipc_pool *pool, struct list *node)
{
    list_remove(node);
    pool->idle_count--;
    return list_entry(node, struct ipc_connection, node);
}

void ipc_pool_done(struct ipc_pool *pool)
{
    list_each(node, &pool->idle)
    {
        ipc_pool_drop(pool, take_idle(pool, node));
    }
}

void ipc_pool_drop(struct ipc_pool *pool, struct ipc_connection *connection)
{
    stream_close(&connection->stream);
    mem_free(sys_mem(pool->sys), connection);
}

static void drop_expired(struct ipc_pool *pool)
{
    int64_t now_ns = sys_now_ns(pool->sys);
    list_each(node, &pool->idle)
    {
        struct ipc_connection *connection = list_entry(node, struct ipc_connection, node);
        if (now_ns - connection->idle_since_ns >= pool->service.idle_ns) {
            ipc_pool_drop(pool, take_idle(pool, node));
        }
    }
}

static int check_greeting(struct stream *stream, const char *protocol)
{
    struct arena arena;
    struct ipc_greeting greeting;
    arena_init(&arena, stream->mem, IPC_MESSAGE_MAX);
    int error = ipc_greeting_receive(stream, &arena, &greeting);
    if (error == 0 && !str_equal(greeting.protocol, str_from(protocol))) {
        error = -ERR_PROTOCOL;
    }
    arena_done(&arena);
    return error;
}

static int dial_connection(struct ipc_pool *pool, int64_t deadline_ns,
                           struct ipc_connection **connection)
{
    int fd = ipc_dial(pool->sys, pool->service.path, deadline_ns);
    if (fd < 0) {
        return fd;
    }
    struct mem *mem = sys_mem(pool->sys);
    struct ipc_connection *dialed = mem_alloc(mem, sizeof(*dialed));
    list_init(&dialed->node);
    stream_open(&dialed->stream, pool->sys, mem, fd, IPC_MESSAGE_MAX);
    stream_set_deadline(&dialed->stream, deadline_ns);
    int error = 0;
    if (pool->service.protocol != NULL) {
        error = check_greeting(&dialed->stream, pool->service.protocol);
    }
    if (error != 0) {
        ipc_pool_drop(pool, dialed);
        return error;
    }
    *connection = dialed;
    return 0;
}

int ipc_pool_take(struct ipc_pool *pool, bool fresh, struct ipc_connection **connection)
{
    int64_t deadline_ns = sys_deadline(pool->sys, pool->service.timeout_ns);
    drop_expired(pool);
    if (fresh || list_is_empty(&pool->idle)) {
        return dial_connection(pool, deadline_ns, connection);
    }
    *connection = take_idle(pool, pool->idle.next);
    stream_set_deadline(&(*connection)->stream, deadline_ns);
    return 0;
}

/* A service that speaks first in each turn may have begun the next one. */
static bool is_between_requests(const struct ipc_pool *pool, const struct stream *stream)
{
    bool has_input = stream_input(stream).size > 0;
    return stream_error(stream) == 0 && stream_pending(stream) == 0 &&
           (!has_input || pool->service.protocol == NULL);
}

void ipc_pool_give(struct ipc_pool *pool, struct ipc_connection *connection)
{
    if (pool->idle_count >= pool->service.idle_max ||
        !is_between_requests(pool, &connection->stream)) {
        ipc_pool_drop(pool, connection);
        return;
    }
    connection->reused = true;
    connection->idle_since_ns = sys_now_ns(pool->sys);
    list_prepend(&pool->idle, &connection->node);
    pool->idle_count++;
}

/* ---- request and reply -------------------------------------------------------------------------------- */

struct exchange {
    void (*send)(struct stream *stream, const void *request);
    int (*receive)(struct stream *stream, struct arena *arena, void *reply);
};

/* What the first use of a connection shows that its server had closed meanwhile. */
static bool was_dead(const struct ipc_connection *connection, int error)
{
    return connection->reused && (error == -ERR_CLOSED || error == -ERR_RESET);
}

static int exchange(struct ipc_pool *pool, struct arena *arena, const struct exchange *functions,
                    const void *request, void *reply)
{
    for (bool fresh = false;; fresh = true) {
        struct ipc_connection *connection;
        int error = ipc_pool_take(pool, fresh, &connection);
        if (error != 0) {
            return error;
        }
        functions->send(&connection->stream, request);
        error = functions->receive(&connection->stream, arena, reply);
        bool again = error != 0 && was_dead(connection, error);
        ipc_pool_give(pool, connection);
        if (!again) {
            return error;
        }
    }
}

#define EXCHANGE(name, request_name, reply_name)                                             \
    static void name##_send(struct stream *stream, const void *request)                      \
    {                                                                                        \
        ipc_##request_name##_send(stream, request);                                          \
    }                                                                                        \
    static int name##_receive(struct stream *stream, struct arena *arena, void *reply)       \
    {                                                                                        \
        return ipc_##reply_name##_receive(stream, arena, reply);                             \
    }                                                                                        \
    int ipc_##name(struct ipc_pool *pool, struct arena *arena,                               \
                   const struct ipc_##request_name *request, struct ipc_##reply_name *reply) \
    {                                                                                        \
        static const struct exchange functions = {name##_send, name##_receive};              \
        return exchange(pool, arena, &functions, request, reply);                            \
    }

EXCHANGE(rewrite, rewrite_request, rewrite_reply)
EXCHANGE(resolve, resolve_request, resolve_reply)
EXCHANGE(bounce_append, bounce_append_request, bounce_reply)
EXCHANGE(bounce_flush, bounce_flush_request, bounce_reply)
EXCHANGE(bounce_warn, bounce_warn_request, bounce_reply)
