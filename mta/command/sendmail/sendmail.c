// SPDX-License-Identifier: ISC
#include "sendmail/sendmail.h"

#include <string.h>

#include "base/option.h"
#include "conf/command.h"
#include "log/tell.h"
#include "sendmail/sendmail_message.h"
#include "sendmail/sendmail_run.h"

static const char program[] = "sendmail";

enum task { TASK_SUBMIT, TASK_LIST, TASK_FLUSH, TASK_FLUSH_ID, TASK_FLUSH_SITE };

struct request {
    struct sys *sys;
    enum task task;
    const char *what; /* to flush: an id, a site */
    const char *config_directory;
    bool has_verp;
    const char *verp; /* its delimiters, as given */
    struct sendmail_envelope envelope;
};

static NORETURN void fail_usage(struct request *request, const char *what)
{
    tell_fatal(request->sys, program, COMMAND_USAGE, "%s", what);
}

static void set_mode(struct request *request, const char *mode)
{
    switch (mode[0]) {
    case 'm':
        return;
    case 'p':
        request->task = TASK_LIST;
        return;
    case 's':
        fail_usage(request, "-bs: SMTP on standard input is not there: connect to the SMTP port");
    case 'v':
        fail_usage(request, "-bv: probes are not there");
    case 'd':
    case 'l':
        fail_usage(request, "start the mail system with: postilion start");
    case 'i':
        fail_usage(request, "alias databases are not there: use virtual_alias_maps and postmap");
    default:
        fail_usage(request, "unknown mode after -b");
    }
}

/* -q, -qI and -qR with what follows in the word, or behind it. */
static void set_queue_run(struct request *request, struct option *option)
{
    const char *value = option->value;
    if (value[0] == '\0') {
        request->task = TASK_FLUSH;
        return;
    }
    if (value[0] != 'I' && value[0] != 'R') {
        fail_usage(request, "after -q: nothing, I and a queue id, or R and a site");
    }
    request->task = value[0] == 'I' ? TASK_FLUSH_ID : TASK_FLUSH_SITE;
    request->what = value + 1;
    if (value[1] == '\0' && *option->next != NULL) {
        request->what = *option->next++;
    }
}

static void set_extension(struct request *request, const char *value)
{
    if (value[0] == 'V') {
        request->has_verp = true;
        request->verp = value + 1;
    }
}

/* "-O smtputf8=yes"; old programs set there what means nothing any more. */
static void set_message_option(struct request *request, const char *value)
{
    struct str word = str_from(value);
    struct str name = STR("smtputf8=");
    if (str_starts_with_fold(word, name)) {
        request->envelope.smtputf8 = str_equal_fold(str_skip(word, name.size), STR("yes"));
    }
}

static void set_option(struct request *request, struct option *option, int letter)
{
    struct sendmail_envelope *envelope = &request->envelope;
    const char *value = option->value;
    switch (letter) {
    case 't':
        envelope->from_header = true;
        return;
    case 'i':
        envelope->dot_is_text = true;
        return;
    case 'o':
        envelope->dot_is_text |= value[0] == 'i';
        return;
    case 'f':
    case 'r':
        envelope->sender = value;
        return;
    case 'F':
        envelope->full_name = value;
        return;
    case 'N':
        envelope->notify = value;
        return;
    case 'R':
        envelope->ret = value;
        return;
    case 'V':
        envelope->envid = value;
        return;
    case 'B':
        envelope->body = value;
        return;
    case 'O':
        set_message_option(request, value);
        return;
    case 'X':
        set_extension(request, value);
        return;
    case 'C':
        request->config_directory = value;
        return;
    case 'b':
        set_mode(request, value);
        return;
    case 'q':
        set_queue_run(request, option);
        return;
    case 'I':
        set_mode(request, "i");
        return;
    case OPTION_BAD:
        fail_usage(request, "usage: sendmail [OPTION]... [RECIPIENT]...");
    default:
        return; /* for old programs */
    }
}

static void read_arguments(struct request *request, char **argv)
{
    struct option option;
    int letter;
    option_init(&option, argv, "A:B:C:F:GIL:N:O:R:UV:X:b:d::e:f:h:imno:p:q::r:tvx");
    while ((letter = option_next(&option)) != OPTION_END) {
        set_option(request, &option, letter);
    }
    request->envelope.recipients = option.next;
}

/* ---- what is asked ------------------------------------------------------------------------------- */

static int run_postqueue(struct request *request, const struct conf *conf, const char *directory)
{
    static const char *const options[] = {
        [TASK_LIST] = "-p",
        [TASK_FLUSH] = "-f",
        [TASK_FLUSH_ID] = "-i",
        [TASK_FLUSH_SITE] = "-s",
    };
    struct command_run run;
    command_run_init(&run, request->sys, conf, "postqueue");
    command_run_argument(&run, "-c");
    command_run_argument(&run, directory);
    command_run_argument(&run, options[request->task]);
    if (request->what != NULL) {
        command_run_argument(&run, request->what);
    }
    sendmail_run_start(&run);
    return sendmail_run_wait(&run);
}

static int submit(struct request *request, const struct conf *conf, const char *directory)
{
    struct sendmail_envelope *envelope = &request->envelope;
    if (request->has_verp) {
        struct str standard = conf_text(conf, CONF_default_verp_delimiters);
        envelope->verp = request->verp[0] != '\0' ? request->verp : standard.data;
    }
    if (*envelope->recipients == NULL && !envelope->from_header) {
        sendmail_fail(request->sys, "Recipient addresses must be specified on the command line or "
                                    "via the -t option");
    }
    return sendmail_message(request->sys, conf, directory, envelope);
}

int sendmail_main(struct sys *sys, int argc, char **argv)
{
    struct request request = {.sys = sys};
    (void)argc;
    read_arguments(&request, argv);
    const char *directory = conf_directory(sys, request.config_directory);
    struct conf *conf = command_conf(sys, program, directory);
    int status = request.task == TASK_SUBMIT ? submit(&request, conf, directory)
                                             : run_postqueue(&request, conf, directory);
    conf_free(conf);
    return status;
}
