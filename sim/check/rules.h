// SPDX-License-Identifier: ISC
/* sim/check/rules - what the mail system is configured to keep to
 *
 * The checks that are always on read the parameters that bound them from here: as the scenario sets
 * them, or their defaults.
 *
 * Units     nanoseconds
 * Blocks    never; pure
 */
#ifndef CHECK_RULES_H
#define CHECK_RULES_H

#include <stdint.h>

#include "base/str.h"

struct rules {
    int64_t minimal_backoff_ns;
    int64_t maximal_backoff_ns;
    int64_t jitter_percent; /* of the backoff, added by chance */
    int64_t run_delay_ns;
    int64_t deferred_recheck_ns; /* until deferred/ is looked through again */
    int64_t lifetime_ns;
    int64_t bounce_lifetime_ns; /* of mail from the null sender */
    int64_t mark_sync_ns;
    int64_t active_max;
    int64_t recipients_max;          /* in one delivery; 0: any number */
    int64_t deliveries_max;          /* at once to one destination; 0: any number */
    int64_t processes_max;           /* of a service; 0: any number */
    int64_t sessions_max;            /* of one attempt; 0: any number */
    int64_t addresses_max;           /* the same of addresses */
    int64_t rate_delay_ns;           /* between two deliveries to one destination */
    int64_t transport_rate_delay_ns; /* over one transport */
    int64_t transport_retry_ns;      /* of a transport whose agent was lost */
    int64_t connect_ns;              /* time limits of a session with another host */
    int64_t helo_ns;
    int64_t mail_ns;
    int64_t rcpt_ns;
    int64_t data_init_ns;
    int64_t data_xfer_ns;
    int64_t data_done_ns;
    int64_t quit_ns;
};

void rules_init(struct rules *rules);

/* The parameter has this text in main.cf. One that is no rule, or whose text is no plain value,
 * changes nothing. */
void rules_set(struct rules *rules, struct str parameter, struct str value);

#endif
