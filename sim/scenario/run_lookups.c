// SPDX-License-Identifier: ISC
#include "scenario/run_lookups.h"

#include "scenario/run_health.h"

static const int64_t lookup_ns =
    125 * INT64_C(1000000000); /* what an attempt takes at most for it */

/* The name of which a result says that it could not be found. */
static bool names_unknown(const struct record_entry *entry, struct str *name)
{
    static const struct str before = STR_INIT("Name service error for name=");
    ptrdiff_t at = str_find_str(entry->mail.text, before);
    if (!record_is_mail(entry, MAIL_EVENT_RESULT) ||
        !str_equal(entry->mail.status, STR("bounced")) || at < 0) {
        return false;
    }
    struct str rest = str_skip(entry->mail.text, (size_t)at + before.size);
    return str_next(&rest, ' ', name);
}

static bool is_failing(const struct zone *zones, struct str name, int64_t at_ns)
{
    struct zone_answer answer;
    zone_find(zones, name, ZONE_MX, at_ns, &answer);
    return answer.failure == ZONE_SERVFAIL || answer.failure == ZONE_REFUSED ||
           answer.failure == ZONE_TIMEOUT;
}

void run_lookups_check(struct run *run)
{
    struct run_health health;
    struct str name;
    run_health_init(&health, run);
    for (const struct record_entry *e = run->record.first; e != NULL; e = e->next) {
        if (names_unknown(e, &name) && is_failing(health.zones, name, e->at_ns) &&
            is_failing(health.zones, name, e->at_ns - lookup_ns)) {
            failure_add(&run->failures,
                        "lookups: <%.*s> bounced because of %.*s, about which the name server "
                        "could say nothing",
                        STR_ARG(e->mail.recipient), STR_ARG(name));
        }
    }
}
