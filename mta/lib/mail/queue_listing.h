// SPDX-License-Identifier: ISC
/* mail/queue_listing - what is queued now: the answer of showq
 *
 * For each message its queue, id, arrival time, size and sender, and its recipients that are not
 * done, with the reason for the last failure as the bounce or defer log has it. What a user has
 * submitted and pickup has not taken is of the size and the time of its file. Only what can be read
 * now is listed: messages come and go meanwhile.
 *
 * Shape     a greeting, then the attribute lists of PART(showq_entry) and PART(showq_recipient) in
 *           ipc/messages.def
 * Errors    what cannot be read is logged and left out; a stream that failed ends the listing
 * Blocks    for the disk and the reader
 */
#ifndef MAIL_QUEUE_LISTING_H
#define MAIL_QUEUE_LISTING_H

#include "log/log.h"
#include "queue/queue.h"
#include "stream/stream.h"

/* The last of it may still wait in the stream: flush it. */
void queue_listing_send(struct queue *queue, struct log *log, struct stream *stream);

#endif
