// SPDX-License-Identifier: ISC
#include "scenario/run_unsaid.h"

#include <string.h>

#include "base/assert.h"
#include "scenario/run_queue.h"
#include "world/process.h"

/* The value of an entry: the process that has yet to say it, or this, when it never will. */
#define NOBODY ((intptr_t)-1)

static bool runs_postsuper(const struct sys *sys)
{
    return str_equal(str_from(sys->program->file), STR("postsuper"));
}

static bool names(const char *argument, struct str id)
{
    return strcmp(argument, "ALL") == 0 || strcmp(argument, "-") == 0 ||
           str_equal(str_from(argument), id);
}

static bool is_to_delete(const struct sys *sys, struct str id)
{
    for (int i = 1; i + 1 < sys->argc; i++) {
        if (strcmp(sys->argv[i], "-d") == 0 && names(sys->argv[i + 1], id)) {
            return true;
        }
    }
    return false;
}

static void set_speaker(struct run *run, struct str id, intptr_t speaker)
{
    int error = map_put(&run->unsaid, id, (void *)speaker);
    assert(error == 0);
}

void run_unsaid_removed(struct run *run, const struct sys *sys, struct str path)
{
    struct str id = str_skip(path, (size_t)(str_find_last(path, '/') + 1));
    if (runs_postsuper(sys) && run_queue_is_of_mail(path) && is_to_delete(sys, id)) {
        set_speaker(run, id, sys->pid);
    }
}

void run_unsaid_logged(struct run *run, struct str id)
{
    map_remove(&run->unsaid, id);
}

void run_unsaid_ended(struct run *run, const struct sys *sys)
{
    const struct map_entry *next;
    if (!runs_postsuper(sys)) {
        return;
    }
    for (const struct map_entry *entry = map_next(&run->unsaid, NULL); entry != NULL;
         entry = next) {
        next = map_next(&run->unsaid, entry);
        if ((intptr_t)entry->value == sys->pid && sys->signal != 0) {
            set_speaker(run, entry->key, NOBODY);
        } else if ((intptr_t)entry->value == sys->pid) {
            map_remove(&run->unsaid, entry->key);
        }
    }
}

void run_unsaid_power_cut(struct run *run)
{
    const struct map_entry *next;
    for (const struct map_entry *entry = map_next(&run->unsaid, NULL); entry != NULL;
         entry = next) {
        char path[SYS_PATH_MAX];
        next = map_next(&run->unsaid, entry);
        if (run_queue_find(run, RUN_QUEUE_COUNT, entry->key, path)) {
            map_remove(&run->unsaid, entry->key);
        } else {
            set_speaker(run, entry->key, NOBODY);
        }
    }
}

bool run_unsaid_has(const struct run *run, struct str id)
{
    return map_get(&run->unsaid, id) != NULL;
}
