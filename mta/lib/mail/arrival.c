// SPDX-License-Identifier: ISC
#include "mail/arrival.h"

#include <stdio.h>

#include "mail/received.h"
#include "sys/clock.h"

enum { TRACE_MAX = 16 * 1024 };

static void put_unless_empty(struct cleanup_message *message, enum queue_record_type type,
                             struct str data)
{
    if (data.size > 0) {
        cleanup_client_put(message, type, data);
    }
}

void arrival_put_envelope(const struct arrival *arrival, struct cleanup_message *message)
{
    const struct {
        const char *name;
        struct str value;
    } attributes[] = {
        {"log_client_name", str_from(arrival->client->name)},
        {"log_client_address", str_from(arrival->client->address)},
        {"log_helo_name", arrival->helo},
        {"log_protocol_name", arrival->protocol},
    };
    char time[QUEUE_RECORD_TIME_SIZE];
    queue_record_time_write(arrival->wall_ns, time);
    cleanup_client_put(message, QUEUE_RECORD_ARRIVAL_TIME, str_from(time));
    cleanup_client_printf(message, QUEUE_RECORD_ATTRIBUTE, "create_time=%lld",
                          (long long)(arrival->wall_ns / SYS_SECOND_NS));
    if (arrival->ret != QUEUE_RET_NONE) {
        cleanup_client_printf(message, QUEUE_RECORD_DSN_RET, "%d", arrival->ret);
    }
    put_unless_empty(message, QUEUE_RECORD_DSN_ENVID, arrival->envelope_id);
    cleanup_client_put_smtputf8(message, arrival->smtputf8 ? QUEUE_SMTPUTF8_REQUESTED : 0);
    cleanup_client_put(message, QUEUE_RECORD_SENDER, arrival->sender);
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if (attributes[i].value.size > 0) {
            cleanup_client_printf(message, QUEUE_RECORD_ATTRIBUTE, "%s=%.*s", attributes[i].name,
                                  STR_ARG(attributes[i].value));
        }
    }
    put_unless_empty(message, QUEUE_RECORD_VERP, arrival->verp_delimiters);
}

void arrival_put_recipient(struct cleanup_message *message, struct str address, int notify,
                           struct str orcpt)
{
    if (notify != 0) {
        cleanup_client_printf(message, QUEUE_RECORD_DSN_NOTIFY, "%d", notify);
    }
    put_unless_empty(message, QUEUE_RECORD_DSN_ORCPT, orcpt);
    cleanup_client_put(message, QUEUE_RECORD_RECIPIENT, address);
}

static void put_lines(struct cleanup_message *message, struct str text)
{
    struct str line;
    while (text.size > 0 && str_next(&text, '\n', &line)) {
        cleanup_client_put(message, QUEUE_RECORD_LINE, line);
    }
}

void arrival_put_content(const struct arrival *arrival, struct cleanup_message *message,
                         const struct conf *conf)
{
    struct sys *sys = message->client->pool.sys;
    bool is_ipv6 = arrival->client->ip.family == SYS_FAMILY_IPV6;
    char address[SYS_ADDRESS_TEXT_MAX + 8];
    snprintf(address, sizeof(address), "%s%s", is_ipv6 ? "IPv6:" : "", arrival->client->address);
    const struct received received = {
        .helo = arrival->helo,
        .client_name = str_from(arrival->client->name),
        .client_address = str_from(address),
        .host_name = conf_text(conf, CONF_myhostname),
        .mail_name = conf_text(conf, CONF_mail_name),
        .protocol = arrival->smtputf8 ? STR("UTF8SMTP") : arrival->protocol, /* RFC 6531 4.3 */
        .queue_id = str_from(message->queue_id),
        .recipient = arrival->only_recipient,
        .wall_s = arrival->wall_ns / SYS_SECOND_NS,
        .utc_offset_s = sys_utc_offset_s(sys, arrival->wall_ns),
    };
    struct buf text;
    buf_init(&text, sys_mem(sys), TRACE_MAX);
    received_write(&text, &received);
    cleanup_client_put(message, QUEUE_RECORD_CONTENT, STR(""));
    put_lines(message, buf_str(&text));
    buf_done(&text);
}

int64_t arrival_end(struct cleanup_message *message, struct arena *arena)
{
    struct str reason;
    cleanup_client_put(message, QUEUE_RECORD_EXTRACTED, STR(""));
    cleanup_client_put(message, QUEUE_RECORD_END, STR(""));
    return cleanup_client_end(message, arena, &reason);
}
