// SPDX-License-Identifier: ISC
#include "scenario/run_submit.h"

#include "base/assert.h"
#include "peer/peer_message.h"
#include "proto/dsn_parameter.h"
#include "scenario/run_process.h"

enum { RECIPIENTS_MAX = 1000 * 1000 };

/* ---- what is asked for a recipient ------------------------------------------------------------- */

static bool names(const struct scenario_statement *statement, struct str recipient)
{
    for (const struct syntax_value *value = scenario_value(statement, SCENARIO_SLOT_RECIPIENTS);
         value != NULL; value = value->next) {
        if (str_equal(value->text, recipient)) {
            return true;
        }
    }
    return false;
}

/* What a line below the submission says about the recipient, else what the submission says about
 * all; NULL: nothing. */
static const struct syntax_value *asked(const struct scenario_statement *action,
                                        struct str recipient, enum scenario_slot slot)
{
    for (const struct scenario_statement *line = action->children; line != NULL;
         line = line->next) {
        if (names(line, recipient) && scenario_value(line, slot) != NULL) {
            return scenario_value(line, slot);
        }
    }
    return scenario_value(action, slot);
}

/* What the value means: nothing when the mail system must refuse it. */
static int notify_of(const struct scenario_statement *action, struct str recipient)
{
    const struct syntax_value *value = asked(action, recipient, SCENARIO_SLOT_NOTIFY);
    int notify = 0;
    int error = value == NULL ? 0 : dsn_parameter_parse_notify(value->text, &notify);
    return error == 0 ? notify : 0;
}

/* ---- the ledger -------------------------------------------------------------------------------- */

/* An excuse in any expectation about a recipient, or about the alias that led to it, makes
 * duplicates legal for it. */
static bool is_excused(const struct scenario *scenario, struct str label, struct str recipient)
{
    for (const struct scenario_statement *e = scenario->expectations; e != NULL; e = e->next) {
        if (e->form == SCENARIO_FORM_EXPECT_DELIVERED &&
            scenario_value(e, SCENARIO_SLOT_EXCUSE) != NULL &&
            str_equal(scenario_text(e, SCENARIO_SLOT_MESSAGE), label) &&
            str_equal_fold(scenario_text(e, SCENARIO_SLOT_RECIPIENT), recipient)) {
            return true;
        }
    }
    return false;
}

/* One recipient of the envelope on its way into the ledger. */
struct entry {
    struct run *run;
    struct ledger_submission *submission;
    struct str given;
    int notify;
};

static void add_recipient(void *argument, struct str address)
{
    struct entry *entry = argument;
    struct ledger_submission *submission = entry->submission;
    struct ledger_recipient *recipient = arena_alloc(&entry->run->arena, sizeof(*recipient));
    assert(recipient != NULL);
    *recipient = (struct ledger_recipient){
        .next = submission->recipients,
        .address = address,
        .given = entry->given,
        .may_duplicate = is_excused(entry->run->scenario, submission->message.label, address) ||
                         is_excused(entry->run->scenario, submission->message.label, entry->given),
        .is_unknown = !scenario_is_known(entry->run->scenario, entry->given),
        .notify = entry->notify,
    };
    submission->recipients = recipient;
}

/* The same address may be reached in several ways; each then means a copy. */
static void count_copies(struct run *run, struct ledger_submission *submission)
{
    struct map counts; /* address in lower case -> how often it is meant, as a pointer */
    map_init(&counts, run->mem, RECIPIENTS_MAX);
    for (struct ledger_recipient *r = submission->recipients; r != NULL; r = r->next) {
        struct str key = arena_copy_lower(&run->arena, r->address);
        uintptr_t count = (uintptr_t)map_get(&counts, key) + 1;
        int error = map_put(&counts, key, (void *)count);
        assert(error == 0);
    }
    for (struct ledger_recipient *r = submission->recipients; r != NULL; r = r->next) {
        struct str key = arena_copy_lower(&run->arena, r->address);
        r->copy_count = (int)(uintptr_t)map_get(&counts, key);
    }
    map_done(&counts);
}

static void add_recipients(struct run *run, struct ledger_submission *submission,
                           const struct scenario_statement *action)
{
    for (const struct syntax_value *value = scenario_value(action, SCENARIO_SLOT_RECIPIENTS);
         value != NULL; value = value->next) {
        struct entry entry = {run, submission, value->text, notify_of(action, value->text)};
        scenario_alias_expand(run->scenario, value->text, add_recipient, &entry);
    }
    count_copies(run, submission);
}

static bool expects_refusal(const struct scenario *scenario, struct str label)
{
    for (const struct scenario_statement *e = scenario->expectations; e != NULL; e = e->next) {
        if ((e->form == SCENARIO_FORM_EXPECT_REFUSED ||
             e->form == SCENARIO_FORM_EXPECT_RECIPIENT_REFUSED) &&
            str_equal(scenario_text(e, SCENARIO_SLOT_MESSAGE), label)) {
            return true;
        }
    }
    return false;
}

static void add_lines(struct run *run, struct peer_message *message,
                      const struct syntax_value *text)
{
    for (const struct syntax_value *line = text; line != NULL; line = line->next) {
        message->line_count++;
    }
    struct str *lines = arena_alloc(&run->arena, (size_t)message->line_count * sizeof(*lines));
    assert(lines != NULL);
    message->lines = lines;
    for (; text != NULL; text = text->next) {
        *lines++ = text->text;
    }
}

void run_submit_prepare(struct run *run, const struct scenario_statement *action)
{
    struct ledger_submission *submission = arena_alloc(&run->arena, sizeof(*submission));
    assert(submission != NULL);
    struct peer_message *message = &submission->message;
    message->label = scenario_text(action, SCENARIO_SLOT_MESSAGE);
    message->copy = (int)scenario_number(action, SCENARIO_SLOT_COUNT, 1);
    message->sender = scenario_text(action, SCENARIO_SLOT_SENDER);
    message->recipient = scenario_text(action, SCENARIO_SLOT_RECIPIENTS);
    message->size = (size_t)scenario_number(action, SCENARIO_SLOT_SIZE, 0);
    add_lines(run, message, scenario_value(action, SCENARIO_SLOT_TEXT));
    add_recipients(run, submission, action);
    submission->may_be_refused = expects_refusal(run->scenario, message->label);
    struct ledger_submission **end = &run->submissions;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = submission;
}

/* ---- the client -------------------------------------------------------------------------------- */

static void append_parameter(struct run_process *process, const char *name,
                             const struct syntax_value *value)
{
    if (value != NULL) {
        run_process_append(process, str_from(name));
        run_process_append(process, value->text);
    }
}

/* Empty delimiters ask for the usual ones. */
static void append_verp(struct run_process *process, const struct scenario_statement *action)
{
    const struct syntax_value *delimiters = scenario_value(action, SCENARIO_SLOT_DELIMITERS);
    if (delimiters != NULL) {
        append_parameter(process, delimiters->text.size > 0 ? " XVERP=" : " XVERP", delimiters);
    }
}

static void append_number(struct run_process *process, const char *name, int64_t number)
{
    run_process_argument(process, "-o");
    run_process_argument(process, "%s=%lld", name, (long long)number);
}

/* One that submits so many copies, numbered from the first. */
static void start_client(struct run *run, const struct scenario_statement *action, int64_t first,
                         int64_t copies)
{
    static const char *const protocols[] = {"smtp", "qmqp", "sendmail"};
    struct run_process process;
    int64_t protocol = scenario_number(action, SCENARIO_SLOT_PROTOCOL, 0);
    bool is_local = str_equal(str_from(protocols[protocol]), STR("sendmail"));
    run_process_init(&process, run, is_local ? run->mta : run->client, "peer-submit");
    run_process_argument(&process, "%.*s", STR_ARG(scenario_text(action, SCENARIO_SLOT_MESSAGE)));
    run_process_zero(&process);
    run_process_option(&process, "-a", scenario_text(run->scenario->mta, SCENARIO_SLOT_IP));
    run_process_option(&process, "-o", STR("from="));
    run_process_append(&process, scenario_text(action, SCENARIO_SLOT_SENDER));
    run_process_option(&process, "-o", STR("protocol="));
    run_process_append(&process, str_from(protocols[protocol]));
    append_number(&process, "first", first);
    append_number(&process, "copies", copies);
    append_number(&process, "size", scenario_number(action, SCENARIO_SLOT_SIZE, 0));
    for (const struct syntax_value *line = scenario_value(action, SCENARIO_SLOT_TEXT); line != NULL;
         line = line->next) {
        run_process_option(&process, "-o", STR("body="));
        run_process_append(&process, line->text);
    }
    run_process_option(&process, "-o", STR("mail="));
    append_parameter(&process, " RET=", scenario_value(action, SCENARIO_SLOT_RET));
    append_parameter(&process, " ENVID=", scenario_value(action, SCENARIO_SLOT_ENVID));
    append_verp(&process, action);
    run_process_argument(&process, "--");
    for (const struct syntax_value *recipient = scenario_value(action, SCENARIO_SLOT_RECIPIENTS);
         recipient != NULL; recipient = recipient->next) {
        struct str path = recipient->text;
        run_process_argument(&process, "<%.*s>", STR_ARG(path));
        append_parameter(&process, " NOTIFY=", asked(action, path, SCENARIO_SLOT_NOTIFY));
        append_parameter(&process, " ORCPT=", asked(action, path, SCENARIO_SLOT_ORCPT));
    }
    run_process_start(&process);
}

void run_submit(struct run *run, const struct scenario_statement *action)
{
    int64_t copies = scenario_number(action, SCENARIO_SLOT_COUNT, 1);
    if (scenario_value(action, SCENARIO_SLOT_MANNER) == NULL) {
        start_client(run, action, 1, copies);
        return;
    }
    for (int64_t copy = 1; copy <= copies; copy++) {
        start_client(run, action, copy, 1);
    }
}
