// SPDX-License-Identifier: ISC
#include "check/retry.h"

#include <stdio.h>

#include "base/assert.h"
#include "base/number.h"
#include "check/active.h"
#include "proto/queue_record.h"
#include "world/disk.h"

#define SECOND_NS INT64_C(1000000000)

enum { IDS_MAX = 1000 * 1000, FILE_MAX = 128 << 20 };

static const int64_t early_ns = SECOND_NS;        /* a file this little early is due */
static const int64_t slow_ns = 10 * SECOND_NS;    /* between setting a time and the rename */
static const int64_t late_ns = 60 * SECOND_NS;    /* waiting for a place and for the disk */
static const int64_t request_ns = 60 * SECOND_NS; /* until a request has had its effect */

struct retry_deferred {
    int64_t due_ns;
    int64_t at_ns;
    bool expired_logged; /* its notice could not be sent */
    bool clock_stepped;  /* since then: its time on disk says no longer how long it waits */
};

void retry_init(struct retry *retry, const struct rules *rules, const struct trouble *trouble,
                const struct trouble *failing, struct mem *mem, const struct disk *disk,
                const char *queue_directory, struct failures *failures)
{
    *retry = (struct retry){
        .rules = rules,
        .trouble = trouble,
        .failing = failing,
        .disk = disk,
        .queue_directory = queue_directory,
        .mem = mem,
        .expedited_ns = INT64_MIN,
        .watched_ns = INT64_MAX,
        .failures = failures,
    };
    map_init(&retry->deferred, mem, IDS_MAX);
    map_init(&retry->active, mem, IDS_MAX);
    map_init(&retry->taken_out, mem, IDS_MAX);
}

static void forget_all(struct retry *retry)
{
    struct map_entry *entry;
    while ((entry = map_next(&retry->deferred, NULL)) != NULL) {
        mem_free(retry->mem, map_remove(&retry->deferred, entry->key));
    }
    retry->watched_ns = INT64_MAX;
}

void retry_interrupted(struct retry *retry)
{
    forget_all(retry);
    map_done(&retry->taken_out); /* and begun again */
}

void retry_forget(struct retry *retry, struct str id)
{
    mem_free(retry->mem, map_remove(&retry->deferred, id));
}

static void begin_round(struct retry *retry, struct str id, int64_t world_ns)
{
    int64_t *since_ns = mem_alloc(retry->mem, sizeof(*since_ns));
    *since_ns = world_ns;
    mem_free(retry->mem, map_get(&retry->active, id));
    int error = map_put(&retry->active, id, since_ns);
    assert(error == 0);
}

static void end_round(struct retry *retry, struct str id)
{
    mem_free(retry->mem, map_remove(&retry->active, id));
}

void retry_done(struct retry *retry)
{
    struct map_entry *entry;
    retry_interrupted(retry);
    map_done(&retry->deferred);
    while ((entry = map_next(&retry->active, NULL)) != NULL) {
        end_round(retry, entry->key);
    }
    map_done(&retry->active);
    map_done(&retry->taken_out);
}

/* With so many messages more, the queue manager has no room. */
static bool is_full(const struct retry *retry, int64_t more)
{
    int64_t count =
        active_count(retry->disk, retry->queue_directory) + (int64_t)retry->taken_out.count;
    return count + more >= retry->rules->active_max;
}

void retry_expedited(struct retry *retry, int64_t now_ns)
{
    retry->expedited_ns = now_ns;
    retry->request_waits = is_full(retry, 0);
}

void retry_clock_gains(struct retry *retry)
{
    retry->clock_gains = true;
}

/* When something happened is told by the new clock; what is due stays due at its time on disk. */
void retry_clock_stepped(struct retry *retry, int64_t step_ns, int64_t now_ns)
{
    const struct map_entry *entry = NULL;
    while ((entry = map_next(&retry->deferred, entry)) != NULL) {
        struct retry_deferred *deferred = entry->value;
        deferred->at_ns += step_ns;
        deferred->clock_stepped = true;
    }
    if (retry->expedited_ns != INT64_MIN) {
        retry->expedited_ns += step_ns;
    }
    if (retry->watched_ns != INT64_MAX) {
        retry->watched_ns = now_ns;
    }
}

/* What it found before is forgotten: it may be late for what happened in between. */
void retry_set_hindered(struct retry *retry, bool hindered)
{
    retry->hindered = hindered;
    forget_all(retry);
}

/* ---- queue files ----------------------------------------------------------------------------- */

static bool is_in(const struct retry *retry, struct str path, const char *queue)
{
    struct str root = str_from(retry->queue_directory);
    if (!str_starts_with(path, root)) {
        return false;
    }
    struct str below = str_skip(path, root.size + 1);
    return str_starts_with(below, str_from(queue));
}

static struct str id_of(struct str path)
{
    return str_skip(path, (size_t)(str_find_last(path, '/') + 1));
}

/* What a queue file says about its age and its sender. */
struct facts {
    int64_t created_s;
    bool null_sender;
};

/* A requeued message has arrived long before its present life began. */
static void read_record(struct queue_record *record, struct facts *facts)
{
    int64_t arrival_ns;
    queue_record_resolve(record);
    if (record->type == QUEUE_RECORD_CREATE_TIME) {
        int error = number_parse_i64(record->data, 0, INT32_MAX, &facts->created_s);
        assert(error == 0);
    } else if (record->type == QUEUE_RECORD_ARRIVAL_TIME && facts->created_s < 0 &&
               queue_record_time_parse(record->data, &arrival_ns) == 0) {
        facts->created_s = arrival_ns / SECOND_NS;
    } else if (record->type == QUEUE_RECORD_SENDER) {
        facts->null_sender = record->data.size == 0;
    }
}

static bool read_facts(const struct retry *retry, struct str path, struct facts *facts)
{
    char name[SYS_PATH_MAX];
    struct buf content;
    snprintf(name, sizeof(name), "%.*s", STR_ARG(path));
    buf_init(&content, retry->mem, FILE_MAX);
    *facts = (struct facts){.created_s = -1};
    if (disk_read(retry->disk, name, &content) == 0) {
        struct str rest = buf_str(&content);
        struct queue_record record;
        size_t used;
        while (queue_record_parse(rest, &record, &used) == PARSE_OK &&
               record.type != QUEUE_RECORD_CONTENT) {
            read_record(&record, facts);
            rest = str_skip(rest, used);
        }
    }
    buf_done(&content);
    return facts->created_s >= 0;
}

static int64_t lifetime_ns(const struct retry *retry, const struct facts *facts)
{
    const struct rules *rules = retry->rules;
    bool is_shorter = rules->bounce_lifetime_ns < rules->lifetime_ns;
    return facts->null_sender && is_shorter ? rules->bounce_lifetime_ns : rules->lifetime_ns;
}

/* ---- deferring ------------------------------------------------------------------------------- */

static void check_backoff(struct retry *retry, struct str id, const struct facts *facts,
                          int64_t due_ns, int64_t now_ns)
{
    int64_t pause_ns = now_ns - facts->created_s * SECOND_NS;
    if (pause_ns > retry->rules->maximal_backoff_ns) {
        pause_ns = retry->rules->maximal_backoff_ns;
    }
    if (pause_ns < retry->rules->minimal_backoff_ns) {
        pause_ns = retry->rules->minimal_backoff_ns;
    }
    int64_t actual_ns = due_ns - now_ns;
    int64_t jitter_ns = pause_ns / 100 * retry->rules->jitter_percent;
    bool is_short = actual_ns < pause_ns - slow_ns && !retry->hindered;
    if (is_short || actual_ns > pause_ns + jitter_ns + SECOND_NS) {
        failure_add(
            retry->failures, "retry times: %.*s was deferred for %lld s; its age demands %lld s",
            STR_ARG(id), (long long)(actual_ns / SECOND_NS), (long long)(pause_ns / SECOND_NS));
    }
}

static void check_lifetime(struct retry *retry, struct str id, const struct facts *facts,
                           int64_t now_ns)
{
    int64_t age_ns = now_ns - facts->created_s * SECOND_NS;
    if (age_ns > lifetime_ns(retry, facts) + slow_ns) {
        failure_add(retry->failures,
                    "expiry: %.*s is %lld s old and was deferred instead of returned", STR_ARG(id),
                    (long long)(age_ns / SECOND_NS));
    }
}

static struct retry_deferred *find_or_add(struct retry *retry, struct str id)
{
    struct retry_deferred *deferred = map_get(&retry->deferred, id);
    if (deferred == NULL) {
        deferred = mem_alloc(retry->mem, sizeof(*deferred));
        *deferred = (struct retry_deferred){.due_ns = INT64_MIN};
        int error = map_put(&retry->deferred, id, deferred);
        assert(error == 0);
    }
    return deferred;
}

/* An agent that is lost holds up its transport for some time. Of a name that a power cut has brought
 * back into active/ nobody knows when its round began. */
static bool was_disturbed(const struct retry *retry, struct str id, int64_t world_ns)
{
    const int64_t *since_ns = map_get(&retry->active, id);
    if (since_ns == NULL) {
        return true;
    }
    int64_t begin_ns = *since_ns - retry->rules->transport_retry_ns - slow_ns;
    return trouble_is_between(retry->trouble, begin_ns, world_ns) ||
           trouble_is_between(retry->failing, begin_ns, world_ns);
}

static void note_deferred(struct retry *retry, struct str path, int64_t now_ns, int64_t world_ns)
{
    char name[SYS_PATH_MAX];
    struct sys_stat stat;
    struct facts facts;
    struct str id = id_of(path);
    snprintf(name, sizeof(name), "%.*s", STR_ARG(path));
    if (disk_stat(retry->disk, name, &stat) != 0 || !read_facts(retry, path, &facts)) {
        return;
    }
    struct retry_deferred *deferred = find_or_add(retry, id);
    check_backoff(retry, id, &facts, stat.mtime_wall_ns, now_ns);
    if (!deferred->expired_logged && !was_disturbed(retry, id, world_ns)) {
        check_lifetime(retry, id, &facts, now_ns);
    }
    deferred->due_ns = stat.mtime_wall_ns;
    deferred->at_ns = now_ns;
    deferred->clock_stepped = false;
}

/* ---- taking up ------------------------------------------------------------------------------- */

static bool was_asked_for(const struct retry *retry, const struct retry_deferred *deferred)
{
    return retry->expedited_ns != INT64_MIN && deferred->at_ns <= retry->expedited_ns + request_ns;
}

static int64_t later(int64_t a_ns, int64_t b_ns)
{
    return a_ns > b_ns ? a_ns : b_ns;
}

static void check_taken(struct retry *retry, struct str id, const struct retry_deferred *deferred,
                        int64_t dated_ns, int64_t now_ns)
{
    if (now_ns < dated_ns - early_ns && !was_asked_for(retry, deferred)) {
        failure_add(retry->failures, "retry times: %.*s was tried again %lld s before it was due",
                    STR_ARG(id), (long long)((dated_ns - now_ns) / SECOND_NS));
    }
    if (retry->watched_ns == INT64_MAX || retry->clock_gains || retry->hindered ||
        deferred->clock_stepped) {
        return;
    }
    int64_t begin_ns = later(deferred->due_ns, later(deferred->at_ns, retry->watched_ns));
    if (now_ns > begin_ns + retry->rules->run_delay_ns + late_ns) {
        failure_add(retry->failures, "retry times: %.*s was tried again %lld s after it was due",
                    STR_ARG(id), (long long)((now_ns - deferred->due_ns) / SECOND_NS));
    }
}

static void begin_watching(struct retry *retry, int64_t now_ns)
{
    if (retry->watched_ns == INT64_MAX) {
        retry->watched_ns = now_ns;
    }
}

/* While there was no room, nothing could be late, and a request for all mail had to wait. */
static void note_left(struct retry *retry, int64_t now_ns)
{
    bool was_full = is_full(retry, 1);
    if (was_full) {
        retry->watched_ns = now_ns;
    }
    if (was_full && retry->request_waits) {
        retry->expedited_ns = now_ns;
    }
    retry->request_waits &= was_full;
}

/* The flush service, too, dates a file that is to go now. When it dies before it has moved the file, the
 * queue manager does not know of that time. */
static int64_t date_of(const struct retry *retry, struct str path,
                       const struct retry_deferred *deferred)
{
    char name[SYS_PATH_MAX];
    struct sys_stat stat;
    snprintf(name, sizeof(name), "%.*s", STR_ARG(path));
    bool is_redated =
        disk_stat(retry->disk, name, &stat) == 0 && stat.mtime_wall_ns < deferred->due_ns;
    return is_redated ? stat.mtime_wall_ns : deferred->due_ns;
}

static void note_taken(struct retry *retry, struct str path, int64_t now_ns)
{
    struct str id = id_of(path);
    struct retry_deferred *deferred = map_get(&retry->deferred, id);
    if (deferred != NULL && deferred->due_ns != INT64_MIN) {
        check_taken(retry, id, deferred, date_of(retry, path, deferred), now_ns);
    }
    if (deferred != NULL) {
        deferred->expired_logged = false;
    }
    begin_watching(retry, now_ns);
}

static void note_round(struct retry *retry, struct str from, struct str to, int64_t world_ns)
{
    if (is_in(retry, to, "active/")) {
        begin_round(retry, id_of(to), world_ns);
    } else if (is_in(retry, from, "active/")) {
        end_round(retry, id_of(from));
    }
}

/* The queue manager removes a message and says so. When others take it out of active/, it stays at
 * work until its turn comes. */
static bool may_be_by_others(const struct retry *retry, struct str to)
{
    return to.size == 0 || is_in(retry, to, "hold/") || is_in(retry, to, "maildrop/");
}

static void note_out_of_active(struct retry *retry, struct str from, struct str to, int64_t now_ns)
{
    if (may_be_by_others(retry, to)) {
        int error = map_put(&retry->taken_out, id_of(from), retry);
        assert(error == 0);
    } else {
        note_left(retry, now_ns);
    }
}

void retry_renamed(struct retry *retry, struct str from, struct str to, int64_t now_ns,
                   int64_t world_ns)
{
    if (is_in(retry, from, "active/")) {
        note_out_of_active(retry, from, to, now_ns);
    }
    if (is_in(retry, from, "active/") && is_in(retry, to, "deferred/")) {
        note_deferred(retry, to, now_ns, world_ns);
    } else if (is_in(retry, from, "deferred/") && is_in(retry, to, "active/")) {
        note_taken(retry, to, now_ns);
    } else if (is_in(retry, to, "active/")) {
        begin_watching(retry, now_ns);
    } else if (is_in(retry, from, "deferred/") || is_in(retry, from, "active/")) {
        retry_forget(retry, id_of(from));
    }
    note_round(retry, from, to, world_ns);
}

/* ---- the mail log ------------------------------------------------------------------------------ */

void retry_logged(struct retry *retry, const struct mail_event *event, int64_t now_ns)
{
    char path[SYS_PATH_MAX];
    struct facts facts;
    if (str_equal(event->program, STR("qmgr")) &&
        map_remove(&retry->taken_out, event->id) != NULL) {
        note_left(retry, now_ns);
    }
    if (event->kind != MAIL_EVENT_EXPIRED ||
        !active_find(retry->disk, retry->queue_directory, event->id, path) ||
        !read_facts(retry, str_from(path), &facts)) {
        return;
    }
    find_or_add(retry, event->id)->expired_logged = true;
    int64_t age_ns = now_ns - facts.created_s * SECOND_NS;
    bool by_age = str_equal(event->status, STR("expired"));
    if (by_age && age_ns < lifetime_ns(retry, &facts) - early_ns) {
        failure_add(retry->failures, "expiry: %.*s was returned as expired after only %lld s",
                    STR_ARG(event->id), (long long)(age_ns / SECOND_NS));
    }
}
