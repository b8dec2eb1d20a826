// SPDX-License-Identifier: ISC
#include "bounce/bounce_notice.h"

#include <stdio.h>

#include "mail/received.h"
#include "proto/address.h"

enum { TEXT_COLUMNS = 79, FOLD_INDENT = 4 };

static const char *const person_text[] = {
    "I'm sorry to have to inform you that your message could not",
    "be delivered to one or more recipients. It's attached below.",
    "",
    "For further assistance, please send mail to postmaster.",
    "",
    "If you do so, please include this problem report. You can",
    "delete your own text from the attached returned message.",
    "",
};

static void put(struct bounce_notice *notice, const char *line)
{
    notice_put(&notice->notice, str_from(line));
}

static struct mem *mem_of(struct bounce_notice *notice)
{
    return notice->notice.mem;
}

/* Bytes of text that go on a line: up to the last blank that fits, or a whole word. */
static size_t fold_at(struct str text, size_t columns)
{
    if (text.size <= columns) {
        return text.size;
    }
    ptrdiff_t blank = str_find_last(str_first(text, columns + 1), ' ');
    if (blank > 0) {
        return (size_t)blank;
    }
    blank = str_find(text, ' ');
    return blank > 0 ? (size_t)blank : text.size;
}

/* Puts text in lines of TEXT_COLUMNS; those after the first are indented. */
static void put_folded(struct bounce_notice *notice, struct str text)
{
    size_t indent = 0;
    do {
        size_t size = fold_at(text, TEXT_COLUMNS - indent);
        notice_printf(&notice->notice, "%*s%.*s", (int)indent, "", (int)size, text.data);
        text = str_trim(str_skip(text, size));
        indent = FOLD_INDENT;
    } while (text.size > 0);
}

static void put_boundary(struct bounce_notice *notice, const char *behind)
{
    notice_printf(&notice->notice, "--%s%s", notice->boundary, behind);
}

static void put_encoding(struct bounce_notice *notice)
{
    struct str encoding = notice->envelope->encoding;
    if (encoding.size > 0) {
        notice_printf(&notice->notice, "Content-Transfer-Encoding: %.*s", STR_ARG(encoding));
    }
}

static void put_header(struct bounce_notice *notice)
{
    struct str host = conf_text(notice->conf, CONF_myhostname);
    struct str origin = conf_text(notice->conf, CONF_myorigin);
    struct buf recipient;
    buf_init(&recipient, mem_of(notice), ADDRESS_BYTES_MAX * 2);
    address_write(notice->recipient, &recipient);
    notice_printf(&notice->notice, "From: Mail Delivery System <MAILER-DAEMON@%.*s>",
                  STR_ARG(origin));
    put(notice, notice->to_postmaster ? "Subject: Postmaster Copy: Undelivered Mail"
                                      : "Subject: Undelivered Mail Returned to Sender");
    notice_printf(&notice->notice, "To: %s", buf_text(&recipient));
    put(notice,
        notice->to_postmaster ? "Auto-Submitted: auto-generated" : "Auto-Submitted: auto-replied");
    put(notice, "MIME-Version: 1.0");
    put(notice, "Content-Type: multipart/report; report-type=delivery-status;");
    snprintf(notice->boundary, sizeof(notice->boundary), "%.*s.%lld/%.*s",
             STR_ARG(notice->queue_id), (long long)notice->wall_s,
             (int)(host.size < 128 ? host.size : 128), host.data);
    notice_printf(&notice->notice, "\tboundary=\"%s\"", notice->boundary);
    put_encoding(notice);
    put(notice, "");
    buf_done(&recipient);
}

void bounce_notice_begin(struct bounce_notice *notice)
{
    put_header(notice);
    put(notice, "This is a MIME-encapsulated message.");
    put(notice, "");
    put_boundary(notice, "");
    put(notice, "Content-Description: Notification");
    put(notice, "Content-Type: text/plain; charset=utf-8");
    put_encoding(notice);
    put(notice, "");
    notice_printf(&notice->notice, "This is the mail system at host %.*s.",
                  STR_ARG(conf_text(notice->conf, CONF_myhostname)));
    put(notice, "");
    for (size_t i = 0; i < sizeof(person_text) / sizeof(person_text[0]); i++) {
        put(notice, person_text[i]);
    }
    put(notice, "                   The mail system");
}

void bounce_notice_person(struct bounce_notice *notice, const struct bounce_record *record)
{
    struct buf text;
    buf_init(&text, mem_of(notice), BOUNCE_LOG_RECORD_MAX);
    buf_put_char(&text, '<');
    address_write(record->recipient, &text);
    buf_put_char(&text, '>');
    if (record->original_recipient.size > 0 &&
        !str_equal(record->original_recipient, record->recipient)) {
        buf_put_text(&text, " (expanded from <");
        address_write(record->original_recipient, &text);
        buf_put_text(&text, ">)");
    }
    buf_put_text(&text, ": ");
    buf_put(&text, record->dsn.reason);
    put(notice, "");
    put_folded(notice, buf_str(&text));
    buf_done(&text);
}

void bounce_notice_status(struct bounce_notice *notice)
{
    char date[RECEIVED_DATE_SIZE];
    struct str mail_name = conf_text(notice->conf, CONF_mail_name);
    struct str sender = notice->envelope->sender;
    put(notice, "");
    put_boundary(notice, "");
    put(notice, "Content-Description: Delivery report");
    put(notice, "Content-Type: message/delivery-status");
    put(notice, "");
    notice_printf(&notice->notice, "Reporting-MTA: dns; %.*s",
                  STR_ARG(conf_text(notice->conf, CONF_myhostname)));
    if (notice->envelope->envelope_id.size > 0) {
        notice_printf(&notice->notice, "Original-Envelope-Id: %.*s",
                      STR_ARG(notice->envelope->envelope_id));
    }
    notice_printf(&notice->notice, "X-%.*s-Queue-ID: %.*s", STR_ARG(mail_name),
                  STR_ARG(notice->queue_id));
    if (sender.size > 0) {
        struct buf external;
        buf_init(&external, mem_of(notice), ADDRESS_BYTES_MAX * 2);
        address_write(sender, &external);
        notice_printf(&notice->notice, "X-%.*s-Sender: rfc822; %s", STR_ARG(mail_name),
                      buf_text(&external));
        buf_done(&external);
    }
    notice_printf(&notice->notice, "Arrival-Date: %s",
                  received_date(notice->envelope->arrival_wall_ns / SYS_SECOND_NS,
                                notice->utc_offset_s, date));
}

static void put_diagnostic(struct bounce_notice *notice, const struct dsn *dsn)
{
    struct buf text;
    buf_init(&text, mem_of(notice), BOUNCE_LOG_RECORD_MAX);
    if (dsn->diag_type.size > 0) {
        buf_putf(&text, "Diagnostic-Code: %.*s; %.*s", STR_ARG(dsn->diag_type),
                 STR_ARG(dsn->diag_text));
    } else {
        buf_putf(&text, "Diagnostic-Code: X-%.*s; %.*s",
                 STR_ARG(conf_text(notice->conf, CONF_mail_name)), STR_ARG(dsn->reason));
    }
    put_folded(notice, buf_str(&text));
    buf_done(&text);
}

void bounce_notice_record(struct bounce_notice *notice, const struct bounce_record *record)
{
    struct buf recipient;
    buf_init(&recipient, mem_of(notice), ADDRESS_BYTES_MAX * 2);
    address_write(record->recipient, &recipient);
    put(notice, "");
    notice_printf(&notice->notice, "Final-Recipient: rfc822; %s", buf_text(&recipient));
    if (record->dsn_orig_rcpt.size > 0) {
        notice_printf(&notice->notice, "Original-Recipient: %.*s", STR_ARG(record->dsn_orig_rcpt));
    } else {
        notice_printf(&notice->notice, "Original-Recipient: rfc822;%s", buf_text(&recipient));
    }
    put(notice, "Action: failed");
    notice_printf(&notice->notice, "Status: %.*s", STR_ARG(record->dsn.status));
    if (record->dsn.mta_name.size > 0) {
        notice_printf(&notice->notice, "Remote-MTA: %.*s; %.*s", STR_ARG(record->dsn.mta_type),
                      STR_ARG(record->dsn.mta_name));
    }
    put_diagnostic(notice, &record->dsn);
    buf_done(&recipient);
}

/* The content's lines, up to its first empty one unless the whole is wanted. */
static int copy_content(struct bounce_notice *notice, struct queue_message *message, bool whole)
{
    struct str line;
    bool ends_line = true;
    bool begins_line = true;
    int found;
    queue_message_content(message);
    while ((found = queue_message_line(message, &line, &ends_line)) == 1) {
        if (!whole && begins_line && ends_line && line.size == 0) {
            return 0;
        }
        cleanup_client_put(&notice->notice.message,
                           ends_line ? QUEUE_RECORD_LINE : QUEUE_RECORD_LINE_PART, line);
        begins_line = ends_line;
    }
    return found;
}

int bounce_notice_original(struct bounce_notice *notice, struct queue_message *message, bool whole)
{
    struct buf sender;
    buf_init(&sender, mem_of(notice), ADDRESS_BYTES_MAX * 2);
    address_write(notice->envelope->sender, &sender);
    put(notice, "");
    put_boundary(notice, "");
    put(notice, whole ? "Content-Description: Undelivered Message"
                      : "Content-Description: Undelivered Message Headers");
    put(notice, whole ? "Content-Type: message/rfc822" : "Content-Type: text/rfc822-headers");
    put_encoding(notice);
    put(notice, "");
    notice_printf(&notice->notice, "Return-Path: <%s>", buf_text(&sender));
    buf_done(&sender);
    return copy_content(notice, message, whole);
}

void bounce_notice_end(struct bounce_notice *notice)
{
    put(notice, "");
    put_boundary(notice, "--");
}
