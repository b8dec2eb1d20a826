// SPDX-License-Identifier: ISC
#include "check/marks.h"

#include <stdio.h>

#include "base/assert.h"
#include "check/active.h"
#include "sys/fs.h"
#include "world/disk.h"

enum { IDS_MAX = 1000 * 1000 };

static const int64_t slow_ns = INT64_C(500000000); /* the sync itself, on top of the time allowed */

struct mark {
    int64_t at_ns;
};

void marks_init(struct marks *marks, const struct rules *rules, struct mem *mem,
                const struct disk *disk, const char *queue_directory, struct failures *failures)
{
    *marks = (struct marks){
        .rules = rules,
        .disk = disk,
        .queue_directory = queue_directory,
        .mem = mem,
        .failures = failures,
    };
    map_init(&marks->unsynced, mem, IDS_MAX);
}

static void forget(struct marks *marks, struct str id)
{
    mem_free(marks->mem, map_remove(&marks->unsynced, id));
}

void marks_queue_manager_ended(struct marks *marks)
{
    struct map_entry *entry;
    while ((entry = map_next(&marks->unsynced, NULL)) != NULL) {
        forget(marks, entry->key);
    }
}

/* What it owes from a time of trouble, it may never have been able to pay. */
void marks_set_hindered(struct marks *marks, bool hindered)
{
    marks_queue_manager_ended(marks);
    marks->hindered = hindered;
}

void marks_done(struct marks *marks)
{
    marks_queue_manager_ended(marks);
    map_done(&marks->unsynced);
}

/* The queue id of a path in active/; false for any other path. */
static bool is_active(const struct marks *marks, struct str path, struct str *id)
{
    char active[SYS_PATH_MAX];
    snprintf(active, sizeof(active), "%s/active/", marks->queue_directory);
    struct str prefix = str_from(active);
    *id = str_skip(path, (size_t)(str_find_last(path, '/') + 1));
    return str_starts_with(path, prefix) && id->size > 0;
}

static void check_times(struct marks *marks, int64_t now_ns)
{
    struct map_entry *entry;
    while ((entry = map_next(&marks->unsynced, NULL)) != NULL) {
        const struct mark *mark = entry->value;
        if (now_ns - mark->at_ns <= marks->rules->mark_sync_ns + slow_ns) {
            return;
        }
        failure_add(marks->failures,
                    "marks in time: a recipient of %.*s was done for %lld ms "
                    "without the mark being synced",
                    STR_ARG(entry->key), (long long)((now_ns - mark->at_ns) / 1000000));
        forget(marks, entry->key);
    }
}

static bool ends_recipient(const struct mail_event *event)
{
    return event->kind == MAIL_EVENT_RESULT &&
           (str_equal(event->status, STR("sent")) || str_equal(event->status, STR("bounced")));
}

static bool has_active_file(const struct marks *marks, struct str id)
{
    char path[SYS_PATH_MAX];
    return active_find(marks->disk, marks->queue_directory, id, path);
}

void marks_logged(struct marks *marks, const struct mail_event *event, int64_t now_ns)
{
    check_times(marks, now_ns);
    if (event->kind == MAIL_EVENT_REMOVED && str_equal(event->program, STR("postsuper"))) {
        forget(marks, event->id);
    }
    if (marks->hindered || !ends_recipient(event) || map_get(&marks->unsynced, event->id) != NULL ||
        !has_active_file(marks, event->id)) {
        return;
    }
    struct mark *mark = mem_alloc(marks->mem, sizeof(*mark));
    mark->at_ns = now_ns;
    int error = map_put(&marks->unsynced, event->id, mark);
    assert(error == 0);
}

/* Under whatever name the file has meanwhile. */
void marks_synced(struct marks *marks, struct str path, int64_t now_ns)
{
    check_times(marks, now_ns);
    if (str_starts_with(path, str_from(marks->queue_directory))) {
        forget(marks, str_skip(path, (size_t)(str_find_last(path, '/') + 1)));
    }
}

/* A new queue manager takes what was active back to incoming/, as it is. */
static bool is_recovery(const struct marks *marks, struct str to)
{
    char incoming[SYS_PATH_MAX];
    snprintf(incoming, sizeof(incoming), "%s/incoming/", marks->queue_directory);
    return str_starts_with(to, str_from(incoming));
}

void marks_renamed(struct marks *marks, struct str from, struct str to)
{
    struct str id;
    if (!is_active(marks, from, &id) || map_get(&marks->unsynced, id) == NULL) {
        return;
    }
    if (!is_recovery(marks, to)) {
        failure_add(marks->failures,
                    "marks before names: %.*s left active/ before its marks were synced",
                    STR_ARG(id));
    }
    forget(marks, id);
}
