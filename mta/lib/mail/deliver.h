// SPDX-License-Identifier: ISC
/* mail/deliver - a delivery agent's side of a delivery request
 *
 * An agent's session is a loop of deliver_receive(), work, deliver_finish(). The work ends each
 * recipient by exactly one of deliver_sent(), deliver_bounced(), deliver_deferred(): they log it,
 * write the bounce, defer or trace record, and mark the recipient done when it is final.
 *
 *     while (deliver_receive(&agent, session, &request) == 0) {
 *         deliver_to_all(&request);
 *         deliver_finish(&request);
 *     }
 *
 * Order     a bounce or trace record is durable before its recipient is marked; when a bounce
 *           record cannot be written the recipient stays to do, while what was delivered stays
 *           delivered, reported or not
 * Reports   of success, to senders who asked (RFC 3461 5.2), unless the next host reports it; of
 *           every outcome when the request has DELIVER_TRACE
 * soft_bounce  makes deferrals of bounces
 * Memory    a request lives in the session's arena until deliver_finish(), which empties it
 * Blocks    all, unless marked
 */
#ifndef MAIL_DELIVER_H
#define MAIL_DELIVER_H

#include "ipc/ipc.h"
#include "log/log.h"
#include "mail/dsn.h"
#include "queue/queue.h"
#include "queue/queue_message.h"

/* Of a request. */
enum deliver_flags {
    DELIVER_CONNECTION_LOAD = 1,  /* a kept connection may be used */
    DELIVER_CONNECTION_STORE = 2, /* ... and be kept: there is more to deliver */
    DELIVER_TRACE = 4,            /* somebody wants to know every outcome */
};

/* What one agent process needs; made once. */
struct deliver_agent {
    struct sys *sys;
    struct log *log;
    struct queue *queue;
    bool syncs_marks; /* delivery_mark_sync_time is 0: at once, and not by the queue manager */
    bool soft_bounce;
    struct ipc_pool bounce; /* private/bounce, private/defer, private/trace */
    struct ipc_pool defer;
    struct ipc_pool trace;
    const struct conf *conf;
    struct match_list *flush_sites; /* fast_flush_domains */
};

struct deliver_recipient {
    struct ipc_deliver_recipient address; /* recipient, original_recipient, offset, ... */
    bool passed_on;                       /* with it, the next host took over to report success */
    bool ended;                           /* has its outcome */
};

struct deliver_request {
    struct deliver_agent *agent;
    struct stream *stream;
    struct arena *arena;
    struct ipc_deliver_request head;
    struct deliver_recipient *recipients;
    int recipient_count;
    struct queue_message message; /* the queue file, shared lock held */
    int64_t begin_wall_ns;
    int64_t connected_wall_ns; /* agents with a remote side set it; else begin_wall_ns */
    bool marked;               /* a recipient is done, and its mark not synced here */
    bool retry;                /* a recipient is left to do */
    struct str flush_site;     /* the last one that the flush service was told of */
    bool unrecorded;           /* ... and no defer record says why */
    bool is_damaged;           /* set with deliver_damaged() */
    struct dsn site;           /* set with deliver_site_failed() */
};

void deliver_agent_init(struct deliver_agent *agent, struct sys *sys, struct log *log,
                        struct queue *queue, const struct conf *conf);
void deliver_agent_done(struct deliver_agent *agent); /* Instant. */

/* Greets the client, once per connection, before the first deliver_receive(). Instant. */
void deliver_greet(struct stream *stream);

/* Waits for a request, opens the queue file and takes its lock. 0; -ERR_CLOSED when the client is
 * done; an error ends the session. A request whose file is gone or in use is answered here, as
 * left to retry. */
MUST_USE int deliver_receive(struct deliver_agent *agent, struct stream *stream,
                             struct arena *arena, struct deliver_request *request);

/* Outcomes. relay is "host[address]:25", the agent's name, or "none". An empty action of dsn stands
 * for delivered, failed, delayed. */
void deliver_sent(struct deliver_request *request, struct deliver_recipient *recipient,
                  struct str relay, const struct dsn *dsn);
void deliver_bounced(struct deliver_request *request, struct deliver_recipient *recipient,
                     struct str relay, const struct dsn *dsn);
void deliver_deferred(struct deliver_request *request, struct deliver_recipient *recipient,
                      struct str relay, const struct dsn *dsn);
/* By the class of dsn->status: 2 sent, 5 bounced, else deferred. */
void deliver_ended(struct deliver_request *request, struct deliver_recipient *recipient,
                   struct str relay, const struct dsn *dsn);
/* The same outcome for all that have none yet. */
void deliver_rest(struct deliver_request *request, struct str relay, const struct dsn *dsn);

/* The destination as a whole is unhealthy: the queue manager rests it. Instant. */
void deliver_site_failed(struct deliver_request *request, const struct dsn *dsn);

/* The content cannot be read to its end, for which recipients are left: the queue manager puts the
 * message aside. Instant. */
void deliver_damaged(struct deliver_request *request);

/* The message's content from its first line on, for queue_message_line(); may be called again. */
struct queue_message *deliver_content(struct deliver_request *request);

/* Sends the answer and releases file and arena. Every recipient has its outcome. When the queue
 * manager is gone the marks are synced here, since nobody else will. */
void deliver_finish(struct deliver_request *request);

#endif
