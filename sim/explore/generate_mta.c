// SPDX-License-Identifier: ISC
/* The mail system: its parameters. */
#include "explore/generator.h"

enum { VALUES_MAX = 4 };

/* The first value is the usual one and is not written. */
static const struct setting {
    enum feature feature;
    const char *name;
    const char *values[VALUES_MAX];
} settings[] = {
    {FEATURE_exact_retries, "queue_run_delay", {"300s", "0", "60s", "1000s"}},
    {FEATURE_backoff, "minimal_backoff_time", {"300s", "10s", "60s", "200s"}},
    {FEATURE_backoff, "maximal_backoff_time", {"4000s", "300s", "1000s", "2h"}},
    {FEATURE_concurrency, "default_destination_concurrency_limit", {"20", "1", "2", "3"}},
    {FEATURE_concurrency, "initial_destination_concurrency", {"5", "1", "2", "3"}},
    {FEATURE_concurrency,
     "default_destination_concurrency_failed_cohort_limit",
     {"1", "2", "3", "10"}},
    {FEATURE_recipient_limits, "default_destination_recipient_limit", {"50", "1", "2", "3"}},
    {FEATURE_recipient_limits, "qmgr_message_recipient_limit", {"20000", "2", "4", "10"}},
    {FEATURE_recipient_limits, "qmgr_message_recipient_minimum", {"10", "1", "2", "3"}},
    {FEATURE_process_limits, "default_process_limit", {"100", "1", "2", "5"}},
    {FEATURE_active_limit, "qmgr_message_active_limit", {"20000", "1", "2", "3"}},
    {FEATURE_delay_warnings, "delay_warning_time", {"0h", "10m", "1h", "2h"}},
    {FEATURE_delay_warnings, "confirm_delay_cleared", {"no", "yes", "yes", "yes"}},
    {FEATURE_bounce_limits, "bounce_size_limit", {"50000", "1", "1000", "10000"}},
    {FEATURE_soft_bounce, "soft_bounce", {"no", "yes", "no", "no"}},
    {FEATURE_hash_depth, "hash_queue_depth", {"1", "2", "3", "2"}},
    {FEATURE_hash_names,
     "hash_queue_names",
     {"deferred defer", "incoming active hold bounce trace corrupt", "incoming",
      "incoming active deferred defer bounce flush"}},
    {FEATURE_fast_flush,
     "fast_flush_domains",
     {"", "d0.test", "d0.test d1.test", "d1.test d0.test"}},
    {FEATURE_fast_flush, "fast_flush_refresh_time", {"12h", "10m", "1h", "5m"}},
    {FEATURE_fast_flush, "fast_flush_purge_time", {"7d", "20m", "1h", "10m"}},
    {FEATURE_feedback,
     "default_destination_concurrency_negative_feedback",
     {"1", "0.5", "1/concurrency", "0"}},
    {FEATURE_feedback,
     "default_destination_concurrency_positive_feedback",
     {"1", "0.3", "1/sqrt_concurrency", "0"}},
    {FEATURE_rate_delays, "default_destination_rate_delay", {"0s", "1s", "10s", "60s"}},
    {FEATURE_transport_rate_delays, "default_transport_rate_delay", {"0s", "1s", "5s", "10s"}},
    {FEATURE_transport_retries, "transport_retry_time", {"60s", "1s", "10s", "300s"}},
    {FEATURE_slots, "default_delivery_slot_cost", {"5", "0", "1", "2"}},
    {FEATURE_slots, "default_delivery_slot_loan", {"3", "0", "1", "10"}},
    {FEATURE_slots, "default_minimum_delivery_slots", {"3", "1", "1", "10"}},
    {FEATURE_refills, "default_recipient_limit", {"20000", "1", "2", "5"}},
    {FEATURE_refills, "qmgr_message_recipient_minimum", {"10", "1", "1", "2"}},
    {FEATURE_refills, "default_recipient_refill_limit", {"100", "1", "2", "3"}},
    {FEATURE_jitter, "backoff_jitter_percent", {"0", "1", "10", "50"}},
    {FEATURE_rechecks, "deferred_recheck_time", {"1h", "60s", "10m", "1d"}},
    {FEATURE_short_processes, "max_use", {"100", "1", "2", "3"}},
    {FEATURE_short_processes, "max_idle", {"100s", "1s", "5s", "10s"}},
    {FEATURE_many_processes, "service_sessions_per_process", {"250", "1", "2", "3"}},
    {FEATURE_threaded_bounces, "enable_threaded_bounces", {"no", "yes", "yes", "yes"}},
    {FEATURE_mark_sync, "delivery_mark_sync_time", {"1s", "0", "0", "0"}},
    {FEATURE_hangs_for_ever, "daemon_timeout", {"18000s", "10000s", "5000s", "3000s"}},
    {FEATURE_hangs_for_ever, "qmgr_daemon_timeout", {"1000s", "500s", "200s", "100s"}},
    {FEATURE_smtputf8, "strict_smtputf8", {"no", "yes", "no", "yes"}},
    {FEATURE_timeouts, "smtp_connect_timeout", {"30s", "2s", "5s", "10s"}},
    {FEATURE_timeouts, "smtp_helo_timeout", {"300s", "5s", "20s", "60s"}},
    {FEATURE_timeouts, "smtp_mail_timeout", {"300s", "5s", "20s", "60s"}},
    {FEATURE_timeouts, "smtp_rcpt_timeout", {"300s", "5s", "20s", "60s"}},
    {FEATURE_timeouts, "smtp_data_done_timeout", {"600s", "5s", "20s", "60s"}},
    {FEATURE_address_limits, "smtp_mx_session_limit", {"2", "1", "3", "0"}},
    {FEATURE_address_limits, "smtp_mx_address_limit", {"5", "1", "2", "3"}},
};
enum { SETTING_COUNT = sizeof(settings) / sizeof(settings[0]) };

/* Always short: what matters happens again and again in a longer one, and the more often the
 * shorter the pauses are. */
static void put_lifetimes(struct generator *g)
{
    static const char *const mail[] = {"6h", "2h", "0", "1d", "2d"};
    static const char *const bounces[] = {"6h", "1h", "0", "1d", "2d"};
    uint64_t count = !generator_has(g, FEATURE_lifetimes) ? 1
                     : generator_has(g, FEATURE_backoff)  ? 3
                                                          : 5;
    uint64_t mail_value = generator_choose(g, "mail-lifetime", 0, count);
    uint64_t bounce_value = generator_choose(g, "bounce-lifetime", 0, count);
    generator_put(g, "  set maximal_queue_lifetime = %s\n", mail[mail_value]);
    generator_put(g, "  set bounce_queue_lifetime = %s\n", bounces[bounce_value]);
}

static void put_settings(struct generator *g)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        const struct setting *setting = &settings[i];
        uint64_t value = generator_has(g, setting->feature)
                             ? generator_choose(g, setting->name, 0, VALUES_MAX)
                             : 0;
        if (value != 0) {
            generator_put(g, "  set %s = %s\n", setting->name, setting->values[value]);
        }
    }
    if (generator_happens(g, FEATURE_notify_classes, "notify-classes", 0, 2)) {
        generator_put(g,
                      "  set notify_classes = bounce 2bounce delay resource software\n"
                      "  set bounce_notice_recipient = postmaster@our.test\n"
                      "  set delay_notice_recipient = postmaster@our.test\n"
                      "  set 2bounce_notice_recipient = %s\n",
                      generator_choose(g, "2bounce-notice", 0, 2) == 0 ? "postmaster@our.test"
                                                                       : "nobody@our.test");
    }
}

/* Before everything else in the text: what the machine is like. */
static void put_disk(struct generator *g)
{
    static const char *const contracts[] = {"ext4", "posix-min", "postfix"};
    static const char *const syncs[] = {"0s", "5ms", "50ms"};
    uint64_t contract =
        generator_has(g, FEATURE_disk_contracts) ? generator_choose(g, "disk-contract", 0, 3) : 0;
    uint64_t sync = generator_has(g, FEATURE_slow_syncs) ? generator_choose(g, "sync", 0, 3) : 0;
    generator_put(g, "disk %s\nsync %s\n", contracts[contract], syncs[sync]);
}

void generate_mta(struct generator *g)
{
    put_disk(g);
    generator_put(g, "\nmta mx.our.test 198.51.100.1\n"
                     "  mailbox alice@our.test\n"
                     "  mailbox bob@our.test\n"
                     "  mailbox postmaster@our.test\n");
    if (generator_has(g, FEATURE_local_aliases)) {
        bool has_unknown = generator_has(g, FEATURE_unknown_mailboxes);
        generator_put(g,
                      "  alias all@our.test to alice@our.test bob@our.test u0@d0.test%s\n"
                      "  alias team@our.test to all@our.test u1@d0.test\n",
                      has_unknown ? " nobody@our.test" : "");
    }
    if (generator_has(g, FEATURE_verp)) {
        generator_put(g, "  mailbox alice+u0=d0.test@our.test\n"
                         "  mailbox alice+u1=d0.test@our.test\n"
                         "  set smtpd_authorized_verp_clients = 10.0.0.25\n");
    }
    if (generator_has(g, FEATURE_smtputf8)) {
        generator_put(g, "  mailbox j\xc3\xbcrgen@our.test\n"
                         "  set smtputf8_enable = yes\n");
    }
    put_lifetimes(g);
    put_settings(g);
}
