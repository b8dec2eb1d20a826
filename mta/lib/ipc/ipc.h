// SPDX-License-Identifier: ISC
/* ipc/ipc - connections to the services of this instance
 *
 * A pool stands for one service as seen from one process. It dials when no idle connection is
 * left, waits while the service is being restarted, checks the greeting, and keeps up to idle_max
 * connections for the next request:
 *
 *     ipc_pool_init(&pool, sys, &(struct ipc_service){
 *         .path = "private/rewrite", .protocol = IPC_PROTOCOL_REWRITE, .timeout_ns = ...,
 *         .idle_max = 4});
 *     error = ipc_resolve(&pool, arena, &request, &reply);
 *
 * A request goes out again on a fresh connection when a kept one turns out to be dead; keep
 * connections only where a repeated request does no harm (idle_max 0 for bounce).
 *
 * Limits    idle_max connections kept, any number in use; what was kept longer than idle_ns is
 *           closed at the next request
 * Errors    TIMEOUT when the service did not come back or did not answer in time; PROTOCOL for a
 *           greeting or a reply that is not what it must be; others of sys/net
 * Memory    pool and connections hang on the process's heap; a reply's text lives in the arena
 * Blocks    all but init and give
 */
#ifndef IPC_IPC_H
#define IPC_IPC_H

#include "base/list.h"
#include "ipc/messages.h"
#include "stream/stream.h"
#include "sys/net.h"

/* The name in the server's greeting. */
#define IPC_PROTOCOL_BOUNCE  "delivery_status_protocol"
#define IPC_PROTOCOL_CLEANUP "cleanup_protocol"
#define IPC_PROTOCOL_DELIVER "delivery_request_protocol"
#define IPC_PROTOCOL_FLUSH   "queue_flush_protocol"
#define IPC_PROTOCOL_REWRITE "trivial_rewrite_protocol"
#define IPC_PROTOCOL_SHOWQ   "mail_queue_list_protocol"

enum { IPC_IDLE_MAX = 128 };

struct ipc_service {
    const char *path;     /* of the socket, relative to the queue directory */
    const char *protocol; /* greeting to expect; NULL: the caller reads the greeting (cleanup) */
    int64_t timeout_ns;   /* of a request: dialing, waiting for a restart, reply */
    int idle_max;         /* connections kept, at most IPC_IDLE_MAX */
    int64_t idle_ns;      /* how long one is good for use; 0 = IPC_IDLE_DEFAULT_NS */
};

#define IPC_IDLE_DEFAULT_NS (5 * SYS_SECOND_NS)

struct ipc_pool {
    struct sys *sys;
    struct ipc_service service; /* its path is the one below */
    char path[SYS_UNIX_PATH_MAX];
    struct list idle; /* most recently used first */
    int idle_count;
};

struct ipc_connection {
    struct stream stream;
    struct list node;
    bool reused; /* has carried a request before: may be dead without our knowing */
    int64_t idle_since_ns;
};

void ipc_pool_init(struct ipc_pool *pool, struct sys *sys, const struct ipc_service *service);
void ipc_pool_done(struct ipc_pool *pool); /* closes what is idle. Instant. */

/* A connection to talk on, its stream's deadline set to timeout_ns from now; `fresh` demands a
 * new one (after a kept one failed). The caller gives it back. */
MUST_USE int ipc_pool_take(struct ipc_pool *pool, bool fresh, struct ipc_connection **connection);
/* Keeps the connection for the next request, or closes it when its stream has failed, is in the
 * middle of something (unsent output; unread input, unless the service has no common greeting), or
 * enough are kept. Instant. */
void ipc_pool_give(struct ipc_pool *pool, struct ipc_connection *connection);
/* Closes it. Instant. */
void ipc_pool_drop(struct ipc_pool *pool, struct ipc_connection *connection);

/* Dials and waits while nobody listens (REFUSED, NOT_FOUND), until the deadline: a descriptor. */
MUST_USE int ipc_dial(struct sys *sys, const char *path, int64_t deadline_ns);

/* Request and reply in one go. */
MUST_USE int ipc_rewrite(struct ipc_pool *pool, struct arena *arena,
                         const struct ipc_rewrite_request *request,
                         struct ipc_rewrite_reply *reply);
MUST_USE int ipc_resolve(struct ipc_pool *pool, struct arena *arena,
                         const struct ipc_resolve_request *request,
                         struct ipc_resolve_reply *reply);
MUST_USE int ipc_bounce_append(struct ipc_pool *pool, struct arena *arena,
                               const struct ipc_bounce_append_request *request,
                               struct ipc_bounce_reply *reply);
MUST_USE int ipc_bounce_flush(struct ipc_pool *pool, struct arena *arena,
                              const struct ipc_bounce_flush_request *request,
                              struct ipc_bounce_reply *reply);
MUST_USE int ipc_bounce_warn(struct ipc_pool *pool, struct arena *arena,
                             const struct ipc_bounce_warn_request *request,
                             struct ipc_bounce_reply *reply);

#endif
