// SPDX-License-Identifier: ISC
/* smtpd/smtpd_mail - the commands of a mail transaction: MAIL, RCPT, DATA; and VRFY, which asks
 * what RCPT would say
 *
 * Checks and acts as smtpd_session.h says; argument is what stands behind the verb.
 */
#ifndef SMTPD_SMTPD_MAIL_H
#define SMTPD_SMTPD_MAIL_H

#include "smtpd/smtpd_session.h"

bool smtpd_mail_check(struct smtpd_session *session, struct str argument);
void smtpd_mail_act(struct smtpd_session *session, struct str argument);

bool smtpd_rcpt_check(struct smtpd_session *session, struct str argument);
void smtpd_rcpt_act(struct smtpd_session *session, struct str argument);

bool smtpd_vrfy_check(struct smtpd_session *session, struct str argument);
void smtpd_vrfy_act(struct smtpd_session *session, struct str argument);

bool smtpd_data_check(struct smtpd_session *session, struct str argument);
void smtpd_data_act(struct smtpd_session *session, struct str argument);

/* Takes the address of a command into session->address and external; false when it is not one. */
MUST_USE bool smtpd_mail_take_address(struct smtpd_session *session, struct str written);

#endif
