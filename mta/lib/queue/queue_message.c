// SPDX-License-Identifier: ISC
#include "queue/queue_message.h"

#include "base/assert.h"
#include "base/number.h"

enum {
    ENVELOPE_BYTES_MAX = 64 * 1024 * 1024,
    FIRST_BYTES = 4000, /* of a file: many messages have no more; a window of one page holds them */
    WINDOW_MAX = QUEUE_RECORD_HEAD_MAX + QUEUE_RECORD_DATA_MAX + QUEUE_MESSAGE_WINDOW_BYTES,
};

/* ---- open ------------------------------------------------------------------------------------ */

enum lock { LOCK_NONE, LOCK_ALONE };

/* The lock comes first: whoever had it may have changed what is to be seen of the file. */
static int open_ready(struct queue *queue, enum queue_name name, struct str id, unsigned flags,
                      enum lock lock, struct queue_message *message)
{
    *message = (struct queue_message){.queue = queue, .name = name};
    buf_init(&message->window, sys_mem(queue->sys), WINDOW_MAX);
    message->fd = queue_open_file(queue, name, id, flags, 0);
    if (message->fd < 0) {
        return message->fd;
    }
    int error = lock == LOCK_ALONE ? sys_lock(queue->sys, message->fd, true, 0) : 0;
    error = error != 0 ? error : sys_fstat(queue->sys, message->fd, &message->stat);
    if (error == 0 && message->stat.kind != SYS_FILE_REGULAR) {
        error = -ERR_CORRUPT;
    } else if (error == 0 && (message->stat.mode & QUEUE_MODE_READY) == 0) {
        error = -ERR_UNAVAILABLE;
    }
    if (error != 0) {
        queue_message_close(message);
    }
    return error;
}

int queue_message_open(struct queue *queue, enum queue_name name, struct str id,
                       struct queue_message *message)
{
    return open_ready(queue, name, id, SYS_OPEN_READ | SYS_OPEN_WRITE, LOCK_NONE, message);
}

int queue_message_open_alone(struct queue *queue, enum queue_name name, struct str id,
                             struct queue_message *message)
{
    return open_ready(queue, name, id, SYS_OPEN_READ | SYS_OPEN_WRITE, LOCK_ALONE, message);
}

int queue_message_open_to_read(struct queue *queue, enum queue_name name, struct str id,
                               struct queue_message *message)
{
    return open_ready(queue, name, id, SYS_OPEN_READ, LOCK_NONE, message);
}

void queue_message_adopt(struct queue *queue, int fd, const struct queue_record_size *size,
                         struct queue_message *message)
{
    *message = (struct queue_message){.queue = queue, .fd = fd, .size = *size};
    buf_init(&message->window, sys_mem(queue->sys), WINDOW_MAX);
}

void queue_message_close(struct queue_message *message)
{
    sys_close(message->queue->sys, message->fd);
    message->fd = -1;
    buf_done(&message->window);
}

/* ---- records --------------------------------------------------------------------------------- */

/* Makes the window begin at the position and read on: 1, or 0 when the file has no more. */
static int read_on(struct queue_message *message)
{
    struct buf *window = &message->window;
    int64_t end = message->window_offset + (int64_t)window->size;
    int64_t offset = message->position.offset;
    if (offset < message->window_offset || offset > end) {
        buf_clear(window);
    } else {
        buf_drop_first(window, (size_t)(offset - message->window_offset));
    }
    message->window_offset = offset;
    size_t size = offset == 0 && window->size == 0 ? FIRST_BYTES : QUEUE_MESSAGE_WINDOW_BYTES;
    char *space = buf_reserve(window, size);
    if (space == NULL) {
        return -ERR_CORRUPT;
    }
    int64_t next = offset + (int64_t)window->size;
    long count = sys_pread(message->queue->sys, message->fd, space, size, next);
    if (count <= 0) {
        return (int)count;
    }
    buf_grew(window, (size_t)count);
    return 1;
}

static struct str window_at_position(const struct queue_message *message)
{
    int64_t skip = message->position.offset - message->window_offset;
    if (skip < 0 || skip > (int64_t)message->window.size) {
        return STR("");
    }
    return str_skip(buf_str(&message->window), (size_t)skip);
}

/* At the end of the file, or of what was written of it: nothing, zeros, or half of a record that
 * may stand there. */
static bool is_cut(const struct queue_message *message)
{
    struct str rest = window_at_position(message);
    enum queue_segment segment = message->position.segment;
    return rest.size == 0 || rest.data[0] == '\0' ||
           queue_record_advance(&segment, rest.data[0]) == 0;
}

/* The record at the position, without moving it; its data lives until the next read. */
static int peek_record(struct queue_message *message, struct queue_record *record, size_t *bytes)
{
    for (;;) {
        switch (queue_record_parse(window_at_position(message), record, bytes)) {
        case PARSE_OK:
            message->cut = record->type == '\0';
            return message->cut ? -ERR_CORRUPT : 0;
        case PARSE_BAD:
            return -ERR_CORRUPT;
        case PARSE_MORE:
            break;
        }
        int more = read_on(message);
        if (more <= 0) {
            message->cut = more == 0 && is_cut(message);
            return more < 0 ? more : -ERR_CORRUPT;
        }
    }
}

static int pass(struct queue_message *message, const struct queue_record *record, size_t bytes)
{
    message->position.offset += (int64_t)bytes;
    return queue_record_advance(&message->position.segment, record->type);
}

int queue_message_record(struct queue_message *message, struct queue_record *record)
{
    size_t bytes;
    int error = peek_record(message, record, &bytes);
    return error != 0 ? error : pass(message, record, bytes);
}

/* Where a file was edited in place reading would go on elsewhere. One of zeros is a place that was
 * kept free for that. */
static bool leads_elsewhere(const struct queue_record *record)
{
    int64_t target;
    return record->type == QUEUE_RECORD_POINTER &&
           number_parse_i64(str_trim(record->data), 0, 0, &target) != 0;
}

/* Behind the record just looked at, of a file that was not edited. */
static int pass_record(struct queue_message *message, const struct queue_record *record,
                       size_t bytes)
{
    int error = pass(message, record, bytes);
    return error == 0 && leads_elsewhere(record) ? -ERR_CORRUPT : error;
}

/* The next record of such a file. */
static int read_record(struct queue_message *message, struct queue_record *record)
{
    size_t bytes;
    int error = peek_record(message, record, &bytes);
    return error != 0 ? error : pass_record(message, record, bytes);
}

/* ---- envelope -------------------------------------------------------------------------------- */

static int keep(struct arena *arena, struct str text, struct str *kept)
{
    *kept = arena_copy(arena, text);
    return kept->data != NULL ? 0 : -ERR_LIMIT;
}

static int read_seconds(struct str text, int64_t *seconds)
{
    return number_parse_i64(text, 0, INT64_MAX / 1000000000, seconds) != 0 ? -ERR_CORRUPT : 0;
}

static int read_ret(struct str text, int *flags)
{
    int64_t value;
    if (number_parse_i64(text, QUEUE_RET_NONE, QUEUE_RET_HEADERS, &value) != 0) {
        return -ERR_CORRUPT;
    }
    *flags = (int)value;
    return 0;
}

static int read_warn_time(struct str text, int64_t *seconds)
{
    bool is_sound = number_parse_i64(str_trim(text), -1, INT64_MAX / 1000000000, seconds) == 0;
    return is_sound ? 0 : -ERR_CORRUPT;
}

static int read_attribute(struct str data, struct arena *arena, struct queue_envelope *envelope)
{
    struct str name;
    struct str value;
    if (!queue_record_attribute(data, &name, &value)) {
        return -ERR_CORRUPT;
    }
    const struct {
        struct str name;
        struct str *field;
    } texts[] = {
        {STR("log_client_name"), &envelope->client_name},
        {STR("log_client_address"), &envelope->client_address},
        {STR("log_protocol_name"), &envelope->protocol_name},
        {STR("log_helo_name"), &envelope->helo_name},
        {STR("encoding"), &envelope->encoding},
        {STR("envelope_id"), &envelope->envelope_id},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (str_equal(name, texts[i].name)) {
            return keep(arena, value, texts[i].field);
        }
    }
    if (str_equal(name, STR("create_time"))) {
        return read_seconds(value, &envelope->create_wall_s);
    }
    if (str_equal(name, STR("ret_flags"))) {
        return read_ret(value, &envelope->ret_flags);
    }
    return 0;
}

static int read_envelope_record(const struct queue_record *record, struct arena *arena,
                                struct queue_envelope *envelope)
{
    switch (record->type) {
    case QUEUE_RECORD_SIZE:
        return queue_record_size_parse(record->data, &envelope->size) != 0 ? -ERR_CORRUPT : 0;
    case QUEUE_RECORD_ARRIVAL_TIME:
        return queue_record_time_parse(record->data, &envelope->arrival_wall_ns);
    case QUEUE_RECORD_CREATE_TIME:
        return read_seconds(record->data, &envelope->create_wall_s);
    case QUEUE_RECORD_SENDER:
        return keep(arena, record->data, &envelope->sender);
    case QUEUE_RECORD_DSN_ENVID:
        return keep(arena, record->data, &envelope->envelope_id);
    case QUEUE_RECORD_DSN_RET:
        return read_ret(record->data, &envelope->ret_flags);
    case QUEUE_RECORD_WARN_TIME:
        return read_warn_time(record->data, &envelope->warn_wall_s);
    case QUEUE_RECORD_VERP:
        return keep(arena, record->data, &envelope->verp_delimiters);
    case QUEUE_RECORD_REDIRECT:
        return keep(arena, record->data, &envelope->redirect);
    case QUEUE_RECORD_ATTRIBUTE:
        return read_attribute(record->data, arena, envelope);
    default:
        return 0;
    }
}

static bool is_about_recipient(const struct queue_record *record)
{
    switch (record->type) {
    case QUEUE_RECORD_RECIPIENT:
    case QUEUE_RECORD_DONE:
    case QUEUE_RECORD_CANCELED:
    case QUEUE_RECORD_ORIGINAL:
    case QUEUE_RECORD_DSN_ORCPT:
    case QUEUE_RECORD_DSN_NOTIFY:
        return true;
    case QUEUE_RECORD_ATTRIBUTE:
        return str_starts_with(record->data, STR("dsn_orig_rcpt=")) ||
               str_starts_with(record->data, STR("notify_flags="));
    default:
        return false;
    }
}

/* What the SIZE record says must fit the file, so that the content can be trusted to lie there. */
static bool size_is_sound(const struct queue_message *message,
                          const struct queue_envelope *envelope)
{
    const struct queue_record_size *size = &envelope->size;
    int64_t file_bytes = message->stat.size;
    return size->content_offset > 0 && size->content_offset <= file_bytes &&
           size->file_content_bytes <= file_bytes - size->content_offset &&
           envelope->sender.data != NULL;
}

/* Behind M: on to what follows the X behind the content. */
static int skip_content(struct queue_message *message)
{
    struct queue_record record;
    message->position.offset = message->size.content_offset + message->size.file_content_bytes;
    message->position.segment = QUEUE_SEGMENT_CONTENT;
    int error = read_record(message, &record);
    return error == 0 && record.type != QUEUE_RECORD_EXTRACTED ? -ERR_CORRUPT : error;
}

/* What cleanup found in the content stands before the recipients behind it. */
static int read_extracted(struct queue_message *message, struct arena *arena,
                          struct queue_envelope *envelope)
{
    struct queue_position first_recipient = message->position;
    int error = skip_content(message);
    while (error == 0 && message->position.segment != QUEUE_SEGMENT_ENDED) {
        struct queue_record record;
        error = read_record(message, &record);
        if (error == 0 && is_about_recipient(&record)) {
            break;
        }
        if (error == 0 && record.type == QUEUE_RECORD_REDIRECT) {
            error = keep(arena, record.data, &envelope->redirect);
        }
    }
    message->position = first_recipient;
    return error;
}

int queue_message_envelope(struct queue_message *message, struct arena *arena,
                           struct queue_envelope *envelope)
{
    *envelope = (struct queue_envelope){.create_wall_s = -1, .warn_wall_s = -1};
    message->position = (struct queue_position){.segment = QUEUE_SEGMENT_ENVELOPE};
    for (bool first = true;; first = false) {
        struct queue_record record;
        size_t bytes;
        int error = peek_record(message, &record, &bytes);
        if (error == 0 && first && record.type != QUEUE_RECORD_SIZE) {
            error = -ERR_CORRUPT;
        }
        if (error != 0) {
            return error;
        }
        if (is_about_recipient(&record) || record.type == QUEUE_RECORD_CONTENT) {
            break;
        }
        if (record.type == QUEUE_RECORD_WARN_TIME) {
            envelope->warn_offset = message->position.offset;
        }
        error = read_envelope_record(&record, arena, envelope);
        if (error == 0) {
            error = pass_record(message, &record, bytes);
        }
        if (error != 0) {
            return error == -ERR_SYNTAX ? -ERR_CORRUPT : error;
        }
    }
    message->size = envelope->size;
    if (envelope->create_wall_s < 0) {
        envelope->create_wall_s = envelope->arrival_wall_ns / SYS_SECOND_NS;
    }
    return size_is_sound(message, envelope) ? read_extracted(message, arena, envelope)
                                            : -ERR_CORRUPT;
}

/* ---- recipients ------------------------------------------------------------------------------ */

static int read_notify(struct str text, int *flags)
{
    int64_t value;
    if (number_parse_i64(text, 0, 15, &value) != 0) {
        return -ERR_CORRUPT;
    }
    *flags = (int)value;
    return 0;
}

static int read_recipient_attribute(struct str data, struct arena *arena,
                                    struct queue_recipient *recipient)
{
    struct str name;
    struct str value;
    if (!queue_record_attribute(data, &name, &value)) {
        return -ERR_CORRUPT;
    }
    if (str_equal(name, STR("dsn_orig_rcpt"))) {
        return keep(arena, value, &recipient->dsn_orig_rcpt);
    }
    if (str_equal(name, STR("notify_flags"))) {
        return read_notify(value, &recipient->notify_flags);
    }
    return 0;
}

/* A record that describes the recipient that follows. */
static int read_about(const struct queue_record *record, struct arena *arena,
                      struct queue_recipient *recipient)
{
    switch (record->type) {
    case QUEUE_RECORD_ORIGINAL:
        return keep(arena, record->data, &recipient->original);
    case QUEUE_RECORD_DSN_ORCPT:
        return keep(arena, record->data, &recipient->dsn_orig_rcpt);
    case QUEUE_RECORD_DSN_NOTIFY:
        return read_notify(record->data, &recipient->notify_flags);
    case QUEUE_RECORD_ATTRIBUTE:
        return read_recipient_attribute(record->data, arena, recipient);
    default:
        return 0;
    }
}

int queue_message_recipient(struct queue_message *message, struct arena *arena,
                            struct queue_recipient *recipient)
{
    *recipient = (struct queue_recipient){.offset = 0};
    while (message->position.segment != QUEUE_SEGMENT_ENDED) {
        struct queue_record record;
        int64_t offset = message->position.offset;
        int error = read_record(message, &record);
        if (error != 0) {
            return error;
        }
        switch (record.type) {
        case QUEUE_RECORD_RECIPIENT:
        case QUEUE_RECORD_DONE:
            recipient->offset = offset;
            recipient->done = record.type == QUEUE_RECORD_DONE;
            error = keep(arena, record.data, &recipient->address);
            return error != 0 ? error : 1;
        case QUEUE_RECORD_CANCELED:
            *recipient = (struct queue_recipient){.offset = 0};
            break;
        case QUEUE_RECORD_CONTENT:
            error = skip_content(message);
            break;
        default:
            error = read_about(&record, arena, recipient);
            break;
        }
        if (error != 0) {
            return error;
        }
    }
    return message->position.offset == message->stat.size ? 0 : -ERR_CORRUPT;
}

/* ---- content --------------------------------------------------------------------------------- */

void queue_message_content(struct queue_message *message)
{
    message->position = (struct queue_position){
        .offset = message->size.content_offset,
        .segment = QUEUE_SEGMENT_CONTENT,
    };
}

int queue_message_line(struct queue_message *message, struct str *line, bool *ends_line)
{
    while (message->position.segment == QUEUE_SEGMENT_CONTENT) {
        struct queue_record record;
        int error = read_record(message, &record);
        if (error != 0) {
            return error;
        }
        if (record.type == QUEUE_RECORD_LINE || record.type == QUEUE_RECORD_LINE_PART) {
            *line = record.data;
            *ends_line = record.type == QUEUE_RECORD_LINE;
            return 1;
        }
    }
    return 0;
}

/* ---- verification ---------------------------------------------------------------------------- */

enum { TAIL_BYTES = 4 }; /* least that follows the content: records EXTRACTED and END */

/* The file ends before the place where its SIZE record, if that was written, has its end. */
static bool is_cut_off(const struct queue_message *message)
{
    const struct queue_record_size *size = &message->size;
    int64_t end = size->content_offset + size->file_content_bytes + TAIL_BYTES;
    return size->content_offset == 0 || message->stat.size < end;
}

/* The file ends within what follows the content, of which the SIZE record says nothing. */
static bool is_cut_off_behind_content(const struct queue_message *message)
{
    return message->cut && message->position.segment == QUEUE_SEGMENT_EXTRACTED;
}

/* At a record that cannot be read: zeros where one should be, or the end of the file. */
static bool is_unfinished(const struct queue_message *message)
{
    struct str rest = window_at_position(message);
    return (rest.size > 0 && rest.data[0] == '\0') || is_cut_off(message) ||
           is_cut_off_behind_content(message);
}

int queue_message_verify(struct queue_message *message, bool *unfinished)
{
    *unfinished = false;
    message->size = (struct queue_record_size){.content_offset = 0};
    message->position = (struct queue_position){.segment = QUEUE_SEGMENT_ENVELOPE};
    while (message->position.segment != QUEUE_SEGMENT_ENDED) {
        int64_t offset = message->position.offset;
        struct queue_record record;
        int error = read_record(message, &record);
        if (error == -ERR_CORRUPT) {
            message->position.offset = offset;
            *unfinished = is_unfinished(message);
        } else if (error == 0 && record.type == QUEUE_RECORD_SIZE &&
                   queue_record_size_parse(record.data, &message->size) != 0) {
            *unfinished = record.data.size == 0 || str_find(record.data, '\0') >= 0;
            error = -ERR_CORRUPT;
        }
        if (error != 0) {
            return error;
        }
    }
    return message->position.offset == message->stat.size ? 0 : -ERR_CORRUPT;
}

/* ---- marks ----------------------------------------------------------------------------------- */

static int write_done(struct sys *sys, int fd, int64_t offset)
{
    char type = QUEUE_RECORD_DONE;
    long count = sys_pwrite(sys, fd, &type, 1, offset);
    return count == 1 ? 0 : count < 0 ? (int)count : -ERR_NO_SPACE;
}

int queue_message_mark_done(struct sys *sys, int fd, int64_t offset)
{
    char type;
    long count = sys_pread(sys, fd, &type, 1, offset);
    if (count == 1 && type == QUEUE_RECORD_DONE) {
        return 0;
    }
    if (count != 1 || type != QUEUE_RECORD_RECIPIENT) {
        return count < 0 ? (int)count : -ERR_CORRUPT;
    }
    return write_done(sys, fd, offset);
}

static int mark_each(struct queue_message *message, bool all)
{
    struct sys *sys = message->queue->sys;
    struct arena arena;
    struct queue_envelope envelope;
    struct queue_recipient recipient;
    arena_init(&arena, sys_mem(sys), ENVELOPE_BYTES_MAX);
    int error = queue_message_envelope(message, &arena, &envelope);
    int found = error == 0;
    while (error == 0 && found == 1) {
        arena_reset(&arena);
        found = queue_message_recipient(message, &arena, &recipient);
        error = found < 0 ? found : 0;
        if (found == 1 && (all || recipient.done)) {
            error = write_done(sys, message->fd, recipient.offset);
        }
    }
    arena_done(&arena);
    return error;
}

int queue_message_mark_again(struct queue_message *message)
{
    return mark_each(message, false);
}

int queue_message_mark_all(struct queue_message *message)
{
    return mark_each(message, true);
}

enum { WARN_HEAD_BYTES = 2 }; /* type, and a length of one byte */

int queue_message_mark_warned(struct sys *sys, int fd, int64_t offset)
{
    char text[QUEUE_RECORD_WARN_BYTES + 1];
    char type;
    long count = sys_pread(sys, fd, &type, 1, offset);
    if (count != 1 || type != QUEUE_RECORD_WARN_TIME) {
        return count < 0 ? (int)count : -ERR_CORRUPT;
    }
    queue_record_warn_write(-1, text);
    count = sys_pwrite(sys, fd, text, QUEUE_RECORD_WARN_BYTES, offset + WARN_HEAD_BYTES);
    return count == QUEUE_RECORD_WARN_BYTES ? 0 : count < 0 ? (int)count : -ERR_NO_SPACE;
}
