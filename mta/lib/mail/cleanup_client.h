// SPDX-License-Identifier: ISC
/* mail/cleanup_client - hand a message to the cleanup service
 *
 *     cleanup_client_init(&client, sys, conf);                     once a process
 *     error = cleanup_client_begin(&client, CLEANUP_FLAG_LOCAL, &message);
 *     log(message.queue_id);
 *     cleanup_client_put(&message, QUEUE_RECORD_ARRIVAL_TIME, time) ...
 *     cleanup_client_put(&message, QUEUE_RECORD_END, STR(""));
 *     status = cleanup_client_end(&message, arena, &reason);
 *
 * Records in the order of a queue file, without the SIZE record: envelope, CONTENT, lines,
 * EXTRACTED, END. Connections are kept for the next message.
 *
 * Errors    puts are sticky; a service that is gone or too slow gives CLEANUP_WRITE at the end
 * Memory    connections hang on the process's heap
 * Blocks    begin, put (when the buffer is full) and end
 */
#ifndef MAIL_CLEANUP_CLIENT_H
#define MAIL_CLEANUP_CLIENT_H

#include "conf/conf.h"
#include "ipc/ipc.h"
#include "mail/cleanup_status.h"
#include "proto/queue_id.h"
#include "proto/queue_record.h"

struct cleanup_client {
    struct ipc_pool pool;
};

struct cleanup_message {
    struct cleanup_client *client;
    struct ipc_connection *connection; /* NULL: none is open */
    char queue_id[QUEUE_ID_BYTES_MAX + 1];
    bool text_begun; /* by cleanup_client_put_text() */
};

void cleanup_client_init(struct cleanup_client *client, struct sys *sys, const struct conf *conf);
void cleanup_client_done(struct cleanup_client *client); /* Instant. */

/* CLEANUP_FLAG_AUTO_UTF8 where smtputf8_autodetect_classes has such mail, else 0. Instant. */
int64_t cleanup_client_utf8_flag(const struct conf *conf, const char *class);
/* Starts a message; its queue_id is known then. 0, -ERR_NO_SPACE when the service has no room for
 * another file, other errors when it cannot make one, or cannot be reached. */
MUST_USE int cleanup_client_begin(struct cleanup_client *client, int64_t flags,
                                  struct cleanup_message *message);
void cleanup_client_put(struct cleanup_message *message, enum queue_record_type type,
                        struct str data);
/* LINE or LINE_PART of what somebody sent, behind the Received field that was put on top of it. A
 * first line that would go on with that field gets an empty line before it, and one of a mailbox
 * ("From " and a date) becomes a field. */
void cleanup_client_put_text(struct cleanup_message *message, enum queue_record_type type,
                             struct str text);
/* options: a sum of enum queue_smtputf8, known of the message before cleanup has read it; put in the
 * envelope. */
void cleanup_client_put_smtputf8(struct cleanup_message *message, int64_t options);
void cleanup_client_printf(struct cleanup_message *message, enum queue_record_type type,
                           const char *format, ...) PRINTF_LIKE(3, 4); /* up to 4,000 bytes */

/* The END record is put; enum cleanup_status bits, 0 when the message is durably queued. reason
 * may be empty. */
MUST_USE int64_t cleanup_client_end(struct cleanup_message *message, struct arena *arena,
                                    struct str *reason);
/* Gives the message up; may be called after end, or without begin on a zeroed message. Instant. */
void cleanup_client_abort(struct cleanup_message *message);

#endif
