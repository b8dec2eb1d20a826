// SPDX-License-Identifier: ISC
/* mail/received - the trace header that a receiving daemon puts on top of a message
 *
 * Grammar   RFC 5321 4.4: from HELO (NAME [ADDRESS]) by HOST (MAIL_NAME) with PROTOCOL id ID
 *           for <RECIPIENT>; date. The recipient is shown when there is only one. For what a local
 *           user submitted: by HOST (MAIL_NAME, from userid UID) id ID; date
 * Blocks    never; pure
 */
#ifndef MAIL_RECEIVED_H
#define MAIL_RECEIVED_H

#include "base/buf.h"
#include "base/str.h"

struct received {
    struct str helo;           /* empty: the client did not say; no "from" clause without address */
    struct str client_name;    /* "unknown" when there is none */
    struct str client_address; /* empty for mail made here: no "from" clause */
    struct str host_name;      /* ours */
    struct str mail_name;
    struct str protocol; /* SMTP, ESMTP, QMQP; empty for mail made here */
    struct str queue_id;
    struct str recipient; /* external form; empty: not shown */
    int64_t wall_s;
    int utc_offset_s;
    bool is_submitted; /* by a local user */
    uint32_t uid;      /* who */
};

/* Appends the header's lines, each ended by LF. */
void received_write(struct buf *out, const struct received *received);

/* The date as it stands in headers made here: "Tue, 24 Nov 2026 03:45:57 +0000 (UTC)". */
enum { RECEIVED_DATE_SIZE = 96 };
const char *received_date(int64_t wall_s, int utc_offset_s, char text[RECEIVED_DATE_SIZE]);

#endif
