// SPDX-License-Identifier: ISC
/* sim/peer/zone - DNS data that a scripted name server answers from
 *
 *     @    MX 10 mx
 *     mx   A  192.0.2.10   ttl 60s   until 200s
 *     mx   A  192.0.2.99   ttl 60s   from  200s
 *     slow any timeout     until 3h
 *
 * A name is relative to its zone unless it ends with a dot; @ is the zone itself. A record holds
 * from `from` until `until`. A failure holds for one type or, with `any`, for all.
 *
 * Grammar   docs/SCENARIOS.md, "Zones"; the forms are in zone.c
 * Units     times are nanoseconds after time 0 of the scenario
 * Memory    records live in the arena of the parse
 * Blocks    never
 */
#ifndef PEER_ZONE_H
#define PEER_ZONE_H

#include "syntax/syntax.h"
#include "sys/net.h"

enum { ZONE_NAME_MAX = 255, ZONE_TTL_DEFAULT_S = 3600, ZONE_CHAIN_MAX = 20, ZONE_ANSWERS_MAX = 32 };

/* In the order of the choices of the slot TYPE. */
enum zone_type { ZONE_ANY, ZONE_A, ZONE_AAAA, ZONE_MX, ZONE_CNAME, ZONE_TXT, ZONE_PTR };

/* In the order of the choices of the slot FAILURE. */
enum zone_failure {
    ZONE_SERVFAIL,
    ZONE_NXDOMAIN,
    ZONE_NODATA,
    ZONE_REFUSED,
    ZONE_TIMEOUT,  /* no answer */
    ZONE_TRUNCATE, /* by UDP only the flag; by TCP all of it */
    ZONE_NO_FAILURE,
};

struct zone_record {
    struct zone_record *next;
    struct str owner; /* full name in lower case, without the last dot */
    enum zone_type type;
    enum zone_failure failure; /* instead of data */
    int preference;
    struct str target; /* of MX (empty: the root, a null MX), CNAME and PTR, full; text of TXT */
    struct sys_address address;
    uint32_t ttl_s;
    int64_t from_ns;
    int64_t until_ns;
};

struct zone {
    struct zone *next;
    struct str domain; /* in lower case */
    struct zone_record *records;
};

/* Appends a zone to the list. NULL when memory runs out. */
MUST_USE struct zone *zone_add(struct zone **zones, struct str domain, struct arena *arena);

/* Appends the record of one line. False after a problem. */
MUST_USE bool zone_add_record(struct zone *zone, const struct syntax_line *line,
                              struct arena *arena, struct syntax_problems *problems);

/* What the name server says about one name and type at one time. */
struct zone_answer {
    enum zone_failure failure; /* ZONE_NO_FAILURE, or what happens instead */
    bool in_zone;              /* false: none of the zones holds the name */
    bool name_exists;
    const struct zone_record *records[ZONE_ANSWERS_MAX]; /* of that owner and type, or one CNAME */
    int count;
};

/* name in any case, without the last dot. */
void zone_find(const struct zone *zones, struct str name, enum zone_type type, int64_t now_ns,
               struct zone_answer *answer);

#endif
