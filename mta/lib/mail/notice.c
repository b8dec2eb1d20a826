// SPDX-License-Identifier: ISC
#include "mail/notice.h"

#include <stdio.h>

#include "mail/received.h"
#include "sys/clock.h"

enum { LINE_MAX = 32 * 1024, ARENA_MAX = 32 * 1024, HEADER_MAX = 2048 };

static void put_envelope(struct notice *notice, const struct notice_envelope *envelope)
{
    struct cleanup_message *message = &notice->message;
    char time[QUEUE_RECORD_TIME_SIZE];
    queue_record_time_write(notice->wall_ns, time);
    cleanup_client_put(message, QUEUE_RECORD_ARRIVAL_TIME, str_from(time));
    if (envelope->has_8bit) {
        cleanup_client_put(message, QUEUE_RECORD_ATTRIBUTE, STR("encoding=8bit"));
    }
    cleanup_client_put_smtputf8(message, envelope->smtputf8);
    cleanup_client_put(message, QUEUE_RECORD_SENDER, envelope->sender);
    if (envelope->notify_flags != 0) {
        cleanup_client_printf(message, QUEUE_RECORD_DSN_NOTIFY, "%d", envelope->notify_flags);
    }
    cleanup_client_put(message, QUEUE_RECORD_RECIPIENT, envelope->recipient);
    cleanup_client_put(message, QUEUE_RECORD_CONTENT, STR(""));
}

static void put_trace(struct notice *notice, const struct conf *conf)
{
    struct sys *sys = notice->message.client->pool.sys;
    struct buf text;
    buf_init(&text, notice->mem, HEADER_MAX);
    const struct received received = {
        .host_name = conf_text(conf, CONF_myhostname),
        .mail_name = conf_text(conf, CONF_mail_name),
        .queue_id = str_from(notice->message.queue_id),
        .wall_s = notice->wall_ns / SYS_SECOND_NS,
        .utc_offset_s = sys_utc_offset_s(sys, notice->wall_ns),
    };
    received_write(&text, &received);
    struct str rest = buf_str(&text);
    struct str line;
    while (str_next(&rest, '\n', &line) && rest.data != NULL) {
        notice_put(notice, line);
    }
    buf_done(&text);
}

struct str notice_own_address(const struct conf *conf, struct arena *arena, enum conf_param param)
{
    struct str address = conf_text(conf, param);
    return str_find(address, '@') >= 0
               ? address
               : arena_printf(arena, "%s@%s", address.data, conf_text(conf, CONF_myorigin).data);
}

int notice_begin(struct notice *notice, struct cleanup_client *client, const struct conf *conf,
                 const struct notice_envelope *envelope)
{
    struct sys *sys = client->pool.sys;
    *notice = (struct notice){.mem = sys_mem(sys), .wall_ns = sys_wall_ns(sys)};
    int64_t flags =
        CLEANUP_FLAG_LOCAL | CLEANUP_FLAG_INTERNAL |
        cleanup_client_utf8_flag(conf, envelope->sender.size == 0 ? "bounce" : "notify");
    int error = cleanup_client_begin(client, flags, &notice->message);
    if (error != 0) {
        return error;
    }
    put_envelope(notice, envelope);
    put_trace(notice, conf);
    return 0;
}

void notice_put(struct notice *notice, struct str line)
{
    while (line.size > LINE_MAX) {
        cleanup_client_put(&notice->message, QUEUE_RECORD_LINE_PART, str_first(line, LINE_MAX));
        line = str_skip(line, LINE_MAX);
    }
    cleanup_client_put(&notice->message, QUEUE_RECORD_LINE, line);
}

void notice_printf(struct notice *notice, const char *format, ...)
{
    struct buf line;
    va_list arguments;
    buf_init(&line, notice->mem, LINE_MAX);
    va_start(arguments, format);
    buf_putv(&line, format, arguments);
    va_end(arguments);
    notice_put(notice, buf_str(&line));
    buf_done(&line);
}

struct str notice_default_from(const struct conf *conf)
{
    return str_equal(conf_text(conf, CONF_header_from_format), STR("obsolete"))
               ? STR("MAILER-DAEMON (Mail Delivery System)")
               : STR("Mail Delivery System <MAILER-DAEMON>");
}

void notice_put_from(struct notice *notice, const struct conf *conf, struct str from)
{
    struct str bare = STR("MAILER-DAEMON");
    ptrdiff_t at = str_find_str(from, bare);
    struct str before = at < 0 ? from : str_first(from, (size_t)at + bare.size);
    struct str behind = str_skip(from, before.size);
    bool is_bare = at >= 0 && !str_starts_with(behind, STR("@"));
    notice_printf(notice, "From: %.*s%s%s%.*s", STR_ARG(before), is_bare ? "@" : "",
                  is_bare ? conf_text(conf, CONF_myorigin).data : "", STR_ARG(behind));
}

int64_t notice_end(struct notice *notice)
{
    struct arena arena;
    struct str reason;
    arena_init(&arena, notice->mem, ARENA_MAX);
    cleanup_client_put(&notice->message, QUEUE_RECORD_EXTRACTED, STR(""));
    cleanup_client_put(&notice->message, QUEUE_RECORD_END, STR(""));
    int64_t status = cleanup_client_end(&notice->message, &arena, &reason);
    arena_done(&arena);
    return status;
}

void notice_abort(struct notice *notice)
{
    cleanup_client_abort(&notice->message);
}
