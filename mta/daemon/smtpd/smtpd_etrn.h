// SPDX-License-Identifier: ISC
/* smtpd/smtpd_etrn - ETRN: a site that was away asks for its mail
 *
 * Grammar   RFC 1985; "@" or "#" in front of the domain is skipped. Replies have no enhanced status,
 *           but for those of smtpd_etrn_restrictions
 * Blocks    act, for the flush service
 */
#ifndef SMTPD_SMTPD_ETRN_H
#define SMTPD_SMTPD_ETRN_H

#include "smtpd/smtpd_session.h"

bool smtpd_etrn_check(struct smtpd_session *session, struct str argument);
void smtpd_etrn_act(struct smtpd_session *session, struct str argument);

#endif
