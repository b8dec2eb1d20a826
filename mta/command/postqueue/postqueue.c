// SPDX-License-Identifier: ISC
#include "postqueue/postqueue.h"

#include <string.h>

#include "conf/conf.h"
#include "ipc/ipc.h"
#include "log/tell.h"
#include "mail/trigger.h"
#include "postqueue/postqueue_list.h"
#include "sys/clock.h"
#include "sys/fs.h"
#include "sys/net.h"

enum {
    STATUS_USAGE = 64,
    STATUS_UNAVAILABLE = 69,
    STATUS_CONFIG = 78,

    TIMEOUT_SECONDS = 100,
    STREAM_BYTES_MAX = 256 * 1024
};

static const char program[] = "postqueue";

enum task { TASK_NONE, TASK_LIST, TASK_JSON, TASK_FLUSH };

struct postqueue {
    struct sys *sys;
    enum task task;
    const char *config_directory;
    struct conf *conf;
};

static NORETURN void fail_usage(struct postqueue *postqueue)
{
    tell_fatal(postqueue->sys, program, STATUS_USAGE,
               "usage: postqueue [-c DIRECTORY] -p | -j | -f  (list, list as JSON, deliver now)");
}

static bool is_mailq(const char *name)
{
    return str_ends_with(str_from(name), STR("mailq"));
}

static void set_task(struct postqueue *postqueue, enum task task)
{
    if (postqueue->task != TASK_NONE) {
        fail_usage(postqueue);
    }
    postqueue->task = task;
}

static void read_arguments(struct postqueue *postqueue, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-c") == 0 && i + 1 < argc) {
            postqueue->config_directory = argv[++i];
        } else if (strcmp(argv[i], "-p") == 0) {
            set_task(postqueue, TASK_LIST);
        } else if (strcmp(argv[i], "-j") == 0) {
            set_task(postqueue, TASK_JSON);
        } else if (strcmp(argv[i], "-f") == 0) {
            set_task(postqueue, TASK_FLUSH);
        } else {
            fail_usage(postqueue);
        }
    }
    if (postqueue->task == TASK_NONE && argc > 0 && is_mailq(argv[0])) {
        postqueue->task = TASK_LIST;
    }
    if (postqueue->task == TASK_NONE) {
        fail_usage(postqueue);
    }
}

static void load_configuration(struct postqueue *postqueue)
{
    struct sys *sys = postqueue->sys;
    struct buf problems;
    buf_init(&problems, sys_mem(sys), CONF_PROBLEMS_BYTES_MAX);
    const char *directory = conf_directory(sys, postqueue->config_directory);
    int loaded = conf_load_anyway(sys, directory, NULL, 0, &problems, &postqueue->conf);
    if (loaded != 0 && loaded != -ERR_SYNTAX) { /* a mistake elsewhere is no reason not to list */
        tell_fatal(postqueue->sys, program, STATUS_CONFIG, "%s", buf_text(&problems));
    }
    buf_done(&problems);
    const char *queue_directory = conf_text(postqueue->conf, CONF_queue_directory).data;
    int error = sys_enter(sys, queue_directory);
    if (error != 0) {
        tell_fatal(postqueue->sys, program, STATUS_UNAVAILABLE,
                   "cannot enter the queue directory %s: %s", queue_directory, err_sentence(error));
    }
}

static int dial(struct postqueue *postqueue, const char *path, int64_t deadline_ns)
{
    struct sys_address address;
    int error = sys_address_unix(str_from(path), &address);
    return error != 0 ? error : sys_dial(postqueue->sys, NULL, &address, deadline_ns);
}

static int read_list(struct postqueue *postqueue, struct stream *stream)
{
    struct arena arena;
    struct ipc_greeting greeting;
    arena_init(&arena, sys_mem(postqueue->sys), IPC_MESSAGE_MAX);
    int error = ipc_greeting_receive(stream, &arena, &greeting);
    if (error == 0 && !str_equal(greeting.protocol, STR(IPC_PROTOCOL_SHOWQ))) {
        error = -ERR_PROTOCOL;
    }
    arena_done(&arena);
    if (error != 0) {
        return error;
    }
    return postqueue_list(postqueue->sys, stream, postqueue->task == TASK_JSON,
                          conf_bool(postqueue->conf, CONF_enable_long_queue_ids));
}

static void list(struct postqueue *postqueue)
{
    struct sys *sys = postqueue->sys;
    struct service_path path = service_path(postqueue->conf, CONF_showq_service_name);
    int fd = dial(postqueue, path.text, sys_deadline(sys, TIMEOUT_SECONDS * SYS_SECOND_NS));
    if (fd < 0) {
        tell_fatal(postqueue->sys, program, STATUS_UNAVAILABLE,
                   "Queue report unavailable - mail system is down (%s: %s)", path.text,
                   err_sentence(fd));
    }
    struct stream stream;
    stream_open(&stream, sys, sys_mem(sys), fd, STREAM_BYTES_MAX);
    stream_set_timeout(&stream, TIMEOUT_SECONDS * SYS_SECOND_NS);
    int error = read_list(postqueue, &stream);
    stream_close(&stream);
    if (error != 0) {
        tell_fatal(postqueue->sys, program, STATUS_UNAVAILABLE, "the queue report broke off: %s",
                   err_sentence(error));
    }
}

static void flush_queue(struct postqueue *postqueue)
{
    struct sys *sys = postqueue->sys;
    struct service_path path = service_path(postqueue->conf, CONF_queue_service_name);
    int error =
        trigger_send(sys, path, STR("FADI"), sys_deadline(sys, TIMEOUT_SECONDS * SYS_SECOND_NS));
    if (error != 0) {
        tell_fatal(postqueue->sys, program, STATUS_UNAVAILABLE,
                   "Cannot flush mail queue - mail system is down (%s: %s)", path.text,
                   err_sentence(error));
    }
}

int postqueue_main(struct sys *sys, int argc, char **argv)
{
    struct postqueue postqueue = {.sys = sys};
    read_arguments(&postqueue, argc, argv);
    load_configuration(&postqueue);
    if (postqueue.task == TASK_FLUSH) {
        flush_queue(&postqueue);
    } else {
        list(&postqueue);
    }
    conf_free(postqueue.conf);
    return 0;
}
