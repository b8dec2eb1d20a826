// SPDX-License-Identifier: ISC
#include "smtp/smtp_session.h"

#include "base/number.h"
#include "mail/notice.h"
#include "smtp/smtp_failure.h"
#include "sys/clock.h"

enum { SMTP_PORT = 25 };

static const struct stage_row {
    const char *doing;   /* "lost connection while ..." */
    const char *command; /* "in reply to ..." */
    enum conf_param timeout;
} stage_rows[] = {
    [SMTP_STAGE_GREETING] = {"receiving the initial server greeting", "greeting",
                             CONF_smtp_helo_timeout},
    [SMTP_STAGE_EHLO] = {"performing the EHLO handshake", "EHLO command", CONF_smtp_helo_timeout},
    [SMTP_STAGE_HELO] = {"performing the HELO handshake", "HELO command", CONF_smtp_helo_timeout},
    [SMTP_STAGE_MAIL] = {"sending MAIL FROM", "MAIL FROM command", CONF_smtp_mail_timeout},
    [SMTP_STAGE_RCPT] = {"sending RCPT TO", "RCPT TO command", CONF_smtp_rcpt_timeout},
    [SMTP_STAGE_DATA] = {"sending DATA command", "DATA command", CONF_smtp_data_init_timeout},
    [SMTP_STAGE_BODY] = {"sending message body", "message body", CONF_smtp_data_xfer_timeout},
    [SMTP_STAGE_END] = {"sending end of data -- message may be sent more than once",
                        "end of DATA command", CONF_smtp_data_done_timeout},
    [SMTP_STAGE_QUIT] = {"sending QUIT", "QUIT command", CONF_smtp_quit_timeout},
};

/* ---- failures ---------------------------------------------------------------------------------- */

static void apply(struct smtp_session *session, struct smtp_failure *failure)
{
    failure->dsn.mta_type = STR("dns");
    failure->dsn.mta_name = session->host->name;
    failure->site_is_sick = true;
    smtp_failure_of_rest(session->delivery, failure);
}

void smtp_session_broke(struct smtp_session *session, enum smtp_stage stage, int error)
{
    const char *doing = stage_rows[stage].doing;
    struct smtp_failure *failure;
    if (error == -ERR_PROTOCOL) {
        transcript_mark(&session->transcript, TRANSCRIPT_PROTOCOL);
    }
    if (error == -ERR_TIMEOUT) {
        failure = smtp_failure_make(session->delivery, session->relay, "4.4.2",
                                    "conversation with %s timed out while %s", session->label.data,
                                    doing);
    } else if (error == -ERR_PROTOCOL) {
        failure = smtp_failure_make(session->delivery, session->relay, "4.5.0",
                                    "host %s sent a malformed reply while %s", session->label.data,
                                    doing);
    } else {
        failure = smtp_failure_make(session->delivery, session->relay, "4.4.2",
                                    "lost connection with %s while %s", session->label.data, doing);
    }
    stream_fail(&session->stream, error);
    apply(session, failure);
}

/* RFC 5321 4.2.3: 500 to 509 and 555 say that a command of ours was wrong, and what is no refusal
 * at all fits none. */
static void judge_reply(struct smtp_session *session)
{
    int code = session->reply.code;
    if (code < 400 || (code >= 500 && code < 510) || code == 555) {
        transcript_mark(&session->transcript, TRANSCRIPT_PROTOCOL);
    }
}

struct smtp_failure *smtp_session_refusal(struct smtp_session *session, enum smtp_stage stage)
{
    struct str text = smtp_failure_reply_text(session->delivery, &session->reply);
    judge_reply(session);
    bool fits_nothing = stage == SMTP_STAGE_DATA && session->reply.code / 100 == 2;
    struct smtp_failure *failure = smtp_failure_of_reply(
        session->delivery, session->relay, session->host->name, &session->reply,
        "%shost %s said: %.*s (in reply to %s)", fits_nothing ? "Protocol error: " : "",
        session->label.data, STR_ARG(text), stage_rows[stage].command);
    if (fits_nothing) {
        failure->dsn.status = STR("5.5.0");
    }
    return failure;
}

/* The host does not want to talk at all. A 5xx greeting is a state of the host, not of the mail. */
static int refuse_to_talk(struct smtp_session *session, enum smtp_stage stage)
{
    judge_reply(session);
    struct str text = smtp_failure_reply_text(session->delivery, &session->reply);
    struct smtp_failure *failure = smtp_failure_of_reply(
        session->delivery, session->relay, session->host->name, &session->reply,
        "host %s refused to talk to me: %.*s", session->label.data, STR_ARG(text));
    if (stage == SMTP_STAGE_GREETING && smtp_failure_is_final(failure) &&
        conf_bool(session->delivery->state->conf, CONF_smtp_skip_5xx_greeting)) {
        ((char *)failure->dsn.status.data)[0] = '4';
    }
    apply(session, failure);
    return -ERR_REFUSED;
}

static int loops_back(struct smtp_session *session)
{
    apply(session, smtp_failure_make(session->delivery, session->relay,
                                     session->host->is_best ? "5.4.6" : "4.4.6",
                                     "mail for %.*s loops back to myself",
                                     STR_ARG(session->delivery->request->head.nexthop)));
    return -ERR_REFUSED;
}

/* ---- commands and replies ---------------------------------------------------------------------- */

void smtp_session_enter(struct smtp_session *session, enum smtp_stage stage)
{
    stream_set_timeout(&session->stream,
                       conf_time_ns(session->delivery->state->conf, stage_rows[stage].timeout));
}

void smtp_session_command(struct smtp_session *session, const char *format, ...)
{
    struct buf line;
    va_list arguments;
    buf_init(&line, session->stream.mem, SMTP_STREAM_BYTES);
    va_start(arguments, format);
    buf_putv(&line, format, arguments);
    va_end(arguments);
    stream_put(&session->stream, buf_str(&line));
    transcript_out(&session->transcript, buf_str(&line));
    buf_done(&line);
    stream_put_text(&session->stream, "\r\n");
}

static struct str without_line_end(struct str line)
{
    while (line.size > 0 &&
           (line.data[line.size - 1] == '\n' || line.data[line.size - 1] == '\r')) {
        line.size--;
    }
    return line;
}

/* 0 with a complete reply, or why there is none. */
static int read_reply(struct smtp_session *session)
{
    smtp_reply_clear(&session->reply);
    for (;;) {
        struct str line;
        int error = stream_read_line(&session->stream, SMTP_STREAM_BYTES, &line);
        if (error != 0) {
            return error == -ERR_LIMIT ? -ERR_PROTOCOL : error;
        }
        transcript_in(&session->transcript, line);
        switch (smtp_reply_feed(&session->reply, without_line_end(line))) {
        case PARSE_OK:
            return 0;
        case PARSE_BAD:
            return -ERR_PROTOCOL;
        case PARSE_MORE:
            break;
        }
    }
}

int smtp_session_reply(struct smtp_session *session, enum smtp_stage stage)
{
    smtp_session_enter(session, stage);
    int error = read_reply(session);
    if (error != 0) {
        smtp_session_broke(session, stage, error);
    }
    return error;
}

/* ---- open -------------------------------------------------------------------------------------- */

static const char *connect_reason(int error)
{
    return error == -ERR_TIMEOUT ? "Connection timed out" : err_sentence(error);
}

/* smtp_bind_address or smtp_bind_address6, when set for this family. */
static const struct sys_address *local_address(const struct conf *conf, enum sys_family family,
                                               struct sys_address *local)
{
    struct str text = conf_text(conf, family == SYS_FAMILY_IPV4 ? CONF_smtp_bind_address
                                                                : CONF_smtp_bind_address6);
    return sys_address_parse(text, 0, local) == 0 && local->family == family ? local : NULL;
}

static int dial(struct smtp_session *session)
{
    struct smtp_state *state = session->delivery->state;
    const struct sys_address *remote = &session->host->address;
    struct sys_address local;
    int64_t timeout_ns = conf_time_ns(state->conf, CONF_smtp_connect_timeout);
    int fd = sys_dial(state->sys, local_address(state->conf, remote->family, &local), remote,
                      sys_deadline(state->sys, timeout_ns > 0 ? timeout_ns : SYS_FOREVER));
    if (fd >= 0) {
        stream_open(&session->stream, state->sys, sys_mem(state->sys), fd, SMTP_STREAM_BYTES);
        session->is_open = true;
        return 0;
    }
    char text[SYS_ADDRESS_TEXT_MAX];
    const char *address = sys_address_text(remote, text);
    log_event(state->log, connect_failed, .remote_host = session->host->name,
              .address = str_from(address), .port = remote->port,
              .reason = str_from(connect_reason(fd)));
    struct smtp_failure *failure =
        smtp_failure_make(session->delivery, STR("none"), "4.4.1", "connect to %s: %s",
                          session->relay.data, connect_reason(fd));
    failure->site_is_sick = true;
    smtp_failure_of_rest(session->delivery, failure);
    return fd;
}

/* Mail that a host with our own name would take comes back to us; only hosts on port 25 are mail
 * exchangers that could be we. */
static bool is_our_name(const struct smtp_session *session, struct str line)
{
    struct str name;
    return session->host->address.port == SMTP_PORT && str_next_token(&line, " \t", &name) &&
           str_equal_fold(name, conf_text(session->delivery->state->conf, CONF_myhostname));
}

static struct str first_reply_line(const struct smtp_session *session)
{
    struct str rest = buf_str(&session->reply.text);
    struct str line = STR("");
    return smtp_reply_next_line(&rest, &line) ? line : STR("");
}

static int read_greeting(struct smtp_session *session)
{
    int error = smtp_session_reply(session, SMTP_STAGE_GREETING);
    if (error != 0) {
        return error;
    }
    if (session->reply.code / 100 != 2) {
        return refuse_to_talk(session, SMTP_STAGE_GREETING);
    }
    return is_our_name(session, first_reply_line(session)) ? loops_back(session) : 0;
}

static void take_size(struct smtp_session *session, struct str argument)
{
    uint64_t size = 0;
    session->has_size = true;
    if (number_parse_u64(argument, INT64_MAX, &size) == 0) {
        session->size_max = (int64_t)size;
    }
}

static void take_keyword(struct smtp_session *session, struct str line, struct str discarded)
{
    struct str keyword;
    struct str argument = STR("");
    if (!str_next_token(&line, " \t=", &keyword) || conf_list_has(discarded, keyword)) {
        return;
    }
    (void)str_next_token(&line, " \t", &argument);
    if (str_equal_fold(keyword, STR("PIPELINING"))) {
        session->pipelining = true;
    } else if (str_equal_fold(keyword, STR("8BITMIME"))) {
        session->eight_bit_mime = true;
    } else if (str_equal_fold(keyword, STR("DSN"))) {
        session->dsn = true;
    } else if (str_equal_fold(keyword, STR("SMTPUTF8"))) {
        session->smtputf8 = true;
    } else if (str_equal_fold(keyword, STR("SIZE"))) {
        take_size(session, argument);
    }
}

static void take_keywords(struct smtp_session *session)
{
    struct str discarded =
        conf_text(session->delivery->state->conf, CONF_smtp_discard_ehlo_keywords);
    struct str rest = buf_str(&session->reply.text);
    struct str line;
    bool is_first = true; /* the host's name */
    while (smtp_reply_next_line(&rest, &line)) {
        if (!is_first) {
            take_keyword(session, line, discarded);
        }
        is_first = false;
    }
}

static int say_hello(struct smtp_session *session)
{
    const struct conf *conf = session->delivery->state->conf;
    struct str name = conf_text(conf, CONF_smtp_helo_name);
    smtp_session_command(session, "EHLO %.*s", STR_ARG(name));
    int error = smtp_session_reply(session, SMTP_STAGE_EHLO);
    if (error != 0) {
        return error;
    }
    if (session->reply.code / 100 == 2) {
        take_keywords(session);
        return is_our_name(session, first_reply_line(session)) ? loops_back(session) : 0;
    }
    if (session->reply.code == 421) {
        return refuse_to_talk(session, SMTP_STAGE_EHLO);
    }
    smtp_session_command(session, "HELO %.*s", STR_ARG(name));
    error = smtp_session_reply(session, SMTP_STAGE_HELO);
    if (error != 0) {
        return error;
    }
    return session->reply.code / 100 == 2 ? 0 : refuse_to_talk(session, SMTP_STAGE_HELO);
}

static void set_labels(struct smtp_session *session)
{
    struct arena *arena = session->delivery->request->arena;
    const struct smtp_host *host = session->host;
    char text[SYS_ADDRESS_TEXT_MAX];
    const char *address = sys_address_text(&host->address, text);
    session->label = arena_printf(arena, "%.*s[%s]", STR_ARG(host->name), address);
    session->relay =
        arena_printf(arena, "%.*s[%s]:%u", STR_ARG(host->name), address, host->address.port);
    if (session->label.data == NULL || session->relay.data == NULL) {
        log_fatal(session->delivery->state->log, "no memory left for one request");
    }
}

/* Of what went wrong here only the protocol's class is a postmaster's business. What is said about
 * a notice is not told by another one. */
static void open_transcript(struct smtp_session *session)
{
    struct smtp_delivery *delivery = session->delivery;
    struct smtp_state *state = delivery->state;
    struct str sender = delivery->request->head.sender;
    struct str double_bounce =
        notice_own_address(state->conf, delivery->request->arena, CONF_double_bounce_sender);
    transcript_init(&session->transcript, sys_mem(state->sys), state->conf);
    bool is_notice = sender.size == 0 || str_equal_fold(sender, double_bounce);
    session->transcript.wanted &= is_notice ? 0 : TRANSCRIPT_PROTOCOL;
}

static void close_transcript(struct smtp_session *session)
{
    struct smtp_state *state = session->delivery->state;
    struct str subject = arena_printf(session->delivery->request->arena,
                                      "SMTP client: errors from %s", session->relay.data);
    transcript_send(&session->transcript, &state->cleanup, state->conf, state->log, subject);
    transcript_done(&session->transcript);
}

int smtp_session_open(struct smtp_delivery *delivery, const struct smtp_host *host,
                      struct smtp_session *session)
{
    *session = (struct smtp_session){.delivery = delivery, .host = host};
    smtp_reply_init(&session->reply, sys_mem(delivery->state->sys));
    smtp_failure_forget(delivery);
    set_labels(session);
    open_transcript(session);
    int error = dial(session);
    if (error == 0) {
        error = read_greeting(session);
    }
    if (error == 0) {
        error = say_hello(session);
    }
    session->has_greeted = error == 0;
    return error;
}

void smtp_session_close(struct smtp_session *session)
{
    if (session->is_open) {
        const struct conf *conf = session->delivery->state->conf;
        smtp_session_enter(session, SMTP_STAGE_QUIT);
        smtp_session_command(session, "QUIT");
        int error = stream_flush(&session->stream);
        if (error == 0 && !conf_bool(conf, CONF_smtp_skip_quit_response)) {
            error = read_reply(session);
        }
        (void)error; /* all is said and done */
        stream_close(&session->stream);
    }
    close_transcript(session);
    smtp_reply_done(&session->reply);
}
