// SPDX-License-Identifier: ISC
#include "postilion/postilion.h"

#include <string.h>

#include "base/arena.h"
#include "postilion/postilion_control.h"
#include "postilion/postilion_init.h"
#include "postilion/postilion_path.h"
#include "postilion/postilion_text.h"

struct action {
    const char *name;
    int (*run)(struct postilion_control *control);
};

static const struct action actions[] = {
    {"start", postilion_control_start},   {"stop", postilion_control_stop},
    {"reload", postilion_control_reload}, {"status", postilion_control_status},
    {"check", postilion_control_check},   {"flush", postilion_control_flush},
};

static int explain_usage(struct sys *sys)
{
    return postilion_text_fail(
        sys, "usage: postilion init DIR [--smtp-port N] [--qmqp-port N] [--domain D] "
             "[--mailbox USER]... [--user U]\n"
             "       postilion [-c DIR/etc] start | stop | reload | status | check | flush");
}

static const struct action *find_action(const char *name)
{
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(actions[i].name, name) == 0) {
            return &actions[i];
        }
    }
    return NULL;
}

static int run_action(struct sys *sys, const struct action *action, const char *given)
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
    const struct action *action = index + 1 == argc ? find_action(argv[index]) : NULL;
    return action == NULL ? explain_usage(sys) : run_action(sys, action, directory);
}
