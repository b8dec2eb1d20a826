// SPDX-License-Identifier: ISC
/* proto/maildrop - the records that a local user may submit
 *
 * A message in maildrop/ is a queue file (proto/queue_record) that anybody may have written: only
 * what describes a sender, recipients and content is taken, each thing at its place and in its
 * form. Whatever the mail system says of its own mail, such as transports, filters, times or
 * recipients that are done, is refused.
 *
 * Grammar   envelope: S once, then any of R; C F V A i n < anywhere; M. Content: N and L; X.
 *           A: encoding=7bit, encoding=8bit, smtputf8=1. Extracted: R n A. E ends it, with at least one R before it.
 * Limits    addresses ADDRESS_BYTES_MAX; other texts MAILDROP_TEXT_MAX
 * Errors    -ERR_NOT_PERMITTED for what is not for users; -ERR_CORRUPT for what is no message
 * Blocks    never
 */
#ifndef PROTO_MAILDROP_H
#define PROTO_MAILDROP_H

#include "proto/queue_record.h"

enum { MAILDROP_TEXT_MAX = 1024 };

struct maildrop {
    enum queue_segment segment;
    bool has_sender;
    int64_t recipient_count;
    int64_t message_bytes; /* of the content: lines, each with one byte for its ending */
    const char *why;       /* what is wrong with the record that was refused */
};

void maildrop_init(struct maildrop *maildrop);
/* Takes the next record of the file. After an error nothing more may be asked. */
MUST_USE int maildrop_check(struct maildrop *maildrop, const struct queue_record *record);

#endif
