// SPDX-License-Identifier: ISC
#include "postsuper/postsuper.h"

#include <stdio.h>
#include <string.h>

#include "base/option.h"
#include "log/tell.h"
#include "mail/trigger.h"
#include "postsuper/postsuper_message.h"
#include "postsuper/postsuper_structure.h"
#include "sys/clock.h"
#include "sys/process.h"

enum {
    DIRECTORIES_MAX = 100 * 1000,
    IDS_BYTES_MAX = 64 * 1024 * 1024,
    READ_BYTES = 64 * 1024,
};

#define TRIGGER_TIMEOUT_NS (10 * SYS_SECOND_NS)

static const char program[] = "postsuper";

/* ---- what is shared ------------------------------------------------------------------------------ */

void postsuper_warn(struct postsuper *postsuper, struct str id, const char *what, int error)
{
    command_warning(&postsuper->command, "%.*s: %s: %s", STR_ARG(id), what, err_sentence(error));
    postsuper->failed = true;
}

void postsuper_changed(struct postsuper *postsuper, const char *path)
{
    struct str whole = str_from(path);
    ptrdiff_t slash = str_find_last(whole, '/');
    int error = map_put(&postsuper->changed, str_first(whole, (size_t)slash), postsuper);
    if (error != 0) {
        postsuper_warn(postsuper, whole, "cannot remember to sync its directory", error);
    }
}

static int sync_directory(struct sys *sys, const char *path)
{
    int fd = sys_open(sys, SYS_HERE, path, SYS_OPEN_READ | SYS_OPEN_DIRECTORY, 0);
    if (fd < 0) {
        return fd == -ERR_NOT_FOUND ? 0 : fd; /* not needed any more, and removed */
    }
    int error = sys_fsync(sys, fd);
    sys_close(sys, fd);
    return error;
}

static void sync_changed(struct postsuper *postsuper)
{
    char path[QUEUE_PATH_SIZE];
    for (struct map_entry *entry = map_next(&postsuper->changed, NULL); entry != NULL;
         entry = map_next(&postsuper->changed, entry)) {
        snprintf(path, sizeof(path), "%.*s", STR_ARG(entry->key));
        int error = sync_directory(postsuper->sys, path);
        if (error != 0) {
            postsuper_warn(postsuper, entry->key, "cannot sync the directory", error);
        }
    }
}

/* ---- arguments --------------------------------------------------------------------------------- */

static NORETURN void fail_usage(struct sys *sys)
{
    tell_fatal(
        sys, program, COMMAND_USAGE,
        "usage: postsuper [-c DIRECTORY] [-d|-r|-h|-H|-e|-f ID|ALL|-]... [-psSv] [QUEUE]...");
}

static unsigned structure_flag(int letter)
{
    switch (letter) {
    case 'p':
        return POSTSUPER_PURGE;
    case 's':
        return POSTSUPER_STRUCTURE;
    case 'S':
        return POSTSUPER_STRUCTURE | POSTSUPER_LONG_IDS;
    default:
        return 0;
    }
}

/* What stands on the command line as a whole; what is to be done with messages is read again, in
 * order, when all of it is known to be right. */
struct arguments {
    char **argv;
    const char *directory;
    unsigned structure;
    bool has_actions;
    char **queues;
};

static const char letters[] = "c:d:r:h:H:e:f:psSv";

static void read_arguments(struct sys *sys, char **argv, struct arguments *arguments)
{
    struct option option;
    int letter;
    *arguments = (struct arguments){.argv = argv};
    option_init(&option, argv, letters);
    while ((letter = option_next(&option)) != OPTION_END) {
        if (letter == OPTION_BAD) {
            fail_usage(sys);
        }
        arguments->directory = letter == 'c' ? option.value : arguments->directory;
        arguments->structure |= structure_flag(letter);
        arguments->has_actions |= postsuper_action((char)letter) != NULL;
    }
    arguments->queues = option.next;
    if (!arguments->has_actions && arguments->structure == 0) {
        arguments->structure = POSTSUPER_PURGE | POSTSUPER_STRUCTURE;
    }
}

static void take_queues(struct postsuper *postsuper, char **names)
{
    for (; *names != NULL; names++) {
        enum queue_name name;
        if (!queue_find(str_from(*names), &name)) {
            command_fail(&postsuper->command, COMMAND_USAGE, "there is no queue %s", *names);
        }
        postsuper->given[name] = true;
        postsuper->any_given = true;
    }
}

/* ---- actions ----------------------------------------------------------------------------------- */

static void read_input(struct postsuper *postsuper, struct buf *input)
{
    long count;
    do {
        char *space = buf_reserve(input, READ_BYTES);
        count = space != NULL ? sys_input(postsuper->sys, space, READ_BYTES) : -ERR_LIMIT;
        if (count < 0) {
            command_fail(&postsuper->command, COMMAND_FAILED, "cannot read queue ids: %s",
                         err_sentence((int)count));
        }
        buf_grew(input, (size_t)count);
    } while (count > 0);
}

static void act_on_input(struct postsuper *postsuper, const struct postsuper_action *action)
{
    struct buf input;
    struct str id;
    buf_init(&input, sys_mem(postsuper->sys), IDS_BYTES_MAX);
    read_input(postsuper, &input);
    struct str rest = buf_str(&input);
    while (str_next_token(&rest, " \t\r\n", &id)) {
        postsuper_message(postsuper, action, id);
    }
    buf_done(&input);
}

static void act(struct postsuper *postsuper, const struct postsuper_action *action,
                const char *which)
{
    if (strcmp(which, "ALL") == 0) {
        postsuper_all(postsuper, action);
    } else if (strcmp(which, "-") == 0) {
        act_on_input(postsuper, action);
    } else {
        postsuper_message(postsuper, action, str_from(which));
    }
}

static void act_in_order(struct postsuper *postsuper, char **argv,
                         bool wanted[POSTSUPER_COUNTS + 1])
{
    struct option option;
    int letter;
    option_init(&option, argv, letters);
    while ((letter = option_next(&option)) != OPTION_END) {
        const struct postsuper_action *action = postsuper_action((char)letter);
        if (action != NULL) {
            act(postsuper, action, option.value);
            wanted[action->counts[0]] = true;
            wanted[action->counts[1]] = true;
        }
    }
}

/* ---- the end ------------------------------------------------------------------------------------- */

static void say_counts(struct postsuper *postsuper, const bool wanted[POSTSUPER_COUNTS + 1])
{
    static const char *const names[POSTSUPER_COUNTS] = {
        [POSTSUPER_REQUEUED] = "Requeued",
        [POSTSUPER_DELETED] = "Deleted",
        [POSTSUPER_HELD] = "Placed on hold",
        [POSTSUPER_EXPIRED] = "Force-expired",
        [POSTSUPER_RELEASED] = "Released from hold",
        [POSTSUPER_RENAMED] = "Renamed to match inode number",
    };
    for (int i = 0; i < POSTSUPER_COUNTS; i++) {
        int64_t count = postsuper->counts[i];
        if (wanted[i] || count > 0) {
            command_info(&postsuper->command, "%s: %lld message%s", names[i], (long long)count,
                         count == 1 ? "" : "s");
        }
    }
}

/* It looks at deferred/ by itself only now and then. */
static void trigger_queue_manager(struct postsuper *postsuper)
{
    const int64_t *counts = postsuper->counts;
    if (counts[POSTSUPER_RELEASED] == 0 && counts[POSTSUPER_RENAMED] == 0) {
        return;
    }
    struct service_path path = service_path(postsuper->command.conf, CONF_queue_service_name);
    int error = trigger_send(postsuper->sys, path, STR("D"),
                             sys_deadline(postsuper->sys, TRIGGER_TIMEOUT_NS));
    (void)error; /* who does not run looks when it starts */
}

/* The directories that are made belong to mail_owner, as do those that are there. */
static void drop_rights(struct postsuper *postsuper)
{
    struct sys *sys = postsuper->sys;
    struct command *command = &postsuper->command;
    const char *name = conf_text(command->conf, CONF_mail_owner).data;
    struct sys_user owner;
    char missing[SYS_MISSING_MAX];
    int error = sys_user_find(sys, name, &owner);
    if (error != 0) {
        command_fail(command, COMMAND_CONFIG, "mail_owner = %s: %s", name, err_sentence(error));
    }
    uint32_t uid = sys_effective_uid(sys);
    if (uid != 0 && uid != owner.uid) {
        command_fail(command, COMMAND_NOT_PERMITTED, "only root and %s may use this", name);
    }
    const struct sys_confinement confinement = {.user = uid == 0 ? &owner : NULL};
    error = sys_confine(sys, &confinement, missing);
    if (error != 0) {
        command_fail(command, COMMAND_FAILED, "cannot give up rights: %s", err_sentence(error));
    }
}

static void run(struct postsuper *postsuper, const struct arguments *arguments)
{
    bool wanted[POSTSUPER_COUNTS + 1] = {false};
    take_queues(postsuper, arguments->queues);
    if (arguments->structure != 0) {
        postsuper_structure(postsuper, arguments->structure);
    }
    act_in_order(postsuper, arguments->argv, wanted);
    sync_changed(postsuper);
    trigger_queue_manager(postsuper);
    say_counts(postsuper, wanted);
}

int postsuper_main(struct sys *sys, int argc, char **argv)
{
    struct arguments arguments;
    struct postsuper *postsuper = mem_alloc(sys_mem(sys), sizeof(*postsuper));
    (void)argc;
    read_arguments(sys, argv, &arguments);
    postsuper->sys = sys;
    command_open(&postsuper->command, sys, program, arguments.directory);
    drop_rights(postsuper);
    map_init(&postsuper->changed, sys_mem(sys), DIRECTORIES_MAX);
    int error = queue_open(&postsuper->queue, sys, postsuper->command.conf);
    if (error != 0) {
        command_fail(&postsuper->command, COMMAND_UNAVAILABLE, "cannot open the queue: %s",
                     err_sentence(error));
    }
    run(postsuper, &arguments);
    int status = postsuper->failed ? COMMAND_FAILED : 0;
    queue_close(&postsuper->queue);
    map_done(&postsuper->changed);
    command_close(&postsuper->command);
    return status;
}
