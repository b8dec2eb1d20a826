// SPDX-License-Identifier: ISC
#include "scenario/run_attempt.h"

#include "base/assert.h"

static bool has_label(const struct run *run, const struct record_entry *entry, struct str label)
{
    const struct record_message *message = record_message_of(&run->record, entry->mail.id);
    return message != NULL && str_equal(message->label, label);
}

/* The last attempt at the queue file of the entry, if its round has not ended. */
static struct run_attempt *find_open(struct run_attempts *attempts,
                                     const struct record_entry *entry)
{
    for (int i = attempts->count - 1; i >= 0; i--) {
        if (str_equal(attempts->list[i].active->mail.id, entry->mail.id)) {
            return &attempts->list[i];
        }
    }
    return NULL;
}

static void note_result(struct run_attempts *attempts, const struct record_entry *result)
{
    struct run_attempt *attempt = find_open(attempts, result);
    if (attempt == NULL) {
        return;
    }
    if (attempt->last == NULL) {
        int64_t began_ns = result->at_ns - result->mail.delivery_ns;
        attempt->at_ns = began_ns > attempt->at_ns ? began_ns : attempt->at_ns;
    }
    attempt->last = result;
}

static void drop_rounds_without_result(struct run_attempts *attempts)
{
    int count = 0;
    for (int i = 0; i < attempts->count; i++) {
        if (attempts->list[i].last != NULL) {
            attempts->list[count++] = attempts->list[i];
        }
    }
    attempts->count = count;
}

void run_attempts_find(struct run *run, struct str label, struct run_attempts *attempts)
{
    attempts->count = 0;
    attempts->list = arena_alloc(&run->arena, RUN_ATTEMPTS_MAX * sizeof(attempts->list[0]));
    assert(attempts->list != NULL);
    for (const struct record_entry *r = run->record.first; r != NULL; r = r->next) {
        if (r->kind != RECORD_MAIL || !has_label(run, r, label)) {
            continue;
        }
        if (r->mail.kind == MAIL_EVENT_ACTIVE && attempts->count < RUN_ATTEMPTS_MAX) {
            attempts->list[attempts->count++] = (struct run_attempt){r->at_ns, r, NULL};
        } else if (r->mail.kind == MAIL_EVENT_RESULT) {
            note_result(attempts, r);
        }
    }
    drop_rounds_without_result(attempts);
}

static bool mentions(const struct record_entry *entry, struct str ip, struct str text)
{
    struct str line = entry->mail.message;
    return (ip.size == 0 || mail_event_names_ip(line, ip)) && str_find_str(line, text) >= 0;
}

/* A failed connection is logged by the process that logs the result, before it. */
static bool is_of_attempt(const struct run_attempt *attempt, const struct record_entry *entry)
{
    if (record_is_mail(entry, MAIL_EVENT_CONNECT_FAILED)) {
        return entry->mail.pid == attempt->last->mail.pid;
    }
    return record_is_mail(entry, MAIL_EVENT_RESULT) &&
           str_equal(entry->mail.id, attempt->active->mail.id);
}

bool run_attempt_mentions(const struct run_attempt *attempt, struct str ip, struct str text)
{
    for (const struct record_entry *r = attempt->active; r != attempt->last->next; r = r->next) {
        if (is_of_attempt(attempt, r) && mentions(r, ip, text)) {
            return true;
        }
    }
    return false;
}
