// SPDX-License-Identifier: ISC
/* smtp/smtp_session - one connection to a host: greeting, EHLO, commands and replies
 *
 *     if (smtp_session_open(delivery, host, &session) == 0) {
 *         ... commands, replies ...
 *     }
 *     smtp_session_close(&session);
 *
 * Grammar   RFC 5321 3.1, 4.1.1.1; after any refusal of EHLO but 421, HELO
 * Errors    negative: the connection is of no use any more. Its failure has been applied to all
 *           recipients without an outcome
 * Blocks    open, command, reply: the timeouts of the stage each
 */
#ifndef SMTP_SMTP_SESSION_H
#define SMTP_SMTP_SESSION_H

#include "mail/transcript.h"
#include "proto/smtp_reply.h"
#include "smtp/smtp_hosts.h"
#include "smtp/smtp_state.h"
#include "stream/stream.h"

enum { SMTP_STREAM_BYTES = 32 * 1024 };

enum smtp_stage {
    SMTP_STAGE_GREETING,
    SMTP_STAGE_EHLO,
    SMTP_STAGE_HELO,
    SMTP_STAGE_MAIL,
    SMTP_STAGE_RCPT,
    SMTP_STAGE_DATA,
    SMTP_STAGE_BODY,
    SMTP_STAGE_END,
    SMTP_STAGE_QUIT,
};

struct smtp_session {
    struct smtp_delivery *delivery;
    const struct smtp_host *host;
    struct str label; /* "host[address]" */
    struct str relay; /* "host[address]:port" */
    struct stream stream;
    struct smtp_reply reply; /* the last one */
    struct transcript transcript;
    bool is_open;
    bool has_greeted; /* counts towards smtp_mx_session_limit */
    bool pipelining;
    bool eight_bit_mime;
    bool dsn;
    bool smtputf8;
    bool has_size;
    int64_t size_max; /* 0: the host names none */
};

MUST_USE int smtp_session_open(struct smtp_delivery *delivery, const struct smtp_host *host,
                               struct smtp_session *session);
/* Says QUIT when the conversation is still in order. */
void smtp_session_close(struct smtp_session *session);

/* Puts a command line; it is sent when a reply is waited for. */
void smtp_session_command(struct smtp_session *session, const char *format, ...) PRINTF_LIKE(2, 3);
/* The next reply into session->reply; the stage gives timeout and words. */
MUST_USE int smtp_session_reply(struct smtp_session *session, enum smtp_stage stage);
/* Sets the timeout for what is sent now. Instant. */
void smtp_session_enter(struct smtp_session *session, enum smtp_stage stage);

/* The last reply as a failure: "host X said: ... (in reply to Y)". Instant. */
struct smtp_failure *smtp_session_refusal(struct smtp_session *session, enum smtp_stage stage);
/* The connection broke: applies "lost connection with ..." and the like. */
void smtp_session_broke(struct smtp_session *session, enum smtp_stage stage, int error);

#endif
