// SPDX-License-Identifier: ISC
#include "peer/dns_answer.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_PART_MAX = 255 };

static const struct {
    enum zone_type zone;
    uint16_t dns;
    const char *name;
} types[] = {
    {ZONE_A, DNS_TYPE_A, "A"},       {ZONE_AAAA, DNS_TYPE_AAAA, "AAAA"},
    {ZONE_MX, DNS_TYPE_MX, "MX"},    {ZONE_CNAME, DNS_TYPE_CNAME, "CNAME"},
    {ZONE_TXT, DNS_TYPE_TXT, "TXT"}, {ZONE_PTR, DNS_TYPE_PTR, "PTR"},
};
enum { TYPE_COUNT = sizeof(types) / sizeof(types[0]) };

static const struct {
    uint16_t rcode;
    const char *name;
} failures[] = {
    [ZONE_SERVFAIL] = {DNS_RCODE_SERVER_FAILURE, "SERVFAIL"},
    [ZONE_NXDOMAIN] = {DNS_RCODE_NAME_ERROR, "NXDOMAIN"},
    [ZONE_NODATA] = {DNS_RCODE_OK, "no data"},
    [ZONE_REFUSED] = {DNS_RCODE_REFUSED, "REFUSED"},
    [ZONE_TIMEOUT] = {DNS_RCODE_OK, "no answer"},
    [ZONE_TRUNCATE] = {DNS_RCODE_OK, "truncated"},
};

/* What the zones say, along the CNAME records. */
struct walk {
    const struct zone_record *records[ZONE_CHAIN_MAX + ZONE_ANSWERS_MAX];
    int count;
    enum zone_failure failure; /* of the last name */
    bool truncate;
    bool name_exists; /* the last one */
};

static void set_name(char to[DNS_NAME_SIZE], struct str name)
{
    snprintf(to, DNS_NAME_SIZE, "%.*s", STR_ARG(name));
}

static const struct zone_record *only_cname(const struct zone_answer *answer, enum zone_type type)
{
    bool one = answer->count > 0 && answer->records[0]->type == ZONE_CNAME;
    return one && type != ZONE_CNAME ? answer->records[0] : NULL;
}

/* Follows CNAME records until there are others, or none, or too many: a loop ends there too. */
static void walk_names(const struct zone *zones, struct str name, enum zone_type type,
                       int64_t now_ns, struct walk *walk)
{
    *walk = (struct walk){.failure = ZONE_NO_FAILURE};
    for (int step = 0; step < ZONE_CHAIN_MAX; step++) {
        struct zone_answer answer;
        zone_find(zones, name, type, now_ns, &answer);
        walk->name_exists = answer.name_exists;
        walk->truncate = walk->truncate || answer.failure == ZONE_TRUNCATE;
        if (answer.failure != ZONE_NO_FAILURE && answer.failure != ZONE_TRUNCATE) {
            walk->failure = answer.failure;
            return;
        }
        const struct zone_record *cname = only_cname(&answer, type);
        int take = cname != NULL ? 1 : answer.count;
        for (int i = 0; i < take; i++) {
            walk->records[walk->count++] = answer.records[i];
        }
        if (cname == NULL) {
            return;
        }
        name = cname->target;
    }
}

/* A TXT record's data: strings of at most 255 bytes, each behind its length. */
static void put_text(struct buf *data, struct str text)
{
    do {
        struct str part = str_first(text, TEXT_PART_MAX);
        buf_put_char(data, (char)part.size);
        buf_put(data, part);
        text = str_skip(text, part.size);
    } while (text.size > 0);
}

static void add_record(struct buf *out, const struct zone_record *from)
{
    struct buf text;
    buf_init(&text, out->mem, DNS_MESSAGE_MAX);
    struct dns_record record = {.section = DNS_SECTION_ANSWER, .ttl_s = from->ttl_s};
    for (int i = 0; i < TYPE_COUNT; i++) {
        record.type = types[i].zone == from->type ? types[i].dns : record.type;
    }
    set_name(record.name, from->owner);
    record.preference = (uint16_t)from->preference;
    memcpy(record.ip, from->address.ip, sizeof(record.ip));
    if (from->type == ZONE_TXT) {
        put_text(&text, from->target);
        record.data = buf_str(&text);
    } else {
        set_name(record.target, from->target);
    }
    int error = dns_message_add(out, &record);
    (void)error; /* a bad name in a scenario gives no record */
    buf_done(&text);
}

/* How much of an answer the client takes by UDP. */
static size_t udp_bytes_max(struct dns_message *query)
{
    struct dns_record record;
    while (dns_message_next(query, &record) == 1) {
        if (record.type == DNS_TYPE_OPT && record.opt_udp_bytes_max > DNS_UDP_PLAIN_MAX) {
            return record.opt_udp_bytes_max;
        }
    }
    return DNS_UDP_PLAIN_MAX;
}

static void describe(const struct dns_message *query, const char *type, const struct walk *walk,
                     char line[DNS_ANSWER_LINE_MAX])
{
    if (walk->failure != ZONE_NO_FAILURE) {
        snprintf(line, DNS_ANSWER_LINE_MAX, "%s %s: %s", query->question_name, type,
                 failures[walk->failure].name);
    } else {
        snprintf(line, DNS_ANSWER_LINE_MAX, "%s %s: %d record%s", query->question_name, type,
                 walk->count, walk->count == 1 ? "" : "s");
    }
}

static int find_type(uint16_t dns_type)
{
    int type = 0;
    while (type < TYPE_COUNT && types[type].dns != dns_type) {
        type++;
    }
    return type;
}

bool dns_answer(const struct zone *zones, struct str query_bytes, bool by_tcp, int64_t now_ns,
                struct buf *out, char line[DNS_ANSWER_LINE_MAX])
{
    struct dns_message query;
    snprintf(line, DNS_ANSWER_LINE_MAX, "no query");
    if (dns_message_parse(query_bytes, &query) != 0 || query.is_response) {
        return false;
    }
    int type = find_type(query.question_type);
    enum zone_type zone_type = type < TYPE_COUNT ? types[type].zone : ZONE_ANY;
    struct walk walk;
    walk_names(zones, str_from(query.question_name), zone_type, now_ns, &walk);
    if (walk.failure == ZONE_NO_FAILURE && !walk.name_exists) {
        walk.failure = ZONE_NXDOMAIN;
    }
    describe(&query, type < TYPE_COUNT ? types[type].name : "?", &walk, line);
    if (walk.failure == ZONE_TIMEOUT) {
        return false;
    }
    struct dns_message response = query;
    size_t size_max = by_tcp ? DNS_MESSAGE_MAX : udp_bytes_max(&query);
    response.is_response = true;
    response.recursion_available = true;
    response.is_truncated = false;
    response.rcode = walk.failure == ZONE_NO_FAILURE ? 0 : (uint8_t)failures[walk.failure].rcode;
    dns_message_write_response(out, &response);
    for (int i = 0; i < walk.count; i++) {
        add_record(out, walk.records[i]);
    }
    if (!by_tcp && (walk.truncate || out->size > size_max)) {
        dns_message_truncate(out);
    }
    return buf_error(out) == 0;
}
