// SPDX-License-Identifier: ISC
#include "cleanup/cleanup_message.h"

#include "base/number.h"
#include "cleanup/cleanup_alias.h"
#include "mail/cleanup_status.h"
#include "sys/clock.h"

/* ---- the file -------------------------------------------------------------------------------- */

/* Room for one and a half messages of the largest size must be left, and queue_minfree. */
static int check_space(struct cleanup_state *state)
{
    struct sys_space space;
    int error = sys_space(state->sys, state->incoming_fd, &space);
    if (error != 0) {
        return error;
    }
    int64_t size_limit = conf_size(state->conf, CONF_message_size_limit);
    int64_t least = conf_size(state->conf, CONF_queue_minfree);
    if (least < size_limit + size_limit / 2) {
        least = size_limit + size_limit / 2;
    }
    return space.bytes_free < least ? -ERR_NO_SPACE : 0;
}

/* An id that names the time and the inode only is free again once its file is gone: what was
 * recorded about another message must not be taken for this one's. */
static int remove_stale_records(struct cleanup_state *state, struct str id)
{
    static const enum queue_name records[] = {QUEUE_BOUNCE, QUEUE_DEFER, QUEUE_TRACE};
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        int error = queue_remove(&state->queue, records[i], id);
        if (error != 0 && error != -ERR_NOT_FOUND) {
            return error;
        }
    }
    return 0;
}

int cleanup_message_open(struct cleanup_message *message, struct cleanup_state *state,
                         struct arena *arena)
{
    *message =
        (struct cleanup_message){.state = state, .arena = arena, .segment = QUEUE_SEGMENT_ENVELOPE};
    cleanup_header_init(&message->header, state, &message->file);
    cleanup_recipients_init(&message->recipients, state, arena, &message->file);
    message->file.fd = -1;
    int error = check_space(state);
    if (error == 0) {
        error = queue_file_create(&state->queue, QUEUE_INCOMING, &message->file);
    }
    if (error == 0 && !state->queue.long_ids) {
        error = remove_stale_records(state, str_from(message->file.id));
    }
    if (error != 0) {
        log_warning(state->log, "cannot create a queue file: %s", err_sentence(error));
        cleanup_message_close(message);
    }
    return error;
}

void cleanup_message_close(struct cleanup_message *message)
{
    if (message->file.fd >= 0) {
        queue_file_abort(&message->file);
    }
    cleanup_header_done(&message->header);
    cleanup_recipients_done(&message->recipients);
}

/* ---- records --------------------------------------------------------------------------------- */

/* When the sender is to hear of a delay: not the null sender, which hears of nothing. */
static void put_warn_time(struct cleanup_message *message)
{
    int64_t delay_ns = conf_time_ns(message->state->conf, CONF_delay_warning_time);
    char text[QUEUE_RECORD_WARN_BYTES + 1];
    if (delay_ns == 0 || message->header.sender.size == 0) {
        return;
    }
    queue_record_warn_write((message->arrival_wall_ns + delay_ns) / SYS_SECOND_NS, text);
    queue_file_put(&message->file, QUEUE_RECORD_WARN_TIME, str_from(text));
}

static void take_sender(struct cleanup_message *message, struct str address)
{
    struct str complete;
    int error = cleanup_alias_complete(message->state, message->arena, address, &complete);
    if (error != 0) {
        message->status |= CLEANUP_DEFER;
        return;
    }
    message->has_sender = true;
    message->smtputf8 |= str_is_ascii(complete) ? 0 : QUEUE_SMTPUTF8_SENDER;
    message->header.sender = arena_copy(message->arena, complete);
    queue_file_put(&message->file, QUEUE_RECORD_SENDER, complete);
    put_warn_time(message);
}

static void take_arrival_time(struct cleanup_message *message, struct str data)
{
    if (queue_record_time_parse(data, &message->arrival_wall_ns) != 0) {
        message->status |= CLEANUP_BAD;
    }
    queue_file_put(&message->file, QUEUE_RECORD_ARRIVAL_TIME, data);
}

static void begin_content(struct cleanup_message *message)
{
    queue_file_put(&message->file, QUEUE_RECORD_CONTENT, STR(""));
    message->size.content_offset = queue_file_offset(&message->file);
}

static void end_content(struct cleanup_message *message)
{
    cleanup_header_end(&message->header);
    message->size.file_content_bytes =
        queue_file_offset(&message->file) - message->size.content_offset;
    message->size.message_bytes = message->header.bytes;
    queue_file_put(&message->file, QUEUE_RECORD_EXTRACTED, STR(""));
}

static void take_line(struct cleanup_message *message, struct str text, bool ends_line)
{
    cleanup_header_line(&message->header, text, ends_line);
    int64_t size_limit = conf_size(message->state->conf, CONF_message_size_limit);
    if (size_limit > 0 && message->header.bytes > size_limit) {
        message->status |= CLEANUP_SIZE;
    }
    if (message->header.received_count > conf_int(message->state->conf, CONF_hopcount_limit)) {
        message->status |= CLEANUP_HOPS;
    }
}

/* What the client knows of the need for SMTPUTF8 goes into the SIZE record; all else stays. */
static void take_attribute(struct cleanup_message *message, struct str data)
{
    struct str name;
    struct str value;
    int64_t options;
    if (!queue_record_attribute(data, &name, &value) || !str_equal(name, STR("smtputf8"))) {
        queue_file_put(&message->file, QUEUE_RECORD_ATTRIBUTE, data);
    } else if (number_parse_i64(value, 0, QUEUE_SMTPUTF8_ALL, &options) == 0) {
        message->smtputf8 |= options;
    } else {
        message->status |= CLEANUP_BAD;
    }
}

/* A record of the envelope or of the part behind the content. */
static void take_envelope(struct cleanup_message *message, struct queue_record *record)
{
    queue_record_resolve(record);
    enum queue_record_type type = (enum queue_record_type)record->type;
    switch (type) {
    case QUEUE_RECORD_SENDER:
        take_sender(message, record->data);
        return;
    case QUEUE_RECORD_FULL_NAME:
        message->header.full_name = arena_copy(message->arena, record->data);
        queue_file_put(&message->file, type, record->data);
        return;
    case QUEUE_RECORD_ORIGINAL:
    case QUEUE_RECORD_DSN_ORCPT:
    case QUEUE_RECORD_DSN_NOTIFY:
        message->status |= cleanup_recipients_about(&message->recipients, record);
        return;
    case QUEUE_RECORD_RECIPIENT:
        message->status |= cleanup_recipients_add(&message->recipients, record->data);
        return;
    case QUEUE_RECORD_ARRIVAL_TIME:
        take_arrival_time(message, record->data);
        return;
    case QUEUE_RECORD_ATTRIBUTE:
        take_attribute(message, record->data);
        return;
    case QUEUE_RECORD_CREATE_TIME:
    case QUEUE_RECORD_DSN_RET:
    case QUEUE_RECORD_DSN_ENVID:
        queue_file_put_named(&message->file, type, record->data);
        return;
    default:
        queue_file_put(&message->file, type, record->data);
    }
}

/* Only a client that is broken or hostile sends these. */
static bool is_ours_to_write(char type)
{
    return type == QUEUE_RECORD_SIZE || type == QUEUE_RECORD_DONE || type == QUEUE_RECORD_POINTER ||
           type == QUEUE_RECORD_WARN_TIME;
}

static void take_record(struct cleanup_message *message, struct queue_record *record)
{
    enum queue_segment before = message->segment;
    if (queue_record_advance(&message->segment, record->type) != 0 ||
        is_ours_to_write(record->type)) {
        message->status |= CLEANUP_BAD;
        return;
    }
    if (message->status != 0 || record->type == QUEUE_RECORD_END) {
        return;
    }
    if (record->type == QUEUE_RECORD_CONTENT) {
        begin_content(message);
    } else if (record->type == QUEUE_RECORD_EXTRACTED) {
        end_content(message);
    } else if (before == QUEUE_SEGMENT_CONTENT) {
        take_line(message, record->data, record->type == QUEUE_RECORD_LINE);
    } else {
        take_envelope(message, record);
    }
}

/* Takes all records that have arrived: 0, or -ERR_PROTOCOL. */
static int take_input(struct cleanup_message *message, struct stream *stream, bool *ended)
{
    struct str input = stream_input(stream);
    size_t used = 0;
    enum parse parsed = PARSE_OK;
    while (!*ended && parsed == PARSE_OK) {
        struct queue_record record;
        size_t used_bytes;
        parsed = queue_record_parse(str_skip(input, used), &record, &used_bytes);
        if (parsed == PARSE_OK) {
            used += used_bytes;
            take_record(message, &record);
            *ended = record.type == QUEUE_RECORD_END;
        }
    }
    stream_skip(stream, used);
    return parsed == PARSE_BAD ? -ERR_PROTOCOL : 0;
}

int cleanup_message_receive(struct cleanup_message *message, struct stream *stream, int64_t flags)
{
    bool ended = false;
    message->header.local = (flags & CLEANUP_FLAG_LOCAL) != 0;
    message->finds_utf8 = (flags & CLEANUP_FLAG_AUTO_UTF8) != 0;
    for (;;) {
        int error = take_input(message, stream, &ended);
        if (error == 0 && !ended) {
            error = stream_fill(stream);
        }
        if (error != 0 || ended) {
            return error;
        }
    }
}

/* ---- the end --------------------------------------------------------------------------------- */

static void check_complete(struct cleanup_message *message)
{
    if (message->status != 0) {
        return;
    }
    if (message->segment != QUEUE_SEGMENT_ENDED || !message->has_sender ||
        message->arrival_wall_ns == 0) {
        message->status = CLEANUP_BAD;
    } else if (message->recipients.count == 0) {
        message->status = CLEANUP_RECIPIENTS;
    }
}

/* A recipient counts where it is delivered, since others need not be like it. */
static int64_t send_options_of(const struct cleanup_message *message)
{
    int64_t options = message->smtputf8 | (message->header.has_8bit ? QUEUE_SMTPUTF8_HEADER : 0);
    bool is_found = options != 0 || message->recipients.has_8bit;
    options |= message->finds_utf8 && is_found ? QUEUE_SMTPUTF8_REQUESTED : 0;
    return options & ~QUEUE_SMTPUTF8_RECIPIENT;
}

/* The report of what was expanded is durable before the message is: its sender must not miss it.
 * Without the message it is nobody's. */
static int commit(struct cleanup_message *message)
{
    int error = cleanup_recipients_report(&message->recipients);
    if (error == 0) {
        error = queue_file_commit(&message->file, &message->size);
    }
    if (error != 0 && !list_is_empty(&message->recipients.expanded)) {
        int undone = queue_remove(&message->state->queue, QUEUE_TRACE, str_from(message->file.id));
        (void)undone; /* a later message of that id removes it */
    }
    return error;
}

void cleanup_message_finish(struct cleanup_message *message)
{
    struct cleanup_state *state = message->state;
    check_complete(message);
    if (message->status != 0) {
        return;
    }
    queue_file_put(&message->file, QUEUE_RECORD_END, STR(""));
    message->size.recipient_count = message->recipients.count;
    message->size.send_options = send_options_of(message);
    int error = commit(message);
    if (error != 0) {
        log_warning(state->log, "%s: cannot queue the message: %s", message->file.id,
                    err_sentence(error));
        message->status = CLEANUP_WRITE;
        return;
    }
    trigger_set(&state->trigger);
}
