// SPDX-License-Identifier: ISC
/* sim/check/limits - limits are never exceeded, ids never given twice
 *
 *   active        at most qmgr_message_active_limit messages in active/, besides those that the
 *                 queue manager has warned of and could not move away since
 *   recipients    at most destination_recipient_limit in one transaction
 *   connections   at most destination_concurrency_limit to a remote host, for each destination that
 *                 it may serve
 *   ids           a long queue id is used once, ever, but for files that are gone within the
 *                 microsecond of their id, since time may stand still in this world, or when the
 *                 wall clock is set back
 *
 * Memory    on the heap given at init
 * Blocks    never
 */
#ifndef CHECK_LIMITS_H
#define CHECK_LIMITS_H

#include "base/map.h"
#include "check/failure.h"
#include "check/mail_event.h"
#include "check/rules.h"

struct disk;

struct limits {
    const struct rules *rules;
    const struct disk *disk;
    const char *queue_directory;
    int destination_count; /* different next hops that a remote host may serve */
    struct map ids;        /* every id that was given -> enum id_use, as a pointer */
    struct map rcpts;      /* "peer connection" -> how many of the transaction, as a pointer */
    struct map stuck;      /* ids of messages in active/ that a warning was about */
    struct failures *failures;
};

void limits_init(struct limits *limits, const struct rules *rules, struct mem *mem,
                 const struct disk *disk, const char *queue_directory, struct failures *failures);
void limits_done(struct limits *limits);

/* A line of the mail log. */
void limits_logged(struct limits *limits, const struct mail_event *event);
/* The next one tries to move all away. */
void limits_queue_manager_ended(struct limits *limits);
/* Times come again. */
void limits_clock_set_back(struct limits *limits);
/* A file of the mail system's machine was renamed; to is empty when it was removed. */
void limits_renamed(struct limits *limits, struct str from, struct str to, int64_t now_wall_ns);
/* A remote host has read a command. */
void limits_command(struct limits *limits, struct str peer, int64_t connection, struct str command);
/* The mail system has so many connections to a remote host. */
void limits_connected(struct limits *limits, struct str peer, int connection_count);

#endif
