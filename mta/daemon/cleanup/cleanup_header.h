// SPDX-License-Identifier: ISC
/* cleanup/cleanup_header - the header of a message on its way into the queue file
 *
 * Lines go in one by one, in parts where they are long; what is to be kept goes out to the file.
 *
 * State     in the header until the first line that is no field and continues none
 */
#ifndef CLEANUP_CLEANUP_HEADER_H
#define CLEANUP_CLEANUP_HEADER_H

#include "cleanup/cleanup_state.h"
#include "queue/queue_file.h"

enum { CLEANUP_MESSAGE_ID_MAX = 1024 };

/* Which fields of one kind there are: the message's own, or those of whoever sent it on. */
struct cleanup_fields {
    bool has_message_id;
    bool has_date;
    bool has_from;
};

struct cleanup_header {
    struct cleanup_state *state;
    struct queue_file *file;
    bool local;           /* missing fields are added: Resent- ones if there is any of them */
    struct str sender;    /* for a From field that is missing; set before the content begins */
    struct str full_name; /* the same */
    bool ended;
    bool has_8bit;    /* what was put out is not ASCII */
    bool inside_line; /* the next part goes on with the line before */
    bool dropping;    /* the field at hand is left out */
    int64_t field_bytes;
    int received_count;
    struct cleanup_fields own;
    struct cleanup_fields resent;
    bool is_resent;        /* there is a Resent- field */
    bool reads_message_id; /* the field at hand is the first Message-Id, or Resent-Message-Id */
    bool reads_resent;     /* it is a Resent- field */
    struct buf message_id; /* of the field at hand */
    int64_t bytes; /* of the content put out so far: each line with one byte for its ending */
};

void cleanup_header_init(struct cleanup_header *header, struct cleanup_state *state,
                         struct queue_file *file);
void cleanup_header_done(struct cleanup_header *header);

/* Takes a line or, with ends_line false, a part of one, also of the body. May write to disk. */
void cleanup_header_line(struct cleanup_header *header, struct str text, bool ends_line);
/* The content is over. */
void cleanup_header_end(struct cleanup_header *header);

#endif
