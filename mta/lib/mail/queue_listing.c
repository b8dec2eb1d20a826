// SPDX-License-Identifier: ISC
#include "mail/queue_listing.h"

#include "ipc/ipc.h"
#include "mail/bounce_file.h"
#include "mail/bounce_index.h"
#include "proto/address.h"
#include "queue/queue_message.h"
#include "queue/queue_scan.h"

enum { ARENA_BYTES_MAX = 256 * 1024 };

/* The queues in the order in which they are listed. */
static const enum queue_name queues_shown[] = {QUEUE_MAILDROP, QUEUE_INCOMING, QUEUE_ACTIVE,
                                               QUEUE_DEFERRED, QUEUE_HOLD};

/* What went wrong last with the recipients of one message; read when it is first asked for. */
struct reasons {
    enum queue_name records;
    bool loaded;
    struct buf log;
    struct bounce_index index;
};

struct listing {
    struct queue *queue;
    struct log *log;
    struct stream *stream;
    struct str id;      /* of the message that is shown */
    struct arena arena; /* of one recipient at a time */
    struct buf text;    /* of one address at a time */
    struct reasons failed;
    struct reasons delayed;
};

/* ---- reasons --------------------------------------------------------------------------------- */

/* A log that cannot be read gives no reasons; the recipients are listed all the same. */
static void load_reasons(struct listing *listing, struct reasons *reasons)
{
    reasons->loaded = true;
    int error = bounce_file_read(listing->queue, reasons->records, listing->id, &reasons->log);
    int indexed = bounce_index_init(&reasons->index, reasons->log.mem, buf_str(&reasons->log));
    error = error != 0 ? error : indexed;
    if (error != 0) {
        log_warning(listing->log, "%.*s: cannot read all of %s/: %s", STR_ARG(listing->id),
                    queue_directory(reasons->records), err_sentence(error));
    }
}

static void release_reasons(struct reasons *reasons)
{
    if (reasons->loaded) {
        bounce_index_done(&reasons->index);
        buf_clear(&reasons->log);
    }
    reasons->loaded = false;
}

static bool find_reason(struct listing *listing, struct reasons *reasons, int64_t offset,
                        struct str *reason)
{
    struct bounce_record record;
    if (!reasons->loaded) {
        load_reasons(listing, reasons);
    }
    if (!bounce_index_find(&reasons->index, offset, &record)) {
        return false;
    }
    *reason = record.dsn.reason;
    return true;
}

/* ---- one message ----------------------------------------------------------------------------- */

static struct str external(struct listing *listing, struct str address)
{
    buf_clear(&listing->text);
    address_write(address, &listing->text);
    return arena_copy(&listing->arena, buf_str(&listing->text));
}

static void show_recipient(struct listing *listing, const struct queue_recipient *recipient)
{
    struct ipc_showq_recipient shown = {
        .original_recipient = external(listing, recipient->original),
        .recipient = external(listing, recipient->address),
    };
    if (find_reason(listing, &listing->delayed, recipient->offset, &shown.reason)) {
        shown.log_class = STR("defer");
    } else if (find_reason(listing, &listing->failed, recipient->offset, &shown.reason)) {
        shown.log_class = STR("bounce");
    }
    ipc_showq_recipient_send(listing->stream, &shown);
}

static int show_recipients(struct listing *listing, struct queue_message *message)
{
    struct queue_recipient recipient;
    int found;
    do {
        arena_reset(&listing->arena);
        found = queue_message_recipient(message, &listing->arena, &recipient);
        if (found == 1 && !recipient.done) {
            show_recipient(listing, &recipient);
        }
    } while (found == 1);
    return found;
}

static void show_entry(struct listing *listing, const struct queue_message *message,
                       struct str sender, int64_t arrival_wall_ns, int64_t size)
{
    bool is_expired = (message->stat.mode & QUEUE_MODE_EXPIRE) != 0;
    const struct ipc_showq_entry entry = {
        .queue_name = str_from(queue_directory(message->name)),
        .queue_id = listing->id,
        .time = arrival_wall_ns / SYS_SECOND_NS,
        .size = size,
        .forced_expire = is_expired ? 1 : 0,
        .sender = sender.size > 0 ? external(listing, sender) : STR("MAILER-DAEMON"),
    };
    ipc_showq_entry_send(listing->stream, &entry);
}

/* As cleanup wrote it. */
static int show_queued(struct listing *listing, struct queue_message *message)
{
    struct queue_envelope envelope;
    arena_reset(&listing->arena);
    int error = queue_message_envelope(message, &listing->arena, &envelope);
    if (error != 0) {
        return error;
    }
    show_entry(listing, message, envelope.sender, envelope.arrival_wall_ns,
               envelope.size.message_bytes);
    if (show_recipients(listing, message) != 0) {
        log_warning(listing->log, "%s/%.*s: cannot read all recipients",
                    queue_directory(message->name), STR_ARG(listing->id));
    }
    ipc_list_end_send(listing->stream);
    return 0;
}

/* As a user submitted it: the sender first, recipients also behind the content. */
static int show_submitted(struct listing *listing, struct queue_message *message)
{
    bool has_sender = false;
    int error = 0;
    message->position = (struct queue_position){.segment = QUEUE_SEGMENT_ENVELOPE};
    while (error == 0 && message->position.segment != QUEUE_SEGMENT_ENDED) {
        struct queue_record record;
        struct queue_recipient recipient = {.offset = message->position.offset};
        arena_reset(&listing->arena);
        error = queue_message_record(message, &record);
        if (error == 0 && record.type == QUEUE_RECORD_SENDER && !has_sender) {
            has_sender = true;
            show_entry(listing, message, record.data, message->stat.mtime_wall_ns,
                       message->stat.size);
        } else if (error == 0 && record.type == QUEUE_RECORD_RECIPIENT && has_sender) {
            recipient.address = record.data;
            show_recipient(listing, &recipient);
        }
    }
    if (has_sender) {
        ipc_list_end_send(listing->stream);
    }
    return error;
}

/* Messages that are not complete yet, or gone already, are no part of the list. */
static void show_message(struct listing *listing, enum queue_name name, struct str id)
{
    struct queue_message message;
    if (queue_message_open_to_read(listing->queue, name, id, &message) != 0) {
        return;
    }
    listing->id = id;
    int error = show_queued(listing, &message);
    if (error == -ERR_CORRUPT && name == QUEUE_MAILDROP) {
        error = show_submitted(listing, &message);
    }
    if (error != 0) {
        log_warning(listing->log, "%s/%.*s: not listed: %s", queue_directory(name), STR_ARG(id),
                    err_sentence(error));
    }
    release_reasons(&listing->delayed);
    release_reasons(&listing->failed);
    queue_message_close(&message);
}

/* ---- the list -------------------------------------------------------------------------------- */

static void show_queue(struct listing *listing, enum queue_name name)
{
    struct queue_scan scan;
    struct str found;
    int kind = queue_scan_open(listing->queue, name, &scan);
    if (kind != 0) {
        log_warning(listing->log, "cannot list the queue %s: %s", queue_directory(name),
                    err_sentence(kind));
        return;
    }
    while ((kind = queue_scan_next(&scan, &found)) > QUEUE_FOUND_END &&
           stream_error(listing->stream) == 0) {
        if (kind == QUEUE_FOUND_ID) {
            show_message(listing, name, found);
        }
    }
    queue_scan_close(&scan);
}

void queue_listing_send(struct queue *queue, struct log *log, struct stream *stream)
{
    struct listing listing = {
        .queue = queue,
        .log = log,
        .stream = stream,
        .failed = {.records = QUEUE_BOUNCE},
        .delayed = {.records = QUEUE_DEFER},
    };
    arena_init(&listing.arena, sys_mem(queue->sys), ARENA_BYTES_MAX);
    buf_init(&listing.text, sys_mem(queue->sys), 2 * ADDRESS_BYTES_MAX);
    buf_init(&listing.failed.log, sys_mem(queue->sys), BOUNCE_FILE_BYTES_MAX);
    buf_init(&listing.delayed.log, sys_mem(queue->sys), BOUNCE_FILE_BYTES_MAX);
    ipc_greeting_send(stream, &(struct ipc_greeting){.protocol = STR(IPC_PROTOCOL_SHOWQ)});
    for (size_t i = 0; i < sizeof(queues_shown) / sizeof(queues_shown[0]); i++) {
        show_queue(&listing, queues_shown[i]);
    }
    ipc_list_end_send(stream);
    buf_done(&listing.delayed.log);
    buf_done(&listing.failed.log);
    buf_done(&listing.text);
    arena_done(&listing.arena);
}
