// SPDX-License-Identifier: ISC
/* sim/check/limits - limits are never exceeded, ids never given twice
 *
 *   active        at most qmgr_message_active_limit messages in active/
 *   recipients    at most destination_recipient_limit in one transaction
 *   connections   at most destination_concurrency_limit to a remote host, for each destination that
 *                 it may serve
 *   ids           a long queue id is used once, ever, but for files that are removed from
 *                 incoming/: no time may pass in this world until the next file
 *
 * Memory    on the heap given at init
 * Blocks    never
 */
#ifndef CHECK_LIMITS_H
#define CHECK_LIMITS_H

#include "base/map.h"
#include "check/failure.h"
#include "check/rules.h"

struct disk;

struct limits {
    const struct rules *rules;
    const struct disk *disk;
    const char *queue_directory;
    int destination_count; /* different next hops that a remote host may serve */
    struct map ids;        /* every id that was given */
    struct map rcpts;      /* "peer connection" -> how many of the transaction, as a pointer */
    bool calls_failed;     /* mail that could not be moved away may wait in active/ as well */
    struct failures *failures;
};

void limits_init(struct limits *limits, const struct rules *rules, struct mem *mem,
                 const struct disk *disk, const char *queue_directory, struct failures *failures);
void limits_done(struct limits *limits);

/* From now on system calls may fail. */
void limits_calls_fail(struct limits *limits);
/* A file of the mail system's machine was renamed. */
void limits_renamed(struct limits *limits, struct str from, struct str to);
/* A remote host has read a command. */
void limits_command(struct limits *limits, struct str peer, int64_t connection, struct str command);
/* The mail system has so many connections to a remote host. */
void limits_connected(struct limits *limits, struct str peer, int connection_count);

#endif
