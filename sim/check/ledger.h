// SPDX-License-Identifier: ISC
/* sim/check/ledger - what was accepted against what became of it: the checks that are always on
 *
 *   never lost            every accepted recipient is delivered, bounced, in the queue, or was
 *                         deleted by postsuper
 *   one final outcome     not delivered and bounced; more than one copy only with an excuse or in
 *                         a window (check/windows.h)
 *   refused is refused    what a client was told to send again is not delivered, but in a window
 *   refused for now       a system call that failed is told as a temporary error
 *   bytes in = bytes out  but for header fields that are added on the way
 *   no bounce of a bounce
 *   notices as asked for  (check/notices.h)
 *
 * Memory    works in the arena given
 * Blocks    never
 */
#ifndef CHECK_LEDGER_H
#define CHECK_LEDGER_H

#include "check/copies.h"
#include "check/failure.h"
#include "check/notices.h"
#include "check/record.h"
#include "check/windows.h"
#include "peer/peer_message.h"

struct ledger_recipient {
    struct ledger_recipient *next;
    struct str address; /* where the message is to arrive */
    struct str given;   /* the recipient of the envelope: the same, or an alias for it */
    int copy_count;     /* how often it is meant: directly, and by each alias */
    bool may_duplicate; /* somebody named an excuse */
    bool is_unknown;    /* there is no such user here: it may be refused for good */
    int notify;         /* enum queue_notify: the notices that were asked for; 0: the usual ones */
};

/* A message as the scenario submits it. */
struct ledger_submission {
    struct ledger_submission *next;
    struct peer_message message; /* copy: the number of copies */
    struct ledger_recipient *recipients;
    bool may_be_refused; /* the scenario expects it */
};

/* The client was told that this recipient is not taken. */
bool ledger_was_refused(const struct record_message *message, struct str recipient);

/* The postmaster deleted one of the message's files, which the log must say. */
bool ledger_was_deleted(const struct record_message *message);

/* True while a queue file of that id exists, and when postsuper has removed it and could not say
 * so; of an empty id, while anything waits in maildrop/, of which the log knows nothing yet. */
typedef bool ledger_is_queued(void *argument, struct str id);

struct ledger {
    struct record *record;
    const struct copies *copies;
    const struct windows *windows;
    const struct ledger_submission *submissions;
    bool calls_failed; /* whatever goes wrong is temporary: no client may be told otherwise */
    ledger_is_queued *is_queued;
    void *argument;
    struct failures *failures;
    const struct notices *notices; /* ledger_check() finds them */
};

void ledger_check(const struct ledger *ledger);

#endif
