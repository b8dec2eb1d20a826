// SPDX-License-Identifier: ISC
#include "postilion/postilion_why_message.h"

#include "base/number.h"
#include "mail/bounce_file.h"
#include "mail/bounce_index.h"
#include "sys/clock.h"

enum { MOVES_MAX = 3 }; /* a message may move on while it is looked at */

/* ---- the file ---------------------------------------------------------------------------------- */

/* From where mail comes to where it goes, twice: a file that is moved meanwhile is seen then. */
static int find(struct queue *queue, struct arena *arena, struct postilion_why_message *message)
{
    static const enum queue_name names[] = {QUEUE_MAILDROP, QUEUE_INCOMING, QUEUE_ACTIVE,
                                            QUEUE_DEFERRED, QUEUE_HOLD,     QUEUE_CORRUPT};
    enum { NAME_COUNT = sizeof names / sizeof names[0], ROUNDS = 2 };
    char path[QUEUE_PATH_SIZE];
    for (int i = 0; i < ROUNDS * NAME_COUNT; i++) {
        message->name = names[i % NAME_COUNT];
        queue_path(queue, message->name, message->id, path);
        int error = sys_stat(queue->sys, SYS_HERE, path, &message->stat);
        if (error != -ERR_NOT_FOUND) {
            message->path = arena_copy(arena, str_from(path));
            return error == 0 ? 1 : error;
        }
    }
    return 0;
}

/* ---- its records -------------------------------------------------------------------------------- */

static void take_recipient(struct postilion_why_message *message, struct arena *arena,
                           struct str address, int64_t offset)
{
    message->open_count++;
    if (message->recipient_count < POSTILION_WHY_RECIPIENTS) {
        message->recipients[message->recipient_count] = (struct postilion_why_recipient){
            .address = arena_copy(arena, address), .offset = offset, .records = QUEUE_COUNT};
        message->recipient_count++;
    }
}

/* Of how it came in. */
static void take_attribute(struct queue_envelope *envelope, struct arena *arena, struct str data)
{
    struct str name;
    struct str value;
    if (!queue_record_attribute(data, &name, &value)) {
        return;
    }
    if (str_equal(name, STR("log_client_name"))) {
        envelope->client_name = arena_copy(arena, value);
    } else if (str_equal(name, STR("log_client_address"))) {
        envelope->client_address = arena_copy(arena, value);
    } else if (str_equal(name, STR("log_protocol_name"))) {
        envelope->protocol_name = arena_copy(arena, value);
    }
}

static int take_record(struct postilion_why_message *message, struct arena *arena,
                       struct queue_record record, int64_t offset)
{
    struct queue_envelope *envelope = &message->envelope;
    queue_record_resolve(&record);
    switch (record.type) {
    case QUEUE_RECORD_SIZE:
        return queue_record_size_parse(record.data, &envelope->size);
    case QUEUE_RECORD_ARRIVAL_TIME:
        return queue_record_time_parse(record.data, &envelope->arrival_wall_ns);
    case QUEUE_RECORD_CREATE_TIME:
        return number_parse_i64(record.data, 0, INT64_MAX / SYS_SECOND_NS,
                                &envelope->create_wall_s);
    case QUEUE_RECORD_WARN_TIME:
        envelope->warn_offset = offset;
        return number_parse_i64(str_trim(record.data), -1, INT64_MAX / SYS_SECOND_NS,
                                &envelope->warn_wall_s);
    case QUEUE_RECORD_ATTRIBUTE:
        take_attribute(envelope, arena, record.data);
        return 0;
    case QUEUE_RECORD_SENDER:
        envelope->sender = arena_copy(arena, record.data);
        return 0;
    case QUEUE_RECORD_REDIRECT:
        envelope->redirect = arena_copy(arena, record.data);
        return 0;
    case QUEUE_RECORD_RECIPIENT:
        take_recipient(message, arena, record.data, offset);
        return 0;
    case QUEUE_RECORD_DONE:
        message->done_count++;
        return 0;
    default:
        return 0;
    }
}

static int read_records(struct queue_message *file, struct arena *arena,
                        struct postilion_why_message *message)
{
    int error = 0;
    while (error == 0 && file->position.segment != QUEUE_SEGMENT_ENDED) {
        struct queue_record record;
        int64_t offset = file->position.offset;
        error = queue_message_record(file, &record);
        if (error == 0 && file->position.segment != QUEUE_SEGMENT_CONTENT) {
            error = take_record(message, arena, record, offset);
        }
    }
    return error == -ERR_SYNTAX || error == -ERR_LIMIT ? -ERR_CORRUPT : error;
}

static int read_file(struct queue *queue, struct arena *arena,
                     struct postilion_why_message *message)
{
    static const struct queue_record_size unknown = {0};
    struct queue_message file;
    int fd = queue_open_file(queue, message->name, message->id, SYS_OPEN_READ, 0);
    if (fd < 0) {
        return fd;
    }
    queue_message_adopt(queue, fd, &unknown, &file);
    message->envelope = (struct queue_envelope){.create_wall_s = -1, .warn_wall_s = -1};
    int error = read_records(&file, arena, message);
    if (message->envelope.create_wall_s < 0) {
        message->envelope.create_wall_s = message->envelope.arrival_wall_ns / SYS_SECOND_NS;
    }
    queue_message_close(&file);
    return error;
}

/* ---- what became of its recipients ---------------------------------------------------------------- */

static void take_reasons(struct arena *arena, struct postilion_why_message *message,
                         enum queue_name records, const struct bounce_index *index)
{
    for (int i = 0; i < message->recipient_count; i++) {
        struct postilion_why_recipient *recipient = &message->recipients[i];
        struct bounce_record record;
        if (bounce_index_find(index, recipient->offset, &record)) {
            recipient->records = records;
            recipient->status = arena_copy(arena, record.dsn.status);
            recipient->reason = arena_copy(arena, record.dsn.reason);
        }
    }
}

static int read_reasons(struct queue *queue, struct arena *arena,
                        struct postilion_why_message *message, enum queue_name records)
{
    struct bounce_index index;
    struct buf log;
    buf_init(&log, sys_mem(queue->sys), BOUNCE_FILE_BYTES_MAX);
    int error = bounce_file_read(queue, records, message->id, &log);
    int indexed = bounce_index_init(&index, sys_mem(queue->sys), buf_str(&log));
    if (error == 0 && indexed == 0) {
        take_reasons(arena, message, records, &index);
    }
    bounce_index_done(&index);
    buf_done(&log);
    return error != 0 ? error : indexed;
}

static void read_time_of_records(struct queue *queue, struct postilion_why_message *message)
{
    char path[QUEUE_PATH_SIZE];
    struct sys_stat stat;
    queue_path(queue, QUEUE_DEFER, message->id, path);
    if (sys_stat(queue->sys, SYS_HERE, path, &stat) == 0) {
        message->recorded_wall_ns = stat.mtime_wall_ns;
    }
}

int postilion_why_message_read(struct queue *queue, struct arena *arena, struct str id,
                               struct postilion_why_message *message)
{
    int found = 0;
    for (int i = 0; i < MOVES_MAX; i++) {
        *message = (struct postilion_why_message){.id = id};
        found = find(queue, arena, message);
        if (found != 1) {
            return found;
        }
        message->error = read_file(queue, arena, message);
        if (message->error != -ERR_NOT_FOUND) {
            break;
        }
    }
    int failed = read_reasons(queue, arena, message, QUEUE_BOUNCE);
    int delayed = read_reasons(queue, arena, message, QUEUE_DEFER);
    read_time_of_records(queue, message);
    if (message->error == 0) {
        message->error = failed != 0 ? failed : delayed;
    }
    return 1;
}
