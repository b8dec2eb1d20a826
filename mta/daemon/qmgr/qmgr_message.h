// SPDX-License-Identifier: ISC
/* qmgr/qmgr_message - one message at work: its life from its place in the queue and back
 *
 *                 taken    left  read        nothing    refill     delivered   drained  more     over
 *   FOUND         READING  gone  never       never      never      never       never    never    never
 *   READING       never    gone  DELIVERING  ENDING     never      never       never    never    never
 *   DELIVERING    never    never never       never      REFILLING  DELIVERING  ENDING   never    never
 *   REFILLING     never    never DELIVERING  DELIVERING never      REFILLING   READING  never    never
 *   ENDING        never    never never       never      never      never       never    READING  gone
 *
 * FOUND, READING, REFILLING and ENDING are the work of a few workers (qmgr_work), of which each
 * message has at most one; in DELIVERING it costs no fiber, and its requests lie in the schedule.
 *
 * Memory    the struct, its envelope, and its recipients on the process's heap
 * Blocks    never
 */
#ifndef QMGR_QMGR_MESSAGE_H
#define QMGR_QMGR_MESSAGE_H

#include "qmgr/qmgr_state.h"

enum qmgr_message_state {
    QMGR_FOUND,
    QMGR_READING,
    QMGR_DELIVERING,
    QMGR_REFILLING,
    QMGR_ENDING,
    QMGR_GONE,
};

enum qmgr_message_event {
    QMGR_TAKEN,     /* it lies in active/ */
    QMGR_LEFT,      /* it was left where it is, or put aside */
    QMGR_READ,      /* recipients were given to the schedule */
    QMGR_NOTHING,   /* none were left to read */
    QMGR_REFILL,    /* more recipients may be read while others are delivered */
    QMGR_DELIVERED, /* a request ended, and others have not */
    QMGR_DRAINED,   /* ... the last one */
    QMGR_MORE,      /* there are recipients behind those of this batch */
    QMGR_OVER,      /* deferred or removed */
};

struct qmgr_message {
    struct qmgr *qmgr;
    struct str id;
    enum qmgr_message_state state;
    struct list work; /* in qmgr->work */
    bool has_worker;  /* or waits for one */
    bool is_new;      /* was never in delivery */
    struct qmgr_load load;

    enum queue_name found_in;
    bool ignores_time;  /* it was asked for before it is due */
    bool flushes;       /* defer_transports does not hold for it */
    bool forced_expire; /* its file says so */
    bool unthrottles;   /* ... likewise */
    struct arena arena; /* of the envelope */
    struct queue_envelope envelope;
    int64_t active_wall_ns;

    struct queue_message *file;     /* while it is open: locked from taking it up on */
    struct queue_position position; /* of the recipients that were not read */
    bool read_all;

    /* What deliveries have shown in this round. */
    bool marked;     /* a recipient may have been marked done since the last sync */
    bool retry;      /* a recipient is left to do */
    bool unrecorded; /* ... and the defer log does not say why */
    bool damaged;    /* ... and the file cannot be read to its end */
};

/* How a message was found. */
struct qmgr_finding {
    enum queue_name name;
    bool ignores_time;
    bool flushes;
};

/* 0: it is at work from now on; -ERR_EXISTS: it was before; -ERR_LIMIT: enough are. */
MUST_USE int qmgr_message_find(struct qmgr *qmgr, const struct qmgr_finding *finding,
                               struct str id);
bool qmgr_message_is_room(const struct qmgr *qmgr);

/* The one place where its state changes. It may be gone afterwards. */
void qmgr_message_handle(struct qmgr_message *message, enum qmgr_message_event event);
/* A request of it has ended and is freed. */
void qmgr_message_delivered(struct qmgr_message *message);

bool qmgr_message_needs_worker(const struct qmgr_message *message);
struct qmgr_message *qmgr_message_of(const struct qmgr_load *load);
void qmgr_message_check_invariants(const struct qmgr_message *message);
void qmgr_message_warn(const struct qmgr_message *message, const char *what, int error);

void qmgr_message_close_file(struct qmgr_message *message); /* if it is open. Instant. */

/* All of them, when the process ends and no fiber runs any more. */
void qmgr_message_free_all(struct qmgr *qmgr);

#endif
