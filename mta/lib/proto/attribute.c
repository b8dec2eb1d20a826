// SPDX-License-Identifier: ISC
#include "proto/attribute.h"

#include <stdio.h>

#include "base/assert.h"
#include "base/number.h"

/* Takes a text of at most size_max bytes and its NUL. */
static enum parse take_text(struct str *rest, size_t size_max, struct str *text)
{
    ptrdiff_t end = str_find(str_first(*rest, size_max + 1), '\0');

    if (end < 0) {
        return rest->size > size_max ? PARSE_BAD : PARSE_MORE;
    }
    *text = str_first(*rest, (size_t)end);
    *rest = str_skip(*rest, (size_t)end + 1);
    return PARSE_OK;
}

/* Takes exactly this name and its NUL; what differs is bad as soon as it does. */
static enum parse take_name(struct str *rest, struct str name)
{
    if (!str_equal(str_first(*rest, name.size), str_first(name, rest->size))) {
        return PARSE_BAD;
    }
    if (rest->size <= name.size) {
        return PARSE_MORE;
    }
    if (rest->data[name.size] != '\0') {
        return PARSE_BAD;
    }
    *rest = str_skip(*rest, name.size + 1);
    return PARSE_OK;
}

enum parse attribute_parse_part(struct str input, const struct attribute_field *fields,
                                size_t count, struct str *values, size_t *used_bytes)
{
    struct str rest = input;

    for (size_t i = 0; i < count; i++) {
        enum parse parse = take_name(&rest, str_from(fields[i].name));
        if (parse == PARSE_OK) {
            parse = take_text(&rest, fields[i].value_bytes_max, &values[i]);
        }
        if (parse != PARSE_OK) {
            return parse;
        }
    }
    *used_bytes = input.size - rest.size;
    return PARSE_OK;
}

enum parse attribute_parse(struct str input, const struct attribute_field *fields, size_t count,
                           struct str *values, size_t *used_bytes)
{
    size_t part_bytes = 0;
    enum parse parse = attribute_parse_part(input, fields, count, values, &part_bytes);

    if (parse != PARSE_OK) {
        return parse;
    }
    struct str rest = str_skip(input, part_bytes);
    parse = take_name(&rest, STR(""));
    if (parse == PARSE_OK) {
        *used_bytes = input.size - rest.size;
    }
    return parse;
}

int attribute_parse_int(struct str value, int64_t min, int64_t max, int64_t *number)
{
    return number_parse_i64(value, min, max, number);
}

void attribute_put(struct buf *out, const char *name, struct str value)
{
    struct str name_text = str_from(name);

    assert(name_text.size > 0 && name_text.size <= ATTRIBUTE_NAME_MAX);
    char *end = buf_reserve(out, name_text.size + value.size + 2);
    if (end == NULL) {
        return;
    }
    for (size_t i = 0; i <= name_text.size; i++) {
        *end++ = name[i];
    }
    for (size_t i = 0; i < value.size; i++) {
        *end++ = value.data[i] != '\0' ? value.data[i] : '?';
    }
    *end = '\0';
    buf_grew(out, name_text.size + value.size + 2);
}

void attribute_put_int(struct buf *out, const char *name, int64_t value)
{
    char text[24];
    int size = snprintf(text, sizeof(text), "%lld", (long long)value);

    attribute_put(out, name, str_of(text, (size_t)size));
}

void attribute_put_end(struct buf *out)
{
    buf_put_char(out, '\0');
}
