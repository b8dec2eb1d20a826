// SPDX-License-Identifier: ISC
#include "master/master.h"

#include <stdio.h>
#include <string.h>

#include "conf/open_log.h"
#include "conf/reach.h"
#include "master/master_child.h"
#include "master/master_run.h"
#include "master/master_setup.h"
#include "queue/queue_layout.h"
#include "sys/clock.h"
#include "sys/fs.h"
#include "sys/net.h"
#include "sys/process.h"

enum { STARTER_FD = 3, PID_TEXT_MAX = 16 };

#define STARTER_NS (10 * SYS_SECOND_NS)
#define WATCH_NS   (1000 * SYS_SECOND_NS)
#define FINISH_NS  (2 * SYS_SECOND_NS)  /* what daemons get to finish in */
#define KILL_NS    (10 * SYS_SECOND_NS) /* for the kernel to end killed processes */

struct options {
    const char *directory;
    bool starter_waits;
};

static int begin(struct master *master, struct buf *problems);
static void answer_starter(struct master *master, struct str text);
static void obey_signals(struct master *master);
static void end(struct master *master);

static int read_options(struct options *options, int argc, char **argv)
{
    *options = (struct options){0};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-w") == 0) {
            options->starter_waits = true;
        } else if (strcmp(argv[i], "-c") == 0 && i + 1 < argc) {
            i++;
            options->directory = argv[i];
        } else {
            return -ERR_SYNTAX;
        }
    }
    return 0;
}

static void init(struct master *master, struct sys *sys, const char *directory)
{
    *master = (struct master){.sys = sys, .directory = conf_directory(sys, directory)};
    list_init(&master->departed);
    sys_group_init(&master->children);
    sys_event_init(&master->child_gone);
    log_open(&master->log, sys, STR("postfix"), "master");
}

static void log_errors(struct master *master, struct str lines)
{
    struct str line;

    while (str_next_token(&lines, "\n", &line)) {
        log_error(&master->log, "%.*s", STR_ARG(line));
    }
}

static void log_warnings(struct master *master, struct str lines)
{
    struct str line;

    while (str_next_token(&lines, "\n", &line)) {
        log_warning(&master->log, "%.*s", STR_ARG(line));
    }
}

int master_main(struct sys *sys, int argc, char **argv)
{
    struct options options;
    struct master master;
    struct buf problems;

    int error = read_options(&options, argc, argv);
    init(&master, sys, options.directory);
    if (error != 0) {
        log_fatal(&master.log, "usage: master [-c config_directory] [-w]");
    }
    buf_init(&problems, sys_mem(sys), CONF_PROBLEMS_BYTES_MAX);
    error = begin(&master, &problems);
    log_errors(&master, buf_str(&problems));
    if (options.starter_waits) {
        answer_starter(&master, error == 0 ? STR("ready\n") : buf_str(&problems));
    }
    buf_done(&problems);
    if (error == 0) {
        obey_signals(&master);
    }
    end(&master);
    return error == 0 ? 0 : 1;
}

/* ---- begin ------------------------------------------------------------------------------- */

/* The lock lasts as long as the process: the descriptor is never closed. */
static int lock(struct master *master, const char *path, struct buf *problems)
{
    struct sys *sys = master->sys;
    char text[PID_TEXT_MAX];
    int fd = sys_open(sys, SYS_HERE, path,
                      SYS_OPEN_READ | SYS_OPEN_WRITE | SYS_OPEN_CREATE | SYS_OPEN_NO_FOLLOW, 0644);

    if (fd < 0) {
        reach_put_problem(sys, "cannot open lock file", path, fd, problems);
        return fd;
    }
    int error = sys_lock(sys, fd, true, sys_now_ns(sys));
    if (error != 0) {
        buf_putf(problems, "lock file %s: another master runs here (%s)\n", path,
                 err_sentence(error));
        return error;
    }
    int size = snprintf(text, sizeof(text), "%*d\n", PID_TEXT_MAX - 3, sys_pid(sys));
    error = sys_truncate(sys, fd, 0);
    long written = error == 0 ? sys_pwrite(sys, fd, text, (size_t)size, 0) : error;
    if (written < size) {
        buf_putf(problems, "write lock file %s: %s\n", path,
                 err_sentence(written < 0 ? (int)written : -ERR_NO_SPACE));
        return -ERR_IO;
    }
    return 0;
}

static int lock_directories(struct master *master, const struct conf *conf, struct buf *problems)
{
    struct buf path;

    buf_init(&path, sys_mem(master->sys), SYS_PATH_MAX);
    buf_putf(&path, "%s/master.lock", conf_text(conf, CONF_data_directory).data);
    int error = lock(master, "pid/master.pid", problems);
    if (error == 0) {
        error = lock(master, buf_text(&path), problems);
    }
    buf_done(&path);
    return error;
}

static int enter(struct master *master, const struct conf *conf, struct buf *problems)
{
    struct str directory = conf_text(conf, CONF_queue_directory);
    int error = sys_enter(master->sys, directory.data);

    if (error != 0) {
        reach_put_problem(master->sys, "cannot enter queue_directory", directory.data, error,
                          problems);
    }
    return error;
}

static int make_directories(struct master *master, const struct conf *conf, struct buf *problems)
{
    struct queue_layout layout;
    int error = queue_layout_init(&layout, master->sys, conf, problems);

    return error == 0 ? queue_layout_ensure(master->sys, &layout, problems) : error;
}

static int prepare(struct master *master, struct master_setup *setup, struct buf *problems)
{
    int error = make_directories(master, setup->conf, problems);

    error = error == 0 ? enter(master, setup->conf, problems) : error;

    error = error == 0 ? lock_directories(master, setup->conf, problems) : error;
    return error == 0 ? master_setup_listen(setup, problems) : error;
}

static void open_own_log(struct master *master)
{
    open_log_or_warn(master->setup->conf, master->sys, "master", &master->log);
    log_watch(&master->log, WATCH_NS, &master->watchdog);
}

static int begin(struct master *master, struct buf *problems)
{
    struct master_setup *setup = NULL;
    int error = master_setup_load(master, problems, &setup);

    if (error != 0) {
        return error;
    }
    error = prepare(master, setup, problems);
    if (error != 0) {
        master_setup_free(setup);
        return error;
    }
    master_setup_run(setup);
    open_own_log(master);
    log_event(&master->log, daemon_started, .version = conf_text(setup->conf, CONF_mail_version),
              .directory = str_from(master->directory));
    log_warnings(master, setup->warnings);
    return 0;
}

static void answer_starter(struct master *master, struct str text)
{
    struct sys *sys = master->sys;
    int64_t deadline_ns = sys_deadline(sys, STARTER_NS);

    while (text.size > 0) {
        long size = sys_write(sys, STARTER_FD, text.data, text.size, deadline_ns);
        if (size < 0) {
            break; /* it did not wait after all */
        }
        text = str_skip(text, (size_t)size);
    }
    sys_close(sys, STARTER_FD);
    int error = sys_detach(sys);
    (void)error; /* it leads a session already */
}

/* ---- signals ----------------------------------------------------------------------------- */

/* The directory of a running process cannot change. */
static int check_same_queue(struct master *master, const struct master_setup *setup,
                            struct buf *problems)
{
    if (str_equal(conf_text(setup->conf, CONF_queue_directory),
                  conf_text(master->setup->conf, CONF_queue_directory))) {
        return 0;
    }
    buf_put_text(problems, "a change of queue_directory needs stop and start\n");
    return -ERR_INVALID;
}

static int read_again(struct master *master, struct buf *problems)
{
    struct master_setup *setup = NULL;
    int error = master_setup_load(master, problems, &setup);

    if (error != 0) {
        return error;
    }
    error = check_same_queue(master, setup, problems);
    error = error == 0 ? master_setup_listen(setup, problems) : error;
    if (error != 0) {
        master_setup_free(setup);
        return error;
    }
    master_setup_run(setup);
    return 0;
}

static void reload(struct master *master)
{
    struct buf problems;

    buf_init(&problems, sys_mem(master->sys), CONF_PROBLEMS_BYTES_MAX);
    int error = read_again(master, &problems);
    if (error == 0) {
        open_own_log(master);
        log_event(&master->log, reload,
                  .version = conf_text(master->setup->conf, CONF_mail_version),
                  .directory = str_from(master->directory));
        log_warnings(master, master->setup->warnings);
    } else {
        log_errors(master, buf_str(&problems));
        log_error(&master->log, "reload refused: the configuration before stays in force");
    }
    buf_done(&problems);
}

static void obey_signals(struct master *master)
{
    for (;;) {
        int signal = sys_wait_signal(master->sys, SYS_FOREVER);
        if (signal == SYS_SIGNAL_HANGUP) {
            reload(master);
        } else if (signal == SYS_SIGNAL_TERMINATE || signal == SYS_SIGNAL_INTERRUPT) {
            log_event(&master->log, terminating, .signal = signal == SYS_SIGNAL_TERMINATE ? 15 : 2);
            master->at_once = signal == SYS_SIGNAL_INTERRUPT;
            return;
        } else if (signal == SYS_SIGNAL_USER1) {
            log_event(&master->log, draining);
            master_setup_close_doors(master->setup);
        } else if (signal < 0) {
            log_fatal(&master->log, "cannot wait for signals: %s", err_sentence(signal));
        }
    }
}

/* ---- end --------------------------------------------------------------------------------- */

static bool is_log_child(const struct master_child *child)
{
    return child->service != NULL && str_equal(child->service->entry->command, STR("postlogd"));
}

/* Does something with all children of postlogd, or with all others; returns how many there are. */
static int each_child(struct master *master, bool log_children,
                      void (*act)(struct master_child *child))
{
    int count = 0;

    for (int i = -1; i < master->setup->service_count; i++) {
        struct list *list = i < 0 ? &master->departed : &master->setup->services[i].children;
        list_each(node, list)
        {
            struct master_child *child = list_entry(node, struct master_child, node);
            if (is_log_child(child) == log_children) {
                count++;
                act(child);
            }
        }
    }
    return count;
}

static void leave_alone(struct master_child *child)
{
    (void)child;
}

static void wait_for_children(struct master *master, bool log_children, int64_t timeout_ns)
{
    struct sys *sys = master->sys;
    int64_t deadline_ns = sys_deadline(sys, timeout_ns);

    while (each_child(master, log_children, leave_alone) > 0) {
        if (sys_event_wait(sys, &master->child_gone, deadline_ns) != 0) {
            return;
        }
    }
}

static void end_children(struct master *master, bool log_children)
{
    if (!master->at_once || log_children) { /* postlogd has to write what was logged */
        each_child(master, log_children, master_child_retire);
        wait_for_children(master, log_children, FINISH_NS);
    }
    if (each_child(master, log_children, master_child_kill) > 0) {
        wait_for_children(master, log_children, KILL_NS);
    }
}

static void end(struct master *master)
{
    struct master_setup *setup = master->setup;

    if (setup == NULL) {
        return;
    }
    master->stopping = true;
    for (int i = 0; i < setup->service_count; i++) {
        master_service_stop(&setup->services[i]);
    }
    end_children(master, false);
    end_children(master, true);
    if (master->child_count == 0) {
        master_setup_free(setup);
    }
}
