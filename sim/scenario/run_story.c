// SPDX-License-Identifier: ISC
#include "scenario/run_story.h"

#define SECOND_NS INT64_C(1000000000)
#define MILLI_NS  INT64_C(1000000)

enum { PROGRAM_COLUMNS = 18, TOLD_MAX = 40 };

static void put_time(struct buf *out, int64_t at_ns)
{
    bool negative = at_ns < 0;
    int64_t size_ns = negative ? -at_ns : at_ns;
    buf_putf(out, "%s%6lld.%03llds  ", negative ? "-" : " ", (long long)(size_ns / SECOND_NS),
             (long long)(size_ns / MILLI_NS % 1000));
}

/* Who says it, and what. */
static void put_entry(struct buf *out, const struct record_entry *entry)
{
    put_time(out, entry->at_ns);
    if (entry->kind == RECORD_MAIL) {
        buf_putf(out, "%-*.*s %.*s\n", PROGRAM_COLUMNS, STR_ARG(entry->mail.program),
                 STR_ARG(entry->mail.message));
    } else if (entry->kind == RECORD_REPORT) {
        struct str rest = str_skip(entry->line, 7);
        struct str who;
        str_next(&rest, ' ', &who);
        buf_putf(out, "%-*.*s %.*s\n", PROGRAM_COLUMNS, STR_ARG(who), STR_ARG(rest));
    } else if (entry->kind == RECORD_EXIT) {
        buf_putf(out, "%-*s %.*s ended with status %d\n", PROGRAM_COLUMNS, "?",
                 STR_ARG(entry->line), entry->status);
    } else {
        buf_putf(out, "%-*s %.*s\n", PROGRAM_COLUMNS, "?", STR_ARG(entry->line));
    }
}

/* ---- timeline ------------------------------------------------------------------------------ */

/* Of a dialogue only how it began and ended, and the messages; of commands those that failed. */
static bool is_in_timeline(const struct record_entry *entry)
{
    if (entry->kind == RECORD_EXIT) {
        return entry->status != 0;
    }
    if (entry->kind != RECORD_REPORT) {
        return true;
    }
    switch ((enum peer_report_form)entry->report->form) {
    case PEER_REPORT_COMMAND:
    case PEER_REPORT_REPLY:
    case PEER_REPORT_ANSWERS:
        return false;
    default:
        return true;
    }
}

static int count_timeline(const struct run *run)
{
    int count = 0;
    for (const struct record_entry *e = run->record.first; e != NULL; e = e->next) {
        count += is_in_timeline(e) ? 1 : 0;
    }
    return count;
}

void run_story_timeline(const struct run *run, struct buf *out)
{
    int count = count_timeline(run);
    int left_out = count > RUN_STORY_LINES_MAX ? count - RUN_STORY_LINES_MAX : 0;
    int index = 0;
    for (const struct record_entry *e = run->record.first; e != NULL; e = e->next) {
        if (!is_in_timeline(e)) {
            continue;
        }
        if (index == RUN_STORY_LINES_MAX / 2 && left_out > 0) {
            buf_putf(out, "          ... %d lines left out; --trace FILE has everything\n",
                     left_out);
        }
        if (index < RUN_STORY_LINES_MAX / 2 || index >= RUN_STORY_LINES_MAX / 2 + left_out) {
            put_entry(out, e);
        }
        index++;
    }
}

/* ---- telling ------------------------------------------------------------------------------- */

/* What a line means. A row is told once, at the first line that it fits. */
static const struct explanation {
    const char *program; /* of the mail log, or NULL */
    int report;          /* enum peer_report_form, or -1 */
    const char *text;    /* that stands in the line */
    const char *meaning;
} explanations[] = {
    {"master", -1, "daemon started",
     "master reads master.cf, opens every listener and waits. It starts a daemon only when a "
     "client "
     "or a timer needs one."},
    {"smtpd", -1, "connect from", "A client has connected to port 25: smtpd greets it."},
    {"smtpd", -1, "client=",
     "The client's first good recipient. smtpd asks cleanup for a queue file; from now on the "
     "message has a name, its queue id."},
    {"qmqpd", -1, "client=",
     "A whole message has come in by QMQP. qmqpd asks cleanup for a queue file; from now on the "
     "message has a name, its queue id."},
    {"cleanup", -1, "message-id=",
     "cleanup writes envelope, header and body to incoming/ID, with a Received field on top. Then "
     "it "
     "makes the file and its name in the directory durable: fsync."},
    {NULL, PEER_REPORT_ACCEPTED, "",
     "Only now the client hears 250. From this moment on the message may not be lost, whatever "
     "happens: power, crashes, a full disk."},
    {NULL, PEER_REPORT_REFUSED, "", "The message stays the client's: nothing was queued."},
    {"qmgr", -1, "queue active",
     "The queue manager moves the file to active/. It asks trivial-rewrite where each recipient is "
     "to be delivered, and how, and then a delivery agent to do it."},
    {NULL, PEER_REPORT_ANSWERS, " PTR:",
     "smtpd looks up the client's name by its address: it goes to the log and to the Received "
     "field."},
    {NULL, PEER_REPORT_ANSWERS, " MX:",
     "The delivery agent asks the DNS: first for the mail exchangers (MX), then for their "
     "addresses (A, AAAA)."},
    {NULL, PEER_REPORT_OPENED, "", "The delivery agent smtp has connected to the remote host."},
    {NULL, PEER_REPORT_COMMAND, "EHLO", "The SMTP dialogue with the remote host begins."},
    {NULL, PEER_REPORT_KEEPS, "",
     "The remote host has taken the message. Should its reply be lost now, it would be sent again: "
     "this is the one moment when a duplicate is legal."},
    {"smtp", -1, "connect to", "This address does not answer. smtp tries the next one, if any."},
    {"smtp", -1, "status=sent",
     "Delivered to the remote host. smtp marks the recipient as done in the queue file."},
    {"virtual", -1, "status=sent",
     "Delivered to a mailbox of this system: a new file in a Maildir, written to tmp/, then moved "
     "to new/."},
    {NULL, -1, "status=deferred",
     "It did not work, but may later. The file goes to deferred/, and its time stamp says when it "
     "may be tried again: after as long as it has waited so far, at least 300 s, at most 4000 s."},
    {NULL, -1, "status=bounced",
     "It will never work. The bounce daemon notes why, durably, before the recipient is marked as "
     "done."},
    {"qmgr", -1, "status=expired",
     "The message is older than maximal_queue_lifetime (5 days): no more attempts."},
    {"bounce", -1, "notification",
     "The bounce daemon writes a notice to the sender. It is a message like any other, with its "
     "own "
     "queue id, but from nobody: if it cannot be delivered, no further notice is sent."},
    {"qmgr", -1, "removed", "All recipients are done: the queue file is removed. The end."},
};
enum { EXPLANATION_COUNT = sizeof(explanations) / sizeof(explanations[0]) };

static bool explains(const struct explanation *explanation, const struct record_entry *entry)
{
    if (str_find_str(entry->line, str_from(explanation->text)) < 0) {
        return false;
    }
    if (explanation->report >= 0) {
        return record_is_report(entry, (enum peer_report_form)explanation->report);
    }
    return entry->kind == RECORD_MAIL &&
           (explanation->program == NULL ||
            str_equal(entry->mail.program, str_from(explanation->program)));
}

static void put_meaning(struct buf *out, const char *meaning)
{
    struct str rest = str_from(meaning);
    struct str word;
    size_t column = 0;
    while (str_next(&rest, ' ', &word)) {
        if (column == 0 || column + word.size > 70) {
            buf_putf(out, "%s%*s%.*s", column > 0 ? "\n" : "", 13, "", STR_ARG(word));
            column = word.size;
        } else {
            buf_putf(out, " %.*s", STR_ARG(word));
            column += 1 + word.size;
        }
    }
    buf_put_text(out, "\n\n");
}

/* One message: the first that the scenario submits, its notices, and what no message owns. */
static bool is_told(struct run *run, const struct record_entry *entry)
{
    const struct record_message *message = record_message_of_entry(&run->record, entry);
    return message == NULL || (message->copy == 1 && message == run->record.messages);
}

void run_story_tell(struct run *run, struct buf *out)
{
    bool told[EXPLANATION_COUNT] = {false};
    for (const struct record_entry *e = run->record.first; e != NULL; e = e->next) {
        if (!is_told(run, e)) {
            continue;
        }
        put_entry(out, e);
        for (int i = 0; i < EXPLANATION_COUNT; i++) {
            if (!told[i] && explains(&explanations[i], e)) {
                put_meaning(out, explanations[i].meaning);
                told[i] = true;
                break;
            }
        }
    }
}
