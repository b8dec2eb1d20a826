// SPDX-License-Identifier: ISC
/* sim/check/marks - the marks of finished recipients are on disk in time
 *
 * Within delivery_mark_sync_time of the log line that says sent or bounced, and before the
 * message's file loses its name in active/. A queue manager that ends owes nothing any more: what
 * it leaves is read again; and nobody owes anything for a file that is not in active/: it was
 * deleted, or the next queue manager found it in the hands of an agent.
 *
 * Memory    on the heap given at init
 * Blocks    never
 */
#ifndef CHECK_MARKS_H
#define CHECK_MARKS_H

#include "base/map.h"
#include "check/failure.h"
#include "check/mail_event.h"
#include "check/rules.h"

struct disk;

struct marks {
    const struct rules *rules;
    const struct disk *disk;
    const char *queue_directory;
    struct map unsynced; /* queue id -> struct mark, the longest waiting first */
    struct mem *mem;
    bool hindered; /* calls fail or processes stand still: marks cannot be in time */
    struct failures *failures;
};

void marks_init(struct marks *marks, const struct rules *rules, struct mem *mem,
                const struct disk *disk, const char *queue_directory, struct failures *failures);
void marks_done(struct marks *marks);

/* What happens on the mail system's machine, each at its time. */
void marks_logged(struct marks *marks, const struct mail_event *event, int64_t now_ns);
void marks_synced(struct marks *marks, struct str path, int64_t now_ns);
void marks_renamed(struct marks *marks, struct str from, struct str to);
void marks_queue_manager_ended(struct marks *marks);
void marks_set_hindered(struct marks *marks, bool hindered);

#endif
