// SPDX-License-Identifier: ISC
#include "check/notices.h"

#include "base/assert.h"
#include "check/dsn.h"
#include "proto/header.h"
#include "proto/queue_record.h"
#include "proto/uxtext.h"

enum { VALUE_MAX = 65536 };

/* ---- what was told --------------------------------------------------------------------------- */

static enum notice_kind kind_of(struct str text)
{
    return str_find_str(text, STR("non-delivery")) >= 0      ? NOTICE_OF_FAILURE
           : str_find_str(text, STR("delivery status")) >= 0 ? NOTICE_OF_SUCCESS
                                                             : NOTICE_OF_DELAY;
}

static void add_notice(struct notices *notices, const struct record_entry *entry)
{
    struct notice *notice = arena_alloc(&notices->record->arena, sizeof(*notice));
    assert(notice != NULL);
    *notice = (struct notice){
        .next = notices->list,
        .message = record_message_of(notices->record, entry->mail.id),
        .about_id = entry->mail.id,
        .id = entry->mail.new_id,
        .kind = kind_of(entry->mail.text),
        .at_ns = entry->at_ns,
    };
    notices->list = notice;
}

/* The queue id in a Message-Id that the mail system made. */
static struct str id_of(const struct copy *copy)
{
    struct str value;
    struct str id = STR("");
    if (header_find(copy->content, STR("Message-Id"), &value)) {
        value = str_skip(str_trim_space(value), 1);
        (void)str_next(&value, '@', &id);
    }
    return id;
}

static struct notice *find_notice(const struct notices *notices, struct str id)
{
    struct notice *notice = notices->list;
    while (notice != NULL && !str_equal(notice->id, id)) {
        notice = notice->next;
    }
    return notice;
}

/* "rfc822; bob@far.test" without its type; of type utf-8 it may be encoded. */
static struct str address_of(struct arena *arena, struct mem *mem, struct str value)
{
    ptrdiff_t semicolon = str_find(value, ';');
    struct str address = str_trim(str_skip(value, (size_t)(semicolon + 1)));
    struct buf decoded;
    buf_init(&decoded, mem, VALUE_MAX);
    bool is_encoded = str_starts_with(value, STR("utf-8;")) && uxtext_parse(address, &decoded) == 0;
    struct str kept = arena_copy(arena, is_encoded ? buf_str(&decoded) : address);
    buf_done(&decoded);
    return kept;
}

static void add_line(struct notices *notices, const struct notice *notice, const struct dsn *dsn,
                     int recipient)
{
    struct arena *arena = &notices->record->arena;
    struct notice_line *line = arena_alloc(arena, sizeof(*line));
    struct buf value;
    assert(line != NULL);
    buf_init(&value, notices->record->mem, VALUE_MAX);
    *line = (struct notice_line){.next = notices->lines, .notice = notice};
    if (dsn_field(dsn, recipient, STR("final-recipient"), &value)) {
        line->recipient = address_of(arena, notices->record->mem, buf_str(&value));
    }
    if (dsn_field(dsn, recipient, STR("action"), &value)) {
        line->action = arena_copy(arena, str_trim(buf_str(&value)));
    }
    notices->lines = line;
    buf_done(&value);
}

static void read_notice(struct notices *notices, struct notice *notice, const struct copy *copy)
{
    struct mem *mem = notices->record->mem;
    struct dsn *dsn = mem_alloc(mem, sizeof(*dsn));
    char problem[DSN_PROBLEM_MAX];
    notice->is_read = true;
    if (dsn_parse(copy->content, dsn, problem)) {
        for (int i = 0; i < dsn->recipient_count; i++) {
            add_line(notices, notice, dsn, i);
        }
    }
    mem_free(mem, dsn);
}

void notices_find(struct notices *notices, struct record *record, const struct copies *copies,
                  struct failures *failures)
{
    *notices =
        (struct notices){.windows = notices->windows, .record = record, .failures = failures};
    for (const struct record_entry *e = record->first; e != NULL; e = e->next) {
        if (record_is_mail(e, MAIL_EVENT_NOTICE) && str_starts_with(e->mail.text, STR("sender "))) {
            add_notice(notices, e);
        }
    }
    for (const struct copy *copy = copies->first; copy != NULL; copy = copy->next) {
        struct notice *notice = copy->is_dsn ? find_notice(notices, id_of(copy)) : NULL;
        if (notice != NULL && !notice->is_read) {
            read_notice(notices, notice, copy);
        }
    }
}

/* ---- questions ------------------------------------------------------------------------------- */

static bool is_told(const struct notices *notices, const struct notices_case *c,
                    struct str recipient, const char *action)
{
    for (const struct notice_line *line = notices->lines; line != NULL; line = line->next) {
        if (line->notice->message == c->message && str_equal_fold(line->recipient, recipient) &&
            str_equal_fold(line->action, str_from(action))) {
            return true;
        }
    }
    return false;
}

static bool is_success_told(const struct notices *notices, const struct notices_case *c)
{
    return is_told(notices, c, c->recipient, "delivered") ||
           is_told(notices, c, c->recipient, "relayed");
}

/* A notice of that kind is on its way to the sender, or never came there. */
static bool is_unread(const struct notices *notices, const struct notices_case *c,
                      enum notice_kind kind)
{
    for (const struct notice *notice = notices->list; notice != NULL; notice = notice->next) {
        if (notice->message == c->message && !notice->is_read && notice->kind == kind) {
            return true;
        }
    }
    return false;
}

static bool is_any_told(const struct notices *notices, const struct notices_case *c,
                        const char *action)
{
    const struct notice_line *line = notices->lines;
    while (line != NULL && (line->notice->message != c->message ||
                            !str_equal_fold(line->action, str_from(action)))) {
        line = line->next;
    }
    return line != NULL;
}

/* Who was warned of a delay may be told when it is over: confirm_delay_cleared. The warning does
 * not name a recipient whose delay could not be recorded. */
static bool may_have_been_warned(const struct notices *notices, const struct notices_case *c)
{
    return is_told(notices, c, c->recipient, "delayed") || is_unread(notices, c, NOTICE_OF_DELAY) ||
           (c->records_may_fail && is_any_told(notices, c, "delayed"));
}

static bool is_same(const struct notice_line *a, const struct notice_line *b)
{
    return str_equal(a->notice->about_id, b->notice->about_id) &&
           str_equal_fold(a->recipient, b->recipient) && str_equal_fold(a->action, b->action);
}

static bool is_excused(const struct notices *notices, const struct notice *a,
                       const struct notice *b)
{
    int64_t first_ns = a->at_ns < b->at_ns ? a->at_ns : b->at_ns;
    int64_t again_ns = a->at_ns < b->at_ns ? b->at_ns : a->at_ns;
    switch (a->kind) {
    case NOTICE_OF_DELAY:
        return windows_excuse_delay(notices->windows, first_ns, again_ns);
    case NOTICE_OF_SUCCESS:
        return windows_excuse_success(notices->windows, a->about_id, first_ns);
    case NOTICE_OF_FAILURE:
        return windows_excuse_failure(notices->windows, a->about_id, first_ns);
    }
    unreachable();
}

enum repetition { TOLD_ONCE, TOLD_AGAIN, TOLD_TWICE_AT_ONCE };

/* Whether another line says the same, of the same life of the message: within one notice nothing
 * excuses it. */
static enum repetition find_repetition(const struct notices *notices, const struct notices_case *c,
                                       const struct notice_line *line)
{
    for (const struct notice_line *e = line->next; e != NULL; e = e->next) {
        if (is_same(e, line) && e->notice == line->notice) {
            return TOLD_TWICE_AT_ONCE;
        }
        if (is_same(e, line) && !c->may_duplicate &&
            !is_excused(notices, e->notice, line->notice)) {
            return TOLD_AGAIN;
        }
    }
    return TOLD_ONCE;
}

/* A host with DSN was told that the sender wants to hear of success. */
static bool was_passed_on(const struct notices *notices, const struct notices_case *c)
{
    struct str path =
        arena_printf(&notices->record->arena, "RCPT TO:<%.*s> ", STR_ARG(c->recipient));
    for (const struct record_entry *e = notices->record->first; e != NULL; e = e->next) {
        if (record_is_report(e, PEER_REPORT_COMMAND)) {
            struct str command = record_text(e, PEER_REPORT_SLOT_TEXT);
            ptrdiff_t notify = str_find_str(command, STR(" NOTIFY="));
            if (str_starts_with(command, path) && notify >= 0 &&
                str_find_str(str_skip(command, (size_t)notify), STR("SUCCESS")) >= 0) {
                return true;
            }
        }
    }
    return false;
}

/* ---- judgement ------------------------------------------------------------------------------- */

static void fail(const struct notices *notices, const struct notices_case *c, const char *what)
{
    failure_add(notices->failures, "notices as asked for: %.*s copy %d to <%.*s> %s",
                STR_ARG(c->message->label), c->message->copy, STR_ARG(c->recipient), what);
}

static bool is_expansion(const struct notices_case *c)
{
    return !str_equal_fold(c->recipient, c->given);
}

/* An alias is the end of what was asked about success: its members have nothing to tell. */
static int notify_of(const struct notices_case *c)
{
    int rest = c->notify & ~QUEUE_NOTIFY_SUCCESS;
    bool stripped = is_expansion(c) && rest != c->notify;
    return !stripped ? c->notify : rest != 0 ? rest : QUEUE_NOTIFY_NEVER;
}

static void check_failure(const struct notices *notices, const struct notices_case *c)
{
    int notify = notify_of(c);
    bool is_wanted = notify == 0 || (notify & QUEUE_NOTIFY_FAILURE) != 0;
    bool told = is_told(notices, c, c->recipient, "failed");
    if (!is_wanted && told) {
        fail(notices, c, "bounced, and the sender was told against its wish");
    }
    if (is_wanted && c->bounced && !c->unsettled && c->to_sender && !told &&
        !is_unread(notices, c, NOTICE_OF_FAILURE)) {
        fail(notices, c, "bounced, but no notice was queued");
    }
}

static void check_success(const struct notices *notices, const struct notices_case *c)
{
    bool is_wanted = (notify_of(c) & QUEUE_NOTIFY_SUCCESS) != 0;
    bool told = is_success_told(notices, c);
    if (!is_wanted && told && !may_have_been_warned(notices, c)) {
        fail(notices, c, "was delivered, and the sender was told without having asked");
    }
    if (is_wanted && c->sent && !c->unsettled && !c->records_may_fail && c->to_sender && !told &&
        !is_unread(notices, c, NOTICE_OF_SUCCESS) && !was_passed_on(notices, c)) {
        fail(notices, c, "was delivered, but the notice that was asked for is missing");
    }
}

static void check_expansion(const struct notices *notices, const struct notices_case *c)
{
    bool is_wanted = is_expansion(c) && (c->notify & QUEUE_NOTIFY_SUCCESS) != 0;
    bool told = is_told(notices, c, c->given, "expanded");
    if (!is_wanted && told) {
        fail(notices, c, "was expanded, and the sender was told without having asked");
    }
    if (is_wanted && c->sent && !c->unsettled && c->to_sender && !told &&
        !is_unread(notices, c, NOTICE_OF_SUCCESS)) {
        fail(notices, c, "was expanded, but the notice that was asked for is missing");
    }
}

static void check_delay(const struct notices *notices, const struct notices_case *c)
{
    int notify = notify_of(c);
    if (notify != 0 && (notify & QUEUE_NOTIFY_DELAY) == 0 &&
        is_told(notices, c, c->recipient, "delayed")) {
        fail(notices, c, "was delayed, and the sender was told against its wish");
    }
}

static void check_told_once(const struct notices *notices, const struct notices_case *c)
{
    enum repetition repetition = TOLD_ONCE;
    for (const struct notice_line *line = notices->lines; line != NULL; line = line->next) {
        if (line->notice->message == c->message && str_equal_fold(line->recipient, c->recipient) &&
            repetition == TOLD_ONCE) {
            repetition = find_repetition(notices, c, line);
        }
    }
    if (repetition == TOLD_TWICE_AT_ONCE) {
        fail(notices, c, "stands twice in a notice");
    } else if (repetition == TOLD_AGAIN) {
        fail(notices, c, "has an outcome of which the sender was told twice");
    }
}

void notices_check(const struct notices *notices, const struct notices_case *c)
{
    check_failure(notices, c);
    check_success(notices, c);
    check_expansion(notices, c);
    check_delay(notices, c);
    check_told_once(notices, c);
}
