// SPDX-License-Identifier: ISC
/* qmqpd/qmqpd_session - one client: its message, and the one answer to it
 *
 * Memory    bufs of the process's heap, until qmqpd_session_close()
 * Blocks    run only
 */
#ifndef QMQPD_QMQPD_SESSION_H
#define QMQPD_QMQPD_SESSION_H

#include "mail/peer.h"
#include "qmqpd/qmqpd_packet.h"
#include "qmqpd/qmqpd_state.h"
#include "service/service.h"

struct qmqpd_session {
    struct qmqpd_state *server;
    struct service_session *connection;
    struct peer client;
    struct qmqpd_packet packet;
    const char *doing; /* for the log: what the session waits for */
    struct buf content;
    struct buf sender;
    struct buf recipient;      /* the last one */
    struct buf only_recipient; /* external form; empty when there are several */
    int recipient_count;
    int64_t arrival_wall_ns;
    struct cleanup_message message;
};

void qmqpd_session_open(struct qmqpd_session *session, struct qmqpd_state *server,
                        struct service_session *connection);
void qmqpd_session_run(struct qmqpd_session *session);
void qmqpd_session_close(struct qmqpd_session *session);

#endif
