// SPDX-License-Identifier: ISC
/* queue/queue_message - reading a queued message, and marking its recipients done
 *
 *     error = queue_message_open(&queue, QUEUE_ACTIVE, id, &message);
 *     error = queue_message_envelope(&message, arena, &envelope);
 *     while ((found = queue_message_recipient(&message, arena, &recipient)) == 1) ...
 *     queue_message_close(&message);
 *
 * Recipients come in the order of the file and can be read in portions: remember
 * message.position, and set it again after another open.
 *
 * Errors    -ERR_CORRUPT: not a complete queue file, or one that was edited in place;
 *           -ERR_UNAVAILABLE: not ready (mode without u+x); -ERR_LIMIT: the arena is full;
 *           others of sys/fs
 * Memory    text is copied into the arena; the read buffer hangs on the heap until close
 * Blocks    for the disk
 */
#ifndef QUEUE_QUEUE_MESSAGE_H
#define QUEUE_QUEUE_MESSAGE_H

#include "base/arena.h"
#include "proto/queue_record.h"
#include "queue/queue.h"

enum { QUEUE_MESSAGE_WINDOW_BYTES = 16 * 1024 };

struct queue_position {
    int64_t offset;
    enum queue_segment segment;
};

struct queue_message {
    struct queue *queue;
    enum queue_name name;
    int fd;
    struct sys_stat stat; /* of the file at open */
    struct queue_record_size size;
    struct queue_position position; /* of the next record */
    struct buf window;              /* bytes of the file from window_offset on */
    int64_t window_offset;
    bool cut; /* the last read failed because the file was not written on from there */
};

struct queue_envelope {
    struct queue_record_size size;
    struct str sender;          /* internal form; empty: null sender */
    int64_t arrival_wall_ns;    /* time of arrival here */
    int64_t create_wall_s;      /* what retries and expiry count from */
    struct str encoding;        /* 7bit, 8bit, or empty */
    struct str envelope_id;     /* DSN ENVID, decoded */
    int ret_flags;              /* enum queue_ret */
    int64_t warn_wall_s;        /* when the sender is to hear of the delay; -1: never, or told */
    int64_t warn_offset;        /* of that record, for queue_message_mark_warned() */
    struct str verp_delimiters; /* empty: no VERP */
    struct str redirect;        /* gets the message in place of all recipients; empty: none */
    struct str client_name;
    struct str client_address;
    struct str protocol_name;
    struct str helo_name;
};

struct queue_recipient {
    struct str address;  /* internal form */
    struct str original; /* as it was before rewriting; empty: the same */
    struct str dsn_orig_rcpt;
    int notify_flags; /* enum queue_notify; 0: nothing was asked */
    int64_t offset;   /* of the record, for the mark */
    bool done;
};

MUST_USE int queue_message_open(struct queue *queue, enum queue_name name, struct str id,
                                struct queue_message *message);
/* The same, and nobody else has it: -ERR_LOCKED when somebody does. */
MUST_USE int queue_message_open_alone(struct queue *queue, enum queue_name name, struct str id,
                                      struct queue_message *message);
/* The same without the right to mark recipients: also what local users own in maildrop/. */
MUST_USE int queue_message_open_to_read(struct queue *queue, enum queue_name name, struct str id,
                                        struct queue_message *message);
/* The same from a descriptor that somebody else opened, and that is taken over: for reading the
 * content that size tells of. Instant. */
void queue_message_adopt(struct queue *queue, int fd, const struct queue_record_size *size,
                         struct queue_message *message);
void queue_message_close(struct queue_message *message); /* Instant. */

/* Reads up to the first recipient, and looks behind the content for a redirect. */
MUST_USE int queue_message_envelope(struct queue_message *message, struct arena *arena,
                                    struct queue_envelope *envelope);
/* The next recipient that is not canceled, done ones included: 1 when there is one, 0 at the end
 * of the message. */
MUST_USE int queue_message_recipient(struct queue_message *message, struct arena *arena,
                                     struct queue_recipient *recipient);

/* The next line of the content, without its end; position begins at size.content_offset, which
 * queue_message_content() sets. ends_line is false for a piece of a line that goes on. line lives
 * until the next read. 1, 0 at the end. */
void queue_message_content(struct queue_message *message);
MUST_USE int queue_message_line(struct queue_message *message, struct str *line, bool *ends_line);

/* The next record, for those who read a whole file record by record; position begins at 0. Its
 * data lives until the next read. */
MUST_USE int queue_message_record(struct queue_message *message, struct queue_record *record);

/* Reads the whole file and checks that it is complete: 0, or -ERR_CORRUPT; unfinished says that
 * it is empty, ends early, or is zero from some point on, as a power cut may leave what was never
 * acknowledged. */
MUST_USE int queue_message_verify(struct queue_message *message, bool *unfinished);

/* Marks the recipient at that offset done; fd was opened for writing. Durable by a later sync of
 * the file (the queue manager's duty). */
MUST_USE int queue_message_mark_done(struct sys *sys, int fd, int64_t offset);

/* Writes the marks of an open message again, after a sync of it that failed: the system may take
 * them for written, so that another sync alone would do nothing. */
MUST_USE int queue_message_mark_again(struct queue_message *message);

/* Marks all recipients of an open message done; durable likewise. */
MUST_USE int queue_message_mark_all(struct queue_message *message);

/* The sender was told of the delay: likewise, for the record at warn_offset. */
MUST_USE int queue_message_mark_warned(struct sys *sys, int fd, int64_t offset);

#endif
