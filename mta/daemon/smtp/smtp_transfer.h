// SPDX-License-Identifier: ISC
/* smtp/smtp_transfer - one message over an open session: MAIL, RCPT, DATA, text, end
 *
 * With PIPELINING, commands up to and with DATA leave together, as far as SMTP_GROUP_BYTES_MAX
 * allows without reading: neither side can then be stuck on a full socket.
 *
 * Grammar   RFC 5321 3.3, RFC 2920 3.1; after a group in which no recipient was taken but DATA
 *           was, an empty text is sent
 * Blocks    for the host, the queue file and the bounce service
 */
#ifndef SMTP_SMTP_TRANSFER_H
#define SMTP_SMTP_TRANSFER_H

#include "smtp/smtp_session.h"

enum { SMTP_GROUP_BYTES_MAX = 8192 };

/* Recipients get their outcome or a failure to wait with. */
void smtp_transfer(struct smtp_session *session);

#endif
