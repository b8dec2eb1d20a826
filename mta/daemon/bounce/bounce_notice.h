// SPDX-License-Identifier: ISC
/* bounce/bounce_notice - the text of a delivery status notification
 *
 * Grammar   multipart/report of RFC 6522: text for people, message/delivery-status of RFC 3464,
 *           the message or its header. Remote text is folded and cannot start a line.
 */
#ifndef BOUNCE_BOUNCE_NOTICE_H
#define BOUNCE_BOUNCE_NOTICE_H

#include "bounce/bounce_state.h"
#include "mail/bounce_log.h"
#include "mail/notice.h"
#include "queue/queue_message.h"

struct bounce_notice {
    struct notice notice;
    const struct conf *conf;
    struct str queue_id; /* of the message reported on */
    const struct queue_envelope *envelope;
    struct str recipient; /* of the notice, internal form */
    bool to_postmaster;
    int64_t wall_s;
    int utc_offset_s;
    char boundary[256];
};

/* In this order: begin, person for each record, status, record for each record, original, end. */
void bounce_notice_begin(struct bounce_notice *notice);
void bounce_notice_person(struct bounce_notice *notice, const struct bounce_record *record);
void bounce_notice_status(struct bounce_notice *notice);
void bounce_notice_record(struct bounce_notice *notice, const struct bounce_record *record);
/* whole: the message with its body, else its header only. 0, or why the message cannot be read.
 * Blocks for the disk. */
MUST_USE int bounce_notice_original(struct bounce_notice *notice, struct queue_message *message,
                                    bool whole);
void bounce_notice_end(struct bounce_notice *notice);

#endif
