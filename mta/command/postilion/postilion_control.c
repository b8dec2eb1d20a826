// SPDX-License-Identifier: ISC
#include "postilion/postilion_control.h"

#include "conf/check.h"
#include "conf/command_run.h"
#include "conf/open_log.h"
#include "log/log.h"
#include "mail/trigger.h"
#include "postilion/postilion_master.h"
#include "postilion/postilion_text.h"
#include "queue/queue_layout.h"
#include "service/service_environment.h"
#include "sys/clock.h"
#include "sys/fs.h"
#include "sys/net.h"
#include "sys/process.h"

enum {
    SERVICES_BYTES_MAX = 8 * 1024 * 1024,
    ARENA_BYTES_MAX = 256 * 1024,
    ANSWER_BYTES_MAX = 64 * 1024,
    MASTER_ANSWER_FD = 3
};

#define START_NS (60 * SYS_SECOND_NS)
#define FLUSH_NS (10 * SYS_SECOND_NS)

void postilion_control_close(struct postilion_control *control)
{
    conf_free(control->conf);
}

/* ---- check ------------------------------------------------------------------------------- */

static int check_configuration(struct postilion_control *control)
{
    struct sys *sys = control->sys;
    struct buf errors;
    struct buf warnings;

    buf_init(&errors, sys_mem(sys), CONF_PROBLEMS_BYTES_MAX);
    buf_init(&warnings, sys_mem(sys), CONF_PROBLEMS_BYTES_MAX);
    int status = check_directory(sys, control->directory, &errors, &warnings) == 0 ? 0 : 1;
    postilion_text_warn_lines(sys, buf_str(&warnings));
    if (status != 0) {
        status = postilion_text_fail_lines(sys, buf_str(&errors));
    }
    buf_done(&errors);
    buf_done(&warnings);
    return status;
}

static int check_directories(struct postilion_control *control)
{
    struct sys *sys = control->sys;
    struct queue_layout layout;
    struct buf problems;
    int status = 0;

    buf_init(&problems, sys_mem(sys), CONF_PROBLEMS_BYTES_MAX);
    int error = queue_layout_init(&layout, sys, control->conf, &problems);
    error = error == 0 ? queue_layout_ensure(sys, &layout, &problems) : error;
    if (error != 0) {
        status = postilion_text_fail_lines(sys, buf_str(&problems));
    }
    buf_done(&problems);
    return status;
}

static void check_program(struct postilion_control *control,
                          const struct master_cf_service *service)
{
    struct sys *sys = control->sys;
    struct str directory = conf_text(control->conf, CONF_daemon_directory);
    struct sys_stat stat;
    struct buf path;

    buf_init(&path, sys_mem(sys), SYS_PATH_MAX);
    buf_putf(&path, "%s/%s", directory.data, service->command.data);
    int error = sys_stat(sys, SYS_HERE, buf_text(&path), &stat);
    if (error != 0) {
        postilion_text_warn(sys, "%s/master.cf, line %d: program %s: %s", control->directory,
                            service->line, buf_text(&path), err_sentence(error));
    }
    buf_done(&path);
}

/* A service without a program fails alone; the others need not wait for it. */
static void check_programs(struct postilion_control *control)
{
    struct sys *sys = control->sys;
    struct master_cf cf = {0};
    struct arena arena;
    struct buf problems;

    arena_init(&arena, sys_mem(sys), SERVICES_BYTES_MAX);
    buf_init(&problems, sys_mem(sys), CONF_PROBLEMS_BYTES_MAX);
    int error = check_read_master_cf(sys, control->directory, &arena, &cf, &problems);
    for (int i = 0; i < cf.count && error == 0; i++) {
        check_program(control, &cf.services[i]);
    }
    buf_done(&problems); /* check_configuration() has said what is wrong with the file itself */
    arena_done(&arena);
}

int postilion_control_check(struct postilion_control *control)
{
    int configuration = check_configuration(control);
    int directories = check_directories(control);

    check_programs(control);
    return configuration != 0 || directories != 0;
}

/* conf_load() stops at what it cannot use; the whole check says all that is wrong. */
int postilion_control_open(struct postilion_control *control, struct sys *sys,
                           const char *directory)
{
    struct buf problems;
    int status = 0;

    *control = (struct postilion_control){.sys = sys, .directory = directory};
    buf_init(&problems, sys_mem(sys), CONF_PROBLEMS_BYTES_MAX);
    if (conf_load(sys, directory, NULL, 0, &problems, &control->conf) != 0) {
        status = check_configuration(control);
        status = status != 0 ? status : postilion_text_fail_lines(sys, buf_str(&problems));
    }
    buf_done(&problems);
    return status;
}

void postilion_control_announce(struct postilion_control *control, enum log_event event)
{
    const struct conf *conf = control->conf;
    struct log_fields fields = {.mail_name = conf_text(conf, CONF_mail_name)};
    struct buf text;
    struct log log;

    buf_init(&text, sys_mem(control->sys), SYS_PATH_MAX);
    log_event_text(&text, event, &fields);
    postilion_text_say(control->sys, "%s", buf_text(&text));
    buf_done(&text);
    bool is_shown = conf_text(conf, CONF_maillog_file).size == 0;
    if (open_log(conf, control->sys, "postilion", &log) == 0 && !is_shown) {
        log_put_event(&log, event, &fields);
    }
}

/* ---- the structure of the queue ----------------------------------------------------------------- */

/* Has postsuper put the directories right: all of them, or one queue's. What it cannot mend it has
 * said, and it is no reason to let all other mail wait. */
static void mend_queue(struct postilion_control *control, const char *queue)
{
    struct command_run run;
    command_run_init(&run, control->sys, control->conf, "postsuper");
    command_run_argument(&run, "-c");
    command_run_argument(&run, control->directory);
    if (queue != NULL) {
        command_run_argument(&run, queue);
    }
    int status = command_run_start(&run);
    status = status == 0 ? command_run_wait(&run) : status;
    if (status != 0) {
        postilion_text_warn(control->sys, "%s/postsuper has not put the queue in order%s%s",
                            run.directory, status < 0 ? ": " : "",
                            status < 0 ? err_sentence(status) : "");
    }
}

/* ---- start ------------------------------------------------------------------------------- */

static int spawn_master(struct postilion_control *control, struct arena *arena, int null_fd,
                        int answer_fd)
{
    struct sys *sys = control->sys;
    struct str directory = conf_text(control->conf, CONF_daemon_directory);
    struct str path = arena_printf(arena, "%s/master", directory.data);
    const char *const argv[] = {"master", "-c", control->directory, "-w", NULL};
    const struct sys_spawn_descriptor descriptors[] = {
        {null_fd, 0}, {null_fd, 1}, {null_fd, 2}, {answer_fd, MASTER_ANSWER_FD}};
    struct sys_spawn spawn = {
        .path = path.data,
        .argv = argv,
        .descriptors = descriptors,
        .descriptor_count = sizeof(descriptors) / sizeof(descriptors[0]),
    };
    int error =
        service_environment(sys, control->conf, control->directory, 0, arena, &spawn.environment);
    int pid = error == 0 ? sys_spawn(sys, &spawn) : error;

    if (pid < 0) {
        return postilion_text_fail_path(sys, "cannot start", path.data, pid);
    }
    return 0;
}

/* Lines until end of file: "ready", or what went wrong. */
static int read_answer(struct postilion_control *control, int fd)
{
    struct sys *sys = control->sys;
    int64_t deadline_ns = sys_deadline(sys, START_NS);
    struct buf answer;
    long size = 1;

    buf_init(&answer, sys_mem(sys), ANSWER_BYTES_MAX);
    while (size > 0) {
        char part[1024];
        size = sys_read(sys, fd, part, sizeof(part), deadline_ns);
        if (size > 0) {
            buf_put(&answer, str_of(part, (size_t)size));
        }
    }
    int status = 0;
    if (size < 0) {
        status = postilion_text_fail(sys, "no answer from master: %s", err_sentence((int)size));
    } else if (answer.size == 0) {
        status = postilion_text_fail(sys, "master ended without a word");
    } else if (!str_equal(buf_str(&answer), STR("ready\n"))) {
        status = postilion_text_fail_lines(sys, buf_str(&answer));
    }
    buf_done(&answer);
    return status;
}

static int start_master(struct postilion_control *control)
{
    struct sys *sys = control->sys;
    struct arena arena;
    int pair[2];
    int null_fd = sys_open(sys, SYS_HERE, "/dev/null", SYS_OPEN_READ | SYS_OPEN_WRITE, 0);

    if (null_fd < 0) {
        return postilion_text_fail_path(sys, "cannot open", "/dev/null", null_fd);
    }
    int error = sys_socket_pair(sys, pair);
    if (error != 0) {
        return postilion_text_fail(sys, "cannot make a socket pair: %s", err_sentence(error));
    }
    arena_init(&arena, sys_mem(sys), ARENA_BYTES_MAX);
    int status = spawn_master(control, &arena, null_fd, pair[1]);
    sys_close(sys, pair[1]);
    sys_close(sys, null_fd);
    status = status == 0 ? read_answer(control, pair[0]) : status;
    sys_close(sys, pair[0]);
    arena_done(&arena);
    return status;
}

int postilion_control_start(struct postilion_control *control)
{
    struct sys *sys = control->sys;
    int pid = 0;
    int status = postilion_control_check(control);

    status = status == 0 ? postilion_master_enter(control) : status;
    if (status != 0) {
        return status;
    }
    if (postilion_master_find(control, &pid, sys_now_ns(sys)) == -ERR_LOCKED) {
        return postilion_text_fail(sys, "the mail system runs already, master is process %d", pid);
    }
    mend_queue(control, NULL);
    status = start_master(control);
    if (status == 0) {
        postilion_control_announce(control, LOG_system_start);
    }
    return status;
}

/* ---- what is done to a running one ----------------------------------------------------------------- */

int postilion_control_reload(struct postilion_control *control)
{
    int pid = 0;
    int status = postilion_control_check(control);

    status = status == 0 ? postilion_master_need(control, &pid) : status;
    if (status != 0) {
        return status;
    }
    mend_queue(control, "active"); /* whatever the queue manager will look for under new names */
    status = postilion_master_signal(control, pid, SYS_SIGNAL_HANGUP);
    if (status == 0) {
        postilion_control_announce(control, LOG_system_reload);
        mend_queue(control, NULL);
    }
    return status;
}

int postilion_control_status(struct postilion_control *control)
{
    int pid = 0;
    int status = postilion_master_need(control, &pid);

    if (status == 0) {
        postilion_text_say(control->sys, "the mail system runs, master is process %d", pid);
    }
    return status;
}

int postilion_control_flush(struct postilion_control *control)
{
    struct sys *sys = control->sys;
    int64_t deadline_ns = sys_deadline(sys, FLUSH_NS);
    int pid = 0;
    int status = postilion_master_need(control, &pid);

    if (status != 0) {
        return status;
    }
    struct service_path path = service_path(control->conf, CONF_queue_service_name);
    int error = trigger_send(sys, path, STR("FADI"), deadline_ns);
    if (error != 0) {
        status = postilion_text_fail(sys, "cannot reach the queue manager at %s: %s", path.text,
                                     err_sentence(error));
    }
    return status;
}
