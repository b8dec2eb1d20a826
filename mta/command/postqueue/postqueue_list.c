// SPDX-License-Identifier: ISC
#include "postqueue/postqueue_list.h"

#include <stdio.h>

#include "ipc/ipc.h"
#include "log/event.h"
#include "proto/date.h"
#include "sys/clock.h"

enum {
    ARENA_BYTES_MAX = 256 * 1024,
    OUTPUT_BYTES_MAX = 1024 * 1024,
    OUTPUT_FLUSH = 32 * 1024,
    REASON_COLUMNS = 76,
    KBYTE = 1024
};

struct list_print {
    struct sys *sys;
    struct stream *stream;
    struct arena arena;
    struct buf out;
    struct buf reason; /* that was printed last for the message */
    bool json;
    bool long_ids;
    int64_t message_count;
    int64_t bytes;
};

static int flush(struct list_print *print, size_t least)
{
    int error = buf_error(&print->out);
    if (error == 0 && print->out.size > least) {
        error = sys_output(print->sys, buf_str(&print->out));
        buf_clear(&print->out);
    }
    return error;
}

/* ---- for people ------------------------------------------------------------------------------ */

static const char *mark_of(const struct ipc_showq_entry *entry)
{
    if (entry->forced_expire != 0) {
        return "#";
    }
    if (str_equal(entry->queue_name, STR("active"))) {
        return "*";
    }
    return str_equal(entry->queue_name, STR("hold")) ? "!" : "";
}

static void print_heading(struct list_print *print)
{
    buf_put_text(&print->out,
                 print->long_ids
                     ? "----Queue ID----- --Size-- ---Arrival Time---- --Sender/Recipient------\n"
                     : "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n");
}

static void print_entry(struct list_print *print, const struct ipc_showq_entry *entry)
{
    char date[DATE_TEXT_SIZE];
    char id[IPC_NAME_MAX + 2];
    int offset_s = sys_utc_offset_s(print->sys, entry->time * SYS_SECOND_NS);
    struct buf *out = &print->out;
    snprintf(id, sizeof(id), "%.*s%s", STR_ARG(entry->queue_id), mark_of(entry));
    date_write_listing(entry->time, offset_s, date);
    if (print->message_count == 0) {
        print_heading(print);
    }
    buf_putf(out, print->long_ids ? "%-17s %8lld %19.19s " : "%-11s %7lld %-20.20s ", id,
             (long long)entry->size, date);
    log_put_text(out, entry->sender);
    buf_put_char(out, '\n');
}

/* Once for recipients behind each other that share it. */
static void print_reason(struct list_print *print, struct str reason)
{
    if (str_equal(reason, buf_str(&print->reason))) {
        return;
    }
    buf_clear(&print->reason);
    buf_put(&print->reason, reason);
    struct str shown = reason.size > 0 ? reason : STR("reason unavailable");
    int padding = REASON_COLUMNS - (int)shown.size;
    buf_putf(&print->out, "%*s(", padding > 0 ? padding : 0, "");
    log_put_text(&print->out, shown);
    buf_put_text(&print->out, ")\n");
}

static void print_recipient(struct list_print *print, const struct ipc_showq_recipient *recipient)
{
    struct buf *out = &print->out;
    print_reason(print, recipient->reason);
    buf_putf(out, "%*s", print->long_ids ? 47 : 41, "");
    log_put_text(out, recipient->recipient);
    buf_put_char(out, '\n');
}

static void print_trailer(struct list_print *print)
{
    if (print->message_count == 0) {
        buf_put_text(&print->out, "Mail queue is empty\n");
        return;
    }
    buf_putf(&print->out, "-- %lld Kbytes in %lld Request%s.\n", (long long)(print->bytes / KBYTE),
             (long long)print->message_count, print->message_count == 1 ? "" : "s");
}

/* ---- for programs ---------------------------------------------------------------------------- */

static void json_text(struct buf *out, const char *name, struct str value)
{
    buf_putf(out, "\"%s\": ", name);
    log_put_json_string(out, value);
}

static void json_entry(struct list_print *print, const struct ipc_showq_entry *entry)
{
    struct buf *out = &print->out;
    buf_put_char(out, '{');
    json_text(out, "queue_name", entry->queue_name);
    buf_put_text(out, ", ");
    json_text(out, "queue_id", entry->queue_id);
    buf_putf(out, ", \"arrival_time\": %lld, \"message_size\": %lld, \"forced_expire\": %s, ",
             (long long)entry->time, (long long)entry->size,
             entry->forced_expire != 0 ? "true" : "false");
    json_text(out, "sender", entry->sender);
    buf_put_text(out, ", \"recipients\": [");
}

static void json_recipient(struct list_print *print, const struct ipc_showq_recipient *recipient,
                           bool is_first)
{
    struct buf *out = &print->out;
    buf_put_text(out, is_first ? "{" : ", {");
    if (recipient->original_recipient.size > 0 &&
        !str_equal(recipient->original_recipient, recipient->recipient)) {
        json_text(out, "orig_address", recipient->original_recipient);
        buf_put_text(out, ", ");
    }
    json_text(out, "address", recipient->recipient);
    if (recipient->reason.size > 0) {
        buf_put_text(out, ", ");
        bool bounced = str_equal(recipient->log_class, STR("bounce"));
        json_text(out, bounced ? "bounce_reason" : "delay_reason", recipient->reason);
    }
    buf_put_char(out, '}');
}

/* ---- both ------------------------------------------------------------------------------------ */

static int list_recipients(struct list_print *print)
{
    bool is_first = true;
    int more;
    while ((more = ipc_list_more(print->stream)) == 1) {
        struct ipc_showq_recipient recipient;
        arena_reset(&print->arena);
        int error = ipc_showq_recipient_receive(print->stream, &print->arena, &recipient);
        if (error != 0) {
            return error;
        }
        if (print->json) {
            json_recipient(print, &recipient, is_first);
        } else {
            print_recipient(print, &recipient);
        }
        is_first = false;
        error = flush(print, OUTPUT_FLUSH);
        if (error != 0) {
            return error;
        }
    }
    return more;
}

static int list_message(struct list_print *print)
{
    struct ipc_showq_entry entry;
    arena_reset(&print->arena);
    int error = ipc_showq_entry_receive(print->stream, &print->arena, &entry);
    if (error != 0) {
        return error;
    }
    if (print->json) {
        json_entry(print, &entry);
    } else {
        print_entry(print, &entry);
    }
    buf_clear(&print->reason);
    print->message_count++;
    print->bytes += entry.size;
    error = list_recipients(print);
    buf_put_text(&print->out, print->json ? "]}\n" : "\n");
    return error != 0 ? error : flush(print, OUTPUT_FLUSH);
}

int postqueue_list(struct sys *sys, struct stream *stream, bool json, bool long_ids)
{
    struct list_print print = {.sys = sys, .stream = stream, .json = json, .long_ids = long_ids};
    arena_init(&print.arena, sys_mem(sys), ARENA_BYTES_MAX);
    buf_init(&print.out, sys_mem(sys), OUTPUT_BYTES_MAX);
    buf_init(&print.reason, sys_mem(sys), IPC_REASON_MAX);
    int more;
    int error = 0;
    while ((more = ipc_list_more(stream)) == 1 && error == 0) {
        error = list_message(&print);
    }
    if (error == 0 && more == 0 && !json) {
        print_trailer(&print);
    }
    int written = flush(&print, 0);
    buf_done(&print.out);
    buf_done(&print.reason);
    arena_done(&print.arena);
    return error != 0 ? error : more != 0 ? more : written;
}
