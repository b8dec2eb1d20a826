// SPDX-License-Identifier: ISC
/* service/service_clients - the sessions of one process: accept, serve, refuse, end
 *
 * One fiber per listener accepts; each client gets a fiber, a stream and an arena. Used by
 * service.c alone, whose main fiber owns the scope: it reaps what ended and joins all at the end.
 *
 * Limits    sessions_max at once; a client accepted by one listener while another took the last
 *           place waits for the next
 * State     busy_count = sessions whose `serve` has not returned
 */
#ifndef SERVICE_SERVICE_CLIENTS_H
#define SERVICE_SERVICE_CLIENTS_H

#include "service/service.h"
#include "service/service_arguments.h"

struct service_clients;

struct service_listener {
    struct service_clients *clients;
    int fd;
};

struct service_clients {
    struct service *service;
    const struct service_options *options;
    int sessions_max;
    int session_descriptors;
    int busy_count;
    int64_t served_count;
    int64_t idle_since_ns;     /* when busy_count became 0 */
    int64_t shortage_since_ns; /* of descriptors, when it was last logged */
    struct list serving;       /* clients */
    struct list ended;         /* clients whose memory waits for service_clients_reap() */
    struct sys_group accepting;
    struct sys_event place; /* a place may be free */
    struct service_listener listeners[SERVICE_LISTENERS_MAX];
    int listener_count;
};

void service_clients_init(struct service_clients *clients, struct service *service,
                          const struct service_options *options);

/* Starts to accept on the inherited listeners; sessions_max 0 means without limit. 0 or
 * -ERR_NO_MEMORY. Instant. */
MUST_USE int service_clients_accept(struct service_clients *clients, int listener_count,
                                    int sessions_max);

/* No client is accepted any more; those that wait between requests are canceled. Waiting. */
void service_clients_retire(struct service_clients *clients);

/* Ends all sessions by force and waits for them. Waiting. */
void service_clients_cancel(struct service_clients *clients);

/* Releases what ended sessions held. Waiting. */
void service_clients_reap(struct service_clients *clients);

/* How many more clients this process would take now. Instant. */
int service_clients_free(const struct service_clients *clients);

#endif
