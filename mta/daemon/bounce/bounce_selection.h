// SPDX-License-Identifier: ISC
/* bounce/bounce_selection - which of a log's records one notice is about
 *
 * Blocks    never; pure
 */
#ifndef BOUNCE_BOUNCE_SELECTION_H
#define BOUNCE_BOUNCE_SELECTION_H

#include "mail/bounce_index.h"

struct bounce_selection {
    const struct bounce_index *index;
    int notify_flags; /* of enum queue_notify: recipients that asked for one of them; 0: all */
    bool by_default;  /* ... and those that asked for nothing (RFC 3461 4.1) */
    int64_t offset;   /* only the recipient there; negative: any */
};

/* Takes the next record out of *rest, which begins as index->log. */
bool bounce_selection_next(const struct bounce_selection *selection, struct str *rest,
                           struct bounce_record *record);

bool bounce_selection_is_empty(const struct bounce_selection *selection);

#endif
