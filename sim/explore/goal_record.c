// SPDX-License-Identifier: ISC
/* Goals that the record of a whole run shows. */
#include <stdio.h>

#include "base/assert.h"
#include "explore/goal.h"
#include "scenario/run_queue.h"

enum { KEYS_MAX = 1000 * 1000, KEY_BYTES = 600, PID_BYTES = 16 };

struct reading {
    struct goal_watch *watch;
    struct map bounces;   /* queue ids of messages of the null sender */
    struct map results;   /* "id recipient status": seen before */
    struct map suspended; /* domains that were dead */
    struct map failed;    /* process id as text -> entry: it could not connect then */
    struct map utf8;      /* "peer connection": SMTPUTF8 was asked for */
    struct map success;   /* the same of a notice of success */
};

static void reach(struct reading *r, enum goal goal, bool reached)
{
    r->watch->reached[goal] |= reached;
}

static bool says(const struct record_entry *e, const char *text)
{
    return str_find_str(e->mail.message, str_from(text)) >= 0;
}

/* True when the key was there before. */
static bool put(struct reading *r, struct map *map, struct str key)
{
    bool known = map_get(map, key) != NULL;
    int error = map_put(map, key, r);
    assert(error == 0);
    return known;
}

static struct str domain_of(struct str address)
{
    return str_skip(address, (size_t)(str_find_last(address, '@') + 1));
}

/* ---- texts --------------------------------------------------------------------------------- */

static const struct sign {
    enum goal goal;
    const char *text;
} signs[] = {
    {GOAL_process_limit_reached, "has reached its process limit"},
    {GOAL_alias_expanded, ", orig_to=<"},
    {GOAL_bounced_softly, "status=SOFTBOUNCE"},
    {GOAL_transport_throttled, "unknown mail transport error"},
    {GOAL_notice_of_delay, "sender delay notification"},
    {GOAL_notice_of_success, "sender delivery status notification"},
    {GOAL_notice_for_postmaster, ": postmaster "},
    {GOAL_notice_waited, "no notice could be sent"},
    {GOAL_double_bounce_dropped, "undeliverable postmaster notification discarded"},
    {GOAL_released, ": released from hold"},
    {GOAL_requeued, " orig_id="},
    {GOAL_force_expired, "status=force-expired"},
    {GOAL_name_dropped, ": kept once"},
    {GOAL_unfinished_dropped, "never finished and never acknowledged"},
    {GOAL_watchdog_timeout, "watchdog timeout"},
    {GOAL_put_aside, "moved to corrupt/"},
};

static void read_signs(struct reading *r, const struct record_entry *e)
{
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        reach(r, signs[i].goal, says(e, signs[i].text));
    }
}

/* ---- results ------------------------------------------------------------------------------- */

static struct str pid_of(const struct record_entry *e, char text[PID_BYTES])
{
    snprintf(text, PID_BYTES, "%d", e->mail.pid);
    return str_from(text);
}

/* The agent could not connect since it began with this delivery. */
static bool is_second_try(const struct reading *r, const struct record_entry *e)
{
    char pid[PID_BYTES];
    const struct record_entry *failed = map_get(&r->failed, pid_of(e, pid));
    return failed != NULL && failed->at_ns >= e->at_ns - e->mail.delivery_ns;
}

static void note_failed(struct reading *r, struct record_entry *e)
{
    char pid[PID_BYTES];
    int error = map_put(&r->failed, pid_of(e, pid), e);
    assert(error == 0);
}

/* The recipient of a notice with VERP: alice+bob=far.test@our.test. */
static bool has_verp(struct str recipient)
{
    return str_find(recipient, '=') >= 0;
}

static void read_sent(struct reading *r, const struct record_entry *e)
{
    bool is_local = str_equal(e->mail.program, STR("virtual"));
    reach(r, GOAL_delivered_here, is_local);
    reach(r, GOAL_delivered_elsewhere, !is_local);
    reach(r, GOAL_second_host_tried, is_second_try(r, e));
    reach(r, GOAL_destination_revived,
          map_get(&r->suspended, domain_of(e->mail.recipient)) != NULL);
}

static void read_deferred(struct reading *r, const struct record_entry *e)
{
    bool is_suspended = says(e, "delivery temporarily suspended");
    reach(r, GOAL_destination_suspended, is_suspended);
    reach(r, GOAL_resolver_failure, says(e, "Name service error"));
    if (is_suspended) {
        put(r, &r->suspended, domain_of(e->mail.recipient));
    }
}

static void read_result(struct reading *r, const struct record_entry *e)
{
    char key[KEY_BYTES];
    snprintf(key, sizeof(key), "%.*s %.*s %.*s", STR_ARG(e->mail.id), STR_ARG(e->mail.recipient),
             STR_ARG(e->mail.status));
    int64_t rate_delay_ns = r->watch->run->rules.rate_delay_ns;
    bool is_sent = str_equal(e->mail.status, STR("sent"));
    bool is_bounced = str_equal(e->mail.status, STR("bounced"));
    if (is_sent) {
        read_sent(r, e);
    } else if (is_bounced) {
        reach(r, GOAL_bounced, true);
        reach(r, GOAL_unknown_bounced, says(e, "(unknown user: "));
        reach(r, GOAL_smtputf8_not_offered, says(e, "SMTPUTF8 is required"));
        reach(r, GOAL_bounce_failed, map_get(&r->bounces, e->mail.id) != NULL);
    } else {
        read_deferred(r, e);
    }
    bool known = put(r, &r->results, str_from(key));
    reach(r, GOAL_delivered_again, known && is_sent && trouble_was(&r->watch->run->trouble));
    reach(r, GOAL_bounce_log_repeats, known && is_bounced);
    reach(r, GOAL_rate_delay, rate_delay_ns > 0 && e->mail.waited_ns >= rate_delay_ns);
    reach(r, GOAL_notice_with_verp, has_verp(e->mail.recipient));
}

/* ---- entries ------------------------------------------------------------------------------- */

static void read_mail(struct reading *r, struct record_entry *e)
{
    read_signs(r, e);
    if (e->mail.kind == MAIL_EVENT_ACTIVE && e->mail.sender.size == 0) {
        put(r, &r->bounces, e->mail.id);
    } else if (e->mail.kind == MAIL_EVENT_RESULT) {
        read_result(r, e);
    } else if (e->mail.kind == MAIL_EVENT_EXPIRED) {
        reach(r, GOAL_expired, true);
        reach(r, GOAL_bounce_failed, map_get(&r->bounces, e->mail.id) != NULL);
    } else if (e->mail.kind == MAIL_EVENT_REMOVED) {
        reach(r, GOAL_deleted, str_equal(e->mail.program, STR("postsuper")));
    } else if (e->mail.kind == MAIL_EVENT_CONNECT_FAILED) {
        note_failed(r, e);
    }
}

/* ---- what other hosts were asked for --------------------------------------------------------- */

static void read_report(struct reading *r, const struct record_entry *e)
{
    char text[KEY_BYTES];
    struct str command = record_text(e, PEER_REPORT_SLOT_TEXT);
    snprintf(text, sizeof(text), "%.*s %lld", STR_ARG(record_text(e, PEER_REPORT_SLOT_PEER)),
             (long long)record_number(e, PEER_REPORT_SLOT_NUMBER));
    struct str key = str_from(text);
    if (record_is_report(e, PEER_REPORT_KEEPS)) {
        reach(r, GOAL_relayed_with_smtputf8, map_get(&r->utf8, key) != NULL);
        reach(r, GOAL_success_left_to_host, map_get(&r->success, key) != NULL);
    } else if (record_is_report(e, PEER_REPORT_COMMAND) &&
               str_ends_with(command, STR(" SMTPUTF8"))) {
        put(r, &r->utf8, key);
    } else if (record_is_report(e, PEER_REPORT_COMMAND) &&
               str_find_str(command, STR(" NOTIFY=SUCCESS")) >= 0) {
        put(r, &r->success, key);
    }
}

/* ---- several messages ---------------------------------------------------------------------- */

/* When a message's deliveries began and ended, as positions in the record. */
struct span {
    int active;
    int first_result;
    int last_result;
};

static void note_span(struct map *spans, struct mem *mem, const struct record_entry *e,
                      int position)
{
    struct span *span = map_get(spans, e->mail.id);
    if (e->mail.kind == MAIL_EVENT_ACTIVE && span == NULL) {
        span = mem_alloc(mem, sizeof(*span));
        span->active = position;
        int error = map_put(spans, e->mail.id, span);
        assert(error == 0);
    } else if (e->mail.kind == MAIL_EVENT_RESULT && span != NULL) {
        span->first_result = span->first_result == 0 ? position : span->first_result;
        span->last_result = position;
    }
}

static bool is_overtaken(const struct span *early, const struct span *late)
{
    return early->first_result > 0 && early->first_result < late->active && late->last_result > 0 &&
           late->last_result < early->last_result;
}

static void read_spans(struct reading *r)
{
    struct run *run = r->watch->run;
    struct map spans;
    map_init(&spans, run->mem, KEYS_MAX);
    int position = 1;
    for (const struct record_entry *e = run->record.first; e != NULL; e = e->next, position++) {
        if (e->kind == RECORD_MAIL) {
            note_span(&spans, run->mem, e, position);
        }
    }
    for (struct map_entry *a = map_next(&spans, NULL); a != NULL; a = map_next(&spans, a)) {
        for (struct map_entry *b = map_next(&spans, a); b != NULL; b = map_next(&spans, b)) {
            reach(r, GOAL_overtaken, is_overtaken(a->value, b->value));
        }
    }
    struct map_entry *entry;
    while ((entry = map_next(&spans, NULL)) != NULL) {
        mem_free(run->mem, map_remove(&spans, entry->key));
    }
    map_done(&spans);
}

/* ---- what came of it ----------------------------------------------------------------------- */

static void read_submission(struct reading *r, const struct ledger_submission *s, int copy)
{
    const struct run *run = r->watch->run;
    struct str label = s->message.label;
    const struct record_message *message = record_message(&r->watch->run->record, label, copy);
    reach(r, GOAL_refused_while_down, message->lost != NULL);
    reach(r, GOAL_mail_put_aside, run_queue_is_put_aside(run, message->id));
    reach(r, GOAL_refused_for_room,
          message->refused != NULL &&
              str_starts_with(record_text(message->refused, PEER_REPORT_SLOT_TEXT), STR("452")));
    for (const struct ledger_recipient *to = s->recipients; to != NULL; to = to->next) {
        int copies = copies_count(&run->copies, label, copy, to->address);
        reach(r, GOAL_unknown_refused, to->is_unknown && ledger_was_refused(message, to->given));
        reach(r, GOAL_lost_final_reply, copies > 1 && !trouble_was(&run->trouble));
    }
}

static void read_submissions(struct reading *r)
{
    for (const struct ledger_submission *s = r->watch->run->submissions; s != NULL; s = s->next) {
        for (int copy = 1; copy <= s->message.copy; copy++) {
            read_submission(r, s, copy);
        }
    }
}

static void read_accepted(struct reading *r)
{
    static const enum goal accepted[] = {GOAL_accepted_by_smtp, GOAL_accepted_by_qmqp,
                                         GOAL_accepted_by_sendmail};
    const struct run *run = r->watch->run;
    for (const struct scenario_statement *a = run->scenario->actions; a != NULL; a = a->next) {
        if (a->form == SCENARIO_FORM_SUBMIT &&
            record_message(&r->watch->run->record, scenario_text(a, SCENARIO_SLOT_MESSAGE), 1)
                    ->accepted != NULL) {
            reach(r, accepted[scenario_number(a, SCENARIO_SLOT_PROTOCOL, 0)], true);
        }
    }
}

static void read_copies(struct reading *r)
{
    for (const struct copy *copy = r->watch->run->copies.first; copy != NULL; copy = copy->next) {
        reach(r, GOAL_notice_in_utf8,
              copy->is_dsn && str_find_str(copy->content, STR("message/global-delivery")) >= 0);
    }
}

void goal_record_read(struct goal_watch *watch)
{
    struct reading reading = {.watch = watch};
    map_init(&reading.bounces, watch->run->mem, KEYS_MAX);
    map_init(&reading.results, watch->run->mem, KEYS_MAX);
    map_init(&reading.suspended, watch->run->mem, KEYS_MAX);
    map_init(&reading.failed, watch->run->mem, KEYS_MAX);
    map_init(&reading.utf8, watch->run->mem, KEYS_MAX);
    map_init(&reading.success, watch->run->mem, KEYS_MAX);
    for (struct record_entry *e = watch->run->record.first; e != NULL; e = e->next) {
        if (e->kind == RECORD_MAIL) {
            read_mail(&reading, e);
        } else if (e->kind == RECORD_REPORT) {
            read_report(&reading, e);
        }
    }
    read_spans(&reading);
    read_submissions(&reading);
    read_accepted(&reading);
    read_copies(&reading);
    map_done(&reading.bounces);
    map_done(&reading.results);
    map_done(&reading.suspended);
    map_done(&reading.failed);
    map_done(&reading.utf8);
    map_done(&reading.success);
}
