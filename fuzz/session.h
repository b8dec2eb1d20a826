// SPDX-License-Identifier: ISC
/* fuzz/session - whole sessions with a receiving daemon of the simulated mail system
 *
 * A world of two machines: the mail system without its queue manager, so that what it takes stays
 * in the incoming queue, and a client. The client sends the same bytes in several sessions, cut
 * into segments differently.
 *
 * What must hold of every input, whatever the daemon:
 *   no process of the mail system dies, by an assertion or otherwise
 *   the replies and the mail taken are the same however the bytes were cut
 *   each message that was confirmed is in the queue, and no other
 *   the daemon holds no more descriptors, fibers or memory after a session than before
 */
#ifndef FUZZ_SESSION_H
#define FUZZ_SESSION_H

#include "base/buf.h"
#include "base/str.h"

enum { SESSION_INPUT_MAX = 4096 };

struct session_plan {
    const char *program; /* the daemon under test */
    const char *port;
    struct str input;         /* all that the client sends */
    size_t segment_bytes;     /* of the last session; the others send all at once, or by bytes */
    const char *confirmation; /* what a reply says, before the queue id, when mail was taken */
    bool answers_netstring;   /* its length counts the queue id: what it holds is the reply */
};

/* Of a session, with queue ids and times left out. */
struct session_outcome {
    struct buf replies; /* all that the daemon sent */
    struct buf mail;    /* type and data of each record of the messages taken */
    int message_count;
};

/* Plays the sessions, checks what must hold, and leaves what they have in common in outcome,
 * whose buffers hang on mem. */
void session_play(const struct session_plan *plan, struct mem *mem,
                  struct session_outcome *outcome);

#endif
