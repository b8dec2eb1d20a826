// SPDX-License-Identifier: ISC
/* smtpd/smtpd_session - one client: its state, its mail transaction, its reply
 *
 * A command's check fills the reply and returns false, or returns true; its act fills the reply
 * and changes the state. The conversation sends the reply, counts it and logs rejects.
 *
 * State     IDLE no sender; MAIL a sender; RCPT a recipient, hence a queue id; END no more commands
 * Memory    the session's bufs; scratch is emptied after each command
 */
#ifndef SMTPD_SMTPD_SESSION_H
#define SMTPD_SMTPD_SESSION_H

#include "mail/cleanup_client.h"
#include "mail/peer.h"
#include "mail/transcript.h"
#include "proto/smtp_command.h"
#include "service/service.h"
#include "smtpd/smtpd_state.h"

enum smtpd_phase {
    SMTPD_IDLE = 1,
    SMTPD_MAIL = 2,
    SMTPD_RCPT = 4,
    SMTPD_END = 8,
    SMTPD_ANY = SMTPD_IDLE | SMTPD_MAIL | SMTPD_RCPT,
};

enum {
    SMTPD_REPLY_MAX = 4096,
    SMTPD_HELO_MAX = 1024,
    SMTPD_ADDRESS_TEXT_MAX = 4 * 1024, /* an address in external form */
};

struct smtpd_reply {
    int code;
    const char *status; /* NULL: none */
    struct buf text;
    bool is_reject;   /* a rule's decision, to be logged */
    unsigned classes; /* of enum transcript_class: what went wrong */
};

/* What MAIL asked for besides the sender. */
struct smtpd_mail_options {
    int ret; /* enum queue_ret */
    bool smtputf8;
    struct buf envelope_id;
    struct buf verp_delimiters;
};

/* What RCPT asked for. */
struct smtpd_rcpt_options {
    int notify; /* enum queue_notify */
    struct buf orcpt;
};

struct smtpd_session {
    struct smtpd_state *server;
    struct sys *sys;
    const struct conf *conf;
    struct log *log;
    struct stream *stream;
    struct arena *scratch; /* of the command at hand */
    struct peer client;
    bool client_is_trusted;

    enum smtpd_phase phase;
    const char *stage;       /* for the log: the last command */
    struct list in_sessions; /* of the server */
    struct buf helo;
    bool is_esmtp;
    struct smtpd_reply reply;
    struct transcript transcript; /* since the last message */
    int error_count;              /* since the last message */
    int junk_count;               /* commands that move no mail, since the last message */
    int overshoot_count;          /* recipients refused because there are too many */
    int command_counts[SMTP_VERB_COUNT];
    int success_counts[SMTP_VERB_COUNT];

    /* the command at hand, from its check to its act */
    struct smtp_path path;
    struct smtpd_rcpt_options rcpt_options;
    struct buf address;  /* internal form */
    struct buf external; /* the same, as it is written */

    /* the mail transaction */
    struct smtpd_mail_options mail_options;
    struct buf sender; /* internal form */
    struct buf sender_external;
    struct buf first_recipient; /* external form */
    int recipient_count;
    int64_t arrival_wall_ns;
    struct cleanup_message message;
};

void smtpd_session_open(struct smtpd_session *session, struct smtpd_state *server,
                        struct service_session *connection);
void smtpd_session_close(struct smtpd_session *session);

/* The only writer of phase; asserts that the step is one that exists. */
void smtpd_session_enter(struct smtpd_session *session, enum smtpd_phase phase);
/* Forgets the mail transaction: back to IDLE. */
void smtpd_session_reset(struct smtpd_session *session);

/* Fills the reply, and returns false so that a check can end with it. */
bool smtpd_session_answer(struct smtpd_session *session, int code, const char *status,
                          const char *format, ...) PRINTF_LIKE(4, 5);
/* The same for the decision of a rule, which is logged. */
bool smtpd_session_reject(struct smtpd_session *session, int code, const char *status,
                          const char *format, ...) PRINTF_LIKE(4, 5);

/* Puts the reply on the stream; slow clients with too many errors wait for it. */
void smtpd_session_send_reply(struct smtpd_session *session);

struct str smtpd_session_protocol(const struct smtpd_session *session); /* SMTP or ESMTP */

/* Log lines that tell of the whole session. */
void smtpd_session_log_reject(struct smtpd_session *session);
void smtpd_session_log_disconnect(struct smtpd_session *session);

#endif
