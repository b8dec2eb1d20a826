// SPDX-License-Identifier: ISC
/* What was expected against what was seen. Each form of expectation has a row and a function. */
#include <stdio.h>

#include "base/assert.h"
#include "check/dsn.h"
#include "scenario/run.h"
#include "scenario/run_attempt.h"
#include "scenario/run_lookups.h"
#include "scenario/run_queue.h"
#include "scenario/run_recovery.h"
#include "world/disk.h"
#include "world/machine.h"

#define SECOND_NS INT64_C(1000000000)

enum {
    SEEN_MAX = 2000,
    COUNT_TEXT_MAX = 48,
    PATH_BYTES = 1024,
    VALUE_MAX = 65536,
    FILE_MAX = 16 << 20
};

typedef const struct scenario_statement expectation;

/* ---- helpers ------------------------------------------------------------------------------- */

/* Times compare in whole seconds. */
static int64_t seconds(int64_t time_ns)
{
    int64_t whole = time_ns / SECOND_NS;
    return time_ns % SECOND_NS < 0 ? whole - 1 : whole;
}

static bool time_fits(expectation *e, int64_t at_ns)
{
    const struct syntax_value *time = scenario_value(e, SCENARIO_SLOT_TIME);
    if (time == NULL) {
        return true;
    }
    int64_t late_s = seconds(at_ns) - seconds(time->low);
    return late_s >= 0 && late_s <= seconds(scenario_number(e, SCENARIO_SLOT_TOLERANCE, 0));
}

static bool count_fits(expectation *e, int64_t count)
{
    const struct syntax_value *wanted = scenario_value(e, SCENARIO_SLOT_COUNT);
    return count >= wanted->low && count <= wanted->high;
}

static void judge_count(struct run *run, expectation *e, int64_t count, const char *what)
{
    if (!count_fits(e, count)) {
        run_fail(run, e, "seen: %lld %s", (long long)count, what);
    }
}

static bool is_of_message(const struct run *run, expectation *e, const struct record_entry *entry)
{
    const struct record_message *message = record_message_of(&run->record, entry->mail.id);
    return message != NULL && str_equal(message->label, scenario_text(e, SCENARIO_SLOT_MESSAGE));
}

/* Replaces $mail_name by the name in the world that runs. */
static struct str expand(struct run *run, struct str text)
{
    ptrdiff_t at = str_find_str(text, STR("$mail_name"));
    if (at < 0) {
        return text;
    }
    struct str name = run_parameter(run, STR("mail_name"), STR("Postilion"));
    return arena_printf(&run->arena, "%.*s%.*s%.*s", (int)at, text.data, STR_ARG(name),
                        STR_ARG(str_skip(text, (size_t)at + sizeof("$mail_name") - 1)));
}

static bool text_fits(struct run *run, expectation *e, struct str seen)
{
    const struct syntax_value *text = scenario_value(e, SCENARIO_SLOT_TEXT);
    return text == NULL || str_find_str(seen, expand(run, text->text)) >= 0;
}

/* ---- submission ---------------------------------------------------------------------------- */

static const struct record_message *first_copy(struct run *run, expectation *e)
{
    return record_message(&run->record, scenario_text(e, SCENARIO_SLOT_MESSAGE), 1);
}

static const char *client_saw(const struct record_message *message, char seen[SEEN_MAX])
{
    const struct record_entry *entry = message->accepted != NULL  ? message->accepted
                                       : message->refused != NULL ? message->refused
                                                                  : message->lost;
    if (entry == NULL) {
        return "seen: the client was never done";
    }
    snprintf(seen, SEEN_MAX, "seen: %.*s", STR_ARG(str_skip(entry->line, 7)));
    return seen;
}

static void judge_accepted(struct run *run, expectation *e)
{
    const struct record_message *message = first_copy(run, e);
    char seen[SEEN_MAX];
    if (message->accepted == NULL || !time_fits(e, message->accepted->at_ns)) {
        run_fail(run, e, "%s", client_saw(message, seen));
    }
}

/* Whether a reply is the one expected; without code and text any is. */
static bool reply_fits(struct run *run, expectation *e, struct str reply)
{
    const struct syntax_value *code = scenario_value(e, SCENARIO_SLOT_REPLY);
    const struct syntax_value *status = scenario_value(e, SCENARIO_SLOT_STATUS);
    return (code == NULL || str_starts_with(reply, code->text)) &&
           (status == NULL || str_starts_with(str_skip(reply, 4), status->text)) &&
           text_fits(run, e, reply);
}

static void judge_refused(struct run *run, expectation *e)
{
    const struct record_message *message = first_copy(run, e);
    char seen[SEEN_MAX];
    if (message->refused == NULL ||
        !reply_fits(run, e, record_text(message->refused, PEER_REPORT_SLOT_TEXT))) {
        run_fail(run, e, "%s", client_saw(message, seen));
    }
}

static void judge_recipient_refused(struct run *run, expectation *e)
{
    struct str recipient = scenario_text(e, SCENARIO_SLOT_RECIPIENT);
    for (const struct record_entry *r = run->record.first; r != NULL; r = r->next) {
        if (record_is_report(r, PEER_REPORT_RECIPIENT_REFUSED) &&
            str_equal(record_text(r, PEER_REPORT_SLOT_MESSAGE),
                      scenario_text(e, SCENARIO_SLOT_MESSAGE)) &&
            str_equal_fold(record_text(r, PEER_REPORT_SLOT_RECIPIENT), recipient)) {
            if (!reply_fits(run, e, record_text(r, PEER_REPORT_SLOT_TEXT))) {
                run_fail(run, e, "seen: %.*s", STR_ARG(str_skip(r->line, 7)));
            }
            return;
        }
    }
    run_fail(run, e, "seen: the recipient was not refused");
}

/* ---- attempts ------------------------------------------------------------------------------ */

static void put_attempts(const struct run_attempts *attempts, char seen[SEEN_MAX])
{
    int size = snprintf(seen, SEEN_MAX, "seen: %d attempts:", attempts->count);
    for (int i = 0; i < attempts->count && size < SEEN_MAX - COUNT_TEXT_MAX; i++) {
        size += snprintf(seen + size, (size_t)(SEEN_MAX - size), " %llds",
                         (long long)seconds(attempts->list[i].at_ns));
    }
}

static bool attempts_fit(expectation *e, const struct run_attempts *attempts)
{
    int i = 0;
    for (const struct syntax_value *time = scenario_value(e, SCENARIO_SLOT_TIME); time != NULL;
         time = time->next, i++) {
        if (i >= attempts->count || seconds(attempts->list[i].at_ns) != seconds(time->low)) {
            return false;
        }
    }
    const struct syntax_value *period = scenario_value(e, SCENARIO_SLOT_PERIOD);
    for (; period != NULL && i < attempts->count; i++) {
        if (seconds(attempts->list[i].at_ns) - seconds(attempts->list[i - 1].at_ns) !=
            seconds(period->low)) {
            return false;
        }
    }
    return i == attempts->count;
}

static void judge_attempts_at(struct run *run, expectation *e)
{
    struct run_attempts attempts;
    run_attempts_find(run, scenario_text(e, SCENARIO_SLOT_MESSAGE), &attempts);
    if (!attempts_fit(e, &attempts)) {
        char seen[SEEN_MAX];
        put_attempts(&attempts, seen);
        run_fail(run, e, "%s", seen);
    }
}

static void judge_attempts_count(struct run *run, expectation *e)
{
    struct run_attempts attempts;
    run_attempts_find(run, scenario_text(e, SCENARIO_SLOT_MESSAGE), &attempts);
    judge_count(run, e, attempts.count, "attempts");
}

static void judge_attempt(struct run *run, expectation *e)
{
    struct run_attempts attempts;
    int64_t number = scenario_number(e, SCENARIO_SLOT_NUMBER, 1);
    run_attempts_find(run, scenario_text(e, SCENARIO_SLOT_MESSAGE), &attempts);
    if (number < 1 || number > attempts.count) {
        run_fail(run, e, "seen: %d attempts", attempts.count);
        return;
    }
    const struct run_attempt *attempt = &attempts.list[number - 1];
    const struct syntax_value *ip = scenario_value(e, SCENARIO_SLOT_IP);
    const struct syntax_value *text = scenario_value(e, SCENARIO_SLOT_TEXT);
    if (!time_fits(e, attempt->at_ns)) {
        run_fail(run, e, "seen: it began at %llds", (long long)seconds(attempt->at_ns));
    } else if (!run_attempt_mentions(attempt, ip == NULL ? STR("") : ip->text,
                                     text == NULL ? STR("") : expand(run, text->text))) {
        run_fail(run, e, "seen: %.*s", STR_ARG(attempt->last->mail.message));
    }
}

/* ---- results ------------------------------------------------------------------------------- */

static bool goes_to_peer(const struct run *run, struct str peer_name, struct str relay)
{
    const struct scenario_statement *peer = scenario_find_peer(run->scenario, peer_name);
    for (const struct syntax_value *ip = scenario_value(peer, SCENARIO_SLOT_IP); ip != NULL;
         ip = ip->next) {
        if (mail_event_names_ip(relay, ip->text)) {
            return true;
        }
    }
    return false;
}

static bool is_for_recipient(expectation *e, const struct record_entry *entry)
{
    struct str recipient = scenario_text(e, SCENARIO_SLOT_RECIPIENT);
    return str_equal_fold(entry->mail.recipient, recipient) ||
           (entry->mail.original_recipient.data != NULL &&
            str_equal_fold(entry->mail.original_recipient, recipient));
}

/* result is the entry with the details, at_ns when the outcome was decided. */
static bool result_fits(struct run *run, expectation *e, struct str status,
                        const struct record_entry *result, int64_t at_ns)
{
    const struct syntax_value *dsn = scenario_value(e, SCENARIO_SLOT_STATUS);
    const struct syntax_value *peer = scenario_value(e, SCENARIO_SLOT_PEER);
    return str_equal(status, scenario_text(e, SCENARIO_SLOT_RESULT)) && time_fits(e, at_ns) &&
           (dsn == NULL || str_equal(result->mail.dsn, dsn->text)) &&
           (peer == NULL || goes_to_peer(run, peer->text, result->mail.relay)) &&
           text_fits(run, e, result->mail.text);
}

/* An expired message bounces with the last thing that was said about each recipient. */
static void judge_result(struct run *run, expectation *e)
{
    const struct record_entry *last = NULL;
    for (const struct record_entry *r = run->record.first; r != NULL; r = r->next) {
        if (r->kind != RECORD_MAIL || !is_of_message(run, e, r)) {
            continue;
        }
        bool fits = false;
        if (r->mail.kind == MAIL_EVENT_RESULT && is_for_recipient(e, r)) {
            last = r;
            fits = result_fits(run, e, r->mail.status, r, r->at_ns);
        } else if (r->mail.kind == MAIL_EVENT_EXPIRED && last != NULL) {
            fits = result_fits(run, e, STR("bounced"), last, r->at_ns);
        }
        if (fits) {
            return;
        }
    }
    if (last == NULL) {
        run_fail(run, e, "seen: no result for this recipient");
    } else {
        run_fail(run, e, "seen last, at %llds: %.*s", (long long)seconds(last->at_ns),
                 STR_ARG(last->mail.message));
    }
}

static void judge_delivered(struct run *run, expectation *e)
{
    int count = copies_count(&run->copies, scenario_text(e, SCENARIO_SLOT_MESSAGE), 0,
                             scenario_text(e, SCENARIO_SLOT_RECIPIENT));
    judge_count(run, e, count, "copies");
}

/* ---- notices ------------------------------------------------------------------------------- */

static bool field_fits(struct run *run, const struct dsn *dsn, int recipient, expectation *check)
{
    struct buf value;
    buf_init(&value, run->mem, VALUE_MAX);
    struct str wanted = expand(run, scenario_text(check, SCENARIO_SLOT_VALUE));
    bool found = dsn_field(dsn, recipient, scenario_text(check, SCENARIO_SLOT_FIELD), &value);
    bool fits = str_equal(wanted, STR("absent"))
                    ? !found
                    : found && str_equal(str_trim(buf_str(&value)), wanted);
    buf_done(&value);
    return fits;
}

/* True when all checks hold for one recipient of the notice; else *failed is the last one that
 * did not. */
static bool fields_fit(struct run *run, const struct copy *copy, expectation *e,
                       expectation **failed)
{
    struct dsn *dsn = mem_alloc(run->mem, sizeof(*dsn));
    char problem[DSN_PROBLEM_MAX];
    bool fits = false;
    if (dsn_parse(copy->content, dsn, problem)) {
        for (int i = 0; i < dsn->recipient_count && !fits; i++) {
            fits = true;
            for (expectation *check = e->children; check != NULL && fits; check = check->next) {
                fits = field_fits(run, dsn, i, check);
                *failed = fits ? *failed : check;
            }
        }
    }
    mem_free(run->mem, dsn);
    return fits;
}

static void fail_field(struct run *run, const struct copy *copy, expectation *check)
{
    struct dsn *dsn = mem_alloc(run->mem, sizeof(*dsn));
    char problem[DSN_PROBLEM_MAX];
    struct buf value;
    buf_init(&value, run->mem, VALUE_MAX);
    if (!dsn_parse(copy->content, dsn, problem)) {
        run_fail(run, check, "seen: a malformed notice: %s", problem);
    } else if (dsn_field(dsn, 0, scenario_text(check, SCENARIO_SLOT_FIELD), &value)) {
        run_fail(run, check, "seen: \"%s\"", buf_text(&value));
    } else {
        run_fail(run, check, "seen: no such field");
    }
    buf_done(&value);
    mem_free(run->mem, dsn);
}

static void judge_dsn(struct run *run, expectation *e)
{
    struct str recipient = scenario_text(e, SCENARIO_SLOT_RECIPIENT);
    const struct copy *wrong = NULL;
    expectation *failed = e->children;
    bool fits = e->children == NULL;
    int count = 0;
    for (const struct copy *copy = run->copies.first; copy != NULL; copy = copy->next) {
        if (copy->is_dsn && str_equal_fold(copy->recipient, recipient)) {
            count++;
            wrong = copy;
            fits = fits || fields_fit(run, copy, e, &failed);
        }
    }
    judge_count(run, e, count, "notices");
    if (!fits && wrong != NULL) {
        fail_field(run, wrong, failed);
    }
}

/* All that were queued, wherever they went. */
static void judge_dsn_count(struct run *run, expectation *e)
{
    int64_t count = 0;
    for (const struct record_entry *r = run->record.first; r != NULL; r = r->next) {
        count += record_is_mail(r, MAIL_EVENT_NOTICE) ? 1 : 0;
    }
    judge_count(run, e, count, "notices were queued");
}

/* ---- queue and log ------------------------------------------------------------------------- */

static const struct run_queues *find_sample(const struct run *run, expectation *e)
{
    const struct run_sample *sample = run->samples;
    while (sample != NULL && sample->expectation != e) {
        sample = sample->next;
    }
    return sample != NULL && sample->taken ? &sample->queues : NULL;
}

static void judge_queue_count(struct run *run, expectation *e)
{
    const struct run_queues *queues = find_sample(run, e);
    int64_t queue = scenario_number(e, SCENARIO_SLOT_QUEUE, 0);
    if (queues == NULL) {
        run_fail(run, e, "seen: the run ended before");
    } else if (queues->counts[queue] != scenario_number(e, SCENARIO_SLOT_NUMBER, 0)) {
        run_fail(run, e, "seen: %d messages", queues->counts[queue]);
    }
}

static void judge_files(struct run *run, expectation *e)
{
    const struct run_queues *queues = find_sample(run, e);
    int64_t queue = scenario_number(e, SCENARIO_SLOT_QUEUE, 0);
    if (queues == NULL) {
        run_fail(run, e, "seen: the run ended before");
    } else if (queues->files[queue] != scenario_number(e, SCENARIO_SLOT_NUMBER, 0)) {
        run_fail(run, e, "seen: %d files", queues->files[queue]);
    }
}

static void fail_queues(struct run *run, expectation *e, const struct run_queues *queues)
{
    run_fail(run, e, "seen: incoming %d, active %d, deferred %d, hold %d",
             queues->counts[RUN_QUEUE_INCOMING], queues->counts[RUN_QUEUE_ACTIVE],
             queues->counts[RUN_QUEUE_DEFERRED], queues->counts[RUN_QUEUE_HOLD]);
}

static void judge_queue_empty(struct run *run, expectation *e)
{
    const struct run_queues *queues = find_sample(run, e);
    if (queues == NULL) {
        run_fail(run, e, "seen: the run ended before");
    } else if (run_queue_mail_count(queues) > 0) {
        fail_queues(run, e, queues);
    }
}

static void judge_queue_end(struct run *run, expectation *e)
{
    if (run_queue_mail_count(&run->end_queues) > 0) {
        fail_queues(run, e, &run->end_queues);
    }
}

static void judge_log(struct run *run, expectation *e)
{
    int64_t count = 0;
    for (const struct record_entry *r = run->record.first; r != NULL; r = r->next) {
        count += r->kind == RECORD_MAIL && text_fits(run, e, r->mail.message) ? 1 : 0;
    }
    judge_count(run, e, count, "lines");
}

static void judge_output(struct run *run, expectation *e)
{
    int64_t count = 0;
    for (const struct record_entry *r = run->record.first; r != NULL; r = r->next) {
        count += r->kind == RECORD_OUTPUT && text_fits(run, e, r->line) ? 1 : 0;
    }
    judge_count(run, e, count, "lines");
}

static void judge_exit(struct run *run, expectation *e)
{
    int64_t status = scenario_number(e, SCENARIO_SLOT_NUMBER, 0);
    int64_t count = 0;
    for (const struct record_entry *r = run->record.first; r != NULL; r = r->next) {
        count += r->kind == RECORD_EXIT && r->status == status ? 1 : 0;
    }
    judge_count(run, e, count, "commands ended with that status");
}

static void judge_file(struct run *run, expectation *e)
{
    struct buf content;
    struct str line;
    int64_t count = 0;
    buf_init(&content, run->mem, FILE_MAX);
    int error = disk_read(run->mta->disk, scenario_text(e, SCENARIO_SLOT_WORD).data, &content);
    struct str rest = buf_str(&content);
    while (error == 0 && rest.size > 0 && str_next(&rest, '\n', &line)) {
        count += text_fits(run, e, line) ? 1 : 0;
    }
    buf_done(&content);
    judge_count(run, e, count, error == 0 ? "lines" : "lines: there is no such file");
}

/* Lines of all mail that arrived for the recipient. */
static void judge_mail(struct run *run, expectation *e)
{
    struct str recipient = scenario_text(e, SCENARIO_SLOT_RECIPIENT);
    int64_t count = 0;
    for (const struct copy *copy = run->copies.first; copy != NULL; copy = copy->next) {
        struct str rest = copy->content;
        struct str line;
        while (str_equal_fold(copy->recipient, recipient) && rest.size > 0 &&
               str_next(&rest, '\n', &line)) {
            count += text_fits(run, e, line) ? 1 : 0;
        }
    }
    judge_count(run, e, count, "lines");
}

/* ---- dialogues ----------------------------------------------------------------------------- */

static bool is_of_peer(expectation *e, const struct record_entry *r)
{
    return r->kind == RECORD_REPORT &&
           str_equal(record_text(r, PEER_REPORT_SLOT_PEER), scenario_text(e, SCENARIO_SLOT_PEER));
}

static void judge_dialogue_end(struct run *run, expectation *e)
{
    for (const struct record_entry *r = run->record.first; r != NULL; r = r->next) {
        if (is_of_peer(e, r) && r->report->form == PEER_REPORT_ENDS &&
            record_number(r, PEER_REPORT_SLOT_NUMBER) ==
                scenario_number(e, SCENARIO_SLOT_NUMBER, 1)) {
            struct str side = record_text(r, PEER_REPORT_SLOT_SIDE);
            if (!str_equal(side, scenario_text(e, SCENARIO_SLOT_SIDE))) {
                run_fail(run, e, "seen: it ended by %.*s at %llds", STR_ARG(side),
                         (long long)seconds(r->at_ns));
            }
            return;
        }
    }
    run_fail(run, e, "seen: no such connection, or it did not end");
}

static void judge_dialogue_count(struct run *run, expectation *e)
{
    int64_t count = 0;
    for (const struct record_entry *r = run->record.first; r != NULL; r = r->next) {
        count += is_of_peer(e, r) && r->report->form == PEER_REPORT_OPENED ? 1 : 0;
    }
    judge_count(run, e, count, "connections");
}

static void judge_dialogue_sees(struct run *run, expectation *e)
{
    int64_t count = 0;
    for (const struct record_entry *r = run->record.first; r != NULL; r = r->next) {
        count += is_of_peer(e, r) && r->report->form == PEER_REPORT_COMMAND &&
                         str_starts_with(record_text(r, PEER_REPORT_SLOT_TEXT),
                                         scenario_text(e, SCENARIO_SLOT_TEXT))
                     ? 1
                     : 0;
    }
    judge_count(run, e, count, "such commands");
}

/* ---- all of it ----------------------------------------------------------------------------- */

static const struct {
    enum scenario_form form;
    void (*judge)(struct run *run, expectation *e);
} rows[] = {
    {SCENARIO_FORM_EXPECT_ACCEPTED, judge_accepted},
    {SCENARIO_FORM_EXPECT_REFUSED, judge_refused},
    {SCENARIO_FORM_EXPECT_RECIPIENT_REFUSED, judge_recipient_refused},
    {SCENARIO_FORM_EXPECT_ATTEMPTS_AT, judge_attempts_at},
    {SCENARIO_FORM_EXPECT_ATTEMPTS_COUNT, judge_attempts_count},
    {SCENARIO_FORM_EXPECT_ATTEMPT, judge_attempt},
    {SCENARIO_FORM_EXPECT_RESULT, judge_result},
    {SCENARIO_FORM_EXPECT_DELIVERED, judge_delivered},
    {SCENARIO_FORM_EXPECT_DSN, judge_dsn},
    {SCENARIO_FORM_EXPECT_DSN_COUNT, judge_dsn_count},
    {SCENARIO_FORM_EXPECT_QUEUE_COUNT, judge_queue_count},
    {SCENARIO_FORM_EXPECT_FILES, judge_files},
    {SCENARIO_FORM_EXPECT_QUEUE_EMPTY, judge_queue_empty},
    {SCENARIO_FORM_EXPECT_QUEUE_END, judge_queue_end},
    {SCENARIO_FORM_EXPECT_RECOVERY, run_recovery_judge},
    {SCENARIO_FORM_EXPECT_LOG, judge_log},
    {SCENARIO_FORM_EXPECT_OUTPUT, judge_output},
    {SCENARIO_FORM_EXPECT_EXIT, judge_exit},
    {SCENARIO_FORM_EXPECT_FILE, judge_file},
    {SCENARIO_FORM_EXPECT_MAIL, judge_mail},
    {SCENARIO_FORM_EXPECT_DIALOGUE_END, judge_dialogue_end},
    {SCENARIO_FORM_EXPECT_DIALOGUE_COUNT, judge_dialogue_count},
    {SCENARIO_FORM_EXPECT_DIALOGUE_SEES, judge_dialogue_sees},
};

static void judge(struct run *run, expectation *e)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].form == e->form) {
            rows[i].judge(run, e);
            return;
        }
    }
    unreachable(); /* every form of expectation has a row */
}

static bool was_refused(struct run *run, expectation *e)
{
    const struct syntax_value *recipient = scenario_value(e, SCENARIO_SLOT_RECIPIENT);
    const struct syntax_value *message = scenario_value(e, SCENARIO_SLOT_MESSAGE);
    for (const struct record_entry *r = run->record.first;
         recipient != NULL && message != NULL && r != NULL; r = r->next) {
        if (record_is_report(r, PEER_REPORT_RECIPIENT_REFUSED) &&
            str_equal(record_text(r, PEER_REPORT_SLOT_MESSAGE), message->text) &&
            str_equal_fold(record_text(r, PEER_REPORT_SLOT_RECIPIENT), recipient->text)) {
            return true;
        }
    }
    return false;
}

/* What is below `when accepted A` counts only when the client was told so, also of the recipient
 * that it is about. */
static bool applies(struct run *run, expectation *e)
{
    return e->when == NULL || (first_copy(run, e->when)->accepted != NULL && !was_refused(run, e));
}

static void collect_peer(struct run *run, const struct run_peer *peer,
                         const struct record_entry *keeps)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), RUN_PEER_DIRECTORY "/%.*s",
             STR_ARG(record_text(keeps, PEER_REPORT_SLOT_TEXT)));
    for (const struct syntax_value *r = keeps->report->values[PEER_REPORT_SLOT_RECIPIENT];
         r != NULL; r = r->next) {
        int error = copies_add_file(&run->copies, peer->machine->disk, path, r->text,
                                    scenario_text(peer->block, SCENARIO_SLOT_HOST), keeps->at_ns);
        if (error != 0) {
            failure_add(&run->failures, "the peer's file %s is gone", path);
        }
    }
}

static void collect_mailboxes(struct run *run)
{
    for (const struct scenario_statement *line = run->scenario->mta->children; line != NULL;
         line = line->next) {
        if (line->form == SCENARIO_FORM_MAILBOX) {
            struct str address = scenario_text(line, SCENARIO_SLOT_ADDRESS);
            char path[PATH_BYTES];
            ptrdiff_t at = str_find(address, '@');
            snprintf(path, sizeof(path), RUN_MAIL_DIRECTORY "/%.*s",
                     STR_ARG(str_first(address, at < 0 ? address.size : (size_t)at)));
            copies_add_maildir(&run->copies, run->mta->disk, path, address);
        }
    }
}

static void collect_copies(struct run *run)
{
    for (const struct record_entry *r = run->record.first; r != NULL; r = r->next) {
        for (const struct run_peer *peer = run->peers; peer != NULL; peer = peer->next) {
            if (record_is_report(r, PEER_REPORT_KEEPS) &&
                str_equal(record_text(r, PEER_REPORT_SLOT_PEER),
                          scenario_text(peer->block, SCENARIO_SLOT_HOST))) {
                collect_peer(run, peer, r);
            }
        }
    }
    collect_mailboxes(run);
}

static void check(struct run *run)
{
    struct ledger ledger = {
        .record = &run->record,
        .copies = &run->copies,
        .windows = &run->windows,
        .submissions = run->submissions,
        .calls_failed = trouble_was(&run->failing),
        .is_queued = run_queue_has,
        .argument = run,
        .failures = &run->failures,
    };
    ledger_check(&ledger);
    run_lookups_check(run);
}

void run_judge_checks(struct run *run)
{
    collect_copies(run);
    check(run);
}

void run_judge(struct run *run)
{
    collect_copies(run);
    for (expectation *e = run->scenario->expectations; e != NULL; e = e->next) {
        if (applies(run, e)) {
            judge(run, e);
        }
    }
    check(run);
}
