// SPDX-License-Identifier: ISC
/* mail/bounce_log - records of what failed or was delayed, one per recipient of a message
 *
 * The bounce service appends to bounce/ID and defer/ID; it and showq read them. Remote text is
 * made harmless when it is written.
 *
 * A crash may leave the last record unfinished, and a recipient recorded twice, since a record
 * becomes durable before its recipient is marked done. Readers skip what is no whole record; of
 * two records of one recipient the later one counts.
 *
 * Shape     "\n<recipient>: reason\n" for people, name=value lines, an empty line; unknown names
 *           are skipped, since they come from other versions
 * Limits    BOUNCE_LOG_RECORD_MAX bytes a record
 * Memory    parsing: views into the input
 * Blocks    never; pure
 */
#ifndef MAIL_BOUNCE_LOG_H
#define MAIL_BOUNCE_LOG_H

#include "base/buf.h"
#include "base/err.h"
#include "mail/dsn.h"

enum { BOUNCE_LOG_RECORD_MAX = 64 * 1024 };

/* flags of a bounce_flush_request */
enum bounce_flag {
    BOUNCE_FLAG_VERIFY = 1, /* to trace: the sender has asked for this report on all recipients */
};

struct bounce_record {
    struct str recipient;          /* internal form */
    struct str original_recipient; /* empty: the same */
    int64_t offset;
    struct str dsn_orig_rcpt;
    int64_t notify_flags;
    struct dsn dsn;
};

/* Control bytes in texts are written as blanks. */
void bounce_log_write(struct buf *out, const struct bounce_record *record);

/* PARSE_OK record and used_bytes are set; PARSE_MORE no empty line yet; PARSE_BAD no record: drop
 * used_bytes and go on. */
MUST_USE enum parse bounce_log_parse(struct str input, struct bounce_record *record,
                                     size_t *used_bytes);

/* Takes the next whole record out of *log, the text of a whole log; false when there is none. */
bool bounce_log_next(struct str *log, struct bounce_record *record);

/* False when something in it is no whole record: then a recipient may be missing. */
bool bounce_log_is_sound(struct str log);

/* Bytes up to the end of the last whole record: where the next one is to begin. */
size_t bounce_log_complete_size(struct str log);

#endif
