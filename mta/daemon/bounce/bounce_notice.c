// SPDX-License-Identifier: ISC
#include "bounce/bounce_notice.h"

#include <stdio.h>

#include "mail/notice.h"
#include "mail/received.h"
#include "proto/address.h"
#include "proto/utf8.h"
#include "proto/uxtext.h"
#include "queue/queue_expiry.h"
#include "sys/clock.h"

enum {
    TEXT_COLUMNS = 79,
    FOLD_INDENT = 4,
    BOUNDARY_MAX = 70, /* RFC 2046 5.1.1 */
    BOUNDARY_TRIES_MAX = 1000,
    ADDRESS_TEXT_MAX = 4 * ADDRESS_BYTES_MAX,
    ADDRESS_TYPE_MAX = 16,
};

/* One notice on its way. */
struct letter {
    const struct bounce_notice *about;
    const struct notice_template *template;
    struct notice notice;
    struct mem *mem;
    struct bounce_original original;
    struct buf text; /* for people; empty for a postmaster */
    bool text_has_8bit;
    bool is_global; /* RFC 6533: about a message that asked for SMTPUTF8 */
    int64_t wall_s;
    int utc_offset_s;
    char boundary[BOUNDARY_MAX + 1];
};

static struct str param(const struct letter *letter, enum conf_param name)
{
    return conf_text(letter->about->state->conf, name);
}

/* ---- lines ------------------------------------------------------------------------------------- */

static void put(struct letter *letter, const char *line)
{
    notice_put(&letter->notice, str_from(line));
}

/* What others wrote, as printable ASCII, and as UTF-8 where that may stand. */
static void put_plain(const struct letter *letter, struct buf *out, struct str text)
{
    while (text.size > 0) {
        char c = text.data[0] == '\t' ? ' ' : text.data[0];
        size_t size = letter->is_global ? utf8_character_size(text) : 1;
        if (size > 1) {
            buf_put(out, str_first(text, size));
        } else {
            buf_put_char(out, char_is_print(c) ? c : '?');
        }
        text = str_skip(text, size > 1 ? size : 1);
    }
}

static void put_address(const struct letter *letter, struct buf *out, struct str internal)
{
    struct buf external;
    buf_init(&external, out->mem, ADDRESS_TEXT_MAX);
    address_write(internal, &external);
    put_plain(letter, out, buf_str(&external));
    buf_done(&external);
}

/* Bytes of text that go on a line: up to the last blank that fits, or a whole word. */
static size_t fold_at(struct str text, size_t columns)
{
    if (text.size <= columns) {
        return text.size;
    }
    ptrdiff_t blank = str_find_last(str_first(text, columns + 1), ' ');
    if (blank <= 0) {
        blank = str_find(text, ' ');
    }
    size_t size = blank > 0 ? (size_t)blank : text.size;
    size_t most = BOUNCE_ORIGINAL_LINE_MAX - FOLD_INDENT;
    return size < most ? size : most;
}

/* Puts text in lines of so many columns; those after the first are indented. */
static void put_folded(struct letter *letter, struct str text, size_t columns)
{
    size_t indent = 0;
    do {
        size_t size = fold_at(text, columns - indent);
        notice_printf(&letter->notice, "%*s%.*s", (int)indent, "", (int)size, text.data);
        text = str_trim(str_skip(text, size));
        indent = FOLD_INDENT;
    } while (text.size > 0);
}

/* A field of the report. */
static void put_field(struct letter *letter, const char *name, struct str value, size_t columns)
{
    struct buf line;
    buf_init(&line, letter->mem, BOUNCE_LOG_RECORD_MAX);
    buf_putf(&line, "%s: ", name);
    put_plain(letter, &line, str_trim_space(value));
    put_folded(letter, buf_str(&line), columns);
    buf_done(&line);
}

/* "rfc822; bob@far.test": where UTF-8 may not stand an address has its ASCII form of RFC 6533 3. */
static void put_typed_field(struct letter *letter, const char *name, struct str type,
                            struct str external)
{
    struct buf value;
    buf_init(&value, letter->mem, 4 * ADDRESS_TEXT_MAX);
    buf_put(&value, type);
    if (letter->is_global || str_is_ascii(external)) {
        buf_put(&value, external);
    } else {
        uxtext_write(external, &value);
    }
    put_field(letter, name, buf_str(&value), BOUNCE_ORIGINAL_LINE_MAX);
    buf_done(&value);
}

/* The same; blank stands behind the type. */
static void put_address_field(struct letter *letter, const char *name, const char *blank,
                              struct str internal)
{
    struct buf type;
    struct buf external;
    buf_init(&type, letter->mem, ADDRESS_TYPE_MAX);
    buf_init(&external, letter->mem, ADDRESS_TEXT_MAX);
    buf_putf(&type, "%s;%s", str_is_ascii(internal) ? "rfc822" : "utf-8", blank);
    address_write(internal, &external);
    put_typed_field(letter, name, buf_str(&type), buf_str(&external));
    buf_done(&external);
    buf_done(&type);
}

static void put_date_field(struct letter *letter, const char *name, int64_t wall_s)
{
    char date[RECEIVED_DATE_SIZE];
    put_field(letter, name, str_from(received_date(wall_s, letter->utc_offset_s, date)),
              BOUNCE_ORIGINAL_LINE_MAX);
}

static void put_boundary(struct letter *letter, const char *behind)
{
    notice_printf(&letter->notice, "--%s%s", letter->boundary, behind);
}

static void put_encoding(struct letter *letter, bool has_8bit)
{
    if (has_8bit || letter->is_global) {
        put(letter, "Content-Transfer-Encoding: 8bit");
    }
}

/* ---- what there is to say ---------------------------------------------------------------------- */

static void compose_text(struct letter *letter)
{
    const struct bounce_notice *about = letter->about;
    struct buf problems;
    buf_init(&problems, letter->mem, CONF_PROBLEMS_BYTES_MAX);
    if (!about->to_postmaster) {
        notice_text_expand(&about->state->texts, about->kind, &letter->text, &problems);
    }
    letter->text_has_8bit =
        !notice_text_is_ascii(letter->template) && !str_is_ascii(buf_str(&letter->text));
    struct str rest = buf_str(&problems);
    struct str line;
    while (str_next_token(&rest, "\n", &line)) {
        log_warning(about->state->log, "%.*s", STR_ARG(line));
    }
    buf_done(&problems);
}

/* A boundary that no line of the returned message begins with, and what else its scan tells. */
static int choose_boundary(struct letter *letter)
{
    const struct bounce_notice *about = letter->about;
    struct str host = param(letter, CONF_myhostname);
    char delimiter[BOUNDARY_MAX + 3];
    for (int number = 0; number < BOUNDARY_TRIES_MAX; number++) {
        int size = snprintf(letter->boundary, sizeof(letter->boundary), "%.*s.%lld.%d",
                            STR_ARG(about->queue_id), (long long)letter->wall_s, number);
        size -= number == 0 ? 2 : 0;
        snprintf(letter->boundary + size, sizeof(letter->boundary) - (size_t)size, "/%.*s",
                 STR_ARG(host));
        snprintf(delimiter, sizeof(delimiter), "--%s", letter->boundary);
        int error = bounce_original_scan(&letter->original, str_from(delimiter));
        if (error != 0 || !letter->original.has_delimiter) {
            return error;
        }
    }
    return -ERR_LIMIT;
}

/* ---- header and text for people ---------------------------------------------------------------- */

static void put_recipient(struct letter *letter)
{
    struct buf external;
    buf_init(&external, letter->mem, ADDRESS_TEXT_MAX);
    put_address(letter, &external, letter->about->recipient);
    put_field(letter, "To", buf_str(&external), BOUNCE_ORIGINAL_LINE_MAX);
    buf_done(&external);
}

static void put_header(struct letter *letter)
{
    const struct bounce_notice *about = letter->about;
    struct str id = buf_str(&letter->original.message_id);
    notice_put_from(&letter->notice, about->state->conf, letter->template->from);
    notice_printf(&letter->notice, "Subject: %.*s",
                  STR_ARG(about->to_postmaster ? letter->template->postmaster_subject
                                               : letter->template->subject));
    put_recipient(letter);
    if (id.size > 0 && conf_bool(about->state->conf, CONF_enable_threaded_bounces)) {
        notice_printf(&letter->notice, "References: %.*s", STR_ARG(id));
        notice_printf(&letter->notice, "In-Reply-To: %.*s", STR_ARG(id));
    }
    put(letter,
        about->to_postmaster ? "Auto-Submitted: auto-generated" : "Auto-Submitted: auto-replied");
    put(letter, "MIME-Version: 1.0");
    put(letter, "Content-Type: multipart/report; report-type=delivery-status;");
    notice_printf(&letter->notice, "\tboundary=\"%s\"", letter->boundary);
    put_encoding(letter, letter->text_has_8bit || letter->original.has_8bit);
    put(letter, "");
    put(letter, "This is a MIME-encapsulated message.");
}

static void put_text_line(struct letter *letter, struct str line)
{
    struct buf plain;
    buf_init(&plain, letter->mem, NOTICE_TEXT_BYTES_MAX);
    if (line.size > 0 && line.data[line.size - 1] == '\r') {
        line.size--;
    }
    if (letter->text_has_8bit) {
        buf_put(&plain, line);
    } else {
        put_plain(letter, &plain, line);
    }
    put_folded(letter, buf_str(&plain), BOUNCE_ORIGINAL_LINE_MAX);
    buf_done(&plain);
}

static void put_text(struct letter *letter)
{
    struct str rest = buf_str(&letter->text);
    struct str line;
    put(letter, "");
    put_boundary(letter, "");
    put(letter, "Content-Description: Notification");
    notice_printf(&letter->notice, "Content-Type: text/plain; charset=%.*s",
                  STR_ARG(letter->is_global && notice_text_is_ascii(letter->template)
                              ? STR("utf-8")
                              : letter->template->charset));
    put_encoding(letter, letter->text_has_8bit);
    put(letter, "");
    while (rest.size > 0 && str_next(&rest, '\n', &line)) {
        put_text_line(letter, line);
    }
}

static void put_person(struct letter *letter, const struct bounce_record *record)
{
    struct buf text;
    buf_init(&text, letter->mem, BOUNCE_LOG_RECORD_MAX);
    buf_put_char(&text, '<');
    put_address(letter, &text, record->recipient);
    buf_put_char(&text, '>');
    if (record->original_recipient.size > 0 &&
        !str_equal(record->original_recipient, record->recipient)) {
        buf_put_text(&text, " (expanded from <");
        put_address(letter, &text, record->original_recipient);
        buf_put_text(&text, ">)");
    }
    buf_put_text(&text, ": ");
    put_plain(letter, &text, record->dsn.reason);
    put(letter, "");
    put_folded(letter, buf_str(&text), TEXT_COLUMNS);
    buf_done(&text);
}

/* ---- message/delivery-status ------------------------------------------------------------------- */

static void put_message_fields(struct letter *letter)
{
    const struct bounce_notice *about = letter->about;
    struct str mail_name = param(letter, CONF_mail_name);
    put(letter, "");
    put_boundary(letter, "");
    put(letter, "Content-Description: Delivery report");
    put(letter, letter->is_global ? "Content-Type: message/global-delivery-status"
                                  : "Content-Type: message/delivery-status");
    put_encoding(letter, false);
    put(letter, "");
    notice_printf(&letter->notice, "Reporting-MTA: dns; %.*s",
                  STR_ARG(param(letter, CONF_myhostname)));
    if (about->envelope->envelope_id.size > 0) {
        put_field(letter, "Original-Envelope-Id", about->envelope->envelope_id,
                  BOUNCE_ORIGINAL_LINE_MAX);
    }
    notice_printf(&letter->notice, "X-%.*s-Queue-ID: %.*s", STR_ARG(mail_name),
                  STR_ARG(about->queue_id));
    if (about->envelope->sender.size > 0) {
        struct buf name;
        buf_init(&name, letter->mem, NOTICE_TEXT_BYTES_MAX);
        buf_putf(&name, "X-%.*s-Sender", STR_ARG(mail_name));
        put_address_field(letter, buf_text(&name), " ", about->envelope->sender);
        buf_done(&name);
    }
    put_date_field(letter, "Arrival-Date", about->envelope->arrival_wall_ns / SYS_SECOND_NS);
}

static void put_original_recipient(struct letter *letter, const struct bounce_record *record)
{
    ptrdiff_t semicolon = str_find(record->dsn_orig_rcpt, ';');
    if (semicolon > 0) {
        put_typed_field(letter, "Original-Recipient",
                        str_first(record->dsn_orig_rcpt, (size_t)semicolon + 1),
                        str_skip(record->dsn_orig_rcpt, (size_t)semicolon + 1));
    } else {
        put_address_field(letter, "Original-Recipient", "",
                          record->original_recipient.size > 0 ? record->original_recipient
                                                              : record->recipient);
    }
}

static void put_remote(struct letter *letter, const struct dsn *dsn)
{
    struct buf value;
    buf_init(&value, letter->mem, BOUNCE_LOG_RECORD_MAX);
    buf_putf(&value, "%.*s; %.*s", STR_ARG(dsn->mta_type), STR_ARG(dsn->mta_name));
    if (dsn->mta_name.size > 0 && dsn->mta_type.size > 0) {
        put_field(letter, "Remote-MTA", buf_str(&value), BOUNCE_ORIGINAL_LINE_MAX);
    }
    buf_done(&value);
}

static void put_diagnostic(struct letter *letter, const struct dsn *dsn)
{
    struct buf value;
    buf_init(&value, letter->mem, BOUNCE_LOG_RECORD_MAX);
    if (dsn->diag_type.size > 0) {
        buf_putf(&value, "%.*s; %.*s", STR_ARG(dsn->diag_type), STR_ARG(dsn->diag_text));
    } else {
        buf_putf(&value, "X-%.*s; %.*s", STR_ARG(param(letter, CONF_mail_name)),
                 STR_ARG(dsn->reason));
    }
    put_field(letter, "Diagnostic-Code", buf_str(&value), TEXT_COLUMNS);
    buf_done(&value);
}

static struct str action_of(const struct letter *letter, const struct bounce_record *record)
{
    switch (letter->about->kind) {
    case NOTICE_FAILURE:
        return STR("failed"); /* also what was delayed until it expired */
    case NOTICE_DELAY:
        return STR("delayed");
    case NOTICE_SUCCESS:
    case NOTICE_VERIFY:
    case NOTICE_KINDS:
        break;
    }
    return record->dsn.action;
}

/* When a message of this sender expires. */
static int64_t retry_until_s(const struct letter *letter)
{
    const struct bounce_notice *about = letter->about;
    return queue_expiry_wall_ns(about->state->conf, about->envelope) / SYS_SECOND_NS;
}

static void put_recipient_fields(struct letter *letter, const struct bounce_record *record)
{
    const struct dsn *dsn = &record->dsn;
    put(letter, "");
    put_address_field(letter, "Final-Recipient", " ", record->recipient);
    put_original_recipient(letter, record);
    put_field(letter, "Action", action_of(letter, record), BOUNCE_ORIGINAL_LINE_MAX);
    put_field(letter, "Status", dsn->status, BOUNCE_ORIGINAL_LINE_MAX);
    put_remote(letter, dsn);
    put_diagnostic(letter, dsn);
    if (letter->about->kind == NOTICE_DELAY) {
        put_date_field(letter, "Will-Retry-Until", retry_until_s(letter));
    }
}

/* ---- what is returned -------------------------------------------------------------------------- */

static const char *returned_type(const struct letter *letter)
{
    if (letter->is_global) {
        return letter->original.whole ? "message/global" : "message/global-headers";
    }
    return letter->original.whole ? "message/rfc822" : "text/rfc822-headers";
}

static int put_original(struct letter *letter)
{
    bool is_whole = letter->original.whole;
    bool is_undelivered =
        letter->about->kind == NOTICE_FAILURE || letter->about->kind == NOTICE_DELAY;
    put(letter, "");
    put_boundary(letter, "");
    notice_printf(&letter->notice, "Content-Description: %sMessage%s",
                  is_undelivered ? "Undelivered " : "", is_whole ? "" : " Headers");
    notice_printf(&letter->notice, "Content-Type: %s", returned_type(letter));
    put_encoding(letter, letter->original.has_8bit);
    put(letter, "");
    struct buf sender;
    buf_init(&sender, letter->mem, ADDRESS_TEXT_MAX + 2);
    buf_put_char(&sender, '<');
    put_address(letter, &sender, letter->about->envelope->sender);
    buf_put_char(&sender, '>');
    put_field(letter, "Return-Path", buf_str(&sender), BOUNCE_ORIGINAL_LINE_MAX);
    buf_done(&sender);
    int error = bounce_original_copy(&letter->original, &letter->notice.message);
    put(letter, "");
    put_boundary(letter, "--");
    return error;
}

/* ---- all of it --------------------------------------------------------------------------------- */

static int put_all(struct letter *letter)
{
    const struct bounce_selection *selection = &letter->about->selection;
    struct bounce_record record;
    put_header(letter);
    put_text(letter);
    struct str rest = selection->index->log;
    while (bounce_selection_next(selection, &rest, &record)) {
        put_person(letter, &record);
    }
    put_message_fields(letter);
    rest = selection->index->log;
    while (bounce_selection_next(selection, &rest, &record)) {
        put_recipient_fields(letter, &record);
    }
    return put_original(letter);
}

static int fail(const struct letter *letter, const char *what, const char *why)
{
    log_warning(letter->about->state->log, "%.*s: %s: %s", STR_ARG(letter->about->queue_id), what,
                why);
    return -ERR_UNAVAILABLE;
}

static const char *kind_of_notification(enum notice_kind kind)
{
    switch (kind) {
    case NOTICE_FAILURE:
        return "non-delivery";
    case NOTICE_DELAY:
        return "delay";
    case NOTICE_SUCCESS:
    case NOTICE_VERIFY:
    case NOTICE_KINDS:
        break;
    }
    return "delivery status";
}

static void log_notice(const struct letter *letter, struct arena *arena)
{
    const struct bounce_notice *about = letter->about;
    struct str notice = arena_printf(arena, "%s %s", about->to_postmaster ? "postmaster" : "sender",
                                     kind_of_notification(about->kind));
    log_event(about->state->log, notification, .queue_id = about->queue_id,
              .new_queue_id = str_from(letter->notice.message.queue_id), .notice = notice);
}

/* The header returned counts too: it is in a message of its own, within ours. */
static int64_t smtputf8_of(const struct letter *letter)
{
    if (!letter->is_global) {
        return 0;
    }
    return QUEUE_SMTPUTF8_REQUESTED |
           (letter->original.header_has_8bit ? QUEUE_SMTPUTF8_HEADER : 0);
}

static int send(struct letter *letter, struct arena *arena)
{
    const struct bounce_notice *about = letter->about;
    struct bounce_state *state = about->state;
    int error = choose_boundary(letter);
    if (error != 0) {
        return fail(letter, "cannot read the message", err_sentence(error));
    }
    const struct notice_envelope envelope = {
        .sender = about->to_postmaster
                      ? notice_own_address(state->conf, arena, CONF_double_bounce_sender)
                      : STR(""),
        .recipient = about->recipient,
        .has_8bit = letter->is_global || letter->text_has_8bit || letter->original.has_8bit,
        .smtputf8 = smtputf8_of(letter),
    };
    error = notice_begin(&letter->notice, &state->cleanup, state->conf, &envelope);
    if (error != 0) {
        return fail(letter, "cannot start a notice", err_sentence(error));
    }
    error = put_all(letter);
    if (error != 0) {
        notice_abort(&letter->notice);
        return fail(letter, "cannot read the message", err_sentence(error));
    }
    int64_t status = notice_end(&letter->notice);
    if (status != 0) {
        return fail(letter, "notice not queued", cleanup_status_outcome(status).text.data);
    }
    log_notice(letter, arena);
    return 0;
}

int bounce_notice_send(const struct bounce_notice *notice, struct arena *arena)
{
    struct sys *sys = notice->state->sys;
    int64_t wall_ns = sys_wall_ns(sys);
    struct letter letter = {
        .about = notice,
        .template = &notice->state->texts.templates[notice->kind],
        .mem = sys_mem(sys),
        .is_global = (notice->envelope->size.send_options & QUEUE_SMTPUTF8_REQUESTED) != 0,
        .wall_s = wall_ns / SYS_SECOND_NS,
        .utc_offset_s = sys_utc_offset_s(sys, wall_ns),
    };
    buf_init(&letter.text, letter.mem, NOTICE_TEXT_BYTES_MAX);
    bounce_original_init(&letter.original, letter.mem, notice->message, notice->returns_whole);
    compose_text(&letter);
    int error = send(&letter, arena);
    bounce_original_done(&letter.original);
    buf_done(&letter.text);
    return error;
}
