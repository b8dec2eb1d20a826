// SPDX-License-Identifier: ISC
/* dns/dns - stub resolver: asks the name servers of resolv.conf
 *
 * Every lookup asks anew; nothing is cached, so that an answer is never older than its question.
 * The answer is classified, never guessed: "does not exist" comes only from a server that says
 * so; silence, refusal, a broken or a foreign answer are DNS_TRY_AGAIN.
 *
 * Grammar   RFC 1035 with RFC 2181 (names), RFC 3596 (AAAA), RFC 7505 (null MX), RFC 2308 2
 *           (NXDOMAIN against NODATA), RFC 7766 (TCP after truncation)
 * Limits    DNS_SERVERS_MAX servers, DNS_CNAME_MAX aliases in a chain, DNS_RECORDS_MAX records of
 *           an answer (the rest is ignored), hosts file of DNS_HOSTS_BYTES_MAX
 * Memory    the resolver on the process's heap; answers in the arena given
 * Blocks    lookups: at most attempts x servers x timeout of resolv.conf, and never past the
 *           deadline; files are looked at again when they have changed
 */
#ifndef DNS_DNS_H
#define DNS_DNS_H

#include "base/arena.h"
#include "base/attribute.h"
#include "base/str.h"
#include "sys/net.h"
#include "sys/sys.h"

enum {
    DNS_SERVERS_MAX = 3,
    DNS_CNAME_MAX = 10,
    DNS_RECORDS_MAX = 100,
    DNS_HOSTS_BYTES_MAX = 1024 * 1024,
};

enum dns_status {
    DNS_FOUND,
    DNS_NO_NAME,   /* the name does not exist (NXDOMAIN) */
    DNS_NO_DATA,   /* the name exists, without such a record */
    DNS_NULL_MX,   /* MX only: the domain says that it takes no mail */
    DNS_INVALID,   /* the question is no valid domain name, or the answer names one that is not */
    DNS_TRY_AGAIN, /* no answer that can be believed; also a lookup that was canceled */
};

/* For "Name service error for name=X type=MX: ...". */
const char *dns_status_text(enum dns_status status);

struct dns_host {
    struct str name;            /* MX: the exchange; PTR: the host; A, AAAA: the name at the end
                                 * of the chain of aliases */
    struct sys_address address; /* A, AAAA; port 0 */
    uint16_t preference;        /* MX */
    uint32_t ttl_s;
};

/* Order of hosts: as the server gave them; MX by preference, then as given. */
struct dns_answer {
    struct dns_host *hosts;
    int count;
};

struct dns;

/* A resolver; never fails: without a resolv.conf it asks 127.0.0.1 as resolv.conf(5) says. The
 * files are read now, before the process gives up rights, and again when they have changed. */
struct dns *dns_open(struct sys *sys);
void dns_close(struct dns *dns); /* accepts NULL. Instant. */

/* name: without or with its last dot, in ASCII or UTF-8 (dns/idna); letter case does not matter. */
MUST_USE enum dns_status dns_lookup_mx(struct dns *dns, struct arena *arena, struct str name,
                                       struct dns_answer *answer, int64_t deadline_ns);
/* IPv4 addresses first. When one of two questions found nothing, the other one decides; when one
 * failed and the other found nothing, the result is DNS_TRY_AGAIN. An address in text form is its
 * own answer. */
struct dns_wanted {
    bool ipv4;
    bool ipv6;
    bool hosts_file; /* ask it first */
};
MUST_USE enum dns_status dns_lookup_addresses(struct dns *dns, struct arena *arena, struct str name,
                                              const struct dns_wanted *wanted,
                                              struct dns_answer *answer, int64_t deadline_ns);
/* Host names of an address; the hosts file first. */
MUST_USE enum dns_status dns_lookup_ptr(struct dns *dns, struct arena *arena,
                                        const struct sys_address *address,
                                        struct dns_answer *answer, int64_t deadline_ns);

#endif
