// SPDX-License-Identifier: ISC
#include "scenario/run_recovery.h"

#include "scenario/run_health.h"
#include "scenario/run_queue.h"

#define SECOND_NS INT64_C(1000000000)

enum {
    START_S = 120,  /* a daemon that was killed, and was throttled for it, is back */
    NOTICES_MAX = 2 /* about a message, one behind the other: to its sender, to the postmaster */
};

struct recovery {
    struct run *run;
    const struct scenario_statement *expectation;
    struct run_health health;
    int64_t retry_ns; /* until the next attempt at anything, and its end */
};

/* ---- bounds -------------------------------------------------------------------------------- */

/* The longest that one attempt can hold up a process: every host is slow at everything. */
static int64_t attempt_ns(const struct rules *rules)
{
    int64_t addresses = rules->addresses_max > 0 ? rules->addresses_max : ZONE_ANSWERS_MAX;
    int64_t sessions = rules->sessions_max > 0 ? rules->sessions_max : addresses;
    int64_t session_ns = 2 * rules->helo_ns + rules->mail_ns + rules->rcpt_ns +
                         rules->data_init_ns + rules->data_xfer_ns + rules->data_done_ns +
                         rules->quit_ns;
    return addresses * rules->connect_ns + sessions * session_ns;
}

/* Recipients of all messages, and those whose hosts are broken: these may come first everywhere. */
struct load {
    int64_t recipients;
    int64_t broken;
};

static void find_load(const struct recovery *r, struct load *load)
{
    *load = (struct load){.recipients = 0};
    for (const struct ledger_submission *s = r->run->submissions; s != NULL; s = s->next) {
        for (const struct ledger_recipient *to = s->recipients; to != NULL; to = to->next) {
            bool healthy = run_health_of_recipient(&r->health, s, to->address);
            load->recipients += s->message.copy;
            load->broken += healthy ? 0 : s->message.copy;
        }
    }
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void find_bounds(struct recovery *r)
{
    struct load load;
    const struct rules *rules = &r->run->rules;
    int64_t places = smaller(rules->processes_max > 0 ? rules->processes_max : INT32_MAX,
                             rules->active_max > 0 ? rules->active_max : INT32_MAX);
    find_load(r, &load);
    int64_t backoff_ns = rules->maximal_backoff_ns + rules->minimal_backoff_ns;
    r->retry_ns = backoff_ns + backoff_ns / 100 * rules->jitter_percent + rules->run_delay_ns +
                  START_S * SECOND_NS + rules->transport_retry_ns +
                  (1 + load.broken / places) * attempt_ns(rules) +
                  load.recipients * (rules->rate_delay_ns + rules->transport_rate_delay_ns);
}

/* ---- recipients ---------------------------------------------------------------------------- */

static bool is_result_for(const struct record_entry *e, struct str recipient)
{
    return record_is_mail(e, MAIL_EVENT_RESULT) && str_equal_fold(e->mail.recipient, recipient);
}

/* When the recipient was done with; INT64_MAX: never. */
static int64_t final_ns(const struct record_message *message, struct str recipient)
{
    int64_t at_ns = INT64_MAX;
    bool deferred = false;
    for (const struct record_entry *e = message->first; e != NULL; e = e->next_of_message) {
        if (is_result_for(e, recipient)) {
            deferred = mail_event_is_deferred(&e->mail);
            at_ns = deferred ? INT64_MAX : e->at_ns;
        } else if (deferred && record_is_mail(e, MAIL_EVENT_EXPIRED)) {
            at_ns = e->at_ns;
        }
    }
    return at_ns;
}

static void judge_recipient(const struct recovery *r, const struct record_message *message,
                            struct str recipient)
{
    int64_t begin_ns = r->health.changes_end_ns;
    if (message->accepted->at_ns > begin_ns) {
        begin_ns = message->accepted->at_ns;
    }
    int64_t due_ns =
        begin_ns + r->health.patience_ns + (1 + r->health.patience_rules) * r->retry_ns;
    int64_t done_ns = final_ns(message, recipient);
    if (done_ns > due_ns && r->run->end_ns > due_ns) {
        run_fail(r->run, r->expectation,
                 "seen: %.*s copy %d to <%.*s> could be delivered from %llds on, was due at %llds, "
                 "and was %s",
                 STR_ARG(message->label), message->copy, STR_ARG(recipient),
                 (long long)(begin_ns / SECOND_NS), (long long)(due_ns / SECOND_NS),
                 done_ns == INT64_MAX ? "never final" : "final much later");
    }
}

static void judge_submission(const struct recovery *r, const struct ledger_submission *submission)
{
    for (int copy = 1; copy <= submission->message.copy; copy++) {
        const struct record_message *message =
            record_message(&r->run->record, submission->message.label, copy);
        for (const struct ledger_recipient *to = submission->recipients; to != NULL;
             to = to->next) {
            if (message->accepted != NULL && !ledger_was_deleted(message) &&
                !run_queue_is_put_aside(r->run, message->id) &&
                !ledger_was_refused(message, to->given) &&
                run_health_of_recipient(&r->health, submission, to->address)) {
                judge_recipient(r, message, to->address);
            }
        }
    }
}

/* ---- the queue ----------------------------------------------------------------------------- */

static int64_t last_accepted_ns(const struct run *run)
{
    int64_t last_ns = 0;
    for (const struct record_message *m = run->record.messages; m != NULL; m = m->next) {
        if (m->accepted != NULL && m->accepted->at_ns > last_ns) {
            last_ns = m->accepted->at_ns;
        }
    }
    return last_ns;
}

/* Everything expires in its time, and so do the notices about it. A file that nobody has told the queue
 * manager of is found when it looks through deferred/. */
static void judge_queue(const struct recovery *r)
{
    const struct run *run = r->run;
    int64_t last_ns = last_accepted_ns(run);
    int64_t begin_ns = r->health.changes_end_ns > last_ns ? r->health.changes_end_ns : last_ns;
    int64_t life_ns = run->rules.lifetime_ns > run->rules.bounce_lifetime_ns
                          ? run->rules.lifetime_ns
                          : run->rules.bounce_lifetime_ns;
    int64_t due_ns =
        begin_ns + (1 + NOTICES_MAX) * (life_ns + r->retry_ns) + run->rules.deferred_recheck_ns;
    int count = run_queue_mail_count(&run->end_queues);
    if (count > 0) {
        run_fail(r->run, r->expectation, "seen: %d messages in the queue for ever", count);
    } else if (run->end_ns > due_ns) {
        run_fail(r->run, r->expectation, "seen: the queue was empty at %llds, due at %llds",
                 (long long)(run->end_ns / SECOND_NS), (long long)(due_ns / SECOND_NS));
    }
}

/* Nobody answers in no time. */
static bool is_patient(const struct rules *rules)
{
    const int64_t waits_ns[] = {rules->connect_ns,  rules->helo_ns,      rules->mail_ns,
                                rules->rcpt_ns,     rules->data_init_ns, rules->data_xfer_ns,
                                rules->data_done_ns};
    for (size_t i = 0; i < sizeof(waits_ns) / sizeof(waits_ns[0]); i++) {
        if (waits_ns[i] < SECOND_NS) {
            return false;
        }
    }
    return true;
}

void run_recovery_judge(struct run *run, const struct scenario_statement *expectation)
{
    struct recovery recovery = {.run = run, .expectation = expectation};
    run_health_init(&recovery.health, run);
    if (!run_health_of_mta(&recovery.health) || !is_patient(&run->rules)) {
        return; /* nothing can be demanded of a mail system that is down, or never waits */
    }
    find_bounds(&recovery);
    for (const struct ledger_submission *s = run->submissions; s != NULL; s = s->next) {
        judge_submission(&recovery, s);
    }
    judge_queue(&recovery);
}
