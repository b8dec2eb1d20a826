// SPDX-License-Identifier: ISC
#include "smtpd/smtpd.h"

#include "conf/conf_list.h"
#include "mail/own_addresses.h"
#include "proto/utf8.h"
#include "smtpd/smtpd_etrn.h"
#include "smtpd/smtpd_mail.h"
#include "smtpd/smtpd_option.h"
#include "smtpd/smtpd_session.h"

/* How a command may be used. */
enum row_flag {
    ROW_JUNK = 1, /* moves no mail: counts against smtpd_junk_command_limit */
    ROW_LAST = 2, /* must be the last of a pipelined group */
};

struct smtpd_row {
    enum smtp_verb verb;
    unsigned flags;
    bool (*check)(struct smtpd_session *session, struct str argument);
    void (*act)(struct smtpd_session *session, struct str argument);
};

/* ---- HELO and EHLO --------------------------------------------------------------------------- */

static bool check_helo(struct smtpd_session *session, struct str argument)
{
    return argument.size > 0 || smtpd_session_answer(session, 501, NULL, "Syntax: HELO hostname");
}

static bool check_ehlo(struct smtpd_session *session, struct str argument)
{
    return argument.size > 0 || smtpd_session_answer(session, 501, NULL, "Syntax: EHLO hostname");
}

/* The name goes into logs and headers: what is not plain text becomes a question mark. */
static void greet_back(struct smtpd_session *session, struct str name, bool is_esmtp)
{
    smtpd_session_reset(session);
    buf_clear(&session->helo);
    struct str kept = str_first(name, SMTPD_HELO_MAX);
    for (size_t i = 0; i < kept.size; i++) {
        buf_put_char(&session->helo, char_is_print(kept.data[i]) ? kept.data[i] : '?');
    }
    session->is_esmtp = is_esmtp;
    (void)smtpd_session_answer(session, 250, NULL, "%s",
                               conf_text(session->conf, CONF_myhostname).data);
}

static void act_helo(struct smtpd_session *session, struct str argument)
{
    greet_back(session, argument, false);
}

/* Adds a line to the EHLO reply unless smtpd_discard_ehlo_keywords hides it. */
static void offer(struct smtpd_session *session, const char *keyword, const char *parameter)
{
    if (smtpd_option_offers(session, keyword)) {
        buf_putf(&session->reply.text, "\n%s%s", keyword, parameter);
    }
}

static void act_ehlo(struct smtpd_session *session, struct str argument)
{
    long long limit = conf_size(session->conf, CONF_message_size_limit);

    greet_back(session, argument, true);
    offer(session, "PIPELINING", "");
    offer(session, "SIZE", limit > 0 ? arena_printf(session->scratch, " %lld", limit).data : "");
    if (!conf_bool(session->conf, CONF_disable_vrfy_command)) {
        offer(session, "VRFY", "");
    }
    offer(session, "ETRN", "");
    if (smtpd_option_allows_verp(session)) {
        offer(session, "XVERP", "");
    }
    offer(session, "ENHANCEDSTATUSCODES", "");
    offer(session, "8BITMIME", "");
    offer(session, "DSN", "");
    if (conf_bool(session->conf, CONF_smtputf8_enable)) {
        offer(session, "SMTPUTF8", "");
    }
}

/* ---- small commands -------------------------------------------------------------------------- */

static bool check_rset(struct smtpd_session *session, struct str argument)
{
    return argument.size == 0 || smtpd_session_answer(session, 501, "5.5.4", "Syntax: RSET");
}

static void act_rset(struct smtpd_session *session, struct str argument)
{
    (void)argument;
    smtpd_session_reset(session);
    (void)smtpd_session_answer(session, 250, "2.0.0", "Ok");
}

static void act_noop(struct smtpd_session *session, struct str argument)
{
    (void)argument;
    (void)smtpd_session_answer(session, 250, "2.0.0", "Ok");
}

static void act_help(struct smtpd_session *session, struct str argument)
{
    (void)argument;
    (void)smtpd_session_answer(session, 214, "2.0.0",
                               "Commands: HELO EHLO MAIL RCPT DATA RSET NOOP VRFY ETRN QUIT");
}

static void act_quit(struct smtpd_session *session, struct str argument)
{
    (void)argument;
    (void)smtpd_session_answer(session, 221, "2.0.0", "Bye");
}

static bool check_never(struct smtpd_session *session, struct str argument)
{
    (void)argument;
    return smtpd_session_answer(session, 502, "5.5.1", "Error: command not implemented");
}

static bool check_auth(struct smtpd_session *session, struct str argument)
{
    (void)argument;
    return smtpd_session_answer(session, 503, "5.5.1", "Error: authentication not enabled");
}

static bool check_known(struct smtpd_session *session, struct str argument)
{
    (void)argument;
    return smtpd_session_answer(session, 500, "5.5.2", "Error: command not recognized");
}

/* The last row is for all that have none. */
static const struct smtpd_row rows[] = {
    {SMTP_VERB_HELO, ROW_JUNK | ROW_LAST, check_helo, act_helo},
    {SMTP_VERB_EHLO, ROW_JUNK | ROW_LAST, check_ehlo, act_ehlo},
    {SMTP_VERB_MAIL, 0, smtpd_mail_check, smtpd_mail_act},
    {SMTP_VERB_RCPT, 0, smtpd_rcpt_check, smtpd_rcpt_act},
    {SMTP_VERB_DATA, ROW_LAST, smtpd_data_check, smtpd_data_act},
    {SMTP_VERB_RSET, ROW_JUNK, check_rset, act_rset},
    {SMTP_VERB_NOOP, ROW_JUNK | ROW_LAST, NULL, act_noop},
    {SMTP_VERB_VRFY, ROW_JUNK | ROW_LAST, smtpd_vrfy_check, smtpd_vrfy_act},
    {SMTP_VERB_ETRN, ROW_JUNK, smtpd_etrn_check, smtpd_etrn_act},
    {SMTP_VERB_HELP, ROW_JUNK, NULL, act_help},
    {SMTP_VERB_EXPN, ROW_JUNK, check_never, NULL},
    {SMTP_VERB_STARTTLS, ROW_JUNK, check_never, NULL},
    {SMTP_VERB_AUTH, 0, check_auth, NULL},
    {SMTP_VERB_QUIT, 0, NULL, act_quit},
    {SMTP_VERB_UNKNOWN, 0, check_known, NULL},
};
enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

static const struct smtpd_row *find_row(enum smtp_verb verb)
{
    for (int i = 0; i < ROW_COUNT; i++) {
        if (rows[i].verb == verb) {
            return &rows[i];
        }
    }
    return &rows[ROW_COUNT - 1];
}

/* ---- one command ----------------------------------------------------------------------------- */

/* Too many recipients are no error of the client's, up to a second limit. */
static bool counts_as_error(const struct smtpd_session *session)
{
    const struct smtpd_reply *reply = &session->reply;
    bool overshoots = reply->code == 452 && session->overshoot_count > 0;

    return reply->code >= 400 &&
           (!overshoots || session->overshoot_count >
                               conf_int(session->conf, CONF_smtpd_recipient_overshoot_limit));
}

static void count_command(struct smtpd_session *session, const struct smtpd_row *row)
{
    session->command_counts[row->verb]++;
    if (session->reply.code < 400) {
        session->success_counts[row->verb]++;
    }
    if (counts_as_error(session)) {
        session->error_count++;
    }
    if ((row->flags & ROW_JUNK) != 0 &&
        ++session->junk_count > conf_int(session->conf, CONF_smtpd_junk_command_limit)) {
        session->error_count++;
    }
}

/* A client that sends on before it knows our answer speaks to somebody else: SMTP as such has no
 * pipelining, and ESMTP ends each group with one of certain commands. */
static bool breaks_pipelining(const struct smtpd_session *session, const struct smtpd_row *row)
{
    return conf_bool(session->conf, CONF_smtpd_forbid_unauth_pipelining) &&
           (!session->is_esmtp || (row->flags & ROW_LAST) != 0) && row->verb != SMTP_VERB_QUIT &&
           stream_input(session->stream).size > 0;
}

static void end_pipelining(struct smtpd_session *session, const struct smtpd_row *row)
{
    log_info(session->log, "improper command pipelining after %s from %s[%s]",
             smtp_command_verb_name(row->verb), session->client.name, session->client.address);
    (void)smtpd_session_answer(session, 554, "5.5.0", "Error: SMTP protocol synchronization");
    smtpd_session_send_reply(session);
    smtpd_session_enter(session, SMTPD_END);
}

static void run_row(struct smtpd_session *session, const struct smtpd_row *row, struct str argument)
{
    buf_clear(&session->external);
    session->stage = smtp_command_verb_name(row->verb);
    if (row->check == NULL || row->check(session, argument)) {
        row->act(session, argument);
    }
    if (stream_error(session->stream) != 0) {
        session->command_counts[row->verb]++;
        return;
    }
    if (session->reply.is_reject) {
        smtpd_session_log_reject(session);
    }
    count_command(session, row);
    smtpd_session_send_reply(session);
}

/* What no mail client says: a browser, or a proxy that was talked into speaking to us. */
static bool is_forbidden(const struct smtpd_session *session, const struct smtp_command *command)
{
    struct str forbidden = conf_text(session->conf, CONF_smtpd_forbidden_commands);

    return command->verb == SMTP_VERB_UNKNOWN && command->name.size > 0 && forbidden.size > 0 &&
           (!char_is_alpha(command->name.data[0]) || conf_list_has(forbidden, command->name));
}

static void run_command(struct smtpd_session *session, struct str line)
{
    struct smtp_command command;

    smtp_command_parse(line, &command);
    transcript_in(&session->transcript, line);
    const struct smtpd_row *row = find_row(command.verb);
    if (is_forbidden(session, &command)) {
        log_warning(session->log, "non-SMTP command from %s[%s]: %.*s", session->client.name,
                    session->client.address, STR_ARG(str_first(line, 100)));
        (void)smtpd_session_answer(session, 221, "2.7.0",
                                   "Error: this is an SMTP server. Goodbye.");
        session->command_counts[SMTP_VERB_UNKNOWN]++;
        smtpd_session_send_reply(session);
    } else if (breaks_pipelining(session, row)) {
        end_pipelining(session, row);
    } else {
        run_row(session, row, command.argument);
    }
    arena_reset(session->scratch);
}

/* ---- the conversation ------------------------------------------------------------------------ */

/* Without its line ending. A line that is too long is read to its end and then refused. */
static int read_line(struct smtpd_session *session, struct str *line, bool *too_long)
{
    size_t bytes_max = (size_t)conf_size(session->conf, CONF_line_length_limit);
    int error = stream_read_line(session->stream, bytes_max, line);

    *too_long = error == -ERR_LIMIT;
    while (error == -ERR_LIMIT) {
        error = stream_read_line(session->stream, bytes_max, line);
    }
    *line = str_trim_space(*line);
    return error;
}

static void refuse_line(struct smtpd_session *session, const char *why)
{
    (void)smtpd_session_answer(session, 500, "5.5.2", "Error: %s", why);
    count_command(session, find_row(SMTP_VERB_UNKNOWN));
    smtpd_session_send_reply(session);
}

static void say_last_word(struct smtpd_session *session, const char *status, const char *text)
{
    (void)smtpd_session_answer(session, 421, status, "%s Error: %s",
                               conf_text(session->conf, CONF_myhostname).data, text);
    smtpd_session_send_reply(session);
}

static void log_end(struct smtpd_session *session, enum log_event event)
{
    log_put_event(session->log, event,
                  &(const struct log_fields){
                      .queue_id = str_from(session->message.queue_id),
                      .stage = str_from(session->stage),
                      .client_name = str_from(session->client.name),
                      .client_address = str_from(session->client.address),
                  });
}

/* The connection failed, or the client was too slow. */
static void end_by_error(struct smtpd_session *session, int error)
{
    if (error == -ERR_TIMEOUT) {
        log_end(session, LOG_timeout);
        stream_forgive_timeout(session->stream);
        say_last_word(session, "4.4.2", "timeout exceeded");
        return;
    }
    log_end(session, LOG_lost_connection);
    smtpd_session_enter(session, SMTPD_END);
}

static void end_by_errors(struct smtpd_session *session)
{
    log_end(session, LOG_too_many_errors);
    say_last_word(session, "4.7.0", "too many errors");
}

static void take_turn(struct smtpd_session *session)
{
    struct str line = STR("");
    bool too_long = false;
    int error = read_line(session, &line, &too_long);

    if (error == 0 && too_long) {
        refuse_line(session, "command line too long");
    } else if (error == 0 && conf_bool(session->conf, CONF_smtputf8_enable) &&
               !utf8_is_valid(line)) {
        refuse_line(session, "bad UTF-8 syntax");
    } else if (error == 0) {
        run_command(session, line);
        error = stream_error(session->stream);
    }
    if (error != 0) {
        end_by_error(session, error);
    } else if (session->phase != SMTPD_END &&
               session->error_count >= conf_int(session->conf, CONF_smtpd_hard_error_limit)) {
        end_by_errors(session);
    }
}

/* Sessions of the same address, this one included. */
static int count_sessions(const struct smtpd_session *session)
{
    int count = 0;

    list_each(node, &session->server->sessions)
    {
        const struct smtpd_session *other = list_entry(node, struct smtpd_session, in_sessions);
        count += sys_address_equal_ip(&other->client.ip, &session->client.ip) ? 1 : 0;
    }
    return count;
}

static bool has_too_many_sessions(const struct smtpd_session *session)
{
    int limit = conf_int(session->conf, CONF_smtpd_client_connection_count_limit);

    return limit > 0 && !session->client_is_trusted && count_sessions(session) > limit;
}

static void greet(struct smtpd_session *session)
{
    if (has_too_many_sessions(session)) {
        log_warning(session->log, "Connection concurrency limit exceeded: %d from %s[%s]",
                    count_sessions(session), session->client.name, session->client.address);
        say_last_word(
            session, "4.7.0",
            arena_printf(session->scratch, "too many connections from %s", session->client.address)
                .data);
        return;
    }
    (void)smtpd_session_answer(session, 220, NULL, "%s",
                               conf_text(session->conf, CONF_smtpd_banner).data);
    smtpd_session_send_reply(session);
}

static void serve(struct service_session *connection)
{
    struct smtpd_session *session = mem_alloc(sys_mem(connection->sys), sizeof(*session));

    smtpd_session_open(session, connection->service->state, connection);
    log_event(session->log, connect, .client_name = str_from(session->client.name),
              .client_address = str_from(session->client.address));
    greet(session);
    while (session->phase != SMTPD_END) {
        take_turn(session);
    }
    smtpd_session_log_disconnect(session);
    smtpd_session_close(session);
    mem_free(sys_mem(connection->sys), session);
}

static void refuse(struct service *service, int fd, int64_t deadline_ns)
{
    struct str reply = STR("421 4.3.2 All server ports are busy\r\n");
    long count = sys_write(service->sys, fd, reply.data, reply.size, deadline_ns);

    if (count < 0) {
        log_info(service->log, "cannot refuse a client: %s", err_sentence((int)count));
    }
}

/* ---- process --------------------------------------------------------------------------------- */

static int open_verp_clients(struct smtpd_state *state)
{
    char why[TABLE_WHY_MAX];

    int error =
        match_list_open_param(state->sys, state->conf, CONF_smtpd_authorized_verp_clients,
                              MATCH_LIST_DOMAINS | MATCH_LIST_ADDRESS, &state->verp_clients, why);
    if (error != 0) {
        log_error(state->log, "%s", why);
    }
    return error;
}

static int open_state(struct service *service)
{
    struct sys *sys = service->sys;
    const struct conf *conf = service->conf;
    struct smtpd_state *state = mem_alloc(sys_mem(sys), sizeof(*state));
    char why[TABLE_WHY_MAX];

    *state = (struct smtpd_state){.sys = sys, .conf = conf, .log = service->log};
    service->state = state;
    list_init(&state->sessions);
    cleanup_client_init(&state->cleanup, sys, conf);
    if (conf_bool(conf, CONF_smtpd_peername_lookup)) {
        state->dns = dns_open(sys);
    }
    int error = smtpd_policy_open(&state->policy, sys, conf, service->log);
    if (error != 0) {
        return error;
    }
    error = own_addresses_open(sys, conf, &state->own_addresses, why);
    if (error != 0) {
        log_error(service->log, "proxy_interfaces: %s", why);
        return error;
    }
    return open_verp_clients(state);
}

static void close_state(struct service *service)
{
    struct smtpd_state *state = service->state;

    match_list_close(state->verp_clients);
    match_list_close(state->own_addresses);
    smtpd_policy_close(&state->policy);
    cleanup_client_done(&state->cleanup);
    dns_close(state->dns);
}

int smtpd_main(struct sys *sys, int argc, char **argv)
{
    static const struct service_options options = {
        .program = "smtpd",
        .open = open_state,
        .close = close_state,
        .serve = serve,
        .refuse = refuse,
    };

    return service_run(sys, argc, argv, &options);
}
