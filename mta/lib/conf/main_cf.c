// SPDX-License-Identifier: ISC
#include "conf/main_cf.h"

void main_cf_reader_init(struct main_cf_reader *reader, struct str text, struct buf *joined)
{
    logical_line_begin(&reader->lines, text);
    reader->joined = joined;
}

static bool has_space(struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (char_is_space(text.data[i])) {
            return true;
        }
    }
    return false;
}

const char *main_cf_split(struct str text, struct str *name, struct str *value)
{
    ptrdiff_t equals = str_find(text, '=');
    *name = str_trim_space(equals < 0 ? text : str_first(text, (size_t)equals));
    *value = str_of("", 0);
    if (name->size == 0) {
        return "missing name before \"=\"";
    }
    if (equals < 0 || has_space(*name)) {
        return "missing \"=\" after the name";
    }
    *value = str_trim_space(str_skip(text, (size_t)equals + 1));
    if (value->size == 0) {
        value->data = text.data + text.size;
    }
    return NULL;
}

bool main_cf_next(struct main_cf_reader *reader, struct main_cf_entry *entry)
{
    *entry = (struct main_cf_entry){0};
    if (!logical_line_next(&reader->lines, &entry->line, reader->joined)) {
        return false;
    }
    struct str joined = buf_str(reader->joined);
    if (buf_error(reader->joined) != 0) {
        entry->problem = "the line with its continuations is too long";
    } else if (str_find(joined, 0) >= 0) {
        entry->problem = "the line has a NUL character";
    } else if (char_is_space(joined.data[0])) {
        entry->problem = "white space at the start continues a line, but there is none before";
    } else {
        entry->problem = main_cf_split(joined, &entry->name, &entry->value);
    }
    if (entry->problem == NULL) {
        entry->value_offset = (size_t)(entry->value.data - joined.data);
    }
    return true;
}

/* The physical lines of a logical one, comments between them included, each with its newline. */
static void put_changed(struct str source, enum main_cf_edit edit, struct buf *out)
{
    struct str line;
    while (str_next(&source, '\n', &line)) {
        struct str visible = str_trim_space(line);
        bool is_comment = visible.size == 0 || visible.data[0] == '#';
        if (!is_comment && edit != MAIN_CF_COMMENT) {
            continue;
        }
        if (!is_comment) {
            buf_put_char(out, '#');
        }
        buf_put(out, line);
        buf_put_char(out, '\n');
    }
}

static void put_definition(struct buf *out, struct str name, struct str value)
{
    buf_put(out, name);
    buf_put(out, value.size > 0 ? STR(" = ") : STR(" ="));
    buf_put(out, value);
    buf_put_char(out, '\n');
}

static void end_line(struct buf *out)
{
    if (out->size > 0 && out->data[out->size - 1] != '\n') {
        buf_put_char(out, '\n');
    }
}

void main_cf_write(struct str text, enum main_cf_edit edit, struct str name, struct str value,
                   struct buf *out)
{
    struct buf joined;
    buf_init(&joined, out->mem, out->max);
    struct main_cf_reader reader;
    main_cf_reader_init(&reader, text, &joined);
    struct main_cf_entry entry;
    const char *copied = text.data;
    bool done = edit != MAIN_CF_SET;
    while (main_cf_next(&reader, &entry)) {
        if (entry.problem != NULL || !str_equal(entry.name, name)) {
            continue;
        }
        struct str source = entry.line.source;
        buf_put(out, str_of(copied, (size_t)(source.data - copied)));
        if (!done) {
            put_definition(out, name, value);
            done = true;
        }
        put_changed(source, edit, out);
        copied = source.data + source.size;
        if (copied < text.data + text.size) {
            copied++;
        }
    }
    buf_put(out, str_of(copied, (size_t)(text.data + text.size - copied)));
    if (!done) {
        end_line(out);
        put_definition(out, name, value);
    }
    buf_done(&joined);
}
