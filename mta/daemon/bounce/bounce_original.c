// SPDX-License-Identifier: ISC
#include "bounce/bounce_original.h"

#include "proto/header.h"

void bounce_original_init(struct bounce_original *original, struct mem *mem,
                          struct queue_message *message, bool whole)
{
    *original = (struct bounce_original){.message = message, .whole = whole};
    buf_init(&original->message_id, mem, BOUNCE_ORIGINAL_ID_MAX);
}

void bounce_original_done(struct bounce_original *original)
{
    buf_done(&original->message_id);
}

/* ---- lines ------------------------------------------------------------------------------------- */

struct reader {
    struct bounce_original *original;
    bool begins_line; /* the next piece does */
    bool in_header;
    struct str text;
    bool ends_line;
};

static struct reader read_from_start(struct bounce_original *original)
{
    queue_message_content(original->message);
    return (struct reader){.original = original, .begins_line = true, .in_header = true};
}

/* The next piece of a line that is to be returned: 1, 0 at the end of what can be read. */
static int next_piece(struct reader *reader, bool *begins_line)
{
    *begins_line = reader->begins_line;
    int found = queue_message_line(reader->original->message, &reader->text, &reader->ends_line);
    if (found != 1) {
        return found == -ERR_CORRUPT ? 0 : found;
    }
    reader->begins_line = reader->ends_line;
    if (*begins_line && reader->ends_line && reader->text.size == 0) {
        reader->in_header = false;
    }
    return reader->in_header || reader->original->whole ? 1 : 0;
}

/* ---- scan -------------------------------------------------------------------------------------- */

/* The text of the first Message-Id field, which may stand on several lines. */
static void gather_id(struct bounce_original *original, struct str line, bool *is_gathering)
{
    size_t name_size = header_name_size(line);
    if (name_size > 0) {
        *is_gathering = original->message_id.size == 0 &&
                        str_equal_fold(str_first(line, name_size), STR("Message-Id"));
    }
    if (*is_gathering) {
        ptrdiff_t colon = name_size > 0 ? str_find(line, ':') : -1;
        buf_put(&original->message_id, str_trim_space(str_skip(line, (size_t)(colon + 1))));
    }
}

/* Something in angle brackets that can stand in a header of ours. */
static bool is_fit(struct str id)
{
    for (size_t i = 0; i < id.size; i++) {
        if (!char_is_print(id.data[i]) || id.data[i] == ' ') {
            return false;
        }
    }
    return id.size > 2 && id.data[0] == '<' && str_find(id, '>') == (ptrdiff_t)id.size - 1;
}

int bounce_original_scan(struct bounce_original *original, struct str delimiter)
{
    struct reader reader = read_from_start(original);
    bool begins_line;
    bool is_gathering = false;
    int found;
    buf_clear(&original->message_id);
    original->has_8bit = false;
    original->header_has_8bit = false;
    original->has_delimiter = false;
    while ((found = next_piece(&reader, &begins_line)) == 1) {
        bool has_8bit = !str_is_ascii(reader.text);
        original->has_8bit = original->has_8bit || has_8bit;
        original->header_has_8bit = original->header_has_8bit || (reader.in_header && has_8bit);
        original->has_delimiter =
            original->has_delimiter || (begins_line && str_starts_with(reader.text, delimiter));
        if (reader.in_header && begins_line) {
            gather_id(original, reader.text, &is_gathering);
        }
    }
    if (!is_fit(buf_str(&original->message_id))) {
        buf_clear(&original->message_id);
    }
    return found;
}

/* ---- copy -------------------------------------------------------------------------------------- */

struct copy {
    struct cleanup_message *notice;
    size_t column;
    struct buf clean;
};

static bool is_clean(struct str text)
{
    return str_find(text, '\0') < 0 && str_find(text, '\r') < 0;
}

static struct str make_clean(struct copy *copy, struct str text)
{
    buf_clear(&copy->clean);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        buf_put_char(&copy->clean, c == '\0' || c == '\r' ? '?' : c);
    }
    return buf_str(&copy->clean);
}

static void put_piece(struct copy *copy, struct str text, bool ends_line)
{
    text = is_clean(text) ? text : make_clean(copy, text);
    while (copy->column + text.size > BOUNCE_ORIGINAL_LINE_MAX) {
        struct str first = str_first(text, BOUNCE_ORIGINAL_LINE_MAX - copy->column);
        cleanup_client_put(copy->notice, QUEUE_RECORD_LINE, first);
        cleanup_client_put(copy->notice, QUEUE_RECORD_LINE_PART, STR(" "));
        copy->column = 1;
        text = str_skip(text, first.size);
    }
    cleanup_client_put(copy->notice, ends_line ? QUEUE_RECORD_LINE : QUEUE_RECORD_LINE_PART, text);
    copy->column = ends_line ? 0 : copy->column + text.size;
}

int bounce_original_copy(struct bounce_original *original, struct cleanup_message *notice)
{
    struct reader reader = read_from_start(original);
    struct copy copy = {.notice = notice};
    bool begins_line;
    int found;
    buf_init(&copy.clean, original->message_id.mem, QUEUE_RECORD_DATA_MAX);
    while ((found = next_piece(&reader, &begins_line)) == 1) {
        put_piece(&copy, reader.text, reader.ends_line);
    }
    if (copy.column > 0) {
        cleanup_client_put(notice, QUEUE_RECORD_LINE, STR(""));
    }
    buf_done(&copy.clean);
    return found;
}
