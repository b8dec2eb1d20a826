// SPDX-License-Identifier: ISC
#include "smtpd/smtpd_mail.h"

#include "mail/arrival.h"
#include "proto/address.h"
#include "proto/smtp_data.h"
#include "smtpd/smtpd_option.h"
#include "sys/clock.h"

/* ---- addresses ------------------------------------------------------------------------------- */

bool smtpd_mail_take_address(struct smtpd_session *session, struct str written)
{
    buf_clear(&session->address);
    buf_clear(&session->external);
    bool may_be_utf8 = conf_bool(session->conf, CONF_smtputf8_enable);
    if ((!may_be_utf8 && !str_is_ascii(written)) ||
        address_parse_path(written, &session->address) != 0) {
        return false;
    }
    address_write(buf_str(&session->address), &session->external);
    return true;
}

/* strict_smtputf8: an address that is not ASCII must be announced. */
static bool check_declared(struct smtpd_session *session, struct str written, bool is_declared)
{
    bool is_strict = conf_bool(session->conf, CONF_smtputf8_enable) &&
                     conf_bool(session->conf, CONF_strict_smtputf8);

    return !is_strict || is_declared || str_is_ascii(written) ||
           smtpd_session_answer(session, 553, "5.6.7",
                                "Must declare SMTPUTF8 to send unicode address");
}

/* ---- MAIL ------------------------------------------------------------------------------------ */

bool smtpd_mail_check(struct smtpd_session *session, struct str argument)
{
    if (session->helo.size == 0 && conf_bool(session->conf, CONF_smtpd_helo_required)) {
        return smtpd_session_answer(session, 503, "5.5.1", "Error: send HELO/EHLO first");
    }
    if (session->phase != SMTPD_IDLE) {
        return smtpd_session_answer(session, 503, "5.5.1", "Error: nested MAIL command");
    }
    if (smtp_command_parse_path(argument, STR("FROM"), &session->path) != 0) {
        return smtpd_session_answer(session, 501, "5.5.4", "Syntax: MAIL FROM:<address>");
    }
    smtpd_option_take_smtputf8(session);
    if (!check_declared(session, session->path.address, session->mail_options.smtputf8)) {
        return false;
    }
    if (!smtpd_mail_take_address(session, session->path.address)) {
        return smtpd_session_answer(session, 501, "5.1.7", "Bad sender address syntax");
    }
    return smtpd_option_take_mail(session);
}

void smtpd_mail_act(struct smtpd_session *session, struct str argument)
{
    (void)argument;
    buf_put(&session->sender, buf_str(&session->address));
    buf_put(&session->sender_external, buf_str(&session->external));
    session->arrival_wall_ns = sys_wall_ns(session->sys);
    smtpd_session_enter(session, SMTPD_MAIL);
    (void)smtpd_session_answer(session, 250, "2.1.0", "Ok");
}

/* ---- RCPT and VRFY --------------------------------------------------------------------------- */

static bool check_recipient(struct smtpd_session *session, struct str written, bool is_utf8)
{
    if (!check_declared(session, written, is_utf8)) {
        return false;
    }
    if (!smtpd_mail_take_address(session, written) || session->address.size == 0) {
        return smtpd_session_answer(session, 501, "5.1.3", "Bad recipient address syntax");
    }
    return smtpd_policy_admits(&session->server->policy, session, buf_str(&session->address));
}

static bool check_recipient_count(struct smtpd_session *session)
{
    if (session->recipient_count < conf_int(session->conf, CONF_smtpd_recipient_limit)) {
        return true;
    }
    session->overshoot_count++;
    return smtpd_session_answer(session, 452, "4.5.3", "Error: too many recipients");
}

bool smtpd_rcpt_check(struct smtpd_session *session, struct str argument)
{
    if (session->phase == SMTPD_IDLE) {
        return smtpd_session_answer(session, 503, "5.5.1", "Error: need MAIL command");
    }
    if (smtp_command_parse_path(argument, STR("TO"), &session->path) != 0) {
        return smtpd_session_answer(session, 501, "5.5.4", "Syntax: RCPT TO:<address>");
    }
    return smtpd_option_take_rcpt(session) && check_recipient_count(session) &&
           check_recipient(session, session->path.address, session->mail_options.smtputf8);
}

static struct arrival arrival_of(const struct smtpd_session *session)
{
    return (struct arrival){
        .client = &session->client,
        .protocol = smtpd_session_protocol(session),
        .helo = buf_str(&session->helo),
        .sender = buf_str(&session->sender),
        .wall_ns = session->arrival_wall_ns,
        .only_recipient = buf_str(&session->first_recipient),
        .ret = session->mail_options.ret,
        .smtputf8 = session->mail_options.smtputf8,
        .envelope_id = buf_str(&session->mail_options.envelope_id),
        .verp_delimiters = buf_str(&session->mail_options.verp_delimiters),
    };
}

/* The first recipient opens the queue file: 0, or the reply says why not. */
static int begin_message(struct smtpd_session *session)
{
    struct smtpd_state *server = session->server;
    int own = match_list_has_address(server->own_addresses, &session->client.ip);
    int64_t flags =
        (own > 0 ? CLEANUP_FLAG_LOCAL : 0) | cleanup_client_utf8_flag(session->conf, "smtpd");
    int error = cleanup_client_begin(&server->cleanup, flags, &session->message);

    if (error == -ERR_NO_SPACE) {
        (void)smtpd_session_reject(session, 452, "4.3.1", "Insufficient system storage");
    } else if (error != 0) {
        (void)smtpd_session_reject(session, 451, "4.3.0", "Error: queue file write error");
    }
    if (error != 0) {
        session->reply.classes = TRANSCRIPT_RESOURCE;
        return error;
    }
    log_event(session->log, client, .queue_id = str_from(session->message.queue_id),
              .client_name = str_from(session->client.name),
              .client_address = str_from(session->client.address));
    struct arrival arrival = arrival_of(session);
    arrival_put_envelope(&arrival, &session->message);
    return 0;
}

void smtpd_rcpt_act(struct smtpd_session *session, struct str argument)
{
    (void)argument;
    if (session->phase == SMTPD_MAIL && begin_message(session) != 0) {
        return;
    }
    session->recipient_count++;
    buf_clear(&session->first_recipient);
    if (session->recipient_count == 1) {
        buf_put(&session->first_recipient, buf_str(&session->external));
    }
    arrival_put_recipient(&session->message, buf_str(&session->address),
                          session->rcpt_options.notify, buf_str(&session->rcpt_options.orcpt));
    smtpd_session_enter(session, SMTPD_RCPT);
    (void)smtpd_session_answer(session, 250, "2.1.5", "Ok");
}

/* "VRFY address SMTPUTF8": RFC 6531 3.7.4.2. */
static bool take_smtputf8_word(const struct smtpd_session *session, struct str *argument)
{
    struct str word = STR(" SMTPUTF8");

    if (!conf_bool(session->conf, CONF_smtputf8_enable) || !str_ends_with_fold(*argument, word)) {
        return false;
    }
    *argument = str_trim(str_first(*argument, argument->size - word.size));
    return true;
}

bool smtpd_vrfy_check(struct smtpd_session *session, struct str argument)
{
    if (conf_bool(session->conf, CONF_disable_vrfy_command)) {
        return smtpd_session_answer(session, 502, "5.5.1", "VRFY command is disabled");
    }
    if (argument.size == 0) {
        return smtpd_session_answer(session, 501, "5.5.4", "Syntax: VRFY address");
    }
    bool is_utf8 = take_smtputf8_word(session, &argument);
    return check_recipient(session, argument, is_utf8);
}

void smtpd_vrfy_act(struct smtpd_session *session, struct str argument)
{
    (void)argument;
    (void)smtpd_session_answer(session, 252, "2.0.0", "%s", buf_text(&session->external));
}

/* ---- DATA ------------------------------------------------------------------------------------ */

bool smtpd_data_check(struct smtpd_session *session, struct str argument)
{
    if (argument.size > 0) {
        return smtpd_session_answer(session, 501, "5.5.4", "Syntax: DATA");
    }
    if (session->phase == SMTPD_IDLE) {
        return smtpd_session_answer(session, 503, "5.5.1", "Error: need RCPT command");
    }
    if (session->phase == SMTPD_MAIL) {
        return smtpd_session_answer(session, 554, "5.5.1", "Error: no valid recipients");
    }
    return true;
}

/* Hands the lines over as they come, up to the end of the text, which is always read: 0 with
 * too_big set, or the error that ended the connection. */
static int read_content(struct smtpd_session *session, bool *too_big)
{
    int64_t limit = conf_size(session->conf, CONF_message_size_limit);
    int64_t size = 0;
    struct smtp_data_reader reader;
    struct str text;
    size_t used_bytes = 0;

    smtp_data_reader_init(&reader, (size_t)conf_size(session->conf, CONF_line_length_limit));
    for (;;) {
        enum smtp_data_result result =
            smtp_data_read(&reader, stream_input(session->stream), &text, &used_bytes);
        if (result == SMTP_DATA_MORE) {
            int error = stream_fill(session->stream);
            if (error != 0) {
                return error;
            }
            continue;
        }
        bool ends_line = result == SMTP_DATA_LINE;
        size += (int64_t)text.size + (ends_line ? 1 : 0);
        *too_big = *too_big || (limit > 0 && size > limit);
        if (result != SMTP_DATA_END && !*too_big) {
            cleanup_client_put_text(&session->message,
                                    ends_line ? QUEUE_RECORD_LINE : QUEUE_RECORD_LINE_PART, text);
        }
        stream_skip(session->stream, used_bytes);
        if (result == SMTP_DATA_END) {
            return 0;
        }
    }
}

/* What went wrong, in the words of notify_classes. */
static unsigned classes_of(int64_t status)
{
    if ((status & (CLEANUP_SPACE | CLEANUP_WRITE)) != 0) {
        return TRANSCRIPT_RESOURCE;
    }
    if ((status & (CLEANUP_BAD | CLEANUP_DEFER)) != 0) {
        return TRANSCRIPT_SOFTWARE;
    }
    return (status & CLEANUP_ALIAS) != 0 ? TRANSCRIPT_DATA : TRANSCRIPT_POLICY;
}

/* The one place that says 250 to a message. */
static void answer_message(struct smtpd_session *session, bool too_big)
{
    int64_t status = too_big ? CLEANUP_SIZE : arrival_end(&session->message, session->scratch);

    if (status == CLEANUP_OK) {
        session->error_count = 0;
        session->junk_count = 0;
        transcript_forget(&session->transcript);
        (void)smtpd_session_answer(session, 250, "2.0.0", "Ok: queued as %s",
                                   session->message.queue_id);
        return;
    }
    struct cleanup_outcome outcome = cleanup_status_outcome(status);
    (void)smtpd_session_reject(session, outcome.code, outcome.dsn.data, "Error: %.*s",
                               STR_ARG(outcome.text));
    session->reply.classes = classes_of(status);
    smtpd_session_log_reject(session);
    session->reply.is_reject = false; /* it is logged: with the queue id, which the reset forgets */
}

void smtpd_data_act(struct smtpd_session *session, struct str argument)
{
    struct arrival arrival = arrival_of(session);
    bool too_big = false;

    (void)argument;
    (void)smtpd_session_answer(session, 354, NULL, "End data with <CR><LF>.<CR><LF>");
    smtpd_session_send_reply(session);
    arrival_put_content(&arrival, &session->message, session->conf);
    if (read_content(session, &too_big) != 0) {
        return; /* the conversation sees the stream's error */
    }
    session->stage = "END-OF-MESSAGE";
    buf_clear(&session->external);
    buf_put(&session->external, buf_str(&session->first_recipient));
    answer_message(session, too_big);
    smtpd_session_reset(session);
}
