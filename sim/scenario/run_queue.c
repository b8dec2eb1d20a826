// SPDX-License-Identifier: ISC
#include "scenario/run_queue.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "proto/queue_id.h"
#include "scenario/run_unsaid.h"
#include "world/disk.h"
#include "world/machine.h"

static const char *const queue_names[RUN_QUEUE_COUNT] = {
    [RUN_QUEUE_MAILDROP] = "maildrop", [RUN_QUEUE_INCOMING] = "incoming",
    [RUN_QUEUE_ACTIVE] = "active",     [RUN_QUEUE_DEFERRED] = "deferred",
    [RUN_QUEUE_HOLD] = "hold",         [RUN_QUEUE_CORRUPT] = "corrupt",
    [RUN_QUEUE_BOUNCE] = "bounce",     [RUN_QUEUE_DEFER] = "defer",
    [RUN_QUEUE_TRACE] = "trace",
};

const char *run_queue_directory(enum run_queue queue)
{
    return queue_names[queue];
}

/* ---- walking --------------------------------------------------------------------------------- */

/* Through a queue directory and the sub-directories that its files may lie in. */
struct walk {
    const struct disk *disk;
    void (*file)(struct walk *walk, const char *name, const struct sys_stat *stat);
    char path[SYS_PATH_MAX]; /* of the directory, or of the file that is visited */
    int depth;
    bool all_files;    /* count_mail(): logs have no execute bit */
    struct str wanted; /* a name to look for, or empty: all */
    int count;
    int file_count; /* count_mail(): of any kind and name */
    char *found;    /* find_name(): gets the path */
};

static void visit(void *argument, const char *name, const struct sys_stat *stat)
{
    struct walk *walk = argument;
    size_t size = strlen(walk->path);
    snprintf(walk->path + size, sizeof(walk->path) - size, "/%s", name);
    if (stat->kind == SYS_FILE_DIRECTORY && walk->depth < QUEUE_ID_DEPTH_MAX) {
        walk->depth++;
        disk_list(walk->disk, walk->path, visit, walk);
        walk->depth--;
    } else {
        walk->file(walk, name, stat);
    }
    walk->path[size] = '\0';
}

static void walk_queue(const struct run *run, enum run_queue queue, struct walk *walk)
{
    walk->disk = run->mta->disk;
    snprintf(walk->path, sizeof(walk->path), RUN_QUEUE_DIRECTORY "/%s", queue_names[queue]);
    disk_list(walk->disk, walk->path, visit, walk);
}

/* ---- counting -------------------------------------------------------------------------------- */

/* What lies under a name that is no id was never received, whatever mode a crash left it. */
static void count_mail(struct walk *walk, const char *name, const struct sys_stat *stat)
{
    bool is_mail = stat->kind == SYS_FILE_REGULAR && queue_id_is_valid(str_from(name)) &&
                   (walk->all_files || (stat->mode & 0100) != 0);
    bool is_wanted = walk->wanted.size == 0 || str_equal(walk->wanted, str_from(name));
    walk->count += is_mail && is_wanted;
    walk->file_count++;
}

static void count_queue(const struct run *run, enum run_queue queue, struct str id,
                        struct walk *walk)
{
    *walk = (struct walk){.file = count_mail, .wanted = id};
    walk->all_files = queue >= RUN_QUEUE_CORRUPT; /* it and the records */
    walk_queue(run, queue, walk);
}

static bool has(const struct run *run, enum run_queue queue, struct str id)
{
    struct walk walk;
    count_queue(run, queue, id, &walk);
    return walk.count > 0;
}

void run_queue_count(const struct run *run, struct run_queues *queues)
{
    for (int i = 0; i < RUN_QUEUE_COUNT; i++) {
        struct walk walk;
        count_queue(run, (enum run_queue)i, STR(""), &walk);
        queues->counts[i] = walk.count;
        queues->files[i] = walk.file_count;
    }
}

int run_queue_mail_count(const struct run_queues *queues)
{
    return queues->counts[RUN_QUEUE_MAILDROP] + queues->counts[RUN_QUEUE_INCOMING] +
           queues->counts[RUN_QUEUE_ACTIVE] + queues->counts[RUN_QUEUE_DEFERRED] +
           queues->counts[RUN_QUEUE_HOLD];
}

bool run_queue_is_put_aside(const struct run *run, struct str id)
{
    const struct record_message *message = record_message_of(&run->record, id);
    return message != NULL && message->is_damaged && has(run, RUN_QUEUE_CORRUPT, id);
}

/* RUN_QUEUE_COUNT: it lies in none. */
static enum run_queue queue_of(struct str path)
{
    int queue = 0;
    for (; queue < RUN_QUEUE_COUNT; queue++) {
        char directory[SYS_PATH_MAX];
        snprintf(directory, sizeof(directory), RUN_QUEUE_DIRECTORY "/%s/", queue_names[queue]);
        if (str_starts_with(path, str_from(directory))) {
            break;
        }
    }
    return (enum run_queue)queue;
}

bool run_queue_is_of_mail(struct str path)
{
    return queue_of(path) < RUN_QUEUE_CORRUPT;
}

bool run_queue_is_of_records(struct str path)
{
    enum run_queue queue = queue_of(path);
    return queue >= RUN_QUEUE_BOUNCE && queue < RUN_QUEUE_COUNT;
}

bool run_queue_has(void *argument, struct str id)
{
    const struct run *run = argument;
    if (id.size == 0) {
        return has(run, RUN_QUEUE_MAILDROP, id);
    }
    if (run_unsaid_has(run, id)) {
        return true;
    }
    for (int queue = 0; queue < RUN_QUEUE_CORRUPT; queue++) {
        if (has(run, (enum run_queue)queue, id)) {
            return true;
        }
    }
    return run_queue_is_put_aside(run, id);
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool is_hashed(const struct run *run, enum run_queue queue)
{
    const struct syntax_value *word = run_parameter_words(run, STR("hash_queue_names"));
    if (word == NULL) {
        return queue == RUN_QUEUE_DEFERRED || queue == RUN_QUEUE_DEFER;
    }
    while (word != NULL && !str_equal(word->text, str_from(queue_names[queue]))) {
        word = word->next;
    }
    return word != NULL && queue != RUN_QUEUE_MAILDROP;
}

static int hash_depth(const struct run *run, enum run_queue queue)
{
    struct str text = run_parameter(run, STR("hash_queue_depth"), STR("1"));
    int64_t depth = 0;
    if (is_hashed(run, queue)) {
        int error = number_parse_i64(text, 0, QUEUE_ID_DEPTH_MAX, &depth);
        (void)error; /* the mail system will say so */
    }
    return (int)depth;
}

void run_queue_path(const struct run *run, enum run_queue queue, struct str name,
                    char path[SYS_PATH_MAX])
{
    char levels[QUEUE_ID_PATH_SIZE] = "";
    if (queue_id_is_valid(name)) {
        queue_id_directory(name, hash_depth(run, queue), levels);
    }
    snprintf(path, SYS_PATH_MAX, RUN_QUEUE_DIRECTORY "/%s/%s%.*s", queue_names[queue], levels,
             STR_ARG(name));
}

static void find_name(struct walk *walk, const char *name, const struct sys_stat *stat UNUSED)
{
    if (str_equal(walk->wanted, str_from(name))) {
        memcpy(walk->found, walk->path, SYS_PATH_MAX);
        walk->count++;
    }
}

bool run_queue_find(const struct run *run, enum run_queue queue, struct str name,
                    char path[SYS_PATH_MAX])
{
    struct walk walk = {.file = find_name, .wanted = name, .found = path};
    for (int i = 0; i < RUN_QUEUE_COUNT && walk.count == 0; i++) {
        bool is_record = i >= RUN_QUEUE_BOUNCE;
        if (queue == (enum run_queue)i || (queue == RUN_QUEUE_COUNT && !is_record)) {
            walk_queue(run, (enum run_queue)i, &walk);
        }
    }
    return walk.count > 0;
}
