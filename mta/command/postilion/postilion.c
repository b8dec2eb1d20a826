// SPDX-License-Identifier: ISC
#include "postilion/postilion.h"

#include <string.h>

#include "base/arena.h"
#include "postilion/postilion_control.h"
#include "postilion/postilion_end.h"
#include "postilion/postilion_init.h"
#include "postilion/postilion_path.h"
#include "postilion/postilion_text.h"
#include "postilion/postilion_why.h"

struct action {
    const char *name;
    const char *arguments; /* as the usage shows them */
    const char *meaning;
    int arguments_min;
    int arguments_max;
    int (*run)(struct postilion_control *control);
};

enum { IDS_MAX = 1000 };

static const struct action actions[] = {
    {"start", "", "checks, puts the queue in order, starts all daemons", 0, 0,
     postilion_control_start},
    {"stop", "", "ends them; each may finish what it does", 0, 0, postilion_stop},
    {"abort", "", "ends them at once", 0, 0, postilion_abort},
    {"drain", " [TIME]", "takes no new mail, ends them when none is in delivery (5m)", 0, 1,
     postilion_drain},
    {"reload", "", "checks, and has the configuration read again", 0, 0, postilion_control_reload},
    {"status", "", "does the mail system run?", 0, 0, postilion_control_status},
    {"check", "", "all that is wrong with configuration and directories", 0, 0,
     postilion_control_check},
    {"flush", "", "tries all deferred mail now", 0, 0, postilion_control_flush},
    {"why", " QUEUEID...", "where a message is, why it waits, when it is tried", 1, IDS_MAX,
     postilion_why},
};
enum { ACTION_COUNT = sizeof(actions) / sizeof(actions[0]) };

static const char usage[] = "usage: postilion [-c DIR/etc] ACTION [ARGUMENT]...; `postilion help` "
                            "shows what there is";

static int help(struct sys *sys)
{
    postilion_text_say(sys,
                       "postilion init DIR [OPTION]...   makes a private mail system below DIR");
    for (int i = 0; i < ACTION_COUNT; i++) {
        const struct action *action = &actions[i];
        int width = 23 - (int)strlen(action->name);
        postilion_text_say(sys, "postilion %s%-*s%s", action->name, width, action->arguments,
                           action->meaning);
    }
    postilion_text_say(sys, "\n-c DIR/etc behind `postilion`: the mail system with that "
                            "configuration");
    return 0;
}

static const struct action *find_action(const char *name)
{
    for (int i = 0; i < ACTION_COUNT; i++) {
        if (strcmp(actions[i].name, name) == 0) {
            return &actions[i];
        }
    }
    return NULL;
}

static int run_action(struct sys *sys, const struct action *action, const char *given,
                      char *const *arguments, int argument_count)
{
    struct postilion_control control;
    struct arena arena;

    arena_init(&arena, sys_mem(sys), 4 * SYS_PATH_MAX);
    struct str directory =
        postilion_path_absolute(sys, &arena, str_from(conf_directory(sys, given)));
    int status;
    if (directory.data == NULL) {
        status = postilion_text_fail(sys, "the name of the directory is too long");
    } else {
        status = postilion_control_open(&control, sys, directory.data);
        control.arguments = arguments;
        control.argument_count = argument_count;
        status = status == 0 ? action->run(&control) : status;
        postilion_control_close(&control);
    }
    arena_done(&arena);
    return status;
}

int postilion_main(struct sys *sys, int argc, char **argv)
{
    const char *directory = NULL;
    int index = 1;

    if (argc > 1 && strcmp(argv[1], "init") == 0) {
        return postilion_init(sys, argc - 2, argv + 2);
    }
    if (argc > 2 && strcmp(argv[1], "-c") == 0) {
        directory = argv[2];
        index = 3;
    }
    const char *name = index < argc ? argv[index] : "";
    if (strcmp(name, "help") == 0) {
        return help(sys);
    }
    const struct action *action = find_action(name);
    int count = argc - index - 1;
    if (action == NULL || count < action->arguments_min || count > action->arguments_max) {
        return action == NULL ? postilion_text_fail(sys, "%s", usage)
                              : postilion_text_fail(sys, "usage: postilion [-c DIR/etc] %s%s", name,
                                                    action->arguments);
    }
    return run_action(sys, action, directory, argv + index + 1, count);
}
