// SPDX-License-Identifier: ISC
/* dns/dns_query - one question to the name servers, one answer that may be believed
 *
 * UDP first; a truncated answer is asked for again over TCP. An answer counts only when it comes
 * from the server asked and repeats our id and question; others are dropped while the wait goes
 * on. A server that is silent, refuses, or does not know is passed over for the next one.
 *
 * Limits    DNS_STRAY_MAX foreign datagrams for each question
 * Blocks    at most attempts x servers x timeout, and never past the deadline
 */
#ifndef DNS_DNS_QUERY_H
#define DNS_DNS_QUERY_H

#include "base/buf.h"
#include "dns/dns_config.h"
#include "proto/dns_message.h"

enum { DNS_STRAY_MAX = 100 };

/* 0: answer holds a response with rcode OK or NAME_ERROR to this question, parsed as message
 * (a view into answer). -ERR_SYNTAX: the name cannot be asked for. Else: nobody answered. */
MUST_USE int dns_query(struct sys *sys, const struct dns_config *config, struct str name,
                       enum dns_type type, struct buf *answer, struct dns_message *message,
                       int64_t deadline_ns);

#endif
