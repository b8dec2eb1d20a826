// SPDX-License-Identifier: ISC
#include "postsuper/postsuper_message.h"

#include "queue/queue_scan.h"

enum {
    ROUNDS_MAX = 3, /* a message may move on while it is looked for */
};

/* ---- files ----------------------------------------------------------------------------------------- */

static int stat_path(struct postsuper *postsuper, enum queue_name name, struct str id,
                     struct sys_stat *stat)
{
    char path[QUEUE_PATH_SIZE];
    return sys_stat(postsuper->sys, SYS_HERE, queue_path(&postsuper->queue, name, id, path), stat);
}

/* 0, or -ERR_NOT_FOUND for what is no message, or not yet. */
static int check_ready(struct postsuper *postsuper, enum queue_name name, struct str id)
{
    struct sys_stat stat;
    int error = stat_path(postsuper, name, id, &stat);
    bool ready = error == 0 && stat.kind == SYS_FILE_REGULAR && (stat.mode & QUEUE_MODE_READY) != 0;
    return error == 0 && !ready ? -ERR_NOT_FOUND : error;
}

static int fail(struct postsuper *postsuper, struct str id, const char *what, int error)
{
    if (error != 0 && error != -ERR_NOT_FOUND) {
        postsuper_warn(postsuper, id, what, error);
    }
    return error;
}

static void note_changed(struct postsuper *postsuper, enum queue_name name, struct str id)
{
    char path[QUEUE_PATH_SIZE];
    postsuper_changed(postsuper, queue_path(&postsuper->queue, name, id, path));
}

/* Opens and locks a message that nobody delivers. A descriptor, or an error that has been told. */
static int lock(struct postsuper *postsuper, enum queue_name name, struct str id)
{
    int error = check_ready(postsuper, name, id);
    if (error != 0) {
        return fail(postsuper, id, "cannot look for it", error);
    }
    int fd = queue_open_file(&postsuper->queue, name, id, SYS_OPEN_READ | SYS_OPEN_WRITE, 0);
    if (fd < 0) {
        return fail(postsuper, id, "cannot open it", fd);
    }
    error = sys_lock(postsuper->sys, fd, true, 0);
    if (error == 0) {
        return fd;
    }
    sys_close(postsuper->sys, fd);
    if (error != -ERR_LOCKED) {
        return fail(postsuper, id, "cannot lock it", error);
    }
    command_warning(&postsuper->command, "%.*s: is being delivered: left in %s", STR_ARG(id),
                    queue_directory(name));
    postsuper->failed = true;
    return error;
}

/* The marks that agents have written reach the disk before the name goes. An agent that gets the lock
 * behind us finds that the message is not where it was. */
static int move_locked(struct postsuper *postsuper, int fd, enum queue_name from,
                       enum queue_name to, struct str id)
{
    int error = sys_fsync(postsuper->sys, fd);
    error = error != 0 ? error : queue_move(&postsuper->queue, from, to, id);
    if (error == 0) {
        note_changed(postsuper, from, id);
        note_changed(postsuper, to, id);
    }
    return fail(postsuper, id, "cannot move it", error);
}

static int move(struct postsuper *postsuper, enum queue_name from, enum queue_name to,
                struct str id)
{
    int fd = lock(postsuper, from, id);
    if (fd < 0) {
        return fd;
    }
    int error = move_locked(postsuper, fd, from, to, id);
    sys_close(postsuper->sys, fd);
    return error;
}

/* ---- delete -------------------------------------------------------------------------------------- */

static void remove_record(struct postsuper *postsuper, enum queue_name name, struct str id)
{
    int error = queue_remove(&postsuper->queue, name, id);
    if (error == 0) {
        note_changed(postsuper, name, id);
    }
    error = fail(postsuper, id, "cannot remove its records", error);
    (void)error; /* said; the next start removes what is left */
}

/* Records of failures and successes must not go before the message has gone for good: if it came back,
 * nobody would tell of them. */
static int settle_removal(struct postsuper *postsuper, enum queue_name name, struct str id)
{
    struct sys_stat stat;
    bool has_records = stat_path(postsuper, QUEUE_BOUNCE, id, &stat) != -ERR_NOT_FOUND ||
                       stat_path(postsuper, QUEUE_TRACE, id, &stat) != -ERR_NOT_FOUND;
    return has_records ? queue_sync(&postsuper->queue, name, id) : 0;
}

static int delete(struct postsuper *postsuper, enum queue_name name, struct str id)
{
    static const enum queue_name records[] = {QUEUE_TRACE, QUEUE_DEFER, QUEUE_BOUNCE};
    int error = check_ready(postsuper, name, id);
    error = error != 0 ? error : queue_remove(&postsuper->queue, name, id);
    if (error != 0) {
        return fail(postsuper, id, "cannot delete it", error);
    }
    note_changed(postsuper, name, id);
    error = settle_removal(postsuper, name, id);
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]) && error == 0; i++) {
        remove_record(postsuper, records[i], id);
    }
    command_event(&postsuper->command, removed, .queue_id = id);
    postsuper->counts[POSTSUPER_DELETED]++;
    return error != 0 ? fail(postsuper, id, "cannot sync its queue", error) : 0;
}

/* ---- hold and release -------------------------------------------------------------------------- */

static int hold(struct postsuper *postsuper, enum queue_name name, struct str id)
{
    int error = move(postsuper, name, QUEUE_HOLD, id);
    if (error == 0) {
        command_event(&postsuper->command, placed_on_hold, .queue_id = id);
        postsuper->counts[POSTSUPER_HELD]++;
    }
    return error;
}

static int release(struct postsuper *postsuper, enum queue_name name, struct str id)
{
    int error = move(postsuper, name, QUEUE_DEFERRED, id);
    if (error == 0) {
        command_event(&postsuper->command, released_from_hold, .queue_id = id);
        postsuper->counts[POSTSUPER_RELEASED]++;
    }
    return error;
}

/* ---- requeue ------------------------------------------------------------------------------------- */

/* What became of recipients that are done would never be reported. */
static int check_reported(struct postsuper *postsuper, struct str id)
{
    static const enum queue_name records[] = {QUEUE_BOUNCE, QUEUE_TRACE};
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        struct sys_stat stat;
        int error = stat_path(postsuper, records[i], id, &stat);
        if (error == 0 && stat.size > 0) {
            command_warning(&postsuper->command,
                            "%.*s: what is recorded in %s has not been reported yet: not requeued",
                            STR_ARG(id), queue_directory(records[i]));
            postsuper->failed = true;
            return -ERR_UNAVAILABLE;
        }
        if (error != 0 && error != -ERR_NOT_FOUND) {
            return fail(postsuper, id, "cannot look for its records", error);
        }
    }
    return 0;
}

static int requeue(struct postsuper *postsuper, enum queue_name name, struct str id)
{
    int fd = lock(postsuper, name, id);
    if (fd < 0) {
        return fd;
    }
    int error = check_reported(postsuper, id);
    error = error != 0 ? error : move_locked(postsuper, fd, name, QUEUE_MAILDROP, id);
    sys_close(postsuper->sys, fd);
    if (error == 0) {
        command_event(&postsuper->command, requeued, .queue_id = id);
        postsuper->counts[POSTSUPER_REQUEUED]++;
    }
    return error;
}

/* ---- expire ---------------------------------------------------------------------------------------- */

static int set_expire(struct postsuper *postsuper, int fd)
{
    struct sys_stat stat;
    int error = sys_fstat(postsuper->sys, fd, &stat);
    error = error != 0 ? error : sys_chmod(postsuper->sys, fd, stat.mode | QUEUE_MODE_EXPIRE);
    return error != 0 ? error : sys_fsync(postsuper->sys, fd);
}

static int expire(struct postsuper *postsuper, enum queue_name name, struct str id)
{
    int error = check_ready(postsuper, name, id);
    if (error != 0) {
        return fail(postsuper, id, "cannot look for it", error);
    }
    int fd = queue_open_file(&postsuper->queue, name, id, SYS_OPEN_READ | SYS_OPEN_WRITE, 0);
    if (fd < 0) {
        return fail(postsuper, id, "cannot open it", fd);
    }
    error = set_expire(postsuper, fd);
    sys_close(postsuper->sys, fd);
    if (error == 0) {
        command_event(&postsuper->command, force_expired, .queue_id = id);
        postsuper->counts[POSTSUPER_EXPIRED]++;
    }
    return fail(postsuper, id, "cannot expire it", error);
}

static int expire_and_release(struct postsuper *postsuper, enum queue_name name, struct str id)
{
    int error = expire(postsuper, name, id);
    return error == 0 && name == QUEUE_HOLD ? release(postsuper, name, id) : error;
}

/* ---- one message, or all of them ------------------------------------------------------------- */

#define IN_ALL \
    [QUEUE_INCOMING] = true, [QUEUE_ACTIVE] = true, [QUEUE_DEFERRED] = true, [QUEUE_HOLD] = true
#define IN_ALL_BUT_HOLD [QUEUE_INCOMING] = true, [QUEUE_ACTIVE] = true, [QUEUE_DEFERRED] = true

static const struct postsuper_action actions[] = {
    {'d', {IN_ALL}, delete, {POSTSUPER_DELETED, POSTSUPER_COUNTS}},
    {'r', {IN_ALL}, requeue, {POSTSUPER_REQUEUED, POSTSUPER_COUNTS}},
    {'h', {IN_ALL_BUT_HOLD}, hold, {POSTSUPER_HELD, POSTSUPER_COUNTS}},
    {'H', {[QUEUE_HOLD] = true}, release, {POSTSUPER_RELEASED, POSTSUPER_COUNTS}},
    {'e', {IN_ALL}, expire, {POSTSUPER_EXPIRED, POSTSUPER_COUNTS}},
    {'f', {IN_ALL}, expire_and_release, {POSTSUPER_EXPIRED, POSTSUPER_RELEASED}},
};

const struct postsuper_action *postsuper_action(char letter)
{
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (actions[i].letter == letter) {
            return &actions[i];
        }
    }
    return NULL;
}

static bool looks_in(const struct postsuper *postsuper, const struct postsuper_action *action,
                     enum queue_name name)
{
    return postsuper->any_given ? postsuper->given[name] : action->queues[name];
}

void postsuper_message(struct postsuper *postsuper, const struct postsuper_action *action,
                       struct str id)
{
    if (!queue_id_is_valid(id)) {
        command_warning(&postsuper->command, "bad mail queue id: %.*s", STR_ARG(id));
        postsuper->failed = true;
        return;
    }
    for (int round = 0; round < ROUNDS_MAX; round++) {
        for (int name = 0; name < QUEUE_COUNT; name++) {
            if (looks_in(postsuper, action, (enum queue_name)name) &&
                action->act(postsuper, (enum queue_name)name, id) != -ERR_NOT_FOUND) {
                return;
            }
        }
    }
}

static int act_on_queue(struct postsuper *postsuper, const struct postsuper_action *action,
                        enum queue_name name)
{
    struct queue_scan scan;
    struct str found;
    int kind = queue_scan_open(&postsuper->queue, name, &scan);
    if (kind != 0) {
        return kind;
    }
    while ((kind = queue_scan_next(&scan, &found)) > QUEUE_FOUND_END) {
        if (kind == QUEUE_FOUND_ID) {
            int error = action->act(postsuper, name, found);
            (void)error; /* said; the next one may go better */
        }
    }
    queue_scan_close(&scan);
    return kind < 0 ? kind : 0;
}

void postsuper_all(struct postsuper *postsuper, const struct postsuper_action *action)
{
    for (int name = 0; name < QUEUE_COUNT; name++) {
        if (looks_in(postsuper, action, (enum queue_name)name)) {
            int error = act_on_queue(postsuper, action, (enum queue_name)name);
            if (error != 0) {
                postsuper_warn(postsuper, str_from(queue_directory((enum queue_name)name)),
                               "cannot look through it", error);
            }
        }
    }
}
