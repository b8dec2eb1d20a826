// SPDX-License-Identifier: ISC
/* smtp/smtp_nexthop - the destinations that a nexthop names
 *
 * Grammar   destinations separated by comma or space, tried in turn. Each is
 *           domain           its mail exchangers, else its addresses
 *           [host]           its addresses only; also [192.0.2.1], [2001:db8::1], [ipv6:...]
 *           with :port behind either, a number or a name such as submission
 * Memory    none: views into the text
 * Blocks    never; pure
 */
#ifndef SMTP_SMTP_NEXTHOP_H
#define SMTP_SMTP_NEXTHOP_H

#include <stdint.h>

#include "base/attribute.h"
#include "base/str.h"

struct smtp_nexthop {
    struct str text; /* all of it, as written */
    struct str host; /* without brackets and port */
    uint16_t port;
    bool looks_up_mx; /* false for [host] */
};

/* A number, or one of the service names that mail uses; -ERR_SYNTAX. */
MUST_USE int smtp_nexthop_port(struct str text, uint16_t *port);

/* One destination; -ERR_SYNTAX. */
MUST_USE int smtp_nexthop_parse(struct str text, uint16_t default_port,
                                struct smtp_nexthop *nexthop);

/* Takes the next destination's text out of *rest; false at the end. */
bool smtp_nexthop_next(struct str *rest, struct str *text);

#endif
