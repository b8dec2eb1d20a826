// SPDX-License-Identifier: ISC
/* smtpd/smtpd_option - what MAIL and RCPT say behind their address
 *
 * Grammar   SIZE (RFC 1870), BODY (RFC 6152), RET ENVID NOTIFY ORCPT (RFC 3461),
 *           SMTPUTF8 (RFC 6531), XVERP
 */
#ifndef SMTPD_SMTPD_OPTION_H
#define SMTPD_SMTPD_OPTION_H

#include "smtpd/smtpd_session.h"

/* Finds in session->path whether SMTPUTF8 is declared, which says how to take the address. */
void smtpd_option_take_smtputf8(struct smtpd_session *session);
/* Take session->path's parameters into mail_options or rcpt_options: false when the reply says
 * what is wrong with one. */
MUST_USE bool smtpd_option_take_mail(struct smtpd_session *session);
MUST_USE bool smtpd_option_take_rcpt(struct smtpd_session *session);

/* The client may ask for VERP. */
bool smtpd_option_allows_verp(struct smtpd_session *session);
/* smtpd_discard_ehlo_keywords does not hide it. */
bool smtpd_option_offers(const struct smtpd_session *session, const char *keyword);

#endif
