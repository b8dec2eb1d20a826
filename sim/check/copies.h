// SPDX-License-Identifier: ISC
/* sim/check/copies - every message that a peer keeps or that lies in a mailbox, for one recipient
 *
 * Memory    everything lives in the arena given at init
 * Blocks    never
 */
#ifndef CHECK_COPIES_H
#define CHECK_COPIES_H

#include "base/arena.h"
#include "base/str.h"

struct disk;

struct copy {
    struct copy *next;
    struct str recipient; /* of the envelope, or the mailbox's address */
    struct str place;     /* the peer's name, or the path of the file */
    struct str content;   /* lines end with LF */
    struct str label;     /* of the scenario's message that it is; data NULL: none */
    int number;           /* of that message's copy */
    bool is_dsn;
};

struct copies {
    struct arena *arena;
    struct copy *first;
    struct copy **end;
};

void copies_init(struct copies *copies, struct arena *arena);

/* Adds the message in a file, once for each call; -ERR_NOT_FOUND when it is not there. */
MUST_USE int copies_add_file(struct copies *copies, const struct disk *disk, const char *path,
                             struct str recipient, struct str place);
/* Adds all messages of a Maildir. */
void copies_add_maildir(struct copies *copies, const struct disk *disk, const char *directory,
                        struct str recipient);

/* How many copies of a message a recipient has; number 0 counts all copies. */
int copies_count(const struct copies *copies, struct str label, int number, struct str recipient);

#endif
