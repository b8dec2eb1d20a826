// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_settings.h"

static struct qmgr_feedback feedback_of(const struct conf *conf, struct log *log,
                                        struct str transport, const char *suffix,
                                        enum conf_param fallback)
{
    struct qmgr_feedback feedback;
    struct str text = conf_transport_text(conf, transport, suffix, fallback);
    if (qmgr_feedback_parse(text, &feedback) != 0) {
        log_warning(log,
                    "%.*s%s: ignoring \"%.*s\": must be a number from 0 to 1, a fraction, or "
                    "number/concurrency",
                    STR_ARG(transport), suffix, STR_ARG(text));
        feedback = (struct qmgr_feedback){QMGR_FEEDBACK_CONSTANT, QMGR_ONE};
    }
    return feedback;
}

static struct qmgr_window_rules window_of(const struct conf *conf, struct log *log, struct str name)
{
    return (struct qmgr_window_rules){
        .initial = conf_transport_int(conf, name, "_initial_destination_concurrency",
                                      CONF_initial_destination_concurrency),
        .limit = conf_transport_int(conf, name, "_destination_concurrency_limit",
                                    CONF_default_destination_concurrency_limit),
        .positive = feedback_of(conf, log, name, "_destination_concurrency_positive_feedback",
                                CONF_default_destination_concurrency_positive_feedback),
        .negative = feedback_of(conf, log, name, "_destination_concurrency_negative_feedback",
                                CONF_default_destination_concurrency_negative_feedback),
        .failed_cohort_limit =
            conf_transport_int(conf, name, "_destination_concurrency_failed_cohort_limit",
                               CONF_default_destination_concurrency_failed_cohort_limit),
    };
}

struct qmgr_settings qmgr_settings_of(const struct conf *conf, struct log *log, struct str name)
{
    return (struct qmgr_settings){
        .window = window_of(conf, log, name),
        .recipient_limit = conf_transport_int(conf, name, "_destination_recipient_limit",
                                              CONF_default_destination_recipient_limit),
        .destination_rate_delay_ns = conf_transport_time_ns(conf, name, "_destination_rate_delay",
                                                            CONF_default_destination_rate_delay),
        .transport_rate_delay_ns = conf_transport_time_ns(conf, name, "_transport_rate_delay",
                                                          CONF_default_transport_rate_delay),
        .dead_ns = conf_time_ns(conf, CONF_minimal_backoff_time),
        .retry_ns = conf_time_ns(conf, CONF_transport_retry_time),
        .slot_cost =
            conf_transport_int(conf, name, "_delivery_slot_cost", CONF_default_delivery_slot_cost),
        .slot_loan =
            conf_transport_int(conf, name, "_delivery_slot_loan", CONF_default_delivery_slot_loan),
        .slot_discount = conf_transport_int(conf, name, "_delivery_slot_discount",
                                            CONF_default_delivery_slot_discount),
        .slots_min = conf_transport_int(conf, name, "_minimum_delivery_slots",
                                        CONF_default_minimum_delivery_slots),
        .memory_recipients_max =
            conf_transport_int(conf, name, "_recipient_limit", CONF_default_recipient_limit),
        .memory_recipients_extra = conf_transport_int(conf, name, "_extra_recipient_limit",
                                                      CONF_default_extra_recipient_limit),
        .refill_recipients = conf_transport_int(conf, name, "_recipient_refill_limit",
                                                CONF_default_recipient_refill_limit),
        .refill_delay_ns = conf_transport_time_ns(conf, name, "_recipient_refill_delay",
                                                  CONF_default_recipient_refill_delay),
    };
}
