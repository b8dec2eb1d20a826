// SPDX-License-Identifier: ISC
/* sim/check/windows - the named windows in which a duplicate is legal
 *
 *   reception  a crash or failure while a client sends a message: it may be told that the message is
 *              not taken, although it is queued
 *   delivery   a crash or failure between the arrival of a copy, or a bounce, and the durable mark
 *              that says so: no later than the peer's reply may take and delivery_mark_sync_time
 *              allows
 *   hand-over  the same between the queueing of a submitted message and the removal of its file in
 *              maildrop/: it is then queued again under another id
 *   notice     the same between the message's first record of that kind, or the notice where it
 *              has none, and the end of the notice's records: a recipient with a record, whose mark
 *              was lost, is tried again, and that may be late. That a sender was told of a delay is
 *              on disk some time later, or never
 *
 * Each surplus outcome needs a window of its own.
 *
 * Memory    on the heap given at init
 * Blocks    never
 */
#ifndef CHECK_WINDOWS_H
#define CHECK_WINDOWS_H

#include "base/map.h"
#include "check/copies.h"
#include "check/record.h"
#include "check/rules.h"
#include "check/trouble.h"

struct windows {
    const struct trouble *trouble;
    const struct rules *rules;
    const char *queue_directory;
    struct mem *mem;
    struct map records; /* "bounce/ID" and the like -> int64_t: when the first file was there */
};

void windows_init(struct windows *windows, const struct trouble *trouble, const struct rules *rules,
                  struct mem *mem, const char *queue_directory);
void windows_done(struct windows *windows);

/* A file of the mail system's machine got that name. */
void windows_named(struct windows *windows, struct str path, int64_t now_ns);

/* How many outcomes too many are excused, of all that a recipient of a message had; it is meant
 * copy_count times. */
int windows_count(const struct windows *windows, const struct copies *copies,
                  const struct record_message *message, struct str recipient, int copy_count);

/* What was refused may be delivered all the same. */
bool windows_excuse_refused(const struct windows *windows, const struct record_message *message);

/* A notice of failure, or of success, that was queued then about a queue file may be queued again. */
bool windows_excuse_failure(const struct windows *windows, struct str id, int64_t queued_ns);
bool windows_excuse_success(const struct windows *windows, struct str id, int64_t queued_ns);
/* The same of a delay: whenever the second is queued. */
bool windows_excuse_delay(const struct windows *windows, int64_t queued_ns, int64_t again_ns);

#endif
