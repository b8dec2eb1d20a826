// SPDX-License-Identifier: ISC
/* flush/flush_log - the log of one site: ids of messages that may wait for it
 *
 * Shape     flush/NAME, NAME being the site in lower case with "_" for all but letters and digits;
 *           one queue id a line. An id may stand there twice, and long after its message is gone
 * Time      the file's mtime says since when the log is unread: adding leaves it
 * Locks     exclusive, for each of the functions
 * Limits    FLUSH_LOG_BYTES_MAX; what comes then is not added
 * Errors    of sys/fs; -ERR_LOCKED when somebody holds the lock for long
 * Blocks    all but flush_log_name, for the disk
 */
#ifndef FLUSH_FLUSH_LOG_H
#define FLUSH_FLUSH_LOG_H

#include "base/buf.h"
#include "sys/fs.h"

enum {
    FLUSH_SITE_MAX = 255,
    FLUSH_NAME_SIZE = FLUSH_SITE_MAX + 1,
    FLUSH_LOG_BYTES_MAX = 16 * 1024 * 1024,
};

/* False for what is longer than a site's name can be. */
bool flush_log_name(struct str site, char name[FLUSH_NAME_SIZE]);

MUST_USE int flush_log_add(struct sys *sys, const char *name, struct str queue_id);

/* What flush_log_read() is asked for. */
struct flush_log_age {
    int64_t unread_wall_ns; /* only a log that is unread since then, or longer */
    int64_t empty_wall_ns;  /* one that is empty since then is removed */
};

/* Gives the lines of a log that is not empty to act, and empties it when that has returned 0. A log
 * that is not there is empty. age: NULL for any. */
MUST_USE int flush_log_read(struct sys *sys, const char *name, const struct flush_log_age *age,
                            int (*act)(void *argument, struct str ids), void *argument);

#endif
