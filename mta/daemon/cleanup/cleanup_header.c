// SPDX-License-Identifier: ISC
#include "cleanup/cleanup_header.h"

#include "mail/received.h"
#include "proto/address.h"
#include "proto/header.h"
#include "sys/clock.h"

enum { FROM_MAX = 8 * 1024 };

void cleanup_header_init(struct cleanup_header *header, struct cleanup_state *state,
                         struct queue_file *file)
{
    *header = (struct cleanup_header){.state = state, .file = file};
    buf_init(&header->message_id, sys_mem(state->sys), CLEANUP_MESSAGE_ID_MAX);
}

void cleanup_header_done(struct cleanup_header *header)
{
    buf_done(&header->message_id);
}

/* ---- what goes out --------------------------------------------------------------------------- */

static void put(struct cleanup_header *header, struct str text, bool ends_line)
{
    header->bytes += (int64_t)text.size + ends_line;
    queue_file_put(header->file, ends_line ? QUEUE_RECORD_LINE : QUEUE_RECORD_LINE_PART, text);
}

static void put_field(struct cleanup_header *header, const char *name, struct str value)
{
    struct buf field;
    buf_init(&field, sys_mem(header->state->sys), FROM_MAX + 64);
    buf_putf(&field, "%s: %.*s", name, STR_ARG(value));
    put(header, buf_str(&field), true);
    buf_done(&field);
}

/* ---- the fields that a local client may leave to us --------------------------------------------- */

static void add_message_id(struct cleanup_header *header)
{
    buf_clear(&header->message_id);
    buf_putf(&header->message_id, "<%s@%.*s>", header->file->id,
             STR_ARG(conf_text(header->state->conf, CONF_myhostname)));
    put_field(header, "Message-Id", buf_str(&header->message_id));
}

static void add_date(struct cleanup_header *header)
{
    struct sys *sys = header->state->sys;
    char date[RECEIVED_DATE_SIZE];
    int64_t wall_ns = sys_wall_ns(sys);
    int offset_s = sys_utc_offset_s(sys, wall_ns);
    put_field(header, "Date", str_from(received_date(wall_ns / SYS_SECOND_NS, offset_s, date)));
}

/* As a quoted string, which every name fits into. */
static void put_name(struct buf *out, struct str name)
{
    buf_put_char(out, '"');
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] == '"' || name.data[i] == '\\') {
            buf_put_char(out, '\\');
        }
        buf_put_char(out, name.data[i]);
    }
    buf_put_text(out, "\" ");
}

static void add_from(struct cleanup_header *header)
{
    struct buf from;
    bool has_name = header->full_name.size > 0;
    buf_init(&from, sys_mem(header->state->sys), FROM_MAX);
    if (has_name) {
        put_name(&from, header->full_name);
        buf_put_char(&from, '<');
    }
    address_write(header->sender.size > 0 ? header->sender : STR("MAILER-DAEMON"), &from);
    if (has_name) {
        buf_put_char(&from, '>');
    }
    put_field(header, "From", buf_str(&from));
    buf_done(&from);
}

static void end_header(struct cleanup_header *header)
{
    header->ended = true;
    header->dropping = false;
    if (header->local && !header->has_message_id) {
        add_message_id(header);
    }
    if (header->local && !header->has_date) {
        add_date(header);
    }
    if (header->local && !header->has_from) {
        add_from(header);
    }
    log_event(header->state->log, message_id, .queue_id = str_from(header->file->id),
              .message_id = header->message_id.size > 0 ? buf_str(&header->message_id) : STR("<>"));
}

/* ---- what comes in --------------------------------------------------------------------------- */

static bool is_named(struct str field, size_t name_size, struct str name)
{
    return str_equal_fold(str_first(field, name_size), name);
}

static void begin_field(struct cleanup_header *header, struct str line, size_t name_size)
{
    struct str name = str_first(line, name_size);
    header->field_bytes = 0;
    header->dropping =
        conf_list_has(conf_text(header->state->conf, CONF_message_drop_headers), name);
    header->reads_message_id = false;
    if (is_named(line, name_size, STR("Received"))) {
        header->received_count++;
    } else if (is_named(line, name_size, STR("Date"))) {
        header->has_date = true;
    } else if (is_named(line, name_size, STR("From"))) {
        header->has_from = true;
    } else if (is_named(line, name_size, STR("Message-Id")) && !header->has_message_id) {
        header->has_message_id = true;
        header->reads_message_id = true;
    }
}

static void read_message_id(struct cleanup_header *header, struct str line, bool is_first)
{
    ptrdiff_t colon = is_first ? str_find(line, ':') : -1;
    struct str value = str_trim_space(str_skip(line, (size_t)(colon + 1)));
    if (header->message_id.size > 0 && value.size > 0) {
        buf_put_char(&header->message_id, ' ');
    }
    buf_put(&header->message_id, value);
}

/* Field text up to header_size_limit; the rest of the field is dropped. */
static void put_field_text(struct cleanup_header *header, struct str text, bool ends_line)
{
    int64_t left = conf_size(header->state->conf, CONF_header_size_limit) - header->field_bytes;
    header->field_bytes += (int64_t)text.size + ends_line;
    if (!header->dropping && left > 0) {
        put(header, str_first(text, (size_t)left), ends_line);
    }
}

static void take_field_line(struct cleanup_header *header, struct str text, bool ends_line,
                            size_t name_size)
{
    if (name_size > 0) {
        begin_field(header, text, name_size);
    }
    if (header->reads_message_id) {
        read_message_id(header, text, name_size > 0);
    }
    put_field_text(header, text, ends_line);
}

/* The first line behind the header; an empty line is put between where there is none. */
static void begin_body(struct cleanup_header *header, struct str text, bool ends_line)
{
    end_header(header);
    if (text.size > 0) {
        put(header, STR(""), true);
    }
    put(header, text, ends_line);
}

void cleanup_header_line(struct cleanup_header *header, struct str text, bool ends_line)
{
    bool begins_line = !header->inside_line;
    header->inside_line = !ends_line;
    if (header->ended) {
        put(header, text, ends_line);
    } else if (!begins_line) {
        put_field_text(header, text, ends_line);
    } else {
        size_t name_size = header_name_size(text);
        bool continues = header->field_bytes > 0 && header_line_continues(text);
        if (name_size > 0 || continues) {
            take_field_line(header, text, ends_line, name_size);
        } else {
            begin_body(header, text, ends_line);
        }
    }
}

void cleanup_header_end(struct cleanup_header *header)
{
    if (!header->ended) {
        end_header(header);
    }
}
