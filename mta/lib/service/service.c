// SPDX-License-Identifier: ISC
#include "service/service.h"

#include <string.h>

#include "base/assert.h"
#include "base/number.h"
#include "conf/conf.h"
#include "conf/open_log.h"
#include "log/log.h"
#include "service/service_arguments.h"
#include "service/service_clients.h"
#include "service/service_kind.h"
#include "service/service_status.h"
#include "sys/clock.h"
#include "sys/fs.h"
#include "sys/process.h"

#define REPORT_NS (10 * SYS_SECOND_NS)
#define ALONE_NS  (60 * SYS_SECOND_NS)
#define WATCH_NS  SYS_SECOND_NS /* at least: nobody means 0 */

struct skeleton {
    struct service service;
    const struct service_options *options;
    struct service_arguments arguments;
    struct conf *conf;
    struct log log;
    struct log_watchdog watchdog;
    struct buf problems; /* of the start, until there is a log to write them to */
    enum service_kind kind;
    bool opened;         /* the daemon's open hook was called */
    uint32_t generation; /* of master's configuration */
    struct service_clients clients;
    struct sys_group control;       /* the fiber that listens to master */
    struct service_status reported; /* what master was told last */
    bool served_reported;           /* master knows that this process has had a client */
};

static int start(struct skeleton *skeleton, int argc, char **argv);
static void supervise(struct skeleton *skeleton);
static void wind_down(struct skeleton *skeleton);
static void release(struct skeleton *skeleton);

int service_run(struct sys *sys, int argc, char **argv, const struct service_options *options)
{
    struct skeleton *skeleton = mem_alloc(sys_mem(sys), sizeof(*skeleton));

    skeleton->service.sys = sys;
    skeleton->options = options;
    int error = start(skeleton, argc, argv);
    if (error == 0) {
        supervise(skeleton);
    }
    wind_down(skeleton);
    release(skeleton);
    return error == 0 ? 0 : 1;
}

void service_retire(struct service *service)
{
    service->retiring = true;
    sys_event_wake_all(service->sys, &service->changed);
}

/* ---- start ------------------------------------------------------------------------------- */

static void init(struct skeleton *skeleton)
{
    struct service *service = &skeleton->service;
    const struct service_options *options = skeleton->options;
    int inputs = (options->serve != NULL) + (options->trigger != NULL) + (options->receive != NULL);

    assert(inputs == 1);
    service->log = &skeleton->log;
    sys_event_init(&service->changed);
    sys_group_init(&service->background);
    sys_group_init(&skeleton->control);
    buf_init(&skeleton->problems, sys_mem(service->sys), CONF_PROBLEMS_BYTES_MAX);
    log_open(&skeleton->log, service->sys, STR("postfix"), options->program);
    service_clients_init(&skeleton->clients, service, options);
    skeleton->reported.free_count = 1; /* what master takes for granted of a new child */
    skeleton->kind = service_kind(str_from(options->program));
}

static int complain(struct skeleton *skeleton, const char *complaint)
{
    buf_putf(&skeleton->problems, "%s\n", complaint);
    return -ERR_SYNTAX;
}

static int read_arguments(struct skeleton *skeleton, int argc, char **argv)
{
    struct service *service = &skeleton->service;
    struct service_arguments *arguments = &skeleton->arguments;
    uint64_t generation = 0;

    if (service_arguments_parse(arguments, argc, argv) != 0) {
        return complain(skeleton, arguments->complaint);
    }
    if (number_parse_u64(str_from(sys_environment(service->sys, "GENERATION")), UINT32_MAX,
                         &generation) != 0) {
        return complain(skeleton, "no GENERATION in the environment");
    }
    skeleton->generation = (uint32_t)generation;
    service->name = arguments->name;
    service->transport = arguments->transport;
    service->verbose_count = arguments->verbose_count;
    service->arguments = arguments->rest;
    service->argument_count = arguments->rest_count;
    return 0;
}

static int load_with_options(struct skeleton *skeleton)
{
    struct sys *sys = skeleton->service.sys;
    const char *options[SERVICE_OVERRIDES_MAX + 1];
    struct buf name;

    buf_init(&name, sys_mem(sys), SYS_PATH_MAX);
    buf_putf(&name, "service_name=%s", skeleton->service.name);
    options[0] = buf_text(&name);
    memcpy(options + 1, skeleton->arguments.overrides, sizeof(skeleton->arguments.overrides));
    int error =
        conf_load(sys, conf_directory(sys, NULL), options, skeleton->arguments.override_count + 1,
                  &skeleton->problems, &skeleton->conf);
    buf_done(&name);
    return error;
}

/* When something is wrong with the command line, main.cf alone still says where the log is. */
static int load(struct skeleton *skeleton, int argc, char **argv)
{
    struct sys *sys = skeleton->service.sys;
    int error = read_arguments(skeleton, argc, argv);

    error = error == 0 ? load_with_options(skeleton) : error;
    if (error != 0) {
        int second = conf_load(sys, conf_directory(sys, NULL), NULL, 0, &skeleton->problems,
                               &skeleton->conf);
        skeleton->conf = second == 0 ? skeleton->conf : NULL;
    }
    skeleton->service.conf = skeleton->conf;
    return error;
}

static void log_problems(struct skeleton *skeleton)
{
    struct str problems = buf_str(&skeleton->problems);
    struct str line;

    while (str_next_token(&problems, "\n", &line)) {
        log_error(&skeleton->log, "%.*s", STR_ARG(line));
    }
}

static void watch(struct skeleton *skeleton)
{
    enum conf_param chosen = skeleton->options->watchdog_timeout;
    enum conf_param param = chosen != 0 ? chosen : CONF_daemon_timeout;
    int64_t timeout_ns = conf_time_ns(skeleton->conf, param);

    timeout_ns = timeout_ns < WATCH_NS ? WATCH_NS : timeout_ns;
    log_watch(&skeleton->log, timeout_ns, &skeleton->watchdog);
}

/* Enters queue_directory, which the log's socket is below. */
static int enter(struct skeleton *skeleton)
{
    struct str directory = conf_text(skeleton->conf, CONF_queue_directory);
    int error = sys_enter(skeleton->service.sys, directory.data);

    if (error != 0) {
        buf_putf(&skeleton->problems, "cannot enter queue_directory %s: %s\n", directory.data,
                 err_sentence(error));
        return error;
    }
    open_log_or_warn(skeleton->conf, skeleton->service.sys, skeleton->options->program,
                     &skeleton->log);
    watch(skeleton);
    return 0;
}

/* Of a solitary daemon there is one process, also while one of a master that was killed is still
 * at work. The lock lasts as long as the process: the descriptor is never closed. */
static int stay_alone(struct skeleton *skeleton)
{
    struct service *service = &skeleton->service;
    struct sys *sys = service->sys;
    struct buf path;

    if (skeleton->kind != SERVICE_KIND_SOLITARY) {
        return 0;
    }
    buf_init(&path, sys_mem(sys), SYS_PATH_MAX);
    buf_putf(&path, "pid/%s.%s", service->transport, service->name);
    int fd = sys_open(sys, SYS_HERE, buf_text(&path),
                      SYS_OPEN_READ | SYS_OPEN_WRITE | SYS_OPEN_CREATE | SYS_OPEN_NO_FOLLOW, 0600);
    int error = fd < 0 ? fd : sys_lock(sys, fd, true, sys_deadline(sys, ALONE_NS));
    if (error != 0) {
        log_error(&skeleton->log, "cannot lock %s: %s", buf_text(&path), err_sentence(error));
    }
    buf_done(&path);
    return error;
}

static int find_owner(struct skeleton *skeleton, struct sys_user *owner)
{
    struct str name = conf_text(skeleton->conf, CONF_mail_owner);
    int error = sys_user_find(skeleton->service.sys, name.data, owner);

    if (error != 0) {
        log_error(&skeleton->log, "mail_owner %s: %s", name.data, err_sentence(error));
    }
    return error;
}

/* Solitary daemons start once, so that what the kernel lacks is said once, not by each process. */
static void log_missing(struct skeleton *skeleton, const char *missing)
{
    if (missing[0] != '\0' && skeleton->kind == SERVICE_KIND_SOLITARY) {
        log_info(&skeleton->log, "running without %s", missing);
    }
}

/* A process that is not root has nothing to drop and stays who it is. */
static int confine(struct skeleton *skeleton)
{
    const struct service_arguments *arguments = &skeleton->arguments;
    struct sys *sys = skeleton->service.sys;
    bool is_root = sys_effective_uid(sys) == 0;
    struct sys_user owner;
    struct sys_confinement confinement = {0};
    char missing[SYS_MISSING_MAX] = "";

    if (is_root && arguments->unprivileged) {
        int error = find_owner(skeleton, &owner);
        if (error != 0) {
            return error;
        }
        confinement.user = &owner;
    }
    if (is_root && arguments->chroot) {
        confinement.root = ".";
    }
    int error = sys_confine(sys, &confinement, missing);
    if (error != 0) {
        log_error(&skeleton->log, "cannot give up rights: %s", err_sentence(error));
        return error;
    }
    log_missing(skeleton, missing);
    return 0;
}

/* Master says nothing but the end: retire. It is also what a dead master says. */
static void listen_to_master(struct sys *sys, void *argument)
{
    struct skeleton *skeleton = argument;

    if (sys_readable(sys, SERVICE_STATUS_FD, SYS_FOREVER) != -ERR_CANCELED) {
        service_retire(&skeleton->service);
    }
}

static int serve(struct skeleton *skeleton)
{
    struct service *service = &skeleton->service;
    const struct service_arguments *arguments = &skeleton->arguments;
    int error = sys_fiber_start(service->sys, &skeleton->control, listen_to_master, skeleton);

    if (error == 0) {
        error = service_clients_accept(&skeleton->clients, arguments->listener_count,
                                       arguments->sessions_max);
    }
    if (error != 0) {
        log_error(service->log, "cannot start: %s", err_sentence(error));
    }
    return error;
}

static int prepare(struct skeleton *skeleton, int argc, char **argv)
{
    init(skeleton);
    int error = load(skeleton, argc, argv);
    if (skeleton->conf != NULL) {
        int entered = enter(skeleton);
        error = error == 0 ? entered : error;
    }
    if (error != 0) {
        log_problems(skeleton);
    }
    return error;
}

static int start(struct skeleton *skeleton, int argc, char **argv)
{
    struct service *service = &skeleton->service;
    const struct service_options *options = skeleton->options;
    int error = prepare(skeleton, argc, argv);

    error = error == 0 ? stay_alone(skeleton) : error;
    if (error != 0) {
        return error;
    }
    skeleton->opened = true;
    if (options->open != NULL) {
        error = options->open(service);
    }
    error = error == 0 ? confine(skeleton) : error;
    if (error == 0 && options->ready != NULL) {
        error = options->ready(service);
    }
    return error == 0 ? serve(skeleton) : error;
}

/* ---- service ----------------------------------------------------------------------------- */

static struct service_status status_now(const struct skeleton *skeleton)
{
    return (struct service_status){
        .generation = skeleton->generation,
        .free_count = (uint32_t)service_clients_free(&skeleton->clients),
        .busy_count = (uint32_t)skeleton->clients.busy_count,
        .retiring = skeleton->service.retiring,
    };
}

/* Only what changes master's decisions is worth a system call. */
static bool report_is_due(const struct skeleton *skeleton, const struct service_status *now)
{
    const struct service_status *last = &skeleton->reported;

    if (now->retiring) {
        return !last->retiring || now->busy_count != last->busy_count;
    }
    if (skeleton->clients.served_count > 0 && !skeleton->served_reported) {
        return true;
    }
    return (now->free_count == 0) != (last->free_count == 0);
}

/* A report that cannot be sent means that master is gone, which the control fiber finds out. */
static void report(struct skeleton *skeleton)
{
    struct sys *sys = skeleton->service.sys;
    struct service_status now = status_now(skeleton);
    uint8_t bytes[SERVICE_STATUS_BYTES];

    while (report_is_due(skeleton, &now)) {
        skeleton->reported = now;
        skeleton->served_reported = skeleton->clients.served_count > 0;
        service_status_write(&now, bytes);
        long size =
            sys_write(sys, SERVICE_STATUS_FD, bytes, sizeof(bytes), sys_deadline(sys, REPORT_NS));
        if (size < 0) {
            return;
        }
        now = status_now(skeleton);
    }
}

static bool is_worn_out(const struct skeleton *skeleton)
{
    const struct service_clients *clients = &skeleton->clients;
    int64_t use_max = conf_int(skeleton->conf, CONF_max_use);

    /* A process that may hold many sessions fills its places once before it retires. */
    if (use_max < clients->sessions_max && clients->sessions_max < SERVICE_SESSIONS_MAX) {
        use_max = clients->sessions_max;
    }
    return skeleton->kind != SERVICE_KIND_SOLITARY && clients->served_count >= use_max;
}

static int64_t idle_deadline(const struct skeleton *skeleton)
{
    const struct service_clients *clients = &skeleton->clients;
    int64_t idle_ns = conf_time_ns(skeleton->conf, CONF_max_idle);

    if (skeleton->kind == SERVICE_KIND_SOLITARY || clients->busy_count > 0) {
        return SYS_FOREVER;
    }
    return clients->idle_since_ns > SYS_FOREVER - idle_ns ? SYS_FOREVER
                                                          : clients->idle_since_ns + idle_ns;
}

static void supervise(struct skeleton *skeleton)
{
    struct service *service = &skeleton->service;
    struct sys *sys = service->sys;

    while (!service->retiring) {
        service_clients_reap(&skeleton->clients);
        report(skeleton);
        int64_t deadline_ns = idle_deadline(skeleton);
        if (is_worn_out(skeleton) || sys_now_ns(sys) >= deadline_ns) {
            service_retire(service);
        } else if (!service->retiring) {
            int error = sys_event_wait(sys, &service->changed, deadline_ns);
            (void)error; /* the conditions above decide */
        }
    }
}

/* ---- the end ----------------------------------------------------------------------------- */

static void finish_sessions(struct skeleton *skeleton)
{
    struct service_clients *clients = &skeleton->clients;
    struct sys *sys = skeleton->service.sys;
    int64_t deadline_ns = sys_deadline(sys, conf_time_ns(skeleton->conf, CONF_daemon_timeout));

    service_clients_retire(clients);
    while (clients->busy_count > 0 && sys_now_ns(sys) < deadline_ns) {
        service_clients_reap(clients);
        report(skeleton);
        if (clients->busy_count > 0) {
            int error = sys_event_wait(sys, &skeleton->service.changed, deadline_ns);
            (void)error;
        }
    }
    service_clients_cancel(clients);
}

static void wind_down(struct skeleton *skeleton)
{
    struct service *service = &skeleton->service;
    struct sys *sys = service->sys;

    service->retiring = true;
    if (skeleton->conf != NULL) {
        finish_sessions(skeleton);
    }
    sys_group_cancel(sys, &service->background);
    sys_group_cancel(sys, &skeleton->control);
    sys_group_join(sys, &service->background);
    sys_group_join(sys, &skeleton->control);
}

/* The skeleton itself stays as long as the process: its log may still be asked for a last line. */
static void release(struct skeleton *skeleton)
{
    struct service *service = &skeleton->service;

    if (skeleton->opened && skeleton->options->close != NULL) {
        skeleton->options->close(service);
    }
    conf_free(skeleton->conf);
    buf_done(&skeleton->problems);
}
