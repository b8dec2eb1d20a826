// SPDX-License-Identifier: ISC
#include "check/outcomes.h"

#include "base/assert.h"

enum { ADDRESSES_MAX = 1000 * 1000 };

static struct outcome *outcome_of(struct outcomes *outcomes, struct str recipient)
{
    struct str key = arena_copy_lower(outcomes->arena, recipient);
    struct outcome *outcome = map_get(&outcomes->by_address, key);
    if (outcome == NULL) {
        outcome = arena_alloc(outcomes->arena, sizeof(*outcome));
        assert(outcome != NULL);
        int error = map_put(&outcomes->by_address, key, outcome);
        assert(error == 0);
    }
    return outcome;
}

static void add_result(struct outcome *outcome, const struct record_entry *entry)
{
    outcome->last = entry;
    outcome->deferred = mail_event_is_deferred(&entry->mail);
    outcome->sent |= str_equal(entry->mail.status, STR("sent"));
    outcome->bounced |= str_equal(entry->mail.status, STR("bounced"));
}

/* Of an address that was rewritten both names stand in the log. */
static void add_results(struct outcomes *outcomes, const struct record_entry *entry)
{
    struct outcome *outcome = outcome_of(outcomes, entry->mail.recipient);
    add_result(outcome, entry);
    if (entry->mail.original_recipient.data != NULL) {
        add_result(outcome_of(outcomes, entry->mail.original_recipient), entry);
    }
}

/* All are marked: somebody ended between the marks and the removal. */
static bool has_no_recipient(const struct record_entry *active)
{
    return str_find_str(active->mail.message, STR(" nrcpt=0 ")) >= 0;
}

static void add_event(struct outcome *outcome, const struct record_entry *entry)
{
    if (record_is_mail(entry, MAIL_EVENT_EXPIRED)) {
        outcome->is_returning |= outcome->deferred;
    } else if (record_is_mail(entry, MAIL_EVENT_ACTIVE)) {
        outcome->bounced |= outcome->is_returning && has_no_recipient(entry);
        outcome->is_returning = false;
    } else {
        outcome->bounced |= outcome->is_returning;
    }
}

static bool is_about_all(const struct record_entry *entry)
{
    return record_is_mail(entry, MAIL_EVENT_EXPIRED) || record_is_mail(entry, MAIL_EVENT_ACTIVE) ||
           record_is_mail(entry, MAIL_EVENT_NOTICE) || record_is_mail(entry, MAIL_EVENT_REMOVED);
}

static void add_to_all(struct outcomes *outcomes, const struct record_entry *entry)
{
    for (struct map_entry *one = map_next(&outcomes->by_address, NULL); one != NULL;
         one = map_next(&outcomes->by_address, one)) {
        add_event(one->value, entry);
    }
}

static void add(struct outcomes *outcomes, const struct record_entry *entry)
{
    if (record_is_mail(entry, MAIL_EVENT_RESULT)) {
        add_results(outcomes, entry);
    } else if (record_is_report(entry, PEER_REPORT_RECIPIENT_REFUSED)) {
        outcome_of(outcomes, record_text(entry, PEER_REPORT_SLOT_RECIPIENT))->refused = true;
    } else if (is_about_all(entry)) {
        add_to_all(outcomes, entry);
    }
}

static void end(struct outcomes *outcomes)
{
    for (struct map_entry *one = map_next(&outcomes->by_address, NULL); one != NULL;
         one = map_next(&outcomes->by_address, one)) {
        struct outcome *outcome = one->value;
        outcome->bounced |= outcome->is_returning;
    }
}

void outcomes_init(struct outcomes *outcomes, struct arena *arena,
                   const struct record_message *message)
{
    *outcomes = (struct outcomes){.arena = arena};
    map_init(&outcomes->by_address, arena->mem, ADDRESSES_MAX);
    for (const struct record_entry *e = message->first; e != NULL; e = e->next_of_message) {
        add(outcomes, e);
    }
    end(outcomes);
}

void outcomes_done(struct outcomes *outcomes)
{
    map_done(&outcomes->by_address);
}

const struct outcome *outcomes_find(const struct outcomes *outcomes, struct str recipient)
{
    static const struct outcome nothing = {.last = NULL};
    struct str key = arena_copy_lower(outcomes->arena, recipient);
    const struct outcome *outcome = map_get(&outcomes->by_address, key);
    return outcome == NULL ? &nothing : outcome;
}
