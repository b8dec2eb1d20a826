// SPDX-License-Identifier: ISC
/* bounce/bounce_original - the message that a notice is about, as its last part returns it
 *
 * What no part of a MIME message may hold (RFC 2045 2.7, 2.8) is made harmless: a line of more than
 * BOUNCE_ORIGINAL_LINE_MAX bytes goes on in another line behind a blank, as on its way by SMTP;
 * NUL and CR become "?".
 *
 * Damage    a message that is damaged is returned up to there
 * Errors    why the message cannot be read now
 * Blocks    for the disk
 */
#ifndef BOUNCE_BOUNCE_ORIGINAL_H
#define BOUNCE_BOUNCE_ORIGINAL_H

#include "mail/cleanup_client.h"
#include "queue/queue_message.h"

enum { BOUNCE_ORIGINAL_LINE_MAX = 998, BOUNCE_ORIGINAL_ID_MAX = 900 };

struct bounce_original {
    struct queue_message *message;
    bool whole; /* else its header alone */
    /* what a scan finds: */
    bool has_8bit;
    bool header_has_8bit;
    bool has_delimiter;    /* a line that begins like the one asked about */
    struct buf message_id; /* value of that field; empty: none, or none fit to be referred to */
};

void bounce_original_init(struct bounce_original *original, struct mem *mem,
                          struct queue_message *message, bool whole);
void bounce_original_done(struct bounce_original *original);

/* delimiter: "--" and a boundary. */
MUST_USE int bounce_original_scan(struct bounce_original *original, struct str delimiter);

/* Puts the lines into the notice. */
MUST_USE int bounce_original_copy(struct bounce_original *original, struct cleanup_message *notice);

#endif
