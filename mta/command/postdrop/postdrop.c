// SPDX-License-Identifier: ISC
#include "postdrop/postdrop.h"

#include <stdio.h>

#include "base/option.h"
#include "conf/command.h"
#include "log/tell.h"
#include "mail/authorized_user.h"
#include "mail/trigger.h"
#include "proto/maildrop.h"
#include "queue/queue_file.h"
#include "sys/clock.h"
#include "sys/net.h"
#include "sys/user.h"

enum {
    READ_BYTES = 64 * 1024,
    INPUT_BYTES_MAX = QUEUE_RECORD_DATA_MAX + QUEUE_RECORD_HEAD_MAX + READ_BYTES,
};

#define TRIGGER_TIMEOUT_NS (10 * SYS_SECOND_NS)

static const char program[] = "postdrop";
static const struct authorized_deed submission = {
    .list = CONF_authorized_submit_users, .name = "submit mail", .status = COMMAND_NOT_PERMITTED};

struct postdrop {
    struct command command;
    struct sys *sys;
    uint32_t uid;
    struct queue queue;
    struct queue_file file;
    struct maildrop maildrop;
    struct buf input; /* read, and not yet taken */
};

/* Nothing is left in maildrop/. */
static NORETURN void give_up(struct postdrop *postdrop, int status, const char *why)
{
    queue_file_abort(&postdrop->file);
    command_fail(&postdrop->command, status, "uid=%u: %s", postdrop->uid, why);
}

/* ---- the message --------------------------------------------------------------------------------- */

static void open_file(struct postdrop *postdrop)
{
    int error = queue_open(&postdrop->queue, postdrop->sys, postdrop->command.conf);
    error =
        error != 0 ? error : queue_file_create(&postdrop->queue, QUEUE_MAILDROP, &postdrop->file);
    if (error != 0) {
        command_fail(&postdrop->command, COMMAND_TRY_AGAIN,
                     "uid=%u: cannot create a file in maildrop: %s", postdrop->uid,
                     err_sentence(error));
    }
}

static void take_record(struct postdrop *postdrop, const struct queue_record *record)
{
    struct maildrop *maildrop = &postdrop->maildrop;
    int64_t size_limit = conf_size(postdrop->command.conf, CONF_message_size_limit);
    if (maildrop_check(maildrop, record) != 0) {
        give_up(postdrop, COMMAND_FAILED, maildrop->why);
    }
    if (size_limit > 0 && maildrop->message_bytes > size_limit) {
        give_up(postdrop, COMMAND_TRY_AGAIN, "message file too big");
    }
    queue_file_put(&postdrop->file, (enum queue_record_type)record->type, record->data);
}

static void read_more(struct postdrop *postdrop)
{
    char *space = buf_reserve(&postdrop->input, READ_BYTES);
    long count = space != NULL ? sys_input(postdrop->sys, space, READ_BYTES) : -ERR_LIMIT;
    if (count == 0) { /* whoever sends has thought better of it, and has said why */
        queue_file_abort(&postdrop->file);
        log_info(&postdrop->command.log, "uid=%u: the submission was broken off", postdrop->uid);
        sys_exit(postdrop->sys, COMMAND_FAILED);
    }
    if (count < 0) {
        give_up(postdrop, COMMAND_TRY_AGAIN, err_sentence((int)count));
    }
    buf_grew(&postdrop->input, (size_t)count);
}

/* Takes all whole records that were read. */
static void take_records(struct postdrop *postdrop)
{
    size_t used = 0;
    while (postdrop->maildrop.segment != QUEUE_SEGMENT_ENDED) {
        struct queue_record record;
        size_t bytes;
        enum parse parsed =
            queue_record_parse(str_skip(buf_str(&postdrop->input), used), &record, &bytes);
        if (parsed == PARSE_BAD) {
            give_up(postdrop, COMMAND_FAILED, "the input is no records");
        }
        if (parsed == PARSE_MORE) {
            break;
        }
        take_record(postdrop, &record);
        used += bytes;
    }
    buf_drop_first(&postdrop->input, used);
}

static void receive(struct postdrop *postdrop)
{
    maildrop_init(&postdrop->maildrop);
    buf_init(&postdrop->input, sys_mem(postdrop->sys), INPUT_BYTES_MAX);
    while (postdrop->maildrop.segment != QUEUE_SEGMENT_ENDED) {
        read_more(postdrop);
        take_records(postdrop);
    }
    buf_done(&postdrop->input);
}

/* ---- the end ------------------------------------------------------------------------------------- */

static void commit(struct postdrop *postdrop)
{
    int error = queue_file_commit(&postdrop->file, NULL);
    if (error != 0) {
        command_fail(&postdrop->command, COMMAND_TRY_AGAIN, "uid=%u: cannot write the message: %s",
                     postdrop->uid, err_sentence(error));
    }
}

/* A pickup that cannot be reached looks by itself when it is back. */
static void trigger_pickup(struct postdrop *postdrop)
{
    struct service_path path = service_path(postdrop->command.conf, CONF_pickup_service_name);
    int error = trigger_send(postdrop->sys, path, STR("I"),
                             sys_deadline(postdrop->sys, TRIGGER_TIMEOUT_NS));
    (void)error;
}

static void say_id(struct postdrop *postdrop)
{
    char text[QUEUE_ID_SIZE + 16];
    snprintf(text, sizeof(text), "queued as %s\n", postdrop->file.id);
    int error = sys_output(postdrop->sys, str_from(text));
    (void)error; /* the message is in the queue, whoever listens */
}

static const char *read_arguments(struct sys *sys, char **argv)
{
    const char *directory = NULL;
    struct option option;
    int letter;
    option_init(&option, argv, "c:rv");
    while ((letter = option_next(&option)) != OPTION_END) {
        if (letter == OPTION_BAD) {
            break;
        }
        directory = letter == 'c' ? option.value : directory;
    }
    if (letter == OPTION_BAD || *option.next != NULL) {
        tell_fatal(sys, program, COMMAND_USAGE, "usage: postdrop [-c DIRECTORY] [-rv]");
    }
    return directory;
}

int postdrop_main(struct sys *sys, int argc, char **argv)
{
    (void)argc;
    struct postdrop *postdrop = mem_alloc(sys_mem(sys), sizeof(*postdrop));
    postdrop->sys = sys;
    postdrop->uid = sys_effective_uid(sys);
    command_open(&postdrop->command, sys, program, read_arguments(sys, argv));
    authorized_user_check(&postdrop->command, &submission);
    open_file(postdrop);
    receive(postdrop);
    commit(postdrop);
    trigger_pickup(postdrop);
    say_id(postdrop);
    queue_close(&postdrop->queue);
    command_close(&postdrop->command);
    return 0;
}
