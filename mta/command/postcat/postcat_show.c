// SPDX-License-Identifier: ISC
#include "postcat/postcat_show.h"

#include "base/number.h"
#include "proto/date.h"
#include "proto/header.h"
#include "sys/clock.h"

/* How the data is shown. */
enum style {
    STYLE_TEXT,
    STYLE_TIME,
    STYLE_ATTRIBUTE,
    STYLE_MARK, /* no data: a segment begins */
};

struct row {
    char type;
    enum style style;
    const char *name;
};

static const struct row rows[] = {
    {QUEUE_RECORD_SIZE, STYLE_TEXT, "message_size"},
    {QUEUE_RECORD_ARRIVAL_TIME, STYLE_TIME, "message_arrival_time"},
    {QUEUE_RECORD_CREATE_TIME, STYLE_TEXT, "queue_file_create_time"},
    {QUEUE_RECORD_FULL_NAME, STYLE_TEXT, "sender_fullname"},
    {QUEUE_RECORD_INSPECTOR, STYLE_TEXT, "content_inspector"},
    {QUEUE_RECORD_FILTER, STYLE_TEXT, "content_filter"},
    {QUEUE_RECORD_SENDER, STYLE_TEXT, "sender"},
    {QUEUE_RECORD_DSN_RET, STYLE_TEXT, "dsn_return_flags"},
    {QUEUE_RECORD_DSN_ENVID, STYLE_TEXT, "dsn_envelope_id"},
    {QUEUE_RECORD_DSN_ORCPT, STYLE_TEXT, "dsn_original_recipient"},
    {QUEUE_RECORD_DSN_NOTIFY, STYLE_TEXT, "dsn_notify_flags"},
    {QUEUE_RECORD_ORIGINAL, STYLE_TEXT, "original_recipient"},
    {QUEUE_RECORD_RECIPIENT, STYLE_TEXT, "recipient"},
    {QUEUE_RECORD_DONE, STYLE_TEXT, "done_recipient"},
    {QUEUE_RECORD_CANCELED, STYLE_TEXT, "canceled_recipient"},
    {QUEUE_RECORD_REDIRECT, STYLE_TEXT, "redirect_to"},
    {QUEUE_RECORD_WARN_TIME, STYLE_TIME, "warning_message_time"},
    {QUEUE_RECORD_ATTRIBUTE, STYLE_ATTRIBUTE, "named_attribute"},
    {QUEUE_RECORD_KILLED, STYLE_TEXT, "killed_record"},
    {QUEUE_RECORD_RETURN_RECEIPT, STYLE_TEXT, "return_receipt"},
    {QUEUE_RECORD_ERRORS_TO, STYLE_TEXT, "errors_to"},
    {QUEUE_RECORD_VERP, STYLE_TEXT, "verp_delimiters"},
    {QUEUE_RECORD_PRIORITY, STYLE_TEXT, "priority"},
    {QUEUE_RECORD_FLAGS, STYLE_TEXT, "flags"},
    {QUEUE_RECORD_PADDING, STYLE_TEXT, "padding"},
    {QUEUE_RECORD_POINTER, STYLE_TEXT, "pointer_record"},
    {QUEUE_RECORD_CONTENT, STYLE_MARK, "MESSAGE CONTENTS"},
    {QUEUE_RECORD_EXTRACTED, STYLE_MARK, "HEADER EXTRACTED"},
    {QUEUE_RECORD_END, STYLE_MARK, "MESSAGE FILE END"},
};

/* Postfix has no name for these, and shows them so. */
static const struct row nameless = {'\0', STYLE_TEXT, "unknown_record_type"};

static const struct row *find_row(char type)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].type == type) {
            return &rows[i];
        }
    }
    return &nameless;
}

/* ---- pieces ---------------------------------------------------------------------------------- */

static void put_prefix(const struct postcat_show *show, int64_t offset, char type, struct buf *out)
{
    if ((show->flags & POSTCAT_OFFSETS) != 0) {
        buf_putf(out, "%9lld ", (long long)offset);
    }
    if ((show->flags & POSTCAT_TYPES) != 0) {
        buf_putf(out, "%3d ", (unsigned char)type);
    }
}

static void put_mark(const struct postcat_show *show, const char *what, struct buf *out)
{
    buf_putf(out, "*** %s %s ***\n", what, show->name);
}

static void put_text(struct str text, struct buf *out)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        buf_put_char(out, byte < ' ' || byte == 0x7f ? '?' : (char)byte);
    }
}

/* Seconds at the beginning of the text; text that is no time is shown as it is. */
static void put_time(const struct postcat_show *show, struct str text, struct buf *out)
{
    struct str rest = text;
    struct str word;
    int64_t wall_s = 0;
    char date[DATE_TEXT_SIZE];

    if (!str_next_token(&rest, " ", &word) ||
        number_parse_i64(word, -DATE_WALL_S_MAX / 1000000, DATE_WALL_S_MAX / 1000000, &wall_s) !=
            0) {
        put_text(text, out);
        return;
    }
    int offset_s = sys_utc_offset_s(show->sys, wall_s * SYS_SECOND_NS);
    struct date local = date_from_wall(wall_s, offset_s);
    buf_putf(out, "%s %lld", date_write_listing(wall_s, offset_s, date), (long long)local.year);
}

static void put_attribute(const struct postcat_show *show, struct str data, struct buf *out)
{
    struct str name;
    struct str value;

    if (queue_record_attribute(data, &name, &value) && str_equal(name, STR("create_time"))) {
        buf_put_text(out, "create_time: ");
        put_time(show, value, out);
    } else {
        buf_put_text(out, "named_attribute: ");
        put_text(data, out);
    }
}

static void put_row(const struct postcat_show *show, const struct row *row, struct str data,
                    struct buf *out)
{
    switch (row->style) {
    case STYLE_TEXT:
        buf_putf(out, "%s: ", row->name);
        put_text(data, out);
        break;
    case STYLE_TIME:
        buf_putf(out, "%s: ", row->name);
        put_time(show, data, out);
        break;
    case STYLE_ATTRIBUTE:
        put_attribute(show, data, out);
        break;
    case STYLE_MARK:
        put_mark(show, row->name, out);
        return;
    }
    buf_put_char(out, '\n');
}

/* ---- the content ------------------------------------------------------------------------------- */

static bool is_line(const struct postcat_show *show, char type)
{
    return type == QUEUE_RECORD_LINE ||
           (type == QUEUE_RECORD_LINE_PART && show->segment == QUEUE_SEGMENT_CONTENT);
}

/* The header ends at the first line that is neither a field nor the continuation of one. */
static bool begins_body(const struct postcat_show *show, struct str line)
{
    return !show->in_line && !header_line_continues(line) && header_name_size(line) == 0;
}

static unsigned part_of_line(struct postcat_show *show, struct str line)
{
    if (show->segment != QUEUE_SEGMENT_CONTENT) {
        return POSTCAT_ENVELOPE;
    }
    show->in_body = show->in_body || begins_body(show, line);
    return show->in_body ? POSTCAT_BODY : POSTCAT_HEADER;
}

static void show_line(struct postcat_show *show, int64_t offset, const struct queue_record *record,
                      struct buf *out)
{
    bool is_partial = record->type == QUEUE_RECORD_LINE_PART;
    bool is_alone = (show->flags & (POSTCAT_OFFSETS | POSTCAT_VERBOSE)) != 0;
    bool is_shown = (show->flags & part_of_line(show, record->data)) != 0;

    show->in_line = is_partial;
    if (!is_shown) {
        return;
    }
    put_prefix(show, offset, record->type, out);
    if ((show->flags & POSTCAT_VERBOSE) != 0) {
        buf_put_text(out, is_partial ? "unterminated_text: " : "regular_text: ");
    }
    buf_put(out, record->data);
    show->is_unfinished = is_partial && !is_alone;
    if (!show->is_unfinished) {
        buf_put_char(out, '\n');
    }
}

/* ---- all others ---------------------------------------------------------------------------------- */

static unsigned part_of_other(const struct postcat_show *show, const struct row *row)
{
    if (show->segment != QUEUE_SEGMENT_CONTENT || row->style == STYLE_MARK) {
        return POSTCAT_ENVELOPE;
    }
    return show->in_body ? POSTCAT_BODY : POSTCAT_HEADER;
}

static void show_other(struct postcat_show *show, int64_t offset, const struct queue_record *record,
                       struct buf *out)
{
    const struct row *row = find_row(record->type);

    if ((show->flags & part_of_other(show, row)) == 0) {
        return;
    }
    if (show->is_unfinished) {
        buf_put_char(out, '\n');
        show->is_unfinished = false;
    }
    put_prefix(show, offset, record->type, out);
    put_row(show, row, record->data, out);
}

/* Where the record leads, also when it stands where it may not. */
static void enter_segment(struct postcat_show *show, char type)
{
    if (type == QUEUE_RECORD_CONTENT) {
        show->segment = QUEUE_SEGMENT_CONTENT;
        show->in_body = false;
    } else if (type == QUEUE_RECORD_EXTRACTED) {
        show->segment = QUEUE_SEGMENT_EXTRACTED;
    } else if (type == QUEUE_RECORD_END) {
        show->segment = QUEUE_SEGMENT_ENDED;
    }
}

static const char *find_problem(const struct postcat_show *show, const struct queue_record *record)
{
    struct queue_record_size size;
    enum queue_segment segment = show->segment;

    if (!show->is_fragment && queue_record_advance(&segment, record->type) != 0) {
        return find_row(record->type) == &nameless && !is_line(show, record->type)
                   ? "a record of unknown type"
                   : "a record that may not stand here";
    }
    if (record->type == QUEUE_RECORD_SIZE && queue_record_size_parse(record->data, &size) != 0) {
        return "a size record that cannot be read";
    }
    return NULL;
}

void postcat_show_begin(struct postcat_show *show, struct buf *out)
{
    if ((show->flags & POSTCAT_ENVELOPE) != 0 && !show->is_fragment) {
        put_mark(show, "ENVELOPE RECORDS", out);
    }
}

const char *postcat_show_record(struct postcat_show *show, int64_t offset,
                                const struct queue_record *record, struct buf *out)
{
    const char *problem = find_problem(show, record);

    if (is_line(show, record->type)) {
        show_line(show, offset, record, out);
    } else {
        show_other(show, offset, record, out);
    }
    enter_segment(show, record->type);
    return problem;
}
