// SPDX-License-Identifier: ISC
#include "check/rules.h"

#include <stddef.h>

#include "base/assert.h"
#include "conf/param.h"
#include "conf/value.h"

#define RULE(parameter, member)                                \
    {                                                          \
        CONF_##parameter, offsetof(struct rules, member), NULL \
    }

/* The limits of a transport of its own are wider than the default, or taken for it. */
static const struct row {
    enum conf_param parameter;
    size_t member;
    const char *also; /* a parameter of the transport smtp that stands for the default */
} rows[] = {
    RULE(minimal_backoff_time, minimal_backoff_ns),
    RULE(maximal_backoff_time, maximal_backoff_ns),
    RULE(backoff_jitter_percent, jitter_percent),
    RULE(queue_run_delay, run_delay_ns),
    RULE(deferred_recheck_time, deferred_recheck_ns),
    RULE(maximal_queue_lifetime, lifetime_ns),
    RULE(bounce_queue_lifetime, bounce_lifetime_ns),
    RULE(delivery_mark_sync_time, mark_sync_ns),
    RULE(qmgr_message_active_limit, active_max),
    RULE(default_process_limit, processes_max),
    RULE(smtp_mx_session_limit, sessions_max),
    RULE(smtp_mx_address_limit, addresses_max),
    RULE(default_destination_rate_delay, rate_delay_ns),
    RULE(default_transport_rate_delay, transport_rate_delay_ns),
    RULE(transport_retry_time, transport_retry_ns),
    RULE(smtp_connect_timeout, connect_ns),
    RULE(smtp_helo_timeout, helo_ns),
    RULE(smtp_mail_timeout, mail_ns),
    RULE(smtp_rcpt_timeout, rcpt_ns),
    RULE(smtp_data_init_timeout, data_init_ns),
    RULE(smtp_data_xfer_timeout, data_xfer_ns),
    RULE(smtp_data_done_timeout, data_done_ns),
    RULE(smtp_quit_timeout, quit_ns),
    {CONF_default_destination_recipient_limit, offsetof(struct rules, recipients_max),
     "smtp_destination_recipient_limit"},
    {CONF_default_destination_concurrency_limit, offsetof(struct rules, deliveries_max),
     "smtp_destination_concurrency_limit"},
};
#undef RULE
enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

static void set(struct rules *rules, const struct row *row, struct str text)
{
    const struct param *param = param_get(row->parameter);
    int64_t value;
    int error = param->type == PARAM_TIME ? value_parse_time(text, param->detail.data[0], &value)
                                          : value_parse_int(text, &value);
    if (error == 0) {
        *(int64_t *)(void *)((char *)rules + row->member) = value;
    }
}

void rules_init(struct rules *rules)
{
    for (int i = 0; i < ROW_COUNT; i++) {
        set(rules, &rows[i], param_get(rows[i].parameter)->default_value);
    }
}

void rules_set(struct rules *rules, struct str parameter, struct str value)
{
    for (int i = 0; i < ROW_COUNT; i++) {
        if (str_equal(parameter, param_get(rows[i].parameter)->name) ||
            (rows[i].also != NULL && str_equal(parameter, str_from(rows[i].also)))) {
            set(rules, &rows[i], value);
        }
    }
}
