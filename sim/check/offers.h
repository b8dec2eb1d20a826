// SPDX-License-Identifier: ISC
/* sim/check/offers - a remote host is asked for nothing that it has not offered
 *
 * Each parameter of MAIL and RCPT belongs to an extension, which the reply to EHLO of the same
 * connection must have named: RFC 5321 4.1.1.11.
 *
 * Memory    on the heap given at init
 * Blocks    never
 */
#ifndef CHECK_OFFERS_H
#define CHECK_OFFERS_H

#include "base/map.h"
#include "check/failure.h"

struct offers {
    struct map connections; /* "peer connection" -> bits: the offers that were made there */
    struct failures *failures;
};

void offers_init(struct offers *offers, struct mem *mem, struct failures *failures);
void offers_done(struct offers *offers);

/* A remote host has read a command, or says something, in one or more lines. */
void offers_command(struct offers *offers, struct str peer, int64_t connection, struct str command);
void offers_reply(struct offers *offers, struct str peer, int64_t connection, struct str reply);

#endif
