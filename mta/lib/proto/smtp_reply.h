// SPDX-License-Identifier: ISC
/* proto/smtp_reply - the answer to an SMTP or LMTP command
 *
 * The reader is fed line by line, without line endings, until it says PARSE_OK.
 *
 * Grammar   RFC 5321 4.2; tolerated: other codes on the lines before the last (the last counts),
 *           a last line that is a code only, text of any length (cut)
 * Limits    SMTP_REPLY_LINES_MAX lines; SMTP_REPLY_TEXT_MAX bytes are kept, the rest is dropped
 * Memory    the text is a buffer that smtp_reply_done() releases
 * Blocks    never
 * State     the text holds no control byte but the newline between lines: any other is a "?"
 */
#ifndef PROTO_SMTP_REPLY_H
#define PROTO_SMTP_REPLY_H

#include "base/buf.h"
#include "base/err.h"
#include "proto/enhanced_status.h"

enum {
    SMTP_REPLY_LINES_MAX = 256,
    SMTP_REPLY_TEXT_MAX = 8192,
};

struct smtp_reply {
    int code;                      /* 200 to 599 once complete; what the last line says */
    struct enhanced_status status; /* of the last line; class 0 when it has none */
    int line_count;
    struct buf text; /* all lines as received, codes included, a newline between them */
};

void smtp_reply_init(struct smtp_reply *reply, struct mem *mem);
void smtp_reply_done(struct smtp_reply *reply);
void smtp_reply_clear(struct smtp_reply *reply); /* ready for the next reply; keeps its memory */

/* PARSE_OK the reply is complete; PARSE_MORE it goes on; PARSE_BAD this line is no reply line, or
 * the reply has too many: the peer does not speak SMTP. */
MUST_USE enum parse smtp_reply_feed(struct smtp_reply *reply, struct str line);

/* Walks the lines of reply->text: takes the next one out of *rest; text is what stands behind
 * the code and its separator. False at the end. */
bool smtp_reply_next_line(struct str *rest, struct str *text);

/* Writes a reply with CRLF: one line for each part of text between newlines, all with the code,
 * and with the status ("5.1.1", or NULL for none). */
void smtp_reply_write(struct buf *out, int code, const char *status, struct str text);

#endif
