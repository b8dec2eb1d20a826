// SPDX-License-Identifier: ISC
#include "postconf/postconf.h"

#include <stdarg.h>
#include <string.h>

#include "conf/conf.h"
#include "log/tell.h"
#include "postconf/postconf_run.h"

/* ---- messages --------------------------------------------------------------------------------- */

void postconf_warn(struct postconf *run, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tell_put(run->sys, "postconf", "warning", format, arguments);
    va_end(arguments);
}

void postconf_fail(struct postconf *run, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tell_put(run->sys, "postconf", "fatal", format, arguments);
    va_end(arguments);
    sys_exit(run->sys, 1);
}

static NORETURN void fail_usage(struct postconf *run)
{
    postconf_fail(run,
                  "usage: postconf [-b] [-c directory] [-d] [-e] [-f] [-F] [-h] [-H] [-M] [-n] "
                  "[-o name=value] [-p] [-P] [-t] [-x] [-X] [-#] [name...]");
}

/* ---- arguments -------------------------------------------------------------------------------- */

static void set_edit(struct postconf *run, enum main_cf_edit edit)
{
    run->edits = true;
    run->edit = edit;
}

/* True for a flag without argument. */
static bool set_flag(struct postconf *run, char flag)
{
    switch (flag) {
    case 'b':
        run->view = POSTCONF_TEXTS;
        return true;
    case 'd':
        run->defaults = true;
        return true;
    case 'e':
        set_edit(run, MAIN_CF_SET);
        return true;
    case 'F':
        run->view = POSTCONF_FIELDS;
        return true;
    case 'f':
        run->folds = true;
        return true;
    case 'h':
        run->hides_name = true;
        return true;
    case 'H':
        run->hides_value = true;
        return true;
    case 'M':
        run->view = POSTCONF_SERVICES;
        return true;
    case 'n':
        run->only_set = true;
        return true;
    case 'P':
        run->view = POSTCONF_OPTIONS;
        return true;
    case 'p':
        return true;
    case 't':
        run->view = POSTCONF_TEMPLATES;
        return true;
    case 'x':
        run->expands = true;
        return true;
    case 'X':
        set_edit(run, MAIN_CF_REMOVE);
        return true;
    case '#':
        set_edit(run, MAIN_CF_COMMENT);
        return true;
    }
    return false;
}

static void set_argument(struct postconf *run, char flag, const char *argument)
{
    if (flag == 'c' && argument != NULL) {
        run->directory = argument;
    } else if (flag == 'o' && argument != NULL && run->option_count < POSTCONF_OPTIONS_MAX) {
        run->options[run->option_count] = argument;
        run->option_count++;
    } else {
        fail_usage(run);
    }
}

/* The flags of one word such as -nf or -c DIR; returns how many words it took. */
static int read_flags(struct postconf *run, char **argv)
{
    for (const char *flag = argv[0] + 1; *flag != 0; flag++) {
        if (set_flag(run, *flag)) {
            continue;
        }
        bool is_here = flag[1] != 0;
        set_argument(run, *flag, is_here ? flag + 1 : argv[1]);
        return is_here ? 1 : 2;
    }
    return 1;
}

static void read_arguments(struct postconf *run, int argc, char **argv)
{
    int index = 1;
    while (index < argc && argv[index][0] == '-' && argv[index][1] != 0) {
        if (strcmp(argv[index], "--") == 0) {
            index++;
            break;
        }
        index += read_flags(run, argv + index);
    }
    run->names = argv + index;
    run->name_count = argc - index;
    bool is_definition = run->name_count > 0 && strchr(run->names[0], '=') != NULL;
    if (!run->edits && is_definition) {
        set_edit(run, MAIN_CF_SET);
    }
}

int postconf_main(struct sys *sys, int argc, char **argv)
{
    struct postconf *run = mem_alloc(sys_mem(sys), sizeof(*run));
    run->sys = sys;
    run->mem = sys_mem(sys);
    read_arguments(run, argc, argv);
    run->directory = conf_directory(sys, run->directory);
    if (run->edits && run->view != POSTCONF_PARAMETERS) {
        postconf_fail(run, "only main.cf can be edited by this version");
    } else if (run->edits) {
        postconf_edit(run);
    } else if (run->view == POSTCONF_TEXTS || run->view == POSTCONF_TEMPLATES) {
        postconf_show_texts(run);
    } else if (run->view != POSTCONF_PARAMETERS) {
        postconf_show_master(run);
    } else {
        postconf_show(run);
    }
    mem_free(run->mem, run);
    return 0;
}
