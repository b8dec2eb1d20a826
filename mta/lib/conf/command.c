// SPDX-License-Identifier: ISC
#include "conf/command.h"

#include "conf/open_log.h"
#include "log/tell.h"
#include "sys/fs.h"

struct conf *command_conf(struct sys *sys, const char *program, const char *directory)
{
    struct buf problems;
    struct conf *conf = NULL;
    buf_init(&problems, sys_mem(sys), CONF_PROBLEMS_BYTES_MAX);
    int error = conf_load_anyway(sys, conf_directory(sys, directory), NULL, 0, &problems, &conf);
    if (error != 0 && error != -ERR_SYNTAX) {
        tell_fatal(sys, program, COMMAND_CONFIG, "%s", buf_text(&problems));
    }
    buf_done(&problems);
    return conf;
}

void command_open(struct command *command, struct sys *sys, const char *program,
                  const char *directory)
{
    *command = (struct command){.sys = sys, .program = program};
    command->conf = command_conf(sys, program, directory);
    const char *queue_directory = conf_text(command->conf, CONF_queue_directory).data;
    int error = sys_enter(sys, queue_directory);
    if (error != 0) {
        tell_fatal(sys, program, COMMAND_UNAVAILABLE, "cannot enter the queue directory %s: %s",
                   queue_directory, err_sentence(error));
    }
    bool reached = open_log(command->conf, sys, program, &command->log) == 0;
    command->tells = reached && conf_text(command->conf, CONF_maillog_file).size > 0;
}

void command_close(struct command *command)
{
    conf_free(command->conf);
}

/* ---- what is said ------------------------------------------------------------------------------ */

static void tell(struct command *command, const char *label, struct str text)
{
    struct buf line;
    if (!command->tells) {
        return;
    }
    buf_init(&line, sys_mem(command->sys), TELL_BYTES_MAX);
    buf_putf(&line, "%s: %s%.*s\n", command->program, label, STR_ARG(text));
    int error = sys_error_output(command->sys, buf_str(&line));
    (void)error; /* there is nobody left to tell */
    buf_done(&line);
}

static void format_text(struct command *command, struct buf *text, const char *format,
                        va_list arguments)
{
    buf_init(text, sys_mem(command->sys), TELL_BYTES_MAX);
    buf_putv(text, format, arguments);
}

void command_info(struct command *command, const char *format, ...)
{
    va_list arguments;
    struct buf text;
    va_start(arguments, format);
    format_text(command, &text, format, arguments);
    va_end(arguments);
    log_info(&command->log, "%s", buf_text(&text));
    tell(command, "", buf_str(&text));
    buf_done(&text);
}

void command_warning(struct command *command, const char *format, ...)
{
    va_list arguments;
    struct buf text;
    va_start(arguments, format);
    format_text(command, &text, format, arguments);
    va_end(arguments);
    log_warning(&command->log, "%s", buf_text(&text));
    tell(command, "warning: ", buf_str(&text));
    buf_done(&text);
}

void command_fail(struct command *command, int status, const char *format, ...)
{
    va_list arguments;
    struct buf text;
    va_start(arguments, format);
    format_text(command, &text, format, arguments);
    va_end(arguments);
    log_error(&command->log, "%s", buf_text(&text));
    tell(command, "fatal: ", buf_str(&text));
    sys_exit(command->sys, status);
}

void command_put_event(struct command *command, enum log_event event,
                       const struct log_fields *fields)
{
    struct buf text;
    buf_init(&text, sys_mem(command->sys), TELL_BYTES_MAX);
    log_put_event(&command->log, event, fields);
    log_event_text(&text, event, fields);
    tell(command, "", buf_str(&text));
    buf_done(&text);
}
