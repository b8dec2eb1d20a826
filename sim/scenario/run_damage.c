// SPDX-License-Identifier: ISC
#include "scenario/run_damage.h"

#include <string.h>

#include "base/assert.h"
#include "base/number.h"
#include "scenario/run_queue.h"
#include "world/disk.h"
#include "world/machine.h"

enum {
    MODE_QUEUED = 0700,
    MODE_SUBMITTED = 0744,
    MODE_UNFINISHED = 0600,
    MODE_DIRECTORY = 0700,
    FILE_BYTES_MAX = 64 << 20,
};

/* ---- the file meant ---------------------------------------------------------------------------- */

/* A file that the line names: what it is, and what is in it. */
struct target {
    struct str name;
    char path[SYS_PATH_MAX];
    struct sys_stat stat;
    struct buf content;
};

static enum run_queue queue_of(const struct scenario_statement *action, enum scenario_slot slot)
{
    return (enum run_queue)scenario_number(action, slot, RUN_QUEUE_COUNT);
}

static struct str name_of(struct run *run, const struct scenario_statement *action)
{
    return run_word(run, action, scenario_text(action, SCENARIO_SLOT_WORD));
}

/* False after a failure: there is no such file, so that the scenario tells nothing. */
static bool open_target(struct run *run, const struct scenario_statement *action,
                        struct target *target)
{
    const struct disk *disk = run->mta->disk;
    target->name = name_of(run, action);
    if (target->name.size == 0 ||
        !run_queue_find(run, queue_of(action, SCENARIO_SLOT_QUEUE), target->name, target->path)) {
        run_fail(run, action, "seen: there is no such file");
        return false;
    }
    retry_forget(&run->retry, target->name);
    buf_init(&target->content, run->mem, FILE_BYTES_MAX);
    assert(disk_stat(disk, target->path, &target->stat) == 0);
    assert(disk_read(disk, target->path, &target->content) == 0);
    return true;
}

static void close_target(struct target *target)
{
    buf_done(&target->content);
}

/* What is as it was excuses nothing. */
static bool is_changed(struct run *run, const struct target *target)
{
    struct buf old;
    buf_init(&old, run->mem, FILE_BYTES_MAX);
    assert(disk_read(run->mta->disk, target->path, &old) == 0);
    bool changed = !str_equal(buf_str(&old), buf_str(&target->content));
    buf_done(&old);
    return changed;
}

static void set_damaged(struct run *run, const struct target *target)
{
    struct record_message *message = record_message_of(&run->record, target->name);
    if (message != NULL && run_queue_is_of_records(str_from(target->path))) {
        message->has_damaged_records = true;
    } else if (message != NULL) {
        message->is_damaged = true;
    }
}

/* With other content, and all else as it was. */
static void rewrite(struct run *run, const struct target *target)
{
    const struct sys_stat *stat = &target->stat;
    if (!is_changed(run, target)) {
        return;
    }
    disk_put_file(run->mta->disk, target->path, buf_str(&target->content), stat->mode, stat->uid,
                  stat->gid);
    disk_put_attributes(run->mta->disk, target->path, stat);
    set_damaged(run, target);
}

/* ---- planted ----------------------------------------------------------------------------------- */

/* With the sub-directory that it belongs into, as the mail system makes it. */
static void make_path(struct run *run, enum run_queue queue, struct str name,
                      char path[SYS_PATH_MAX])
{
    run_queue_path(run, queue, name, path);
    for (char *slash = path + strlen(RUN_QUEUE_DIRECTORY) + 1;
         (slash = strchr(slash + 1, '/')) != NULL;) {
        struct sys_stat stat;
        *slash = '\0';
        if (disk_stat(run->mta->disk, path, &stat) != 0) {
            disk_put_directory(run->mta->disk, path, MODE_DIRECTORY, RUN_OWNER_UID, RUN_OWNER_UID);
        }
        *slash = '/';
    }
}

void run_damage_plant(struct run *run, const struct scenario_statement *action)
{
    char path[SYS_PATH_MAX];
    enum run_queue queue = queue_of(action, SCENARIO_SLOT_QUEUE);
    bool is_submitted = queue == RUN_QUEUE_MAILDROP;
    bool is_ready = action->form == SCENARIO_FORM_PLANT;
    uint32_t uid = is_submitted ? RUN_USER_UID : RUN_OWNER_UID;
    uint32_t mode = !is_ready ? MODE_UNFINISHED : is_submitted ? MODE_SUBMITTED : MODE_QUEUED;
    struct buf content;
    buf_init(&content, run->mem, FILE_BYTES_MAX);
    for (const struct syntax_value *piece = scenario_value(action, SCENARIO_SLOT_TEXT);
         piece != NULL; piece = piece->next) {
        buf_put(&content, piece->text);
    }
    make_path(run, queue, name_of(run, action), path);
    disk_put_file(run->mta->disk, path, buf_str(&content), mode, uid, uid);
    run->names_changed = true;
    buf_done(&content);
}

void run_damage_plant_directory(struct run *run, const struct scenario_statement *action)
{
    char path[SYS_PATH_MAX];
    make_path(run, queue_of(action, SCENARIO_SLOT_QUEUE), name_of(run, action), path);
    disk_put_directory(run->mta->disk, path, MODE_DIRECTORY, RUN_OWNER_UID, RUN_OWNER_UID);
}

/* The file gets a name in the other queue. */
static bool put_link(struct run *run, const struct scenario_statement *action,
                     const struct target *target)
{
    char path[SYS_PATH_MAX];
    struct sys_stat stat;
    make_path(run, queue_of(action, SCENARIO_SLOT_OTHER), target->name, path);
    if (disk_stat(run->mta->disk, path, &stat) == 0) {
        run_fail(run, action, "seen: there is a file of that name already");
        return false;
    }
    disk_put_link(run->mta->disk, target->path, path);
    run->names_changed = true;
    return true;
}

void run_damage_link(struct run *run, const struct scenario_statement *action)
{
    struct target target;
    if (open_target(run, action, &target)) {
        (void)put_link(run, action, &target);
        close_target(&target);
    }
}

void run_damage_move(struct run *run, const struct scenario_statement *action)
{
    struct target target;
    if (open_target(run, action, &target)) {
        if (put_link(run, action, &target)) {
            disk_remove_link(run->mta->disk, target.path);
        }
        close_target(&target);
    }
}

/* ---- content ----------------------------------------------------------------------------------- */

void run_damage_truncate(struct run *run, const struct scenario_statement *action)
{
    struct target target;
    if (open_target(run, action, &target)) {
        size_t size = (size_t)scenario_number(action, SCENARIO_SLOT_SIZE, 0);
        target.content.size = size < target.content.size ? size : target.content.size;
        rewrite(run, &target);
        close_target(&target);
    }
}

void run_damage_zero(struct run *run, const struct scenario_statement *action)
{
    struct target target;
    if (open_target(run, action, &target)) {
        size_t from = (size_t)scenario_number(action, SCENARIO_SLOT_SIZE, 0);
        for (size_t i = from; i < target.content.size; i++) {
            target.content.data[i] = '\0';
        }
        rewrite(run, &target);
        close_target(&target);
    }
}

/* Where the old text stands first there is the new one; longer than that, it covers what follows. */
void run_damage_overwrite(struct run *run, const struct scenario_statement *action)
{
    struct target target;
    if (!open_target(run, action, &target)) {
        return;
    }
    struct str new = scenario_text(action, SCENARIO_SLOT_NEW);
    ptrdiff_t at =
        str_find_str(buf_str(&target.content), scenario_text(action, SCENARIO_SLOT_TEXT));
    if (at < 0) {
        run_fail(run, action, "seen: the file does not hold that text");
    } else {
        size_t end = (size_t)at + new.size;
        size_t size = target.content.size;
        if (end > size) {
            assert(buf_reserve(&target.content, end - size) != NULL);
            buf_grew(&target.content, end - size);
        }
        memcpy(target.content.data + at, new.data, new.size);
        rewrite(run, &target);
    }
    close_target(&target);
}

/* ---- attributes ---------------------------------------------------------------------------------- */

void run_damage_date(struct run *run, const struct scenario_statement *action)
{
    struct target target;
    if (open_target(run, action, &target)) {
        int64_t ahead_ns = scenario_number(action, SCENARIO_SLOT_TIME, 0);
        target.stat.mtime_wall_ns = machine_wall_ns(run->mta) + ahead_ns;
        disk_put_attributes(run->mta->disk, target.path, &target.stat);
        close_target(&target);
    }
}

void run_damage_mode(struct run *run, const struct scenario_statement *action)
{
    struct target target;
    if (open_target(run, action, &target)) {
        target.stat.mode = (uint32_t)scenario_number(action, SCENARIO_SLOT_MODE, 0);
        disk_put_attributes(run->mta->disk, target.path, &target.stat);
        close_target(&target);
    }
}

void run_damage_owner(struct run *run, const struct scenario_statement *action)
{
    struct target target;
    if (open_target(run, action, &target)) {
        target.stat.uid = (uint32_t)scenario_number(action, SCENARIO_SLOT_UID, 0);
        target.stat.gid = target.stat.uid;
        disk_put_attributes(run->mta->disk, target.path, &target.stat);
        close_target(&target);
    }
}
