// SPDX-License-Identifier: ISC
/* cleanup/cleanup_message - one message, record by record, from the client into its file */
#ifndef CLEANUP_CLEANUP_MESSAGE_H
#define CLEANUP_CLEANUP_MESSAGE_H

#include "cleanup/cleanup_header.h"
#include "cleanup/cleanup_recipient.h"
#include "cleanup/cleanup_state.h"
#include "ipc/messages.h"

struct cleanup_message {
    struct cleanup_state *state;
    struct arena *arena;
    struct queue_file file;
    struct queue_record_size size;
    struct cleanup_header header;
    struct cleanup_recipients recipients;
    enum queue_segment segment;
    int64_t arrival_wall_ns; /* 0: not known yet */
    bool has_sender;
    bool finds_utf8;  /* SMTPUTF8 is requested by what needs it */
    int64_t smtputf8; /* enum queue_smtputf8, as far as known */
    int64_t status;   /* enum cleanup_status bits; once set, records are read and thrown away */
};

/* Makes the file: 0, or why there can be none now. */
MUST_USE int cleanup_message_open(struct cleanup_message *message, struct cleanup_state *state,
                                  struct arena *arena);
/* Gives the file up if it was not committed. Instant but for the disk. */
void cleanup_message_close(struct cleanup_message *message);

/* Reads records up to and with END; an error is that of the stream: the client is gone. */
MUST_USE int cleanup_message_receive(struct cleanup_message *message, struct stream *stream,
                                     int64_t flags);

/* Makes it durable, or not; message->status says which. */
void cleanup_message_finish(struct cleanup_message *message);

#endif
