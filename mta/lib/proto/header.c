// SPDX-License-Identifier: ISC
#include "proto/header.h"

/* ---- splitting ----------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

size_t header_name_size(struct str line)
{
    size_t size = 0;

    while (size < line.size && line.data[size] > ' ' && line.data[size] < 0x7f &&
           line.data[size] != ':') {
        size++;
    }
    size_t colon = size;
    while (colon < line.size && is_blank(line.data[colon])) {
        colon++;
    }
    return colon < line.size && line.data[colon] == ':' ? size : 0;
}

bool header_line_continues(struct str line)
{
    return line.size > 0 && is_blank(line.data[0]);
}

bool header_split(struct str field, struct str *name, struct str *value)
{
    size_t name_size = header_name_size(field);

    if (name_size == 0) {
        return false;
    }
    struct str rest = str_skip(field, name_size);
    rest = str_skip(rest, (size_t)str_find(rest, ':') + 1);
    while (rest.size > 0 && is_blank(rest.data[0])) {
        rest = str_skip(rest, 1);
    }
    *name = str_first(field, name_size);
    *value = rest;
    return true;
}

/* Bytes of the first line with its line ending. */
static size_t line_bytes(struct str text)
{
    ptrdiff_t line_feed = str_find(text, '\n');

    return line_feed < 0 ? text.size : (size_t)line_feed + 1;
}

static struct str without_line_ending(struct str line)
{
    if (line.size > 0 && line.data[line.size - 1] == '\n') {
        line.size--;
        if (line.size > 0 && line.data[line.size - 1] == '\r') {
            line.size--;
        }
    }
    return line;
}

bool header_next(struct str *rest, struct str *field)
{
    size_t bytes = line_bytes(*rest);
    struct str first = without_line_ending(str_first(*rest, bytes));

    if (header_name_size(first) == 0) {
        if (first.size == 0) {
            *rest = str_skip(*rest, bytes); /* the empty line */
        }
        return false;
    }
    while (header_line_continues(str_skip(*rest, bytes))) {
        bytes += line_bytes(str_skip(*rest, bytes));
    }
    *field = without_line_ending(str_first(*rest, bytes));
    *rest = str_skip(*rest, bytes);
    return true;
}

bool header_find(struct str message, struct str name, struct str *value)
{
    struct str rest = message;
    struct str field;
    struct str field_name;

    while (header_next(&rest, &field)) {
        if (header_split(field, &field_name, value) && str_equal_fold(field_name, name)) {
            return true;
        }
    }
    return false;
}

struct str header_body(struct str message)
{
    struct str rest = message;
    struct str field;

    while (header_next(&rest, &field)) {}
    return rest;
}

/* ---- folding ------------------------------------------------------------------------------- */

void header_unfold(struct str value, struct buf *out)
{
    struct str rest = value;

    while (rest.size > 0) {
        size_t bytes = line_bytes(rest);
        struct str line = str_first(rest, bytes);
        rest = str_skip(rest, bytes);
        buf_put(out,
                rest.size == 0 || header_line_continues(rest) ? without_line_ending(line) : line);
    }
}

/* Bytes of text that go into a line with room for `room` bytes: all of it, or up to the last
 * blank that fits, or up to the first one when none does. */
static size_t bytes_before_fold(struct str text, size_t room)
{
    size_t last_blank = 0;

    if (text.size <= room) {
        return text.size;
    }
    for (size_t i = 1; i + 1 < text.size; i++) {
        bool may_fold = is_blank(text.data[i]) && !is_blank(text.data[i + 1]);
        if (may_fold && (i <= room || last_blank == 0)) {
            last_blank = i;
        }
        if (i >= room && last_blank > 0) {
            break;
        }
    }
    return last_blank > 0 ? last_blank : text.size;
}

void header_write(struct buf *out, struct str name, struct str value, size_t line_bytes_max)
{
    size_t used = name.size + 2;
    struct str rest = value;

    buf_put(out, name);
    buf_put_text(out, ": ");
    for (;;) {
        size_t room = line_bytes_max > used ? line_bytes_max - used : 0;
        size_t bytes = bytes_before_fold(rest, room);
        buf_put(out, str_first(rest, bytes));
        if (bytes == rest.size) {
            break;
        }
        buf_put_text(out, "\n\t");
        rest = str_skip(rest, bytes + 1); /* the tab replaces the blank */
        used = 1;
    }
    buf_put_char(out, '\n');
}
