// SPDX-License-Identifier: ISC
#include "peer/zone.h"

#define SECOND_NS INT64_C(1000000000)
#define WHEN      "[ ttl TTL ] [ from FROM ] [ until UNTIL ]"

enum slot { NAME, TYPE, FAILURE, PREFERENCE, TARGET, IP, TEXT, TTL, FROM, UNTIL, SLOT_COUNT };

static const struct syntax_slot slots[] = {
    [NAME] = {"NAME", SYNTAX_WORD, NULL},
    [TYPE] = {"TYPE", SYNTAX_CHOICE, "any A AAAA MX CNAME TXT PTR"},
    [FAILURE] = {"FAILURE", SYNTAX_CHOICE, "servfail nxdomain nodata refused timeout truncate"},
    [PREFERENCE] = {"PREFERENCE", SYNTAX_NUMBER, NULL},
    [TARGET] = {"TARGET", SYNTAX_WORD, NULL},
    [IP] = {"IP", SYNTAX_IP, NULL},
    [TEXT] = {"TEXT", SYNTAX_TEXT, NULL},
    [TTL] = {"TTL", SYNTAX_TIME, NULL},
    [FROM] = {"FROM", SYNTAX_TIME, NULL},
    [UNTIL] = {"UNTIL", SYNTAX_TIME, NULL},
};

enum form { FORM_A, FORM_AAAA, FORM_MX, FORM_CNAME, FORM_TXT, FORM_PTR, FORM_FAILURE };

static const struct syntax_form forms[] = {
    [FORM_A] = {1, "NAME A IP " WHEN},
    [FORM_AAAA] = {1, "NAME AAAA IP " WHEN},
    [FORM_MX] = {1, "NAME MX PREFERENCE TARGET " WHEN},
    [FORM_CNAME] = {1, "NAME CNAME TARGET " WHEN},
    [FORM_TXT] = {1, "NAME TXT TEXT " WHEN},
    [FORM_PTR] = {1, "NAME PTR TARGET " WHEN},
    [FORM_FAILURE] = {1, "NAME TYPE FAILURE " WHEN},
};

static const enum zone_type types[] = {
    [FORM_A] = ZONE_A,         [FORM_AAAA] = ZONE_AAAA, [FORM_MX] = ZONE_MX,
    [FORM_CNAME] = ZONE_CNAME, [FORM_TXT] = ZONE_TXT,   [FORM_PTR] = ZONE_PTR,
};

static const struct syntax_language language = {
    slots,
    SLOT_COUNT,
    forms,
    sizeof(forms) / sizeof(forms[0]),
};

/* The full name of one that is relative to the domain unless it ends with a dot. */
static struct str full_name(struct arena *arena, struct str name, struct str domain)
{
    if (str_equal(name, STR("@"))) {
        return domain;
    }
    if (str_ends_with(name, STR("."))) {
        return arena_copy_lower(arena, str_first(name, name.size - 1));
    }
    return arena_copy_lower(arena,
                            arena_printf(arena, "%.*s.%.*s", STR_ARG(name), STR_ARG(domain)));
}

struct zone *zone_add(struct zone **zones, struct str domain, struct arena *arena)
{
    struct zone *zone = arena_alloc(arena, sizeof(*zone));
    if (zone == NULL) {
        return NULL;
    }
    zone->domain = arena_copy_lower(arena, domain);
    while (*zones != NULL) {
        zones = &(*zones)->next;
    }
    *zones = zone;
    return zone;
}

static int64_t time_or(const struct syntax_value *value, int64_t otherwise)
{
    return value == NULL ? otherwise : value->low;
}

static void set_data(struct zone_record *record, struct syntax_value *const *values,
                     struct arena *arena, struct str domain)
{
    if (values[TARGET] != NULL) {
        record->target = full_name(arena, values[TARGET]->text, domain);
    }
    if (values[TEXT] != NULL) {
        record->target = values[TEXT]->text;
    }
    if (values[PREFERENCE] != NULL) {
        record->preference = (int)values[PREFERENCE]->low;
    }
    record->failure =
        values[FAILURE] == NULL ? ZONE_NO_FAILURE : (enum zone_failure)values[FAILURE]->low;
    if (values[TYPE] != NULL) {
        record->type = (enum zone_type)values[TYPE]->low;
    }
    record->ttl_s = (uint32_t)(time_or(values[TTL], ZONE_TTL_DEFAULT_S * SECOND_NS) / SECOND_NS);
    record->from_ns = time_or(values[FROM], INT64_MIN);
    record->until_ns = time_or(values[UNTIL], INT64_MAX);
}

/* The address of an A or AAAA record is of that family. */
static bool set_address(struct zone_record *record, const struct syntax_value *ip, int line,
                        struct syntax_problems *problems)
{
    enum sys_family family = record->type == ZONE_A ? SYS_FAMILY_IPV4 : SYS_FAMILY_IPV6;
    if (sys_address_parse(ip->text, 0, &record->address) != 0 || record->address.family != family) {
        syntax_problem(problems, line, ip->column, NULL, "expected an IPv%c address",
                       family == SYS_FAMILY_IPV4 ? '4' : '6');
        return false;
    }
    return true;
}

static bool check_numbers(const struct syntax_match *match, struct syntax_problems *problems)
{
    const struct syntax_value *preference = match->values[PREFERENCE];
    if (preference != NULL && preference->low > UINT16_MAX) {
        syntax_problem(problems, match->line->number, preference->column, NULL,
                       "expected a preference up to %d", UINT16_MAX);
        return false;
    }
    return true;
}

bool zone_add_record(struct zone *zone, const struct syntax_line *line, struct arena *arena,
                     struct syntax_problems *problems)
{
    struct syntax_match match;
    if (!syntax_match(&language, 1, line, arena, problems, &match) ||
        !check_numbers(&match, problems)) {
        return false;
    }
    struct zone_record *record = arena_alloc(arena, sizeof(*record));
    if (record == NULL) {
        syntax_problem(problems, line->number, 1, NULL, "the file is too long");
        return false;
    }
    record->owner = full_name(arena, match.values[NAME]->text, zone->domain);
    if (match.form != FORM_FAILURE) {
        record->type = types[match.form];
    }
    set_data(record, match.values, arena, zone->domain);
    if (match.values[IP] != NULL &&
        !set_address(record, match.values[IP], line->number, problems)) {
        return false;
    }
    struct zone_record **end = &zone->records;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = record;
    return true;
}

/* ---- looking up ---------------------------------------------------------------------------- */

static bool is_at_or_below(struct str name, struct str domain)
{
    if (!str_ends_with_fold(name, domain)) {
        return false;
    }
    return name.size == domain.size || name.data[name.size - domain.size - 1] == '.';
}

/* The zone with the longest domain that holds the name. */
static const struct zone *find_zone(const struct zone *zones, struct str name)
{
    const struct zone *best = NULL;
    for (const struct zone *zone = zones; zone != NULL; zone = zone->next) {
        if (is_at_or_below(name, zone->domain) &&
            (best == NULL || zone->domain.size > best->domain.size)) {
            best = zone;
        }
    }
    return best;
}

static bool fits(const struct zone_record *record, enum zone_type type)
{
    return record->type == type || record->type == ZONE_ANY || record->type == ZONE_CNAME;
}

static void take_record(const struct zone_record *record, enum zone_type type,
                        struct zone_answer *answer)
{
    if (!fits(record, type)) {
        return;
    }
    if (record->failure != ZONE_NO_FAILURE) {
        if (answer->failure == ZONE_NO_FAILURE &&
            (record->type == type || record->type == ZONE_ANY)) {
            answer->failure = record->failure;
        }
    } else if (answer->count < ZONE_ANSWERS_MAX) {
        answer->records[answer->count++] = record;
    }
}

void zone_find(const struct zone *zones, struct str name, enum zone_type type, int64_t now_ns,
               struct zone_answer *answer)
{
    *answer = (struct zone_answer){.failure = ZONE_NO_FAILURE};
    const struct zone *zone = find_zone(zones, name);
    if (zone == NULL) {
        return;
    }
    answer->in_zone = true;
    answer->name_exists = str_equal_fold(name, zone->domain);
    for (const struct zone_record *record = zone->records; record != NULL; record = record->next) {
        if (now_ns < record->from_ns || now_ns >= record->until_ns) {
            continue;
        }
        if (str_equal_fold(record->owner, name)) {
            answer->name_exists = true;
            take_record(record, type, answer);
        } else if (is_at_or_below(record->owner, name)) {
            answer->name_exists = true;
        }
    }
}
