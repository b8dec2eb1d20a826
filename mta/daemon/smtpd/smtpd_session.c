// SPDX-License-Identifier: ISC
#include "smtpd/smtpd_session.h"

#include <stdarg.h>

#include "base/assert.h"
#include "proto/dsn_parameter.h"
#include "proto/smtp_reply.h"
#include "sys/clock.h"

enum { COUNTS_MAX = 512 };

/* ---- life ------------------------------------------------------------------------------------ */

static void init_bufs(struct smtpd_session *session, struct mem *mem)
{
    buf_init(&session->reply.text, mem, SMTPD_REPLY_MAX);
    buf_init(&session->helo, mem, SMTPD_HELO_MAX);
    buf_init(&session->address, mem, SMTPD_ADDRESS_TEXT_MAX);
    buf_init(&session->external, mem, SMTPD_ADDRESS_TEXT_MAX);
    buf_init(&session->sender, mem, SMTPD_ADDRESS_TEXT_MAX);
    buf_init(&session->sender_external, mem, SMTPD_ADDRESS_TEXT_MAX);
    buf_init(&session->first_recipient, mem, SMTPD_ADDRESS_TEXT_MAX);
    buf_init(&session->mail_options.envelope_id, mem, DSN_ENVID_MAX);
    buf_init(&session->mail_options.verp_delimiters, mem, SMTPD_ADDRESS_TEXT_MAX);
    buf_init(&session->rcpt_options.orcpt, mem, DSN_ORCPT_MAX);
}

void smtpd_session_open(struct smtpd_session *session, struct smtpd_state *server,
                        struct service_session *connection)
{
    *session = (struct smtpd_session){
        .server = server,
        .sys = server->sys,
        .conf = server->conf,
        .log = server->log,
        .stream = &connection->stream,
        .scratch = &connection->arena,
        .phase = SMTPD_IDLE,
        .stage = "CONNECT",
    };
    init_bufs(session, sys_mem(server->sys));
    transcript_init(&session->transcript, sys_mem(server->sys), server->conf);
    list_append(&server->sessions, &session->in_sessions);
    stream_set_timeout(session->stream, conf_time_ns(session->conf, CONF_smtpd_timeout));
    peer_find(&session->client, session->sys, server->dns, session->scratch, &connection->peer);
    session->client_is_trusted = smtpd_policy_trusts(&server->policy, &session->client);
    arena_reset(session->scratch);
}

static void send_transcript(struct smtpd_session *session)
{
    struct str subject = arena_printf(session->scratch, "SMTP server: errors from %s[%s]",
                                      session->client.name, session->client.address);

    transcript_send(&session->transcript, &session->server->cleanup, session->conf, session->log,
                    subject);
}

void smtpd_session_close(struct smtpd_session *session)
{
    struct buf *bufs[] = {
        &session->reply.text,
        &session->helo,
        &session->address,
        &session->external,
        &session->sender,
        &session->sender_external,
        &session->first_recipient,
        &session->mail_options.envelope_id,
        &session->mail_options.verp_delimiters,
        &session->rcpt_options.orcpt,
    };

    cleanup_client_abort(&session->message);
    send_transcript(session);
    transcript_done(&session->transcript);
    list_remove(&session->in_sessions);
    for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++) {
        buf_done(bufs[i]);
    }
}

/* ---- state ----------------------------------------------------------------------------------- */

void smtpd_session_enter(struct smtpd_session *session, enum smtpd_phase phase)
{
    static const struct {
        enum smtpd_phase from;
        unsigned to;
    } steps[] = {
        {SMTPD_IDLE, SMTPD_IDLE | SMTPD_MAIL | SMTPD_END},
        {SMTPD_MAIL, SMTPD_IDLE | SMTPD_RCPT | SMTPD_END},
        {SMTPD_RCPT, SMTPD_IDLE | SMTPD_RCPT | SMTPD_END},
        {SMTPD_END, SMTPD_END},
    };
    bool exists = false;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        exists = exists || (steps[i].from == session->phase && (steps[i].to & phase) != 0);
    }
    assert(exists);
    session->phase = phase;
}

void smtpd_session_reset(struct smtpd_session *session)
{
    cleanup_client_abort(&session->message);
    session->message = (struct cleanup_message){0};
    buf_clear(&session->sender);
    buf_clear(&session->sender_external);
    buf_clear(&session->first_recipient);
    session->recipient_count = 0;
    session->overshoot_count = 0;
    smtpd_session_enter(session, SMTPD_IDLE);
}

struct str smtpd_session_protocol(const struct smtpd_session *session)
{
    return session->is_esmtp ? STR("ESMTP") : STR("SMTP");
}

/* ---- replies --------------------------------------------------------------------------------- */

/* soft_bounce: what would be refused for good is to come again. */
static void soften(struct smtpd_session *session)
{
    struct smtpd_reply *reply = &session->reply;

    if (reply->code / 100 == 5 && conf_bool(session->conf, CONF_soft_bounce)) {
        reply->code -= 100;
        if (reply->status != NULL) {
            reply->status = arena_printf(session->scratch, "4%s", reply->status + 1).data;
        }
    }
}

static void fill_reply(struct smtpd_session *session, int code, const char *status,
                       const char *format, va_list arguments)
{
    struct smtpd_reply *reply = &session->reply;

    reply->code = code;
    reply->status = status;
    buf_clear(&reply->text);
    buf_putv(&reply->text, format, arguments);
    soften(session);
}

bool smtpd_session_answer(struct smtpd_session *session, int code, const char *status,
                          const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fill_reply(session, code, status, format, arguments);
    va_end(arguments);
    session->reply.is_reject = false;
    session->reply.classes = code >= 500   ? TRANSCRIPT_PROTOCOL
                             : code >= 400 ? TRANSCRIPT_POLICY
                                           : 0;
    return false;
}

bool smtpd_session_reject(struct smtpd_session *session, int code, const char *status,
                          const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fill_reply(session, code, status, format, arguments);
    va_end(arguments);
    session->reply.is_reject = true;
    session->reply.classes = TRANSCRIPT_POLICY;
    return false;
}

void smtpd_session_send_reply(struct smtpd_session *session)
{
    const struct smtpd_reply *reply = &session->reply;
    struct buf out;

    if (session->error_count >= conf_int(session->conf, CONF_smtpd_soft_error_limit)) {
        int64_t pause_ns = conf_time_ns(session->conf, CONF_smtpd_error_sleep_time);
        int error = sys_sleep_until(session->sys, sys_deadline(session->sys, pause_ns));
        if (error != 0) {
            stream_fail(session->stream, error);
        }
    }
    buf_init(&out, sys_mem(session->sys), 2 * SMTPD_REPLY_MAX);
    smtp_reply_write(&out, reply->code, reply->status, buf_str(&reply->text));
    stream_put(session->stream, buf_str(&out));
    transcript_out(&session->transcript, buf_str(&out));
    transcript_mark(&session->transcript, reply->classes);
    buf_done(&out);
    if (reply->code == 421 || reply->code == 221 || reply->code == 521) {
        smtpd_session_enter(session, SMTPD_END);
    }
}

/* ---- log ------------------------------------------------------------------------------------- */

void smtpd_session_log_reject(struct smtpd_session *session)
{
    const struct smtpd_reply *reply = &session->reply;
    const struct str not_given = {NULL, 0};
    bool has_status = reply->status != NULL;
    bool in_transaction = session->phase == SMTPD_MAIL || session->phase == SMTPD_RCPT;
    struct str line =
        arena_printf(session->scratch, "%d %s%s%s", reply->code, has_status ? reply->status : "",
                     has_status ? " " : "", buf_text(&reply->text));

    log_event(session->log, reject, .queue_id = str_from(session->message.queue_id),
              .stage = str_from(session->stage), .client_name = str_from(session->client.name),
              .client_address = str_from(session->client.address), .reply = line,
              .sender = in_transaction ? buf_str(&session->sender_external) : not_given,
              .recipient = in_transaction ? buf_str(&session->external) : not_given,
              .protocol = smtpd_session_protocol(session),
              .helo = session->helo.size > 0 ? buf_str(&session->helo) : not_given);
}

/* " ehlo=1" when all succeeded, else " rcpt=1/3". */
static void put_count(struct buf *out, const char *name, int success_count, int count)
{
    size_t start = out->size;

    if (count == 0) {
        return;
    }
    buf_putf(out, "%s%s=", start > 0 ? " " : "", name);
    for (size_t i = start; i < out->size; i++) {
        out->data[i] = char_lower(out->data[i]);
    }
    if (success_count < count) {
        buf_putf(out, "%d/", success_count);
    }
    buf_putf(out, "%d", count);
}

void smtpd_session_log_disconnect(struct smtpd_session *session)
{
    struct buf counts;
    int count = 0;
    int success_count = 0;

    buf_init(&counts, sys_mem(session->sys), COUNTS_MAX);
    for (int i = 1; i <= SMTP_VERB_COUNT; i++) {
        int verb = i % SMTP_VERB_COUNT; /* unknown ones last */
        put_count(&counts, smtp_command_verb_name((enum smtp_verb)verb),
                  session->success_counts[verb], session->command_counts[verb]);
        count += session->command_counts[verb];
        success_count += session->success_counts[verb];
    }
    if (count == 0) {
        buf_put_text(&counts, "commands=0/0");
    } else {
        put_count(&counts, "commands", success_count, count);
    }
    log_event(session->log, disconnect, .client_name = str_from(session->client.name),
              .client_address = str_from(session->client.address), .counts = buf_str(&counts));
    buf_done(&counts);
}
