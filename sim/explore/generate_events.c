// SPDX-License-Identifier: ISC
/* What happens to the mail system. The time of faults is cut into slots, one for each event, so
 * that an outage ends before the next begins. */
#include "explore/generator.h"

enum {
    EVENTS_MAX = 6,
    OUTAGE_MIN_S = 101, /* an orderly stop has taken place */
    OUTAGE_S = 80,
    CALLS_MAX = 300,
    SPOILT_SIZE = 1000, /* most messages are a little smaller */
};

static const char *const daemons[] = {
    "qmgr",  "smtp",   "cleanup",  "smtpd", "bounce", "virtual", "trivial-rewrite",
    "error", "pickup", "postlogd", "flush",
};
enum { DAEMON_COUNT = sizeof(daemons) / sizeof(daemons[0]) };

/* What ends by itself, or with the repair at the end of a slot. */
static const struct generator_line troubles[] = {
    {FEATURE_disk_failures, "fail fsync of any with EIO count 1"},
    {FEATURE_disk_failures, "fail fsync of cleanup with ENOSPC count 2"},
    {FEATURE_disk_failures, "fail fsync of qmgr with EIO count 2"},
    {FEATURE_disk_failures, "fail fsync of bounce with EIO count 1"},
    {FEATURE_disk_failures, "fail fsync of virtual with EIO count 1"},
    {FEATURE_disk_failures, "fail create of cleanup with ENOSPC count 3"},
    {FEATURE_disk_failures, "fail create of bounce with EDQUOT count 2"},
    {FEATURE_disk_failures, "fail create of virtual with EROFS count 2"},
    {FEATURE_disk_failures, "fail open of any with EIO count 3"},
    {FEATURE_disk_failures, "fail open of qmgr with ENFILE count 2"},
    {FEATURE_disk_failures, "fail pread of any with EIO count 2"},
    {FEATURE_disk_failures, "fail pwrite of any with EIO count 2"},
    {FEATURE_disk_failures, "fail pwrite of cleanup with short-write count 1"},
    {FEATURE_disk_failures, "fail pwrite of bounce with ENOSPC count 2"},
    {FEATURE_disk_failures, "fail rename of any with EIO count 1"},
    {FEATURE_disk_failures, "fail rename of qmgr with ENOSPC count 2"},
    {FEATURE_disk_failures, "fail unlink of any with EIO count 2"},
    {FEATURE_disk_failures, "fail read_dir of qmgr with EIO count 2"},
    {FEATURE_disk_failures, "fail mkdir of any with ENOSPC count 2"},
    {FEATURE_disk_failures, "fail chmod of any with EIO count 1"},
    {FEATURE_disk_failures, "fail stat of any with EIO count 2"},
    {FEATURE_disk_failures, "fail link of any with EIO count 1"},
    {FEATURE_disk_failures, "fail set_mtime of any with EIO count 1"},
    {FEATURE_disk_failures, "fail lock of any with ENOLCK count 2"},
    {FEATURE_network_failures, "fail dial of any with ECONNREFUSED count 3"},
    {FEATURE_network_failures, "fail dial of smtp with EHOSTUNREACH count 4"},
    {FEATURE_network_failures, "fail read of any with ECONNRESET count 2"},
    {FEATURE_network_failures, "fail read of qmgr with ETIMEDOUT count 1"},
    {FEATURE_network_failures, "fail write of any with EPIPE count 2"},
    {FEATURE_network_failures, "fail send_to of any with lost count 5"},
    {FEATURE_network_failures, "fail write_datagram of any with lost count 3"},
    {FEATURE_network_failures, "fail accept of any with EMFILE count 2"},
    {FEATURE_process_failures, "fail spawn of master with EAGAIN count 3"},
    {FEATURE_process_failures, "fail spawn of any with EMFILE count 2"},
    {FEATURE_process_failures, "fail spawn_prepare of any with ENOMEM count 2"},
    {FEATURE_process_failures, "fail user_find of any with unavailable count 2"},
    {FEATURE_process_failures, "fail fiber_start of any with ENOMEM count 2"},
    {FEATURE_process_failures, "fail confine of any with ENOMEM count 1"},
    {FEATURE_process_failures, "memory 4000000"},
    {FEATURE_kills_at_calls, "kill qmgr at rename"},
    {FEATURE_kills_at_calls, "kill qmgr at unlink"},
    {FEATURE_kills_at_calls, "kill qmgr at fsync"},
    {FEATURE_kills_at_calls, "kill bounce at fsync"},
    {FEATURE_kills_at_calls, "kill bounce at unlink"},
    {FEATURE_kills_at_calls, "kill smtp at pwrite"},
    {FEATURE_kills_at_calls, "kill virtual at pwrite"},
    {FEATURE_kills_at_calls, "kill cleanup at fsync"},
    {FEATURE_power_cuts_at_calls, "power-cut at fsync of any"},
    {FEATURE_power_cuts_at_calls, "power-cut at fsync of cleanup"},
    {FEATURE_power_cuts_at_calls, "power-cut at fsync of qmgr"},
    {FEATURE_power_cuts_at_calls, "power-cut at fsync of bounce"},
    {FEATURE_power_cuts_at_calls, "power-cut at fsync of any on \"incoming\""},
    {FEATURE_power_cuts_at_calls, "power-cut at rename of any"},
    {FEATURE_power_cuts_at_calls, "power-cut at rename 2 of qmgr"},
    {FEATURE_power_cuts_at_calls, "power-cut at unlink of any"},
    {FEATURE_power_cuts_at_calls, "power-cut at unlink of bounce"},
    {FEATURE_power_cuts_at_calls, "power-cut at unlink of pickup"},
    {FEATURE_power_cuts_at_calls, "power-cut at pwrite 2 of any"},
    {FEATURE_power_cuts_at_calls, "power-cut at write of bounce"},
    {FEATURE_power_cuts_at_calls, "power-cut at write of virtual"},
    {FEATURE_power_cuts_at_calls, "power-cut at write 2 of smtp"},
    {FEATURE_clocks, "clock gains 1s every 60s"},
    {FEATURE_clocks, "timer gains -1s every 100s"},
    {FEATURE_clocks, "time-zone 12h45m"},
    {FEATURE_hangs, "hang qmgr for 100s"},
    {FEATURE_hangs, "hang smtp at pwrite for 200s"},
    {FEATURE_hangs, "hang cleanup at fsync for 50s"},
    {FEATURE_hangs, "hang bounce for 100s"},
    {FEATURE_hangs, "hang master for 30s"},
    {FEATURE_hangs_for_ever, "hang qmgr"},
    {FEATURE_hangs_for_ever, "hang qmgr at rename"},
    {FEATURE_hangs_for_ever, "hang qmgr at fsync"},
    {FEATURE_hangs_for_ever, "hang qmgr at unlink"},
    {FEATURE_hangs_for_ever, "hang smtp at dial"},
    {FEATURE_hangs_for_ever, "hang smtp at pwrite"},
    {FEATURE_hangs_for_ever, "hang smtpd at write"},
    {FEATURE_hangs_for_ever, "hang cleanup at fsync"},
    {FEATURE_hangs_for_ever, "hang cleanup at rename"},
    {FEATURE_hangs_for_ever, "hang virtual at rename"},
    {FEATURE_hangs_for_ever, "hang virtual at pwrite"},
    {FEATURE_hangs_for_ever, "hang bounce at fsync"},
    {FEATURE_hangs_for_ever, "hang bounce at unlink"},
    {FEATURE_hangs_for_ever, "hang pickup at unlink"},
    {FEATURE_hangs_for_ever, "hang flush"},
    {FEATURE_hangs_for_ever, "hang trivial-rewrite"},
    {FEATURE_hangs_for_ever, "hang error at pwrite"},
    {FEATURE_full_disk, "disk full"},
    {FEATURE_full_disk, "disk free 5000"},
    {FEATURE_full_disk, "disk quota 5000"},
    {FEATURE_full_disk, "disk read-only"},
    {FEATURE_full_disk, "disk slow 3s"},
    {FEATURE_few_descriptors, "descriptors 12"},
    {FEATURE_few_descriptors, "descriptors 25 of smtp"},
};
enum { TROUBLE_COUNT = sizeof(troubles) / sizeof(troubles[0]) };

/* A site asks for its mail. */
static const char etrn[] = "talk \"EHLO p0.hosts.test\" \"ETRN d0.test\" \"QUIT\"";

static void put_at(struct generator *g, unsigned long long at_s, const char *line)
{
    generator_put(g, "at %llus\n  %s\n", at_s, line);
}

static void put_outage(struct generator *g, int index, unsigned long long at_s, const char *how)
{
    put_at(g, at_s, how);
    put_at(g, at_s + OUTAGE_MIN_S + generator_choose(g, "outage", index, OUTAGE_S), "start");
}

static void put_crash(struct generator *g, int index, unsigned long long at_s)
{
    const char *daemon = daemons[generator_choose(g, "killed", index, DAEMON_COUNT)];
    if (generator_happens(g, FEATURE_restarts, "restart", index, 4)) {
        put_outage(g, index, at_s, "stop");
    } else if (generator_happens(g, FEATURE_kills, "kill-master", index, 8)) {
        put_outage(g, index, at_s, "kill master");
    } else if (generator_happens(g, FEATURE_kills, "kill", index, 2)) {
        generator_put(g, "at %llus\n  kill %s\n", at_s, daemon);
    } else if (generator_happens(g, FEATURE_kills_at_calls, "kill-at-call", index, 3)) {
        generator_put(g, "at %llus\n  kill %s at call %llu\n", at_s, daemon,
                      1 + (unsigned long long)generator_choose(g, "call", index, CALLS_MAX));
    } else if (generator_happens(g, FEATURE_power_cuts_at_calls, "power-cut-at-call", index, 3)) {
        generator_put(g, "at %llus\n  power-cut at call %llu of %s\n", at_s,
                      1 + (unsigned long long)generator_choose(g, "call", index, CALLS_MAX),
                      daemon);
    } else if (generator_happens(g, FEATURE_power_cuts, "power-cut", index, 3)) {
        put_at(g, at_s, "power-cut");
    }
}

static void put_trouble(struct generator *g, int index, unsigned long long at_s,
                        unsigned long long end_s)
{
    const struct generator_line *trouble =
        generator_pick(g, "trouble", index, troubles, TROUBLE_COUNT);
    if (trouble == NULL || generator_choose(g, "is-trouble", index, 3) == 0) {
        return;
    }
    put_at(g, at_s, trouble->text);
    if (generator_choose(g, "repair", index, 2) == 0) {
        put_at(g, end_s, "repair");
    }
}

/* What somebody, or a bad disk, leaves in the queue. Each time under another name: what was put
 * aside keeps its own. */
static void put_damage(struct generator *g, int index, unsigned long long at_s)
{
    static const char *const queues[] = {"incoming", "deferred", "maildrop"};
    static const char *const texts[] = {"no mail", "", "\\0\\0\\0\\0", "C"};
    if (generator_happens(g, FEATURE_damaged_files, "damage", index, 3)) {
        const char *how = generator_choose(g, "damage-how", index, 3) == 2 ? " unfinished" : "";
        generator_put(g, "at %llus\n  plant%s 3zzzzz000%dzzz in %s \"%s\"\n", at_s, how, index,
                      queues[generator_choose(g, "damage-where", index, 3)],
                      texts[generator_choose(g, "damage-what", index, 4)]);
    }
}

/* Of what is queued and was acknowledged; what is damaged in incoming/ may as well be a reception
 * that a crash cut off. */
static void put_spoilt_mail(struct generator *g, int index, unsigned long long at_s)
{
    static const char *const queues[] = {"deferred", "active", "hold", "deferred"};
    if (generator_happens(g, FEATURE_damaged_mail, "spoilt", index, 2)) {
        const char *queue = queues[generator_choose(g, "spoilt-where", index, 4)];
        bool zeros = generator_choose(g, "spoilt-how", index, 2) != 0;
        generator_put(g, "at %llus\n  %s $M%d? in %s %s %llu\n", at_s, zeros ? "zero" : "truncate",
                      (int)generator_choose(g, "spoilt-message", index, (uint64_t)g->message_count),
                      queue, zeros ? "from" : "to",
                      (unsigned long long)generator_choose(g, "spoilt-size", index, SPOILT_SIZE));
    }
}

static void put_clock(struct generator *g, int index, unsigned long long at_s)
{
    static const char *const steps[] = {"1h", "-1h", "-5m", "3d"};
    enum { STEP_COUNT = sizeof(steps) / sizeof(steps[0]) };
    if (generator_happens(g, FEATURE_clocks, "clock", index, 12)) {
        generator_put(g, "at %llus\n  clock %s\n", at_s,
                      steps[generator_choose(g, "clock-step", index, STEP_COUNT)]);
    }
}

/* What an administrator does. */
static void put_commands(struct generator *g, int index, unsigned long long at_s)
{
    static const struct {
        enum feature feature;
        const char *site;
        const char *line;
    } commands[] = {
        {FEATURE_flushes, "flush", "flush"},
        {FEATURE_fast_flush, "etrn", etrn},
        {FEATURE_fast_flush, "flush-site", "command postqueue -s d0.test"},
        {FEATURE_fast_flush, "flush-message", "command postqueue -i $M0?"},
        {FEATURE_reloads, "reload", "reload"},
        {FEATURE_holds, "hold", "command postsuper -h ALL"},
        {FEATURE_holds, "hold-message", "command postsuper -h $M0?"},
        {FEATURE_holds, "release", "command postsuper -H ALL"},
        {FEATURE_requeues, "requeue-message", "command postsuper -r $M0?"},
        {FEATURE_requeues, "requeue", "command postsuper -r ALL"},
        {FEATURE_requeues, "requeue-deferred", "command postsuper -r ALL deferred"},
        {FEATURE_expirations, "expire", "command postsuper -e ALL"},
        {FEATURE_expirations, "expire-now", "command postsuper -f ALL"},
        {FEATURE_deletions, "delete", "command postsuper -d ALL deferred"},
        {FEATURE_deletions, "delete-message", "command postsuper -d $M0?"},
        {FEATURE_looks, "list", "command postqueue -p"},
        {FEATURE_looks, "why", "command postilion why $M0?"},
        {FEATURE_repairs, "structure", "command postsuper -s"},
        {FEATURE_repairs, "purge", "command postsuper -p"},
    };
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (generator_happens(g, commands[i].feature, commands[i].site, index, 4)) {
            put_at(g, at_s + generator_choose(g, "command-at", index, 100), commands[i].line);
        }
    }
}

static void put_event(struct generator *g, int index)
{
    unsigned long long slot_s = (unsigned long long)g->faults_end_s / EVENTS_MAX;
    unsigned long long begin_s = (unsigned long long)index * slot_s;
    unsigned long long at_s =
        begin_s + generator_choose(g, "event-at", index, slot_s - OUTAGE_MIN_S - OUTAGE_S);
    put_commands(g, index, begin_s);
    if (!g->is_calm) {
        put_trouble(g, index, begin_s + generator_choose(g, "trouble-at", index, slot_s),
                    begin_s + slot_s);
        put_damage(g, index, begin_s);
        put_spoilt_mail(g, index, at_s);
        put_clock(g, index, at_s);
        put_crash(g, index, at_s);
    }
}

void generate_events(struct generator *g)
{
    for (int i = 0; i < EVENTS_MAX; i++) {
        put_event(g, i);
    }
    put_at(g, (unsigned long long)g->faults_end_s, "repair");
    if (generator_has(g, FEATURE_restarts) || generator_has(g, FEATURE_kills)) {
        put_at(g, (unsigned long long)g->faults_end_s, "start"); /* one before may have failed */
    }
    if (generator_has(g, FEATURE_holds)) {
        put_at(g, (unsigned long long)g->faults_end_s, "command postsuper -H ALL");
    }
    if (generator_happens(g, FEATURE_fast_flush, "etrn-when-back", 0, 2)) {
        put_at(g, (unsigned long long)g->faults_end_s, etrn);
    }
}
