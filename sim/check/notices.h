// SPDX-License-Identifier: ISC
/* sim/check/notices - what senders were told about their recipients, against what they asked
 *
 * RFC 3461 4.1: who asked for nothing hears of failures, and of delays where the system is set up
 * to tell of them; else exactly what was asked for is told. A success that a next host took over
 * to report is not told here.
 *
 * Nothing is told twice but in a window (check/windows.h); a requeued message has a new life.
 *
 * A notice that is still under way cannot be read yet: it counts for what is asked for, and not
 * against what is refused.
 *
 * Memory    works in the arena given
 * Blocks    never
 */
#ifndef CHECK_NOTICES_H
#define CHECK_NOTICES_H

#include "check/copies.h"
#include "check/failure.h"
#include "check/record.h"
#include "check/windows.h"

enum notice_kind { NOTICE_OF_FAILURE, NOTICE_OF_DELAY, NOTICE_OF_SUCCESS };

/* A notice to a sender, by the mail log. */
struct notice {
    struct notice *next;
    const struct record_message *message; /* that it is about */
    struct str about_id;                  /* ... under this queue id */
    struct str id;                        /* its own */
    enum notice_kind kind;
    int64_t at_ns; /* when it was queued */
    bool is_read;  /* a copy of it is there */
};

/* What a notice that was read says about one recipient. */
struct notice_line {
    struct notice_line *next;
    const struct notice *notice;
    struct str recipient;
    struct str action;
};

struct notices {
    const struct windows *windows;
    struct record *record;
    struct failures *failures;
    struct notice *list;
    struct notice_line *lines;
};

/* windows is set already. */
void notices_find(struct notices *notices, struct record *record, const struct copies *copies,
                  struct failures *failures);

/* How a recipient of a message stands. */
struct notices_case {
    const struct record_message *message;
    struct str recipient;
    struct str given;   /* the alias that led to it; else the same */
    int notify;         /* as it was asked for: enum queue_notify */
    bool to_sender;     /* there is one */
    bool may_duplicate; /* there is an excuse for telling it again */
    bool sent;
    bool bounced;
    bool unsettled; /* it is queued, or was deleted before all was told */
    bool
        records_may_fail; /* of success: what is delivered stays so, even when nobody can be told */
};
void notices_check(const struct notices *notices, const struct notices_case *c);

#endif
