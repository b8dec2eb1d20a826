// SPDX-License-Identifier: ISC
/* Goals that the record of a whole run shows. */
#include <stdio.h>

#include "base/assert.h"
#include "explore/goal.h"

enum { KEYS_MAX = 1000 * 1000, KEY_BYTES = 600 };

struct reading {
    struct goal_watch *watch;
    struct map bounces;   /* queue ids of messages of the null sender */
    struct map results;   /* "id recipient status": seen before */
    struct map suspended; /* domains that were dead */
    int failed_pid;       /* of the agent that could not connect just now */
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

/* ---- results ------------------------------------------------------------------------------- */

static void read_sent(struct reading *r, const struct record_entry *e)
{
    bool is_local = str_equal(e->mail.program, STR("virtual"));
    reach(r, GOAL_delivered_here, is_local);
    reach(r, GOAL_delivered_elsewhere, !is_local);
    reach(r, GOAL_second_host_tried, r->failed_pid == e->mail.pid);
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
    bool is_sent = str_equal(e->mail.status, STR("sent"));
    bool is_bounced = str_equal(e->mail.status, STR("bounced"));
    if (is_sent) {
        read_sent(r, e);
    } else if (is_bounced) {
        reach(r, GOAL_bounced, true);
        reach(r, GOAL_bounce_failed, map_get(&r->bounces, e->mail.id) != NULL);
    } else {
        read_deferred(r, e);
    }
    bool known = put(r, &r->results, str_from(key));
    reach(r, GOAL_delivered_again, known && is_sent && r->watch->run->excused);
    reach(r, GOAL_bounce_log_repeats, known && is_bounced);
    r->failed_pid = 0;
}

/* ---- entries ------------------------------------------------------------------------------- */

static void read_mail(struct reading *r, const struct record_entry *e)
{
    reach(r, GOAL_process_limit_reached, says(e, "has reached its process limit"));
    reach(r, GOAL_unfinished_dropped, says(e, "never finished and never acknowledged"));
    if (e->mail.kind == MAIL_EVENT_ACTIVE && e->mail.sender.size == 0) {
        put(r, &r->bounces, e->mail.id);
    } else if (e->mail.kind == MAIL_EVENT_RESULT) {
        read_result(r, e);
    } else if (e->mail.kind == MAIL_EVENT_EXPIRED) {
        reach(r, GOAL_expired, true);
        reach(r, GOAL_bounce_failed, map_get(&r->bounces, e->mail.id) != NULL);
    } else if (e->mail.kind == MAIL_EVENT_NOTICE) {
        reach(r, GOAL_notice_for_postmaster, str_starts_with(e->mail.text, STR("postmaster ")));
    } else if (e->mail.kind == MAIL_EVENT_CONNECT_FAILED) {
        r->failed_pid = e->mail.pid;
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
    for (const struct ledger_recipient *to = s->recipients; to != NULL; to = to->next) {
        int copies = copies_count(&run->copies, label, copy, to->address);
        reach(r, GOAL_lost_final_reply, copies > 1 && !run->excused);
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
    const struct run *run = r->watch->run;
    for (const struct scenario_statement *a = run->scenario->actions; a != NULL; a = a->next) {
        if (a->form == SCENARIO_FORM_SUBMIT &&
            record_message(&r->watch->run->record, scenario_text(a, SCENARIO_SLOT_MESSAGE), 1)
                    ->accepted != NULL) {
            bool is_qmqp = scenario_number(a, SCENARIO_SLOT_PROTOCOL, 0) != 0;
            reach(r, is_qmqp ? GOAL_accepted_by_qmqp : GOAL_accepted_by_smtp, true);
        }
    }
}

void goal_record_read(struct goal_watch *watch)
{
    struct reading reading = {.watch = watch};
    map_init(&reading.bounces, watch->run->mem, KEYS_MAX);
    map_init(&reading.results, watch->run->mem, KEYS_MAX);
    map_init(&reading.suspended, watch->run->mem, KEYS_MAX);
    for (const struct record_entry *e = watch->run->record.first; e != NULL; e = e->next) {
        if (e->kind == RECORD_MAIL) {
            read_mail(&reading, e);
        }
    }
    read_spans(&reading);
    read_submissions(&reading);
    read_accepted(&reading);
    map_done(&reading.bounces);
    map_done(&reading.results);
    map_done(&reading.suspended);
}
