// SPDX-License-Identifier: ISC
#include "postilion/postilion_end.h"

#include "conf/value.h"
#include "mail/trigger.h"
#include "postilion/postilion_master.h"
#include "postilion/postilion_text.h"
#include "postilion/postilion_when.h"
#include "queue/queue_scan.h"
#include "sys/clock.h"

#define STOP_NS    (30 * SYS_SECOND_NS)
#define KILL_NS    (10 * SYS_SECOND_NS)
#define DRAIN_NS   (300 * SYS_SECOND_NS)
#define TRIGGER_NS (10 * SYS_SECOND_NS)
#define LOOK_NS    SYS_SECOND_NS

/* ---- stop and abort ------------------------------------------------------------------------------ */

static int end(struct postilion_control *control, int pid, enum sys_signal signal)
{
    struct sys *sys = control->sys;
    int status = postilion_master_signal(control, pid, signal);

    if (status != 0 || postilion_master_find(control, &pid, sys_deadline(sys, STOP_NS)) == 0) {
        return status;
    }
    postilion_text_warn(sys, "master, process %d, does not end: it is killed", pid);
    status = postilion_master_signal(control, pid, SYS_SIGNAL_KILL);
    if (status == 0 && postilion_master_find(control, &pid, sys_deadline(sys, KILL_NS)) != 0) {
        status = postilion_text_fail(sys, "master, process %d, cannot be killed", pid);
    }
    return status;
}

static int announce_and_end(struct postilion_control *control, enum log_event event,
                            enum sys_signal signal)
{
    int pid = 0;
    int status = postilion_master_need(control, &pid);

    if (status != 0) {
        return status;
    }
    postilion_control_announce(control, event);
    return end(control, pid, signal);
}

int postilion_stop(struct postilion_control *control)
{
    return announce_and_end(control, LOG_system_stop, SYS_SIGNAL_TERMINATE);
}

int postilion_abort(struct postilion_control *control)
{
    return announce_and_end(control, LOG_system_abort, SYS_SIGNAL_INTERRUPT);
}

/* ---- drain: what is left -------------------------------------------------------------------------- */

/* A file under a temporary name may be left from a crash; one that somebody still writes is locked. */
static bool is_locked(const struct queue_scan *scan, struct str name)
{
    struct sys *sys = scan->queue->sys;
    int fd = sys_open(sys, scan->fds[scan->level], name.data, SYS_OPEN_READ, 0);
    int error = fd < 0 ? fd : sys_lock(sys, fd, false, sys_now_ns(sys));
    if (fd >= 0) {
        sys_close(sys, fd);
    }
    return error == -ERR_LOCKED;
}

/* Messages in a queue, and those that are coming in there. */
static int64_t count(struct queue *queue, enum queue_name name)
{
    struct queue_scan scan;
    struct str found;
    int64_t number = 0;
    int kind = queue_scan_open(queue, name, &scan);
    while (kind >= 0 && (kind = queue_scan_next(&scan, &found)) > QUEUE_FOUND_END) {
        number += kind == QUEUE_FOUND_ID || is_locked(&scan, found) ? 1 : 0;
    }
    queue_scan_close(&scan);
    return number;
}

static int64_t count_in_delivery(struct queue *queue)
{
    int64_t incoming = count(queue, QUEUE_INCOMING); /* first: mail goes on to active/ meanwhile */
    return incoming + count(queue, QUEUE_ACTIVE);
}

static void tell_rest(struct postilion_control *control, struct queue *queue)
{
    static const enum queue_name names[] = {QUEUE_MAILDROP, QUEUE_INCOMING, QUEUE_ACTIVE,
                                            QUEUE_DEFERRED, QUEUE_HOLD};
    struct buf line;
    buf_init(&line, sys_mem(control->sys), SYS_PATH_MAX);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        buf_putf(&line, "%s %lld in %s", i == 0 ? "" : ",", (long long)count(queue, names[i]),
                 queue_directory(names[i]));
    }
    postilion_text_say(control->sys, "messages left:%s", buf_text(&line));
    buf_done(&line);
}

/* ---- drain ---------------------------------------------------------------------------------------- */

static int close_doors(struct postilion_control *control, int pid)
{
    struct service_path path = service_path(control->conf, CONF_queue_service_name);
    int status = postilion_master_signal(control, pid, SYS_SIGNAL_USER1);
    if (status != 0) {
        return status;
    }
    int error = trigger_send(control->sys, path, STR("E"), sys_deadline(control->sys, TRIGGER_NS));
    if (error != 0) {
        postilion_text_warn(control->sys, "cannot reach the queue manager at %s: %s", path.text,
                            err_sentence(error));
    }
    return 0;
}

/* Until nothing is in delivery, or the deadline: how many messages still are. */
static int64_t wait_for_delivery(struct sys *sys, struct queue *queue, int64_t deadline_ns)
{
    int64_t left = count_in_delivery(queue);
    int error = 0;
    while (left > 0 && error == 0 && sys_now_ns(sys) < deadline_ns) {
        error = sys_sleep_until(sys, sys_deadline(sys, LOOK_NS));
        left = count_in_delivery(queue);
    }
    return left;
}

static void tell_outcome(struct sys *sys, int64_t left, int64_t time_ns)
{
    struct buf time;
    if (left == 0) {
        postilion_text_say(sys, "nothing is in delivery any more");
        return;
    }
    buf_init(&time, sys_mem(sys), SYS_PATH_MAX);
    postilion_when_put_span(&time, time_ns / SYS_SECOND_NS);
    postilion_text_warn(sys,
                        "%lld message%s still in delivery after %s: tried again when the mail "
                        "system starts",
                        (long long)left, left == 1 ? " is" : "s are", buf_text(&time));
    buf_done(&time);
}

static int drain(struct postilion_control *control, struct queue *queue, int pid, int64_t time_ns)
{
    struct sys *sys = control->sys;
    int64_t deadline_ns = sys_deadline(sys, time_ns);
    int status = close_doors(control, pid);
    if (status != 0) {
        return status;
    }
    int64_t left = wait_for_delivery(sys, queue, deadline_ns);
    tell_outcome(sys, left, time_ns);
    postilion_control_announce(control, LOG_system_stop);
    status = end(control, pid, SYS_SIGNAL_TERMINATE);
    tell_rest(control, queue);
    return left > 0 ? 1 : status;
}

static int read_time(struct postilion_control *control, int64_t *time_ns)
{
    *time_ns = DRAIN_NS;
    if (control->argument_count == 0) {
        return 0;
    }
    struct str text = str_from(control->arguments[0]);
    if (value_parse_time(text, 's', time_ns) == 0) {
        return 0;
    }
    return postilion_text_fail(control->sys, "drain %s: a time is a number and s, m, h, d or w",
                               text.data);
}

int postilion_drain(struct postilion_control *control)
{
    struct queue queue = {0};
    int64_t time_ns;
    int pid = 0;
    int status = read_time(control, &time_ns);
    status = status == 0 ? postilion_master_need(control, &pid) : status;
    if (status != 0) {
        return status;
    }
    int error = queue_open(&queue, control->sys, control->conf);
    if (error == 0) {
        postilion_control_announce(control, LOG_system_drain);
        status = drain(control, &queue, pid, time_ns);
    } else {
        status =
            postilion_text_fail(control->sys, "cannot open the queue: %s", err_sentence(error));
    }
    queue_close(&queue);
    return status;
}
