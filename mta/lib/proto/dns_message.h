// SPDX-License-Identifier: ISC
/* proto/dns_message - DNS queries and answers
 *
 * Reading: dns_message_parse() takes header and question, dns_message_next() record by record.
 * Writing: dns_message_write_query(), or dns_message_write_response() and then one
 * dns_message_add() for each record, sections in order.
 *
 * Grammar   RFC 1035 4, RFC 3596 (AAAA), RFC 2782 (SRV), RFC 6698 (TLSA), RFC 6891 (OPT)
 * Shape     names in text: labels with dots between them, none at the end; the root is empty. A
 *           dot, a backslash or a byte outside 0x21..0x7e inside a label is shown as "?", so that
 *           such a name is nobody's host name
 * Limits    names 255 bytes on the wire, labels 63; compression pointers only lead backwards
 * Errors    -ERR_CORRUPT for anything that contradicts itself or reaches beyond the message
 * Memory    none: text and data are views into the message
 * Blocks    never
 */
#ifndef PROTO_DNS_MESSAGE_H
#define PROTO_DNS_MESSAGE_H

#include <stdint.h>

#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"

enum {
    DNS_NAME_SIZE = 255, /* longest name in text with its NUL, rounded up */
    DNS_MESSAGE_MAX = 65535,
    DNS_UDP_PLAIN_MAX = 512,    /* RFC 1035 4.2.1 */
    DNS_UDP_OFFERED_MAX = 1232, /* what we offer by OPT: never fragmented */
};

enum dns_type {
    DNS_TYPE_A = 1,
    DNS_TYPE_NS = 2,
    DNS_TYPE_CNAME = 5,
    DNS_TYPE_SOA = 6,
    DNS_TYPE_PTR = 12,
    DNS_TYPE_MX = 15,
    DNS_TYPE_TXT = 16,
    DNS_TYPE_AAAA = 28,
    DNS_TYPE_SRV = 33,
    DNS_TYPE_OPT = 41,
    DNS_TYPE_TLSA = 52,
};

enum dns_rcode {
    DNS_RCODE_OK = 0,
    DNS_RCODE_FORMAT = 1,
    DNS_RCODE_SERVER_FAILURE = 2,
    DNS_RCODE_NAME_ERROR = 3, /* NXDOMAIN */
    DNS_RCODE_NOT_IMPLEMENTED = 4,
    DNS_RCODE_REFUSED = 5,
};

enum dns_section { DNS_SECTION_ANSWER, DNS_SECTION_AUTHORITY, DNS_SECTION_ADDITIONAL };

struct dns_message {
    struct str bytes;
    uint16_t id;
    bool is_response;
    bool is_authoritative;
    bool is_truncated;
    bool recursion_desired;
    bool recursion_available;
    bool is_authentic;      /* AD */
    bool checking_disabled; /* CD */
    uint8_t rcode;          /* the four bits of the header */
    uint16_t question_type;
    char question_name[DNS_NAME_SIZE];
    uint16_t record_counts[3]; /* by enum dns_section */
    size_t next_offset;        /* where dns_message_next() goes on */
    unsigned next_index;       /* of all records */
};

/* A record of class IN (OPT apart). Which part is set follows from type; of any other type only
 * data. */
struct dns_record {
    enum dns_section section;
    uint16_t type;
    uint32_t ttl_s;
    char name[DNS_NAME_SIZE];
    struct str data;            /* all of RDATA as it stands in the message; when writing, used
                                 * for TXT (its strings, each with a length byte), TLSA's
                                 * certificate data and types that have no part of their own */
    uint8_t ip[16];             /* A (the first four), AAAA */
    char target[DNS_NAME_SIZE]; /* MX, CNAME, NS, PTR, SRV; SOA: the primary server */
    uint16_t preference;        /* MX; SRV: priority */
    uint16_t weight;            /* SRV */
    uint16_t port;              /* SRV */
    uint8_t tlsa_usage;
    uint8_t tlsa_selector;
    uint8_t tlsa_matching_type;
    struct str tlsa_data;
    char soa_mailbox[DNS_NAME_SIZE];
    uint32_t soa_serial;
    uint32_t soa_refresh_s;
    uint32_t soa_retry_s;
    uint32_t soa_expire_s;
    uint32_t soa_minimum_s;
    uint16_t opt_udp_bytes_max;
    bool opt_dnssec_ok;
};

/* Header and question; exactly one question of class IN. */
MUST_USE int dns_message_parse(struct str bytes, struct dns_message *message);

/* The next record, class IN or OPT (others are skipped): 1; 0 when there is no more. */
MUST_USE int dns_message_next(struct dns_message *message, struct dns_record *record);

/* A domain that accepts no mail: RFC 7505. */
bool dns_message_record_is_null_mx(const struct dns_record *record);

/* The strings of a TXT record, one behind the other, into text; what does not fit is left out.
 * The number of bytes. */
size_t dns_message_record_text(const struct dns_record *record, char *text, size_t text_size);

/* 0, or -ERR_SYNTAX when name has an empty or over-long label or is too long. */
MUST_USE int dns_message_check_name(struct str name);
/* Whether two names are one: ASCII case is ignored. */
bool dns_message_names_equal(struct str a, struct str b);

/* Appends a query with recursion desired and an OPT record; -ERR_SYNTAX for a bad name. */
MUST_USE int dns_message_write_query(struct buf *out, uint16_t id, struct str name, uint16_t type,
                                     bool dnssec_ok);

/* Appends header and question of the answer to query; the flags are those in message, which may
 * be the query with fields changed. The buffer must be empty before. */
void dns_message_write_response(struct buf *out, const struct dns_message *message);
/* Appends a record in its section and counts it in the header; the same name as the question's
 * is written as a pointer. -ERR_SYNTAX for a bad name. */
MUST_USE int dns_message_add(struct buf *out, const struct dns_record *record);
/* Cuts a response to header and question and sets TC: the answer does not fit. */
void dns_message_truncate(struct buf *out);

#endif
