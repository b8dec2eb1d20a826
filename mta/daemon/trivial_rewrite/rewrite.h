// SPDX-License-Identifier: ISC
/* trivial_rewrite/rewrite - the full form of an address
 *
 *   @a,@b:user@host   user@host          the route of a source-routed address goes
 *   host!user         user@host          swap_bangpath, when there is no domain
 *   user%host         user@host          allow_percent_hack, when there is no domain
 *   user              user@$myorigin     append_at_myorigin
 *   user@host         user@host.$mydomain  append_dot_mydomain
 *   user@host.test.   user@host.test
 *
 * The null address stays as it is. An empty domain or an address literal is not completed.
 *
 * Blocks    never; pure
 */
#ifndef TRIVIAL_REWRITE_REWRITE_H
#define TRIVIAL_REWRITE_REWRITE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

struct rewrite_rules {
    bool swap_bangpath;
    bool allow_percent_hack;
    struct str origin;     /* for addresses without domain; empty: leave them alone */
    struct str dot_domain; /* for domains without a dot, without the dot; empty: the same */
};

/* Appends the full form. */
void rewrite_address(const struct rewrite_rules *rules, struct str address, struct buf *out);

/* Only the first three rules, and only when there is no domain: true and the two parts of what
 * address stands for, or false. */
bool rewrite_split_route(const struct rewrite_rules *rules, struct str address,
                         struct str *local_part, struct str *domain);

/* Without the one dot at its end that a full domain may have. */
struct str rewrite_trim_domain(struct str domain);

#endif
