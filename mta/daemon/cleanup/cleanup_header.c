// SPDX-License-Identifier: ISC
#include "cleanup/cleanup_header.h"

#include "mail/received.h"
#include "proto/address.h"
#include "proto/header.h"
#include "sys/clock.h"

enum { FROM_MAX = 8 * 1024 };

static const struct str resent = STR_INIT("Resent-");

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
    header->has_8bit |= !header->ended && !str_is_ascii(text);
    queue_file_put(header->file, ends_line ? QUEUE_RECORD_LINE : QUEUE_RECORD_LINE_PART, text);
}

/* ---- the message's name in the log -------------------------------------------------------------- */

static void log_message_id(struct cleanup_header *header, bool is_resent)
{
    struct str id = header->message_id.size > 0 ? buf_str(&header->message_id) : STR("<>");
    struct str queue_id = str_from(header->file->id);
    if (is_resent) {
        log_event(header->state->log, resent_message_id, .queue_id = queue_id, .message_id = id);
    } else {
        log_event(header->state->log, message_id, .queue_id = queue_id, .message_id = id);
    }
    buf_clear(&header->message_id);
}

/* ---- the fields that a local client may leave to us --------------------------------------------- */

static void add_field(struct cleanup_header *header, const char *name, struct str value)
{
    struct buf field;
    buf_init(&field, sys_mem(header->state->sys), FROM_MAX + 64);
    buf_put(&field, header->is_resent ? resent : STR(""));
    buf_putf(&field, "%s: %.*s", name, STR_ARG(value));
    put(header, buf_str(&field), true);
    buf_done(&field);
}

static void add_message_id(struct cleanup_header *header)
{
    buf_putf(&header->message_id, "<%s@%.*s>", header->file->id,
             STR_ARG(conf_text(header->state->conf, CONF_myhostname)));
    add_field(header, "Message-Id", buf_str(&header->message_id));
    log_message_id(header, header->is_resent);
}

static void add_date(struct cleanup_header *header)
{
    struct sys *sys = header->state->sys;
    char date[RECEIVED_DATE_SIZE];
    int64_t wall_ns = sys_wall_ns(sys);
    int offset_s = sys_utc_offset_s(sys, wall_ns);
    add_field(header, "Date", str_from(received_date(wall_ns / SYS_SECOND_NS, offset_s, date)));
}

static void add_from(struct cleanup_header *header)
{
    struct buf from;
    bool has_name = header->full_name.size > 0;
    buf_init(&from, sys_mem(header->state->sys), FROM_MAX);
    if (has_name) {
        address_write_name(header->full_name, &from);
        buf_put_text(&from, " <");
    }
    address_write(header->sender.size > 0 ? header->sender : STR("MAILER-DAEMON"), &from);
    if (has_name) {
        buf_put_char(&from, '>');
    }
    add_field(header, "From", buf_str(&from));
    buf_done(&from);
}

static void end_field(struct cleanup_header *header)
{
    if (header->reads_message_id) {
        log_message_id(header, header->reads_resent);
    }
    header->reads_message_id = false;
    header->dropping = false;
}

static void end_header(struct cleanup_header *header)
{
    struct cleanup_fields *fields = header->is_resent ? &header->resent : &header->own;
    end_field(header);
    header->ended = true;
    if (header->local && !fields->has_message_id) {
        add_message_id(header);
        fields->has_message_id = true;
    }
    if (header->local && !fields->has_date) {
        add_date(header);
    }
    if (header->local && !fields->has_from) {
        add_from(header);
    }
    if (!header->own.has_message_id) {
        log_message_id(header, false);
    }
}

/* ---- what comes in --------------------------------------------------------------------------- */

static bool is_resent_name(struct str name)
{
    static const struct str names[] = {
        STR_INIT("Bcc"),        STR_INIT("Cc"),       STR_INIT("Date"),   STR_INIT("From"),
        STR_INIT("Message-Id"), STR_INIT("Reply-To"), STR_INIT("Sender"), STR_INIT("To"),
    };
    bool found = false;
    if (str_starts_with_fold(name, resent)) {
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            found |= str_equal_fold(str_skip(name, resent.size), names[i]);
        }
    }
    return found;
}

/* A field of those that are added where they are missing, without its Resent-. */
static void note_field(struct cleanup_header *header, struct cleanup_fields *fields,
                       struct str name)
{
    if (str_equal_fold(name, STR("Date"))) {
        fields->has_date = true;
    } else if (str_equal_fold(name, STR("From"))) {
        fields->has_from = true;
    } else if (str_equal_fold(name, STR("Message-Id")) && !fields->has_message_id) {
        fields->has_message_id = true;
        header->reads_message_id = true;
    }
}

static void begin_field(struct cleanup_header *header, struct str name)
{
    end_field(header);
    header->field_bytes = 0;
    header->dropping =
        conf_list_has(conf_text(header->state->conf, CONF_message_drop_headers), name);
    header->reads_resent = is_resent_name(name);
    header->is_resent |= header->reads_resent;
    if (header->reads_resent) {
        note_field(header, &header->resent, str_skip(name, resent.size));
    } else {
        note_field(header, &header->own, name);
    }
    header->received_count += str_equal_fold(name, STR("Received"));
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
        begin_field(header, str_first(text, name_size));
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
