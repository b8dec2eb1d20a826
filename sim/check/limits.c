// SPDX-License-Identifier: ISC
#include "check/limits.h"

#include <stdio.h>

#include "base/assert.h"
#include "check/active.h"
#include "proto/queue_id.h"
#include "sys/clock.h"

enum { ENTRIES_MAX = 5 * 1000 * 1000, KEY_MAX = 300 };

enum id_use { ID_UNKNOWN, ID_IN_USE, ID_GONE };

void limits_init(struct limits *limits, const struct rules *rules, struct mem *mem,
                 const struct disk *disk, const char *queue_directory, struct failures *failures)
{
    *limits = (struct limits){
        .rules = rules, .disk = disk, .queue_directory = queue_directory, .failures = failures};
    map_init(&limits->ids, mem, ENTRIES_MAX);
    map_init(&limits->rcpts, mem, ENTRIES_MAX);
    map_init(&limits->stuck, mem, ENTRIES_MAX);
}

void limits_done(struct limits *limits)
{
    map_done(&limits->ids);
    map_done(&limits->rcpts);
    map_done(&limits->stuck);
}

/* ---- the queue ------------------------------------------------------------------------------- */

/* What it takes up again it counts again. */
void limits_logged(struct limits *limits, const struct mail_event *event)
{
    char path[SYS_PATH_MAX];
    if (event->kind == MAIL_EVENT_ACTIVE) {
        map_remove(&limits->stuck, event->id);
    } else if (event->kind == MAIL_EVENT_WARNING && str_equal(event->program, STR("qmgr")) &&
               active_find(limits->disk, limits->queue_directory, event->id, path)) {
        int error = map_put(&limits->stuck, event->id, limits);
        assert(error == 0);
    }
}

void limits_queue_manager_ended(struct limits *limits)
{
    map_done(&limits->stuck); /* and begun again */
}

static void check_active(struct limits *limits, struct str path)
{
    int64_t count =
        active_count(limits->disk, limits->queue_directory) - (int64_t)limits->stuck.count;
    if (count > limits->rules->active_max) {
        failure_add(limits->failures, "limits: %lld messages in active/ with %.*s, %lld may be",
                    (long long)count, STR_ARG(path), (long long)limits->rules->active_max);
    }
}

static enum id_use get_use(const struct limits *limits, struct str id)
{
    return (enum id_use)(uintptr_t)map_get(&limits->ids, id);
}

static void set_use(struct limits *limits, struct str id, enum id_use use)
{
    int error = map_put(&limits->ids, id, (void *)(uintptr_t)use);
    assert(error == 0);
}

/* A file that gets its id was there under a temporary name before. */
static void check_id(struct limits *limits, struct str id)
{
    if (!queue_id_is_long(id)) {
        return;
    }
    if (get_use(limits, id) != ID_UNKNOWN) {
        failure_add(limits->failures, "ids: %.*s was given twice", STR_ARG(id));
    }
    set_use(limits, id, ID_IN_USE);
}

void limits_clock_set_back(struct limits *limits)
{
    const struct map_entry *next;
    for (const struct map_entry *entry = map_next(&limits->ids, NULL); entry != NULL;
         entry = next) {
        next = map_next(&limits->ids, entry);
        if (get_use(limits, entry->key) == ID_GONE) {
            map_remove(&limits->ids, entry->key);
        }
    }
}

static struct str last_name(struct str path)
{
    return str_skip(path, (size_t)(str_find_last(path, '/') + 1));
}

static bool is_below(const struct limits *limits, struct str path, const char *queue)
{
    char directory[SYS_PATH_MAX];
    snprintf(directory, sizeof(directory), "%s/%s/", limits->queue_directory, queue);
    return str_starts_with(path, str_from(directory));
}

/* True while the id's own microsecond lasts: until then the next file may get it as well. */
static bool is_of_this_moment(struct str id, int64_t now_wall_ns)
{
    int64_t wall_s;
    uint32_t microseconds;
    uint64_t inode;
    int error = queue_id_parse(id, &wall_s, &microseconds, &inode);
    return error == 0 && wall_s * SYS_SECOND_NS + microseconds * INT64_C(1000) >= now_wall_ns - 999;
}

static void note_removed(struct limits *limits, struct str id, int64_t now_wall_ns)
{
    if (get_use(limits, id) != ID_IN_USE) {
        return;
    }
    if (is_of_this_moment(id, now_wall_ns)) {
        map_remove(&limits->ids, id);
    } else {
        set_use(limits, id, ID_GONE);
    }
}

void limits_renamed(struct limits *limits, struct str from, struct str to, int64_t now_wall_ns)
{
    if (is_below(limits, from, "active")) {
        map_remove(&limits->stuck, last_name(from));
    }
    if (is_below(limits, to, "active")) {
        check_active(limits, to);
    }
    if (is_below(limits, to, "incoming") && is_below(limits, from, "incoming") &&
        queue_id_is_valid(last_name(to)) && !queue_id_is_valid(last_name(from))) {
        check_id(limits, last_name(to));
    }
    if (to.size == 0) {
        note_removed(limits, last_name(from), now_wall_ns);
    }
}

/* ---- remote hosts ---------------------------------------------------------------------------- */

static void set_count(struct limits *limits, struct str key, uintptr_t count)
{
    int error = map_put(&limits->rcpts, key, (void *)(count + 1));
    assert(error == 0);
}

static uintptr_t get_count(const struct limits *limits, struct str key)
{
    uintptr_t stored = (uintptr_t)map_get(&limits->rcpts, key);
    return stored == 0 ? 0 : stored - 1;
}

void limits_command(struct limits *limits, struct str peer, int64_t connection, struct str command)
{
    char text[KEY_MAX];
    snprintf(text, sizeof(text), "%.*s %lld", STR_ARG(peer), (long long)connection);
    struct str key = str_from(text);
    if (str_starts_with_fold(command, STR("MAIL"))) {
        set_count(limits, key, 0);
    } else if (str_starts_with_fold(command, STR("RCPT"))) {
        uintptr_t count = get_count(limits, key) + 1;
        set_count(limits, key, count);
        int64_t most = limits->rules->recipients_max;
        if (most > 0 && (int64_t)count == most + 1) {
            failure_add(limits->failures,
                        "limits: more than %lld recipients in a transaction with %.*s",
                        (long long)most, STR_ARG(peer));
        }
    }
}

void limits_connected(struct limits *limits, struct str peer, int connection_count)
{
    /* With one recipient in a delivery each of them is a destination of its own. */
    bool by_recipient = limits->rules->recipients_max == 1;
    int64_t most = by_recipient ? 0 : limits->rules->deliveries_max * limits->destination_count;
    if (most > 0 && connection_count == most + 1) {
        failure_add(limits->failures, "limits: %d connections at once to %.*s, %lld may be",
                    connection_count, STR_ARG(peer), (long long)most);
    }
}
