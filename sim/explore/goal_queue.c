// SPDX-License-Identifier: ISC
/* Goals that the queue directory shows: what a crash leaves there, and what it takes along. */
#include <stdio.h>

#include "base/assert.h"
#include "explore/goal.h"
#include "proto/queue_record.h"
#include "queue/queue.h"
#include "scenario/run_queue.h"
#include "world/disk.h"
#include "world/machine.h"
#include "world/process.h"

enum { IDS_MAX = 1000 * 1000, PATH_BYTES = 1024, DEPTH_MAX = 3, FILE_MAX = 64 << 20 };

/* ---- marks --------------------------------------------------------------------------------- */

struct goal_marks {
    int count; /* in the file when the last one was written */
};

static int count_marks(const struct goal_watch *watch, const char *path)
{
    struct buf content;
    int count = 0;
    buf_init(&content, watch->run->mem, FILE_MAX);
    if (disk_read(watch->run->mta->disk, path, &content) == 0) {
        struct str rest = buf_str(&content);
        struct queue_record record;
        size_t used;
        while (queue_record_parse(rest, &record, &used) == PARSE_OK) {
            count += record.type == QUEUE_RECORD_DONE ? 1 : 0;
            rest = str_skip(rest, used);
        }
    }
    buf_done(&content);
    return count;
}

static struct str id_of(struct str path)
{
    return str_skip(path, (size_t)(str_find_last(path, '/') + 1));
}

void goal_queue_marked(struct goal_watch *watch, const struct sys *sys, int fd)
{
    struct buf path;
    buf_init(&path, watch->run->mem, PATH_BYTES);
    fault_object(sys, &(struct fault_call){.name = "pwrite", .fd = fd}, &path);
    struct str id = id_of(buf_str(&path));
    struct goal_marks *marks = map_get(&watch->marked, id);
    if (marks == NULL) {
        marks = mem_alloc(watch->run->mem, sizeof(*marks));
        int error = map_put(&watch->marked, id, marks);
        assert(error == 0);
    }
    marks->count = count_marks(watch, buf_text(&path));
    buf_done(&path);
}

static void forget_marks(struct goal_watch *watch, struct str id)
{
    mem_free(watch->run->mem, map_remove(&watch->marked, id));
}

void goal_queue_synced(struct goal_watch *watch, struct str path)
{
    forget_marks(watch, id_of(path));
}

void goal_queue_done(struct goal_watch *watch)
{
    struct map_entry *entry;
    while ((entry = map_next(&watch->marked, NULL)) != NULL) {
        forget_marks(watch, entry->key);
    }
    map_done(&watch->marked);
}

/* ---- a look at the queue ------------------------------------------------------------------- */

struct queue_look {
    struct goal_watch *watch;
    const char *directory;
    int depth;
    int count;         /* files */
    struct map inodes; /* as text */
};

static void look_at_directory(struct queue_look *look, const char *path, int depth);

static void look_at_file(void *argument, const char *name, const struct sys_stat *stat)
{
    struct queue_look *look = argument;
    struct goal_watch *watch = look->watch;
    const struct goal_marks *marks = map_get(&watch->marked, str_from(name));
    char text[PATH_BYTES];
    snprintf(text, sizeof(text), "%s/%s", look->directory, name);
    if (stat->kind == SYS_FILE_DIRECTORY && look->depth < DEPTH_MAX) {
        look_at_directory(look, text, look->depth + 1);
        return;
    }
    if (stat->kind != SYS_FILE_REGULAR) {
        return;
    }
    look->count++;
    watch->reached[GOAL_mark_lost] |= marks != NULL && count_marks(watch, text) < marks->count;
    watch->reached[GOAL_file_came_back] |= map_get(&watch->removed, str_from(name)) != NULL;
    snprintf(text, sizeof(text), "%llu", (unsigned long long)stat->inode);
    watch->reached[GOAL_two_names] |= map_get(&look->inodes, str_from(text)) != NULL;
    int error = map_put(&look->inodes, str_from(text), look);
    assert(error == 0);
}

static void look_at_directory(struct queue_look *look, const char *path, int depth)
{
    const char *outer = look->directory;
    int outer_depth = look->depth;
    look->directory = path;
    look->depth = depth;
    disk_list(look->watch->run->mta->disk, path, look_at_file, look);
    look->directory = outer;
    look->depth = outer_depth;
}

static int count_files(struct queue_look *look, const char *queue)
{
    look->count = 0;
    look_at_directory(look, queue, 0);
    return look->count;
}

void goal_queue_begun(struct goal_watch *watch)
{
    struct queue_look look = {.watch = watch};
    map_init(&look.inodes, watch->run->mem, IDS_MAX);
    watch->active_count = count_files(&look, RUN_QUEUE_DIRECTORY "/active");
    watch->incoming_count = count_files(&look, RUN_QUEUE_DIRECTORY "/incoming");
    count_files(&look, RUN_QUEUE_DIRECTORY "/deferred");
    count_files(&look, RUN_QUEUE_DIRECTORY "/hold");
    count_files(&look, RUN_QUEUE_DIRECTORY "/maildrop");
    map_done(&look.inodes);
}

bool goal_queue_has_mail(const struct goal_watch *watch)
{
    struct run_queues queues;
    run_queue_count(watch->run, &queues);
    return run_queue_mail_count(&queues) > 0;
}

/* The mode bit says that it was asked for by its id. */
void goal_queue_hurried(struct goal_watch *watch, struct str path)
{
    char text[PATH_BYTES];
    struct sys_stat stat;
    snprintf(text, sizeof(text), "%.*s", STR_ARG(path));
    if (disk_stat(watch->run->mta->disk, text, &stat) == 0) {
        bool by_hand = (stat.mode & QUEUE_MODE_UNTHROTTLE) != 0;
        watch->reached[by_hand ? GOAL_tried_by_hand : GOAL_tried_for_site] = true;
    }
    int error = map_put(&watch->hurried, id_of(path), watch);
    assert(error == 0);
}

void goal_queue_flushed(struct goal_watch *watch)
{
    struct run_queues queues;
    run_queue_count(watch->run, &queues);
    watch->reached[GOAL_flushed] |= queues.counts[RUN_QUEUE_DEFERRED] > 0;
}
