// SPDX-License-Identifier: ISC
/* sim/check/copies - every message that a peer keeps or that lies in a mailbox, for one recipient
 *
 * Units     times are those of the scenario
 * Memory    everything lives in the arena given at init
 * Blocks    never
 */
#ifndef CHECK_COPIES_H
#define CHECK_COPIES_H

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"

struct disk;

struct copy {
    struct copy *next;
    struct copy *earlier; /* the last one before it for the same recipient */
    struct str recipient; /* of the envelope, or the mailbox's address */
    struct str place;     /* the peer's name, or the path of the file */
    struct str content;   /* lines end with LF */
    struct str label;     /* of the scenario's message that it is; data NULL: none */
    int number;           /* of that message's copy */
    int64_t at_ns;        /* when it arrived */
    bool is_dsn;
};

struct copies {
    struct arena *arena;
    struct map arrivals;   /* path of a file in a mailbox -> int64_t: when it got that name */
    struct map recipients; /* in lower case -> struct copy: the last one for it */
    struct copy *first;
    struct copy **end;
};

void copies_init(struct copies *copies, struct arena *arena);
void copies_done(struct copies *copies);

/* A file in a mailbox got its name. */
void copies_arrived(struct copies *copies, struct str path, int64_t now_ns);

/* Adds the message in a file, once for each call; -ERR_NOT_FOUND when it is not there. */
MUST_USE int copies_add_file(struct copies *copies, const struct disk *disk, const char *path,
                             struct str recipient, struct str place, int64_t at_ns);
/* Adds all messages of a Maildir. */
void copies_add_maildir(struct copies *copies, const struct disk *disk, const char *directory,
                        struct str recipient);

/* Whether it is that copy of the message, for that recipient. */
bool copies_is_of(const struct copy *copy, struct str label, int number, struct str recipient);
/* How many copies of a message a recipient has; number 0 counts all copies. */
int copies_count(const struct copies *copies, struct str label, int number, struct str recipient);

#endif
