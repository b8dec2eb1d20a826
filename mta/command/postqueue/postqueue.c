// SPDX-License-Identifier: ISC
#include "postqueue/postqueue.h"

#include "base/option.h"
#include "conf/command.h"
#include "ipc/ipc.h"
#include "log/tell.h"
#include "mail/authorized_user.h"
#include "mail/flush_client.h"
#include "mail/trigger.h"
#include "postqueue/postqueue_direct.h"
#include "postqueue/postqueue_list.h"
#include "proto/address.h"
#include "proto/queue_id.h"
#include "sys/clock.h"

enum { STREAM_BYTES_MAX = 256 * 1024 };

#define TIMEOUT_NS (100 * SYS_SECOND_NS)

static const char program[] = "postqueue";
static const struct authorized_deed viewing = {.list = CONF_authorized_mailq_users,
                                               .name = "view the mail queue",
                                               .is_owners = true,
                                               .status = COMMAND_UNAVAILABLE};
static const struct authorized_deed flushing = {.list = CONF_authorized_flush_users,
                                                .name = "flush the mail queue",
                                                .is_owners = true,
                                                .status = COMMAND_UNAVAILABLE};

struct postqueue {
    struct command command;
    struct sys *sys;
    char task; /* the letter of its option */
    struct str what;
    const char *config_directory;
};

/* ---- arguments ------------------------------------------------------------------------------- */

static NORETURN void fail_usage(struct postqueue *postqueue)
{
    tell_fatal(postqueue->sys, program, COMMAND_USAGE,
               "usage: postqueue [-c DIRECTORY] -p | -j | -f | -s SITE | -i QUEUE_ID  "
               "(list, list as JSON, deliver all now, all for a site, one message)");
}

static void take_option(struct postqueue *postqueue, int letter, const char *value)
{
    if (letter == 'c') {
        postqueue->config_directory = value;
    } else if (letter != 'v') {
        if (letter == OPTION_BAD || postqueue->task != '\0') {
            fail_usage(postqueue);
        }
        postqueue->task = (char)letter;
        postqueue->what = value != NULL ? str_from(value) : (struct str){0};
    }
}

static bool is_mailq(const char *name)
{
    return str_ends_with(str_from(name), STR("mailq"));
}

static void read_arguments(struct postqueue *postqueue, char **argv)
{
    struct option option;
    int letter;
    option_init(&option, argv, "c:fi:jps:v");
    while ((letter = option_next(&option)) != OPTION_END) {
        bool has_value = letter == 'c' || letter == 'i' || letter == 's';
        take_option(postqueue, letter, has_value ? option.value : NULL);
    }
    if (postqueue->task == '\0' && is_mailq(argv[0])) {
        postqueue->task = 'p';
    }
    if (postqueue->task == '\0' || *option.next != NULL) {
        fail_usage(postqueue);
    }
}

/* ---- list ------------------------------------------------------------------------------------ */

static int dial_showq(struct postqueue *postqueue, const struct service_path *path)
{
    struct sys_address address;
    int error = sys_address_unix(str_from(path->text), &address);
    int64_t deadline_ns = sys_deadline(postqueue->sys, TIMEOUT_NS);
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
    return postqueue_list(postqueue->sys, stream, postqueue->task == 'j',
                          conf_bool(postqueue->command.conf, CONF_enable_long_queue_ids));
}

static void list_from(struct postqueue *postqueue, int fd)
{
    struct sys *sys = postqueue->sys;
    struct stream stream;
    stream_open(&stream, sys, sys_mem(sys), fd, STREAM_BYTES_MAX);
    stream_set_timeout(&stream, TIMEOUT_NS);
    int error = read_list(postqueue, &stream);
    stream_close(&stream);
    if (error != 0) {
        command_fail(&postqueue->command, COMMAND_UNAVAILABLE, "the queue report broke off: %s",
                     err_sentence(error));
    }
}

static void list_directly(struct postqueue *postqueue)
{
    struct postqueue_direct direct;
    int fd = postqueue_direct_start(&direct, &postqueue->command);
    if (fd < 0) {
        command_fail(&postqueue->command, COMMAND_UNAVAILABLE, "cannot list the queue: %s",
                     err_sentence(fd));
    }
    list_from(postqueue, fd);
    postqueue_direct_end(&direct);
}

/* While the mail system is down only root sees the queue, as with Postfix. A user whom showq's socket
 * keeps out learns nothing about whether it is. */
static void list(struct postqueue *postqueue)
{
    struct command *command = &postqueue->command;
    authorized_user_check(command, &viewing);
    struct service_path path = service_path(command->conf, CONF_showq_service_name);
    int fd = dial_showq(postqueue, &path);
    if (fd >= 0) {
        list_from(postqueue, fd);
    } else if (fd == -ERR_ACCESS || fd == -ERR_NOT_PERMITTED) {
        command_fail(command, COMMAND_UNAVAILABLE, "cannot list the queue: cannot reach %s: %s",
                     path.text, err_sentence(fd));
    } else if (sys_effective_uid(postqueue->sys) == 0) {
        command_warning(command, "Mail system is down -- accessing queue directly (%s: %s)",
                        path.text, err_sentence(fd));
        list_directly(postqueue);
    } else {
        command_fail(command, COMMAND_UNAVAILABLE,
                     "Queue report unavailable - mail system is down (%s: %s)", path.text,
                     err_sentence(fd));
    }
}

/* ---- flush ----------------------------------------------------------------------------------- */

static NORETURN void fail_down(struct postqueue *postqueue, enum conf_param service, int error)
{
    struct service_path path = service_path(postqueue->command.conf, service);
    command_fail(&postqueue->command, COMMAND_UNAVAILABLE,
                 "Cannot flush mail queue - mail system is down (%s: %s)", path.text,
                 err_sentence(error));
}

static void flush_all(struct postqueue *postqueue)
{
    struct service_path path = service_path(postqueue->command.conf, CONF_queue_service_name);
    int error =
        trigger_send(postqueue->sys, path, STR("FADI"), sys_deadline(postqueue->sys, TIMEOUT_NS));
    if (error != 0) {
        fail_down(postqueue, CONF_queue_service_name, error);
    }
}

static void check_site(struct postqueue *postqueue)
{
    struct str site = postqueue->what;
    if (!address_domain_is_valid(site) && !address_literal_is_valid(site)) {
        command_fail(&postqueue->command, COMMAND_UNAVAILABLE,
                     "Cannot flush mail queue - invalid destination: \"%.*s\"", STR_ARG(site));
    }
}

static void flush_site(struct postqueue *postqueue)
{
    struct command *command = &postqueue->command;
    struct str site = postqueue->what;
    int status = flush_client_send_site(postqueue->sys, command->conf, site);
    if (status == FLUSH_DENIED) {
        command_fail(command, COMMAND_UNAVAILABLE,
                     "Flush service is not configured for destination \"%.*s\"; "
                     "see fast_flush_domains",
                     STR_ARG(site));
    }
    if (status != FLUSH_OK) {
        fail_down(postqueue, CONF_flush_service_name, status < 0 ? status : -ERR_PROTOCOL);
    }
}

static void check_id(struct postqueue *postqueue)
{
    if (!queue_id_is_valid(postqueue->what)) {
        command_fail(&postqueue->command, COMMAND_UNAVAILABLE,
                     "Cannot flush queue ID - invalid name: \"%.*s\"", STR_ARG(postqueue->what));
    }
}

static void flush_message(struct postqueue *postqueue)
{
    struct command *command = &postqueue->command;
    struct str id = postqueue->what;
    int status = flush_client_send_file(postqueue->sys, command->conf, id);
    if (status == FLUSH_UNKNOWN) {
        command_warning(command, "%.*s: no such message waits for its next attempt", STR_ARG(id));
    } else if (status != FLUSH_OK) {
        fail_down(postqueue, CONF_flush_service_name, status < 0 ? status : -ERR_PROTOCOL);
    }
}

/* ---- main ------------------------------------------------------------------------------------ */

static const struct {
    char letter;
    void (*check)(struct postqueue *postqueue); /* of `what`; NULL: there is none */
    void (*flush)(struct postqueue *postqueue);
} flush_rows[] = {
    {'f', NULL, flush_all},
    {'s', check_site, flush_site},
    {'i', check_id, flush_message},
};

static void flush(struct postqueue *postqueue)
{
    for (size_t i = 0; i < sizeof(flush_rows) / sizeof(flush_rows[0]); i++) {
        if (flush_rows[i].letter == postqueue->task) {
            if (flush_rows[i].check != NULL) {
                flush_rows[i].check(postqueue);
            }
            authorized_user_check(&postqueue->command, &flushing);
            flush_rows[i].flush(postqueue);
        }
    }
}

int postqueue_main(struct sys *sys, int argc, char **argv)
{
    (void)argc;
    struct postqueue postqueue = {.sys = sys};
    read_arguments(&postqueue, argv);
    command_open(&postqueue.command, sys, program, postqueue.config_directory);
    if (postqueue.task == 'p' || postqueue.task == 'j') {
        list(&postqueue);
    } else {
        flush(&postqueue);
    }
    command_close(&postqueue.command);
    return 0;
}
