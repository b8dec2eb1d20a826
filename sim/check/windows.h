// SPDX-License-Identifier: ISC
/* sim/check/windows - the named windows in which a duplicate is legal
 *
 *   delivery   a crash or failure between the arrival of a copy, or a bounce, and the durable mark
 *              that says so: no later than the peer's reply may take and delivery_mark_sync_time
 *              allows
 *   hand-over  the same between the queueing of a submitted message and the removal of its file in
 *              maildrop/: it is then queued again under another id
 *   notice     the same between the message's arrival and the end of the notice's records: a
 *              recipient with a record, whose mark was lost, is tried again, and that may be late.
 *              That a sender was told of a delay is on disk some time later, or never
 *
 * Each surplus outcome needs a window of its own.
 *
 * Blocks    never; pure
 */
#ifndef CHECK_WINDOWS_H
#define CHECK_WINDOWS_H

#include "check/copies.h"
#include "check/record.h"
#include "check/rules.h"
#include "check/trouble.h"

struct windows {
    const struct trouble *trouble;
    const struct rules *rules;
};

/* How many outcomes too many are excused, of all that a recipient of a message had; it is meant
 * copy_count times. */
int windows_count(const struct windows *windows, const struct copies *copies,
                  const struct record_message *message, struct str recipient, int copy_count);

/* A notice that was queued then may be queued again. */
bool windows_excuse_notice(const struct windows *windows, const struct record_message *message,
                           int64_t queued_ns);
/* The same of a delay: whenever the second is queued. */
bool windows_excuse_delay(const struct windows *windows, int64_t queued_ns, int64_t again_ns);

#endif
