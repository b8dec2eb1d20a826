// SPDX-License-Identifier: ISC
/* smtpd - takes mail by SMTP
 *
 * Commands  HELO EHLO MAIL RCPT DATA RSET NOOP VRFY ETRN QUIT HELP
 * EHLO      PIPELINING SIZE VRFY ETRN ENHANCEDSTATUSCODES 8BITMIME
 * Promise   250 after the content means that the message is durably queued; nothing else does
 * Grammar   RFC 5321, RFC 1870 (SIZE), RFC 2034, RFC 2920, RFC 6152. Only CRLF.CRLF ends the
 *           content; a line feed alone ends a line
 * Rules     smtpd_relay_restrictions, then smtpd_recipient_restrictions, at RCPT; then whether the
 *           recipient exists. A rule that this server does not know makes every recipient wait
 *           (451 4.3.5), as does a table that cannot be asked: nothing is taken or refused by
 *           guess
 * Limits    smtpd_timeout, smtpd_recipient_limit, message_size_limit, line_length_limit,
 *           smtpd_soft_error_limit, smtpd_hard_error_limit, smtpd_junk_command_limit
 * Rights    mail_owner; no files of its own; public/cleanup, private/rewrite, tables, name servers
 */
#ifndef SMTPD_SMTPD_H
#define SMTPD_SMTPD_H

#include "sys/sys.h"

int smtpd_main(struct sys *sys, int argc, char **argv);

#endif
