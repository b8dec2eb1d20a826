// SPDX-License-Identifier: ISC
/* sim/peer/peer_session - one SMTP conversation of a scripted server
 *
 * State     greeted by EHLO or HELO, then a sender, then recipients, then data
 * Memory    the session is its starter's; what it allocates goes before peer_session_run() returns
 */
#ifndef PEER_PEER_SESSION_H
#define PEER_PEER_SESSION_H

#include "base/arena.h"
#include "base/buf.h"
#include "peer/peer_arguments.h"
#include "peer/peer_script.h"
#include "stream/stream.h"
#include "sys/fiber.h"

/* The whole peer. */
struct peer {
    struct sys *sys;
    struct peer_arguments arguments;
    struct arena arena; /* of the script */
    struct peer_script script;
    struct sys_group sessions;
    int session_count;
    int connection_count; /* since the start: connections are numbered from 1 */
    int message_count;    /* kept so far */
};

struct peer_session {
    struct peer *peer;
    int fd;
    struct sys_address client;
    int number; /* of the connection */
    struct stream stream;
    bool greeted;
    bool has_sender;
    struct buf sender;     /* <path> */
    struct buf recipients; /* " <path>" for each that was accepted */
    struct buf content;    /* after DATA */
    bool ended;
    bool ended_by_peer;
};

/* Converses until one side ends it, and closes the descriptor. Waiting. */
void peer_session_run(struct peer_session *session);

#endif
