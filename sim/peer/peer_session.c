// SPDX-License-Identifier: ISC
#include "peer/peer_session.h"

#include <stdio.h>

#include "base/assert.h"
#include "peer/peer_report.h"
#include "peer/peer_smtp.h"
#include "proto/smtp_command.h"
#include "proto/smtp_data.h"
#include "proto/smtp_reply.h"
#include "sys/clock.h"
#include "sys/fs.h"
#include "sys/net.h"

enum {
    LINE_MAX = 65536,
    REPLY_MAX = 65536,
    PATHS_MAX = 1 << 20,
    FILE_NAME_MAX = 40,
    FILE_MODE = 0644,
    IDLE_S = 3600, /* longer than any client waits between two commands */
    CODE_SHUTTING_DOWN = 421,
};

/* What an ordinary server says; text of several lines has newlines. */
struct answer {
    int code;
    const char *status; /* NULL: none */
    const char *text;
};

/* How a stage came out. */
enum outcome {
    OUTCOME_POSITIVE, /* the client was told 2xx or 3xx */
    OUTCOME_NEGATIVE,
    OUTCOME_UNSAID, /* nothing was said: the message was taken, the connection is gone, or both */
};

/* ---- saying -------------------------------------------------------------------------------- */

static void say_slowly(struct peer_session *s, struct str bytes, int64_t interval_ns)
{
    for (size_t i = 0; i < bytes.size && !s->ended; i++) {
        stream_put_char(&s->stream, bytes.data[i]);
        int64_t deadline_ns = sys_deadline(s->peer->sys, interval_ns);
        if (stream_flush(&s->stream) != 0 || sys_sleep_until(s->peer->sys, deadline_ns) != 0) {
            s->ended = true;
        }
    }
}

static void say(struct peer_session *s, struct str bytes, int64_t interval_ns)
{
    char quoted[PEER_QUOTED_MAX];
    peer_report(s->peer->sys, "%.*s connection %d says %s", STR_ARG(s->peer->arguments.name),
                s->number, peer_quoted(str_trim_space(bytes), quoted));
    if (interval_ns > 0) {
        say_slowly(s, bytes, interval_ns);
    } else {
        stream_put(&s->stream, bytes);
    }
}

static enum outcome outcome_of(int code)
{
    return code < 400 ? OUTCOME_POSITIVE : OUTCOME_NEGATIVE;
}

static enum outcome say_answer(struct peer_session *s, const struct answer *answer)
{
    struct buf reply;
    buf_init(&reply, s->stream.mem, REPLY_MAX);
    smtp_reply_write(&reply, answer->code, answer->status, str_from(answer->text));
    say(s, buf_str(&reply), 0);
    buf_done(&reply);
    return outcome_of(answer->code);
}

static void put_lines(const struct peer_rule *rule, const char *first, struct buf *text)
{
    buf_put_text(text, first);
    for (int i = 0; i < rule->line_count; i++) {
        if (text->size > 0) {
            buf_put_char(text, '\n');
        }
        buf_put(text, rule->lines[i]);
    }
}

/* A reply as the rule words it; a keyword list follows the server's name. */
static enum outcome say_rule(struct peer_session *s, const struct peer_rule *rule)
{
    struct buf text;
    struct buf reply;
    char name[SYS_NAME_MAX];
    buf_init(&text, s->stream.mem, REPLY_MAX);
    buf_init(&reply, s->stream.mem, REPLY_MAX);
    snprintf(name, sizeof(name), "%.*s", STR_ARG(s->peer->arguments.name));
    put_lines(rule, rule->action == PEER_ACTION_OFFER ? name : "", &text);
    if (rule->action == PEER_ACTION_RAW) {
        buf_put(&reply, buf_str(&text));
    } else {
        smtp_reply_write(&reply, rule->code, rule->status.size > 0 ? rule->status.data : NULL,
                         buf_str(&text));
    }
    say(s, buf_str(&reply), rule->byte_interval_ns);
    buf_done(&reply);
    buf_done(&text);
    return rule->action == PEER_ACTION_RAW ? OUTCOME_UNSAID : outcome_of(rule->code);
}

/* ---- rules --------------------------------------------------------------------------------- */

static void end(struct peer_session *s)
{
    s->ended = true;
    s->ended_by_peer = true;
}

static void wait_as_told(struct peer_session *s, const struct peer_rule *rule)
{
    if (rule->delay_ns == 0) {
        return;
    }
    int64_t deadline_ns = sys_deadline(s->peer->sys, rule->delay_ns);
    if (stream_flush(&s->stream) != 0 || sys_sleep_until(s->peer->sys, deadline_ns) != 0) {
        s->ended = true;
    }
}

static bool takes_message(enum peer_action action)
{
    return action == PEER_ACTION_ACCEPT_RESET || action == PEER_ACTION_ACCEPT_CLOSE ||
           action == PEER_ACTION_ACCEPT_SILENCE;
}

static enum outcome apply(struct peer_session *s, const struct peer_rule *rule)
{
    wait_as_told(s, rule);
    switch (rule->action) {
    case PEER_ACTION_REPLY:
    case PEER_ACTION_OFFER:
    case PEER_ACTION_RAW: {
        enum outcome outcome = say_rule(s, rule);
        if (rule->code == CODE_SHUTTING_DOWN && !rule->keep_open) {
            end(s);
        }
        return outcome;
    }
    case PEER_ACTION_SILENCE:
    case PEER_ACTION_ACCEPT_SILENCE:
        return OUTCOME_UNSAID;
    case PEER_ACTION_RESET:
    case PEER_ACTION_ACCEPT_RESET:
        sys_reset_on_close(s->peer->sys, s->stream.fd);
        end(s);
        return OUTCOME_UNSAID;
    case PEER_ACTION_CLOSE:
    case PEER_ACTION_ACCEPT_CLOSE:
        end(s);
        return OUTCOME_UNSAID;
    case PEER_ACTION_REFUSE:
    case PEER_ACTION_BLACKHOLE:
        break;
    }
    unreachable(); /* these are only for `connect` */
}

static const struct peer_rule *find_rule(struct peer_session *s, enum peer_stage stage,
                                         struct str path)
{
    const struct peer_situation at = {
        .now_ns = peer_now_ns(s->peer->sys, &s->peer->arguments),
        .connection = s->number,
        .open_count = s->peer->session_count,
    };
    return peer_script_find(&s->peer->script, stage, path, &at);
}

/* What the script says at a stage, or else the answer of an ordinary server. */
static enum outcome answer_stage(struct peer_session *s, enum peer_stage stage, struct str path,
                                 const struct answer *ordinary)
{
    const struct peer_rule *rule = find_rule(s, stage, path);
    return rule != NULL ? apply(s, rule) : say_answer(s, ordinary);
}

/* ---- the message --------------------------------------------------------------------------- */

static void reset_transaction(struct peer_session *s)
{
    s->has_sender = false;
    buf_clear(&s->sender);
    buf_clear(&s->recipients);
    buf_clear(&s->content);
}

static int write_all(struct sys *sys, int fd, struct str bytes)
{
    size_t done = 0;
    while (done < bytes.size) {
        long written = sys_pwrite(sys, fd, bytes.data + done, bytes.size - done, (int64_t)done);
        if (written < 0) {
            return (int)written;
        }
        done += (size_t)written;
    }
    return 0;
}

static void keep_message(struct peer_session *s)
{
    struct sys *sys = s->peer->sys;
    char name[FILE_NAME_MAX];
    char quoted[PEER_QUOTED_MAX];
    snprintf(name, sizeof(name), "messages/%d", ++s->peer->message_count);
    unsigned flags = SYS_OPEN_WRITE | SYS_OPEN_CREATE | SYS_OPEN_TRUNCATE;
    int fd = sys_open(sys, SYS_HERE, name, flags, FILE_MODE);
    if (fd < 0 || write_all(sys, fd, buf_str(&s->content)) != 0) {
        sys_exit(sys, 1); /* a peer that cannot keep what it accepts is of no use */
    }
    sys_close(sys, fd);
    peer_report(sys, "%.*s connection %d keeps %s from %s to%s", STR_ARG(s->peer->arguments.name),
                s->number, peer_quoted(str_from(name), quoted), buf_text(&s->sender),
                buf_text(&s->recipients));
}

/* Reads up to the final dot. False when the client went away before. */
static bool read_content(struct peer_session *s)
{
    struct smtp_data_reader reader;
    smtp_data_reader_init(&reader, LINE_MAX / 2);
    while (stream_error(&s->stream) == 0) {
        struct str text;
        size_t used_bytes = 0;
        enum smtp_data_result result =
            smtp_data_read(&reader, stream_input(&s->stream), &text, &used_bytes);
        if (result == SMTP_DATA_MORE) {
            if (stream_fill(&s->stream) != 0) {
                return false;
            }
            continue;
        }
        if (result != SMTP_DATA_END) {
            buf_put(&s->content, text);
        }
        if (result == SMTP_DATA_LINE) {
            buf_put_text(&s->content, "\r\n");
        }
        stream_skip(&s->stream, used_bytes);
        if (result == SMTP_DATA_END) {
            return true;
        }
    }
    return false;
}

/* After the final dot: the message is kept when its client may believe so. */
static void end_data(struct peer_session *s)
{
    static const struct answer ordinary = {250, "2.0.0", "Ok: kept"};
    static const struct answer too_big = {552, "5.3.4", "Message too big"};
    if (buf_error(&s->content) != 0) {
        say_answer(s, &too_big);
        reset_transaction(s);
        return;
    }
    const struct peer_rule *rule = find_rule(s, PEER_STAGE_END_OF_DATA, STR(""));
    bool replies_well = rule != NULL && rule->action == PEER_ACTION_REPLY &&
                        outcome_of(rule->code) == OUTCOME_POSITIVE;
    if (rule == NULL || replies_well || takes_message(rule->action)) {
        keep_message(s);
    }
    if (rule == NULL) {
        say_answer(s, &ordinary);
    } else {
        apply(s, rule);
    }
    reset_transaction(s);
}

/* ---- commands ------------------------------------------------------------------------------ */

static const struct answer need_hello = {503, "5.5.1", "Send EHLO or HELO first"};
static const struct answer need_mail = {503, "5.5.1", "Send MAIL first"};
static const struct answer need_rcpt = {503, "5.5.1", "No recipient was accepted"};
static const struct answer nested_mail = {503, "5.5.1", "There is a sender already"};
static const struct answer bad_path = {501, "5.5.4", "Bad address syntax"};
static const struct answer ok = {250, "2.0.0", "Ok"};

static void do_ehlo(struct peer_session *s, struct str argument)
{
    (void)argument;
    struct buf text;
    buf_init(&text, s->stream.mem, REPLY_MAX);
    buf_putf(&text, "%.*s\nPIPELINING\nSIZE %d\nENHANCEDSTATUSCODES\n8BITMIME",
             STR_ARG(s->peer->arguments.name), PEER_SMTP_MESSAGE_MAX);
    struct answer ordinary = {250, NULL, buf_text(&text)};
    if (answer_stage(s, PEER_STAGE_EHLO, STR(""), &ordinary) == OUTCOME_POSITIVE) {
        s->greeted = true;
        reset_transaction(s);
    }
    buf_done(&text);
}

static void do_helo(struct peer_session *s, struct str argument)
{
    (void)argument;
    if (answer_stage(s, PEER_STAGE_HELO, STR(""), &ok) == OUTCOME_POSITIVE) {
        s->greeted = true;
        reset_transaction(s);
    }
}

/* The address between its brackets. */
static bool take_path(struct str argument, struct str keyword, struct smtp_path *path,
                      struct str *address)
{
    if (smtp_command_parse_path(argument, keyword, path) != 0 || path->address.size < 2 ||
        path->address.data[0] != '<') {
        return false;
    }
    *address = str_of(path->address.data + 1, path->address.size - 2);
    return true;
}

static void do_mail(struct peer_session *s, struct str argument)
{
    struct smtp_path path;
    struct str address;
    if (!s->greeted || s->has_sender) {
        say_answer(s, s->greeted ? &nested_mail : &need_hello);
    } else if (!take_path(argument, STR("FROM"), &path, &address)) {
        say_answer(s, &bad_path);
    } else if (answer_stage(s, PEER_STAGE_MAIL, address, &ok) == OUTCOME_POSITIVE) {
        s->has_sender = true;
        buf_put(&s->sender, path.address);
    }
}

static void do_rcpt(struct peer_session *s, struct str argument)
{
    struct smtp_path path;
    struct str address;
    if (!s->has_sender) {
        say_answer(s, &need_mail);
    } else if (!take_path(argument, STR("TO"), &path, &address)) {
        say_answer(s, &bad_path);
    } else if (answer_stage(s, PEER_STAGE_RCPT, address, &ok) == OUTCOME_POSITIVE) {
        buf_putf(&s->recipients, " %.*s", STR_ARG(path.address));
    }
}

static void do_data(struct peer_session *s, struct str argument)
{
    static const struct answer go_on = {354, NULL, "End data with <CR><LF>.<CR><LF>"};
    (void)argument;
    const struct peer_rule *rule = find_rule(s, PEER_STAGE_DATA, STR(""));
    bool forced = rule != NULL && rule->action == PEER_ACTION_REPLY && rule->code == go_on.code;
    if (s->recipients.size == 0 && !forced) {
        say_answer(s, s->has_sender ? &need_rcpt : &need_mail);
        return;
    }
    enum outcome outcome = rule != NULL ? apply(s, rule) : say_answer(s, &go_on);
    if (outcome != OUTCOME_POSITIVE || s->ended) {
        return;
    }
    if (!read_content(s)) {
        s->ended = true;
    } else if (s->recipients.size == 0) {
        say_answer(s, &need_rcpt);
    } else {
        end_data(s);
    }
}

static void do_rset(struct peer_session *s, struct str argument)
{
    (void)argument;
    reset_transaction(s);
    answer_stage(s, PEER_STAGE_RSET, STR(""), &ok);
}

static void do_noop(struct peer_session *s, struct str argument)
{
    (void)argument;
    answer_stage(s, PEER_STAGE_NOOP, STR(""), &ok);
}

static void do_vrfy(struct peer_session *s, struct str argument)
{
    static const struct answer ordinary = {252, "2.0.0", "Send some mail, I will try"};
    (void)argument;
    answer_stage(s, PEER_STAGE_VRFY, STR(""), &ordinary);
}

static void do_quit(struct peer_session *s, struct str argument)
{
    static const struct answer bye = {221, "2.0.0", "Bye"};
    (void)argument;
    if (answer_stage(s, PEER_STAGE_QUIT, STR(""), &bye) != OUTCOME_UNSAID) {
        s->ended = true; /* whoever closes first: it was the client who wanted to */
    }
}

static const struct {
    enum smtp_verb verb;
    void (*run)(struct peer_session *session, struct str argument);
} rows[] = {
    {SMTP_VERB_EHLO, do_ehlo}, {SMTP_VERB_HELO, do_helo}, {SMTP_VERB_MAIL, do_mail},
    {SMTP_VERB_RCPT, do_rcpt}, {SMTP_VERB_DATA, do_data}, {SMTP_VERB_RSET, do_rset},
    {SMTP_VERB_NOOP, do_noop}, {SMTP_VERB_VRFY, do_vrfy}, {SMTP_VERB_QUIT, do_quit},
};

static void run_command(struct peer_session *s, struct str line)
{
    static const struct answer unknown = {500, "5.5.2", "Unknown command"};
    struct smtp_command command;
    char quoted[PEER_QUOTED_MAX];
    peer_report(s->peer->sys, "%.*s connection %d reads %s", STR_ARG(s->peer->arguments.name),
                s->number, peer_quoted(line, quoted));
    smtp_command_parse(line, &command);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].verb == command.verb) {
            rows[i].run(s, command.argument);
            return;
        }
    }
    say_answer(s, &unknown);
}

/* ---- the conversation ---------------------------------------------------------------------- */

static void greet(struct peer_session *s)
{
    char text[SYS_NAME_MAX + 10];
    snprintf(text, sizeof(text), "%.*s ESMTP", STR_ARG(s->peer->arguments.name));
    struct answer ordinary = {220, NULL, text};
    answer_stage(s, PEER_STAGE_BANNER, STR(""), &ordinary);
}

/* The line is copied, as answering may wait, and reading on would overwrite it. */
static void converse(struct peer_session *s)
{
    struct buf line;
    buf_init(&line, s->stream.mem, LINE_MAX);
    while (!s->ended) {
        struct str input;
        if (stream_read_line(&s->stream, LINE_MAX, &input) != 0) {
            s->ended = true;
            s->ended_by_peer = stream_error(&s->stream) == -ERR_TIMEOUT;
            break;
        }
        buf_clear(&line);
        buf_put(&line, str_trim_space(input));
        run_command(s, buf_str(&line));
    }
    buf_done(&line);
}

void peer_session_run(struct peer_session *s)
{
    struct sys *sys = s->peer->sys;
    struct mem *mem = sys_mem(sys);
    char ip[SYS_ADDRESS_TEXT_MAX];
    stream_open(&s->stream, sys, mem, s->fd, LINE_MAX);
    stream_set_timeout(&s->stream, IDLE_S * SYS_SECOND_NS);
    buf_init(&s->sender, mem, PATHS_MAX);
    buf_init(&s->recipients, mem, PATHS_MAX);
    buf_init(&s->content, mem, PEER_SMTP_MESSAGE_MAX);
    peer_report(sys, "%.*s connection %d opened from %s", STR_ARG(s->peer->arguments.name),
                s->number, sys_address_text(&s->client, ip));
    greet(s);
    converse(s);
    int error = stream_flush(&s->stream); /* the client may be gone */
    (void)error;
    peer_report(sys, "%.*s connection %d ends by %s", STR_ARG(s->peer->arguments.name), s->number,
                s->ended_by_peer ? "peer" : "mta");
    stream_close(&s->stream);
    buf_done(&s->content);
    buf_done(&s->recipients);
    buf_done(&s->sender);
}
