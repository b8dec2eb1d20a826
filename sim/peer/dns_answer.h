// SPDX-License-Identifier: ISC
/* sim/peer/dns_answer - from a query and zones to the packet that answers it
 *
 * Blocks    never
 */
#ifndef PEER_DNS_ANSWER_H
#define PEER_DNS_ANSWER_H

#include "base/buf.h"
#include "peer/zone.h"
#include "proto/dns_message.h"

enum { DNS_ANSWER_LINE_MAX = 400 };

/* Appends the answer. False when there is none: the zones say so, or it is no query. line gets
 * what was asked and how that came out, for the log: "mx.far.test A: 1 record". */
bool dns_answer(const struct zone *zones, struct str query, bool by_tcp, int64_t now_ns,
                struct buf *out, char line[DNS_ANSWER_LINE_MAX]);

#endif
