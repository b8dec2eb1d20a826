// SPDX-License-Identifier: ISC
#include "postsuper/postsuper_structure.h"

#include <stdio.h>
#include <string.h>

#include "sys/clock.h"

static const int64_t unfinished_age_ns = 7 * 24 * 3600 * SYS_SECOND_NS;
static const struct str fix =
    STR_INIT("#FIX"); /* at the end of a new name, until all have theirs */

/* One way through a queue's directories. */
struct walk {
    struct postsuper *postsuper;
    enum queue_name name;
    unsigned flags;
    void (*file)(struct walk *walk, struct str name, const struct sys_stat *stat);
    char path[SYS_PATH_MAX]; /* of the directory, or of the file that is visited */
};

static void warn(struct walk *walk, const char *what, int error)
{
    postsuper_warn(walk->postsuper, str_from(walk->path), what, error);
}

/* ---- walking --------------------------------------------------------------------------------------- */

static void visit_directory(struct walk *walk, int depth);

static void remove_what_is_no_file(struct walk *walk)
{
    command_warning(&walk->postsuper->command, "%s: is no file: removed", walk->path);
    int error = sys_unlink(walk->postsuper->sys, SYS_HERE, walk->path);
    if (error != 0) {
        warn(walk, "cannot remove it", error);
    }
}

/* A level that the queue does not have, once nothing is left in it. What still waits for its last
 * name is there in the first way. */
static void remove_level(struct walk *walk, int depth)
{
    bool is_wanted = depth <= walk->postsuper->queue.depth[walk->name];
    if (is_wanted || (walk->flags & POSTSUPER_STRUCTURE) == 0) {
        return;
    }
    int error = sys_rmdir(walk->postsuper->sys, SYS_HERE, walk->path);
    if (error != 0 && error != -ERR_NOT_EMPTY && error != -ERR_NOT_FOUND) {
        warn(walk, "cannot remove the directory", error);
    }
}

static void visit(struct walk *walk, const char *name, int depth)
{
    struct sys_stat stat;
    int error = sys_stat(walk->postsuper->sys, SYS_HERE, walk->path, &stat);
    if (error != 0) {
        return; /* it has moved on */
    }
    bool is_level = stat.kind == SYS_FILE_DIRECTORY && strlen(name) == 1;
    if (is_level && depth < QUEUE_ID_DEPTH_MAX) {
        visit_directory(walk, depth + 1);
        remove_level(walk, depth + 1);
    } else if (stat.kind == SYS_FILE_REGULAR) {
        walk->file(walk, str_from(name), &stat);
    } else if (stat.kind != SYS_FILE_DIRECTORY) {
        remove_what_is_no_file(walk);
    }
}

/* Visits what lies in the directory of walk->path, which is as before then. */
static void visit_directory(struct walk *walk, int depth)
{
    struct sys *sys = walk->postsuper->sys;
    char name[SYS_NAME_MAX + 1];
    size_t size = strlen(walk->path);
    int fd = sys_open(sys, SYS_HERE, walk->path, SYS_OPEN_READ | SYS_OPEN_DIRECTORY, 0);
    int more = fd;
    while (fd >= 0 && (more = sys_read_dir(sys, fd, name)) == 1) {
        if (size + 1 + strlen(name) < sizeof(walk->path)) {
            snprintf(walk->path + size, sizeof(walk->path) - size, "/%s", name);
            visit(walk, name, depth);
            walk->path[size] = '\0';
        }
    }
    if (more < 0) {
        warn(walk, "cannot look through it", more);
    }
    sys_close(sys, fd);
}

/* ---- names ----------------------------------------------------------------------------------------- */

static bool is_record(enum queue_name name)
{
    return name == QUEUE_BOUNCE || name == QUEUE_DEFER || name == QUEUE_TRACE;
}

/* True with the id that a message of that inode must have, when the one it has names another, or is
 * a long one and such are not made any more. */
static bool has_wrong_id(const struct walk *walk, struct str id, uint64_t inode,
                         char right[QUEUE_ID_SIZE])
{
    bool makes_long = walk->postsuper->queue.long_ids;
    int64_t wall_s;
    uint32_t microseconds;
    uint64_t named;
    if (queue_id_parse(id, &wall_s, &microseconds, &named) != 0) {
        return false;
    }
    if (wall_s >= 0 && makes_long) {
        queue_id_write_long(wall_s * SYS_SECOND_NS + (int64_t)microseconds * 1000, inode, right);
        return named != inode && (walk->flags & POSTSUPER_LONG_IDS) != 0;
    }
    queue_id_write_short((int64_t)microseconds * 1000, inode, right);
    return named != inode || wall_s >= 0;
}

static int rename_path(struct postsuper *postsuper, const char *from, const char *to)
{
    int error = sys_rename(postsuper->sys, SYS_HERE, from, SYS_HERE, to, true);
    if (error == 0) {
        postsuper_changed(postsuper, from);
        postsuper_changed(postsuper, to);
    }
    return error;
}

/* Gives what is of the old id, in one queue, its new name as yet with the suffix. */
static int rename_in(struct postsuper *postsuper, enum queue_name name, struct str old,
                     const char *right)
{
    char from[QUEUE_PATH_SIZE];
    char to[QUEUE_PATH_SIZE + 8];
    queue_path(&postsuper->queue, name, old, from);
    size_t directory_size = (size_t)(str_find_last(str_from(from), '/') + 1);
    snprintf(to, sizeof(to), "%.*s%s%s", (int)directory_size, from, right, fix.data);
    int error = rename_path(postsuper, from, to);
    postsuper->has_fixes = postsuper->has_fixes || error == 0;
    return error;
}

/* The records first: a message is never without its own. */
static int rename_message(struct walk *walk, struct str old, const char *right)
{
    static const enum queue_name records[] = {QUEUE_BOUNCE, QUEUE_DEFER, QUEUE_TRACE};
    int error = 0;
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]) && error == 0; i++) {
        error = rename_in(walk->postsuper, records[i], old, right);
        error = error == -ERR_NOT_FOUND ? 0 : error;
    }
    return error != 0 ? error : rename_in(walk->postsuper, walk->name, old, right);
}

/* ---- first way: each to its directory, wrong ids get new names ------------------------------------- */

/* Puts the file where its name belongs, unless something else is there. */
static void place(struct walk *walk, struct str id)
{
    struct postsuper *postsuper = walk->postsuper;
    int error = queue_place(&postsuper->queue, walk->name, id, walk->path);
    if (error == 0) {
        char path[QUEUE_PATH_SIZE];
        postsuper_changed(postsuper, walk->path);
        postsuper_changed(postsuper, queue_path(&postsuper->queue, walk->name, id, path));
    } else if (error != -ERR_NOT_FOUND) {
        warn(walk, "cannot put it into its place", error);
    }
}

static void arrange(struct walk *walk, struct str id, const struct sys_stat *stat)
{
    char right_path[QUEUE_PATH_SIZE];
    char right_id[QUEUE_ID_SIZE];
    queue_path(&walk->postsuper->queue, walk->name, id, right_path);
    if (strcmp(right_path, walk->path) != 0) {
        place(walk, id);
    }
    bool is_message = !is_record(walk->name) && (stat->mode & QUEUE_MODE_READY) != 0;
    if (is_message && has_wrong_id(walk, id, stat->inode, right_id)) {
        int error = rename_message(walk, id, right_id);
        if (error != 0) {
            warn(walk, "cannot rename it", error);
            return;
        }
        walk->postsuper->counts[POSTSUPER_RENAMED]++;
    }
}

static bool is_written_in(enum queue_name name)
{
    return name == QUEUE_INCOMING || name == QUEUE_MAILDROP;
}

/* Under a name that is no id, as new mail is written; or without the mode of a message, which in
 * other queues than these may have another meaning. */
static bool is_unfinished(enum queue_name queue, struct str name, const struct sys_stat *stat)
{
    if (!queue_id_is_valid(name)) {
        return is_written_in(queue) && !str_ends_with(name, fix);
    }
    return (is_written_in(queue) || queue == QUEUE_HOLD) &&
           (stat->mode & (QUEUE_MODE_READY | QUEUE_MODE_GROUP)) == 0;
}

static bool is_stray(enum queue_name queue, struct str name)
{
    return !queue_id_is_valid(name) && !is_written_in(queue) && !str_ends_with(name, fix);
}

static void purge(struct walk *walk, struct str name, const struct sys_stat *stat)
{
    bool is_old = stat->mtime_wall_ns < sys_wall_ns(walk->postsuper->sys) - unfinished_age_ns;
    if (!is_old || !is_unfinished(walk->name, name, stat)) {
        return;
    }
    command_info(&walk->postsuper->command, "%s: never finished: removed", walk->path);
    int error = sys_unlink(walk->postsuper->sys, SYS_HERE, walk->path);
    if (error != 0) {
        warn(walk, "cannot remove it", error);
    }
}

static void visit_first(struct walk *walk, struct str name, const struct sys_stat *stat)
{
    if ((walk->flags & POSTSUPER_STRUCTURE) != 0 && queue_id_is_valid(name)) {
        arrange(walk, name, stat);
    }
    if (str_ends_with(name, fix)) { /* from an earlier postsuper that did not come to its end */
        walk->postsuper->has_fixes = true;
    }
    if (is_stray(walk->name, name)) {
        command_warning(&walk->postsuper->command, "%s: is no queue id: left alone", walk->path);
    }
    if ((walk->flags & POSTSUPER_PURGE) != 0) {
        purge(walk, name, stat);
    }
}

/* ---- second way, where there are such: new names without the suffix ----------------------------- */

static void visit_second(struct walk *walk, struct str name, const struct sys_stat *stat)
{
    (void)stat;
    struct str id = str_first(name, name.size - (str_ends_with(name, fix) ? fix.size : 0));
    if (id.size < name.size && queue_id_is_valid(id)) {
        place(walk, id);
    }
}

/* ---- all queues ------------------------------------------------------------------------------------ */

static void walk_queues(struct postsuper *postsuper, unsigned flags,
                        void (*file)(struct walk *walk, struct str name,
                                     const struct sys_stat *stat))
{
    struct walk *walk = mem_alloc(sys_mem(postsuper->sys), sizeof(*walk));
    for (int name = 0; name < QUEUE_COUNT; name++) {
        bool is_wanted = postsuper->any_given ? postsuper->given[name] : name != QUEUE_CORRUPT;
        if (!is_wanted) {
            continue;
        }
        *walk = (struct walk){
            .postsuper = postsuper, .name = (enum queue_name)name, .flags = flags, .file = file};
        snprintf(walk->path, sizeof(walk->path), "%s", queue_directory((enum queue_name)name));
        visit_directory(walk, 0);
    }
    mem_free(sys_mem(postsuper->sys), walk);
}

void postsuper_structure(struct postsuper *postsuper, unsigned flags)
{
    walk_queues(postsuper, flags, visit_first);
    if ((flags & POSTSUPER_STRUCTURE) != 0 && postsuper->has_fixes) {
        walk_queues(postsuper, flags, visit_second);
    }
}
