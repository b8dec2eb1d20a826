// SPDX-License-Identifier: ISC
/* dns/idna - internationalized domain names, as the name service knows them
 *
 * Addresses, tables and logs have a domain as it was written, in UTF-8; only questions to the name
 * service, and the answer whether there can be such a domain, take its A-labels ("xn--...").
 *
 * Grammar   RFC 5891 behind the mapping of UTS 46, nontransitional: by libidn2, which reads neither
 *           files nor the locale for it
 * Memory    none is kept
 * Blocks    never; pure
 */
#ifndef DNS_IDNA_H
#define DNS_IDNA_H

#include "base/attribute.h"
#include "base/str.h"

enum { IDNA_NAME_SIZE = 254 };

/* The host name in ASCII, which an ASCII one is already: 0, or -ERR_SYNTAX for what is no host name
 * (address_host_is_valid()). */
MUST_USE int idna_to_ascii(struct str host, char ascii[IDNA_NAME_SIZE]);

/* What may stand behind the "@" of an address: a host name, or a literal. */
bool idna_domain_is_valid(struct str domain);

#endif
