// SPDX-License-Identifier: ISC
#include "check/ledger.h"

#include "check/dsn.h"
#include "check/outcomes.h"
#include "proto/header.h"

enum { MESSAGE_MAX = 128 << 20 };

/* ---- what was accepted --------------------------------------------------------------------- */

bool ledger_was_refused(const struct record_message *message, struct str recipient)
{
    for (const struct record_entry *e = message->first; e != NULL; e = e->next_of_message) {
        if (record_is_report(e, PEER_REPORT_RECIPIENT_REFUSED) &&
            str_equal_fold(record_text(e, PEER_REPORT_SLOT_RECIPIENT), recipient)) {
            return true;
        }
    }
    return false;
}

/* 5yz of SMTP, D of QMQP. */
static bool is_permanent(struct str reply)
{
    return str_starts_with(reply, STR("5")) || str_starts_with(reply, STR("D"));
}

/* A recipient that does not exist was refused; the message too, when it had no other. */
static bool is_about_unknown(const struct ledger_submission *submission, struct str reply)
{
    bool has_unknown = false;
    for (const struct ledger_recipient *r = submission->recipients; r != NULL; r = r->next) {
        has_unknown |= r->is_unknown && str_find_str(reply, r->given) >= 0;
    }
    return has_unknown && str_starts_with(reply, STR("550 5.1.1 "));
}

static void check_refusal(const struct ledger *ledger, const struct ledger_submission *submission,
                          const struct record_message *message)
{
    for (const struct record_entry *e = ledger->record->first; e != NULL; e = e->next) {
        bool refuses =
            e == message->refused || (record_is_report(e, PEER_REPORT_RECIPIENT_REFUSED) &&
                                      record_message_of_entry(ledger->record, e) == message);
        struct str reply = refuses ? record_text(e, PEER_REPORT_SLOT_TEXT) : STR("");
        if (is_permanent(reply) && !is_about_unknown(submission, reply)) {
            failure_add(ledger->failures,
                        "refused for now: %.*s copy %d was refused for good, although what went "
                        "wrong is temporary: %.*s",
                        STR_ARG(message->label), message->copy, STR_ARG(reply));
        }
    }
}

static bool came_by_sendmail(const struct record_message *message)
{
    return message->accepted != NULL &&
           str_starts_with(record_text(message->accepted, PEER_REPORT_SLOT_TEXT),
                           STR("exit status"));
}

/* Before a queue manager had it, what cleanup made of a file in maildrop/ may be gone again. */
static bool may_wait_in_maildrop(const struct record_message *message)
{
    bool was_active = false;
    for (const struct record_entry *e = message->first; e != NULL; e = e->next_of_message) {
        was_active |= record_is_mail(e, MAIL_EVENT_ACTIVE);
    }
    return !was_active && (message->id.size == 0 || came_by_sendmail(message));
}

static bool is_queued(const struct ledger *ledger, const struct record_message *message)
{
    for (const struct map_entry *id = map_next(&ledger->record->ids, NULL); id != NULL;
         id = map_next(&ledger->record->ids, id)) {
        if (id->value == message && ledger->is_queued(ledger->argument, id->key)) {
            return true;
        }
    }
    return may_wait_in_maildrop(message) && ledger->is_queued(ledger->argument, STR(""));
}

bool ledger_was_deleted(const struct record_message *message)
{
    for (const struct record_entry *e = message->first; e != NULL; e = e->next_of_message) {
        if (record_is_mail(e, MAIL_EVENT_REMOVED) && str_equal(e->mail.program, STR("postsuper"))) {
            return true;
        }
    }
    return false;
}

/* Mail to the double-bounce address, by the rule that there is never a third notice. */
static bool was_discarded(const struct outcome *outcome)
{
    return outcome->sent && str_equal(outcome->last->mail.program, STR("qmgr")) &&
           str_find_str(outcome->last->mail.text,
                        STR("undeliverable postmaster notification discarded")) >= 0;
}

/* An agent could not record what became of a recipient, and the log says so. */
static bool is_record_missing(const struct record_message *message)
{
    for (const struct record_entry *e = message->first; e != NULL; e = e->next_of_message) {
        if (record_is_mail(e, MAIL_EVENT_WARNING) &&
            (str_equal(e->mail.text, STR("trace service failure")) ||
             str_equal(e->mail.text, STR("defer service failure")))) {
            return true;
        }
    }
    return false;
}

/* What is too much needs its windows. */
static void check_outcome(const struct ledger *ledger, const struct record_message *message,
                          const struct ledger_recipient *recipient, int copies, bool bounced)
{
    int surplus = copies - recipient->copy_count + (bounced ? 1 : 0);
    if (surplus <= 0 || copies < recipient->copy_count ||
        surplus <= windows_count(ledger->windows, ledger->copies, message, recipient->address,
                                 recipient->copy_count)) {
        return;
    }
    if (copies > recipient->copy_count) {
        failure_add(ledger->failures,
                    "one final outcome: %.*s copy %d to <%.*s> was delivered %d times, and the "
                    "scenario names no excuse",
                    STR_ARG(message->label), message->copy, STR_ARG(recipient->address), copies);
    }
    if (bounced) {
        failure_add(ledger->failures,
                    "one final outcome: %.*s copy %d to <%.*s> was delivered and bounced",
                    STR_ARG(message->label), message->copy, STR_ARG(recipient->address));
    }
}

/* Its client comes again, so that even one copy is too much. */
static void check_refused(const struct ledger *ledger, const struct record_message *message,
                          const struct ledger_recipient *recipient, int copies)
{
    if (copies > 0 && !windows_excuse_refused(ledger->windows, message)) {
        failure_add(ledger->failures,
                    "refused is refused: the client was told that %.*s copy %d is not taken, "
                    "but <%.*s> has it",
                    STR_ARG(message->label), message->copy, STR_ARG(recipient->address));
    }
}

/* A message, or one of its copies, of which every recipient is looked at. */
struct judged {
    const struct ledger_submission *submission;
    const struct record_message *message;
    struct outcomes outcomes;
    bool is_queued;
    bool was_deleted;
    bool is_record_missing;
};

/* Of an address that is meant twice a notice does not say which one it is about; and what was asked
 * for, or what became of it, may have been spoilt. */
static void check_notices(const struct ledger *ledger, const struct judged *judged,
                          const struct ledger_recipient *recipient, const struct outcome *outcome)
{
    if (recipient->copy_count > 1 || judged->message->is_damaged ||
        judged->message->has_damaged_records) {
        return;
    }
    const struct notices_case notices_case = {
        .message = judged->message,
        .recipient = recipient->address,
        .given = recipient->given,
        .notify = recipient->notify,
        .may_duplicate = recipient->may_duplicate,
        .to_sender = judged->submission->message.sender.size > 0,
        .sent = outcome->sent,
        .bounced = outcome->bounced,
        .unsettled = judged->is_queued || judged->was_deleted,
        .records_may_fail = judged->is_record_missing,
    };
    notices_check(ledger->notices, &notices_case);
}

static void check_recipient(const struct ledger *ledger, const struct judged *judged,
                            const struct ledger_recipient *recipient)
{
    const struct record_message *message = judged->message;
    const struct outcome *outcome = outcomes_find(&judged->outcomes, recipient->address);
    int copies = copies_count(ledger->copies, message->label, message->copy, recipient->address);
    if (message->accepted != NULL && copies == 0 && !outcome->bounced && !judged->is_queued &&
        !was_discarded(outcome) && !judged->was_deleted) {
        failure_add(ledger->failures,
                    "never lost: %.*s copy %d to <%.*s> was accepted, but nobody has it, no notice "
                    "was sent and it is not in the queue%s",
                    STR_ARG(message->label), message->copy, STR_ARG(recipient->address),
                    outcome->sent ? " (the log says: sent)" : "");
    }
    check_notices(ledger, judged, recipient, outcome);
    if (message->refused != NULL) {
        check_refused(ledger, message, recipient, copies);
    }
    if (!recipient->may_duplicate) {
        check_outcome(ledger, message, recipient, copies, outcome->bounced);
    }
}

static void check_message(const struct ledger *ledger, const struct ledger_submission *submission,
                          const struct record_message *message)
{
    struct judged judged = {
        .submission = submission,
        .message = message,
        .is_queued = is_queued(ledger, message),
        .was_deleted = ledger_was_deleted(message),
        .is_record_missing = ledger->calls_failed && is_record_missing(message),
    };
    outcomes_init(&judged.outcomes, &ledger->record->arena, message);
    for (const struct ledger_recipient *r = submission->recipients; r != NULL; r = r->next) {
        if (!outcomes_find(&judged.outcomes, r->given)->refused) {
            check_recipient(ledger, &judged, r);
        }
    }
    outcomes_done(&judged.outcomes);
}

static void check_submission(const struct ledger *ledger,
                             const struct ledger_submission *submission)
{
    for (int copy = 1; copy <= submission->message.copy; copy++) {
        const struct record_message *message =
            record_message(ledger->record, submission->message.label, copy);
        if (ledger->calls_failed && !submission->may_be_refused) {
            check_refusal(ledger, submission, message);
        }
        check_message(ledger, submission, message);
    }
}

/* ---- contents ------------------------------------------------------------------------------ */

static bool may_be_added(struct str field)
{
    static const struct str added[] = {
        STR_INIT("Received:"),      STR_INIT("Return-Path:"), STR_INIT("Delivered-To:"),
        STR_INIT("X-Original-To:"), STR_INIT("Message-Id:"),  STR_INIT("Date:"),
    };
    for (size_t i = 0; i < sizeof(added) / sizeof(added[0]); i++) {
        if (str_starts_with_fold(field, added[i])) {
            return true;
        }
    }
    return false;
}

/* Every original field is there, in order; between them only fields that may be added. */
static bool header_is_whole(struct str received, struct str original)
{
    struct str wanted;
    struct str field;
    bool more = header_next(&original, &wanted);
    while (header_next(&received, &field)) {
        if (more && str_equal(field, wanted)) {
            more = header_next(&original, &wanted);
        } else if (!may_be_added(field)) {
            return false;
        }
    }
    return !more;
}

static const struct ledger_submission *find_submission(const struct ledger *ledger,
                                                       struct str label)
{
    const struct ledger_submission *submission = ledger->submissions;
    while (submission != NULL && !str_equal(submission->message.label, label)) {
        submission = submission->next;
    }
    return submission;
}

static struct str without_cr(struct buf *text)
{
    size_t size = 0;
    for (size_t i = 0; i < text->size; i++) {
        if (text->data[i] != '\r') {
            text->data[size++] = text->data[i];
        }
    }
    return str_of(text->data, size);
}

static void check_content(const struct ledger *ledger, const struct copy *copy)
{
    const struct ledger_submission *submission = find_submission(ledger, copy->label);
    if (submission == NULL) {
        return;
    }
    struct peer_message message = submission->message;
    struct buf original;
    message.copy = copy->number;
    buf_init(&original, ledger->record->mem, MESSAGE_MAX);
    peer_message_write(&message, &original);
    struct str text = without_cr(&original);
    if (!header_is_whole(copy->content, text)) {
        failure_add(ledger->failures,
                    "bytes in = bytes out: the header of %.*s copy %d changed on its way to %.*s",
                    STR_ARG(copy->label), copy->number, STR_ARG(copy->place));
    }
    if (!str_equal(header_body(copy->content), header_body(text))) {
        failure_add(ledger->failures,
                    "bytes in = bytes out: the body of %.*s copy %d changed on its way to %.*s",
                    STR_ARG(copy->label), copy->number, STR_ARG(copy->place));
    }
    buf_done(&original);
}

static void check_dsn(const struct ledger *ledger, const struct copy *copy)
{
    struct dsn *dsn = mem_alloc(ledger->record->mem, sizeof(*dsn));
    char problem[DSN_PROBLEM_MAX];
    if (!dsn_parse(copy->content, dsn, problem)) {
        failure_add(ledger->failures, "a notice at %.*s is malformed: %s", STR_ARG(copy->place),
                    problem);
    }
    mem_free(ledger->record->mem, dsn);
}

/* ---- bounces ------------------------------------------------------------------------------- */

/* A notice, to a sender or to the postmaster. */
static bool is_from_us(struct str sender)
{
    return sender.size == 0 || str_starts_with_fold(sender, STR("double-bounce@"));
}

/* A file that came from the null sender, or that of double bounces, gets no notice to its sender. */
static void check_bounces(const struct ledger *ledger)
{
    for (const struct record_entry *notice = ledger->record->first; notice != NULL;
         notice = notice->next) {
        if (!record_is_mail(notice, MAIL_EVENT_NOTICE) ||
            !str_starts_with(notice->mail.text, STR("sender "))) {
            continue;
        }
        for (const struct record_entry *e = ledger->record->first; e != notice; e = e->next) {
            if (record_is_mail(e, MAIL_EVENT_ACTIVE) && str_equal(e->mail.id, notice->mail.id) &&
                is_from_us(e->mail.sender)) {
                failure_add(ledger->failures, "no bounce of a bounce: %.*s got a notice",
                            STR_ARG(notice->mail.id));
                break;
            }
        }
    }
}

static void check_all(const struct ledger *ledger)
{
    for (const struct ledger_submission *s = ledger->submissions; s != NULL; s = s->next) {
        check_submission(ledger, s);
    }
    for (const struct copy *copy = ledger->copies->first; copy != NULL; copy = copy->next) {
        if (copy->label.data != NULL) {
            check_content(ledger, copy);
        } else if (copy->is_dsn) {
            check_dsn(ledger, copy);
        }
    }
    check_bounces(ledger);
}

void ledger_check(const struct ledger *ledger)
{
    struct notices notices = {.windows = ledger->windows};
    struct ledger with_notices = *ledger;
    notices_find(&notices, ledger->record, ledger->copies, ledger->failures);
    with_notices.notices = &notices;
    check_all(&with_notices);
}
