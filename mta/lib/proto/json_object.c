// SPDX-License-Identifier: ISC
#include "proto/json_object.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/number.h"
#include "proto/utf8.h"

/* ---- tokens ------------------------------------------------------------------------------------ */

static void skip_blanks(struct str *rest)
{
    while (rest->size > 0 && str_find(STR(" \t\n\r"), rest->data[0]) >= 0) {
        *rest = str_skip(*rest, 1);
    }
}

static bool take_char(struct str *rest, char c)
{
    if (rest->size == 0 || rest->data[0] != c) {
        return false;
    }
    *rest = str_skip(*rest, 1);
    return true;
}

/* Takes a character that structures the object, and the blanks around it. */
static bool take_mark(struct str *rest, char mark)
{
    skip_blanks(rest);
    if (!take_char(rest, mark)) {
        return false;
    }
    skip_blanks(rest);
    return true;
}

static size_t take_digits(struct str *rest)
{
    size_t size = 0;
    while (size < rest->size && char_is_digit(rest->data[size])) {
        size++;
    }
    *rest = str_skip(*rest, size);
    return size;
}

/* RFC 8259 6: no zero in front of another digit. */
static bool take_number(struct str *rest, struct str *number)
{
    struct str begin = *rest;
    (void)take_char(rest, '-');
    bool begins_with_zero = rest->size > 0 && rest->data[0] == '0';
    size_t whole_size = take_digits(rest);
    if (whole_size == 0 || (begins_with_zero && whole_size > 1) ||
        (take_char(rest, '.') && take_digits(rest) == 0)) {
        return false;
    }
    *number = str_first(begin, begin.size - rest->size);
    return true;
}

/* ---- strings ----------------------------------------------------------------------------------- */

static bool take_hex(struct str *rest, uint32_t *code)
{
    uint64_t value = 0;
    if (rest->size < 4 || number_parse_hex(str_first(*rest, 4), UINT16_MAX, &value) != 0) {
        return false;
    }
    *code = (uint32_t)value;
    *rest = str_skip(*rest, 4);
    return true;
}

/* What follows \u: one code unit, or the two of a character beyond the first 65,536. */
static int unescape_code(struct str *rest, struct buf *out)
{
    uint32_t code = 0;
    uint32_t low = 0;
    if (!take_hex(rest, &code)) {
        return -ERR_SYNTAX;
    }
    if (code >= 0xd800 && code <= 0xdbff) {
        if (!take_char(rest, '\\') || !take_char(rest, 'u') || !take_hex(rest, &low) ||
            low < 0xdc00 || low > 0xdfff) {
            return -ERR_SYNTAX;
        }
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    return utf8_encode(code, out);
}

/* What follows a backslash. */
static int unescape_character(struct str *rest, struct buf *out)
{
    static const char escapes[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    if (take_char(rest, 'u')) {
        return unescape_code(rest, out);
    }
    ptrdiff_t index = rest->size > 0 ? str_find(str_from(escapes), rest->data[0]) : -1;
    if (index < 0) {
        return -ERR_SYNTAX;
    }
    buf_put_char(out, meanings[index]);
    *rest = str_skip(*rest, 1);
    return 0;
}

static int unescape_into(struct str rest, struct buf *out)
{
    struct str plain;
    while (str_next(&rest, '\\', &plain)) {
        buf_put(out, plain);
        if (rest.data != NULL) {
            int error = unescape_character(&rest, out);
            if (error != 0) {
                return error;
            }
        }
    }
    return buf_error(out);
}

/* An escape is never shorter than what it means. */
static int unescape(struct str escaped, struct arena *arena, struct str *text)
{
    struct buf out;
    buf_init(&out, arena->mem, escaped.size);
    int error = unescape_into(escaped, &out);
    if (error == 0) {
        *text = arena_copy(arena, buf_str(&out));
        error = text->data == NULL ? -ERR_LIMIT : 0;
    }
    buf_done(&out);
    return error;
}

/* Takes the inside of a string and its closing quote, with the escapes still in it. */
static bool take_escaped(struct str *rest, struct str *escaped)
{
    struct str begin = *rest;
    while (rest->size > 0 && rest->data[0] != '"') {
        (void)take_char(rest, '\\'); /* what it escapes may be a quote */
        size_t size = utf8_character_size(*rest);
        if (size == 0 || (uint8_t)rest->data[0] < 0x20) {
            return false;
        }
        *rest = str_skip(*rest, size);
    }
    *escaped = str_first(begin, begin.size - rest->size);
    return take_char(rest, '"');
}

static int take_string(struct str *rest, struct arena *arena, struct str *text)
{
    struct str escaped;
    if (!take_char(rest, '"') || !take_escaped(rest, &escaped)) {
        return -ERR_SYNTAX;
    }
    if (str_find(escaped, '\\') >= 0) {
        return unescape(escaped, arena, text);
    }
    *text = escaped;
    return 0;
}

/* ---- objects ----------------------------------------------------------------------------------- */

static int take_member(struct str *rest, struct arena *arena, struct json_member *member)
{
    int error = take_string(rest, arena, &member->name);
    if (error != 0) {
        return error;
    }
    if (!take_mark(rest, ':')) {
        return -ERR_SYNTAX;
    }
    member->is_string = rest->size > 0 && rest->data[0] == '"';
    if (member->is_string) {
        return take_string(rest, arena, &member->value);
    }
    return take_number(rest, &member->value) ? 0 : -ERR_SYNTAX;
}

static int take_members(struct str *rest, struct arena *arena, struct json_object *object)
{
    do {
        if (object->count == JSON_MEMBERS_MAX) {
            return -ERR_LIMIT;
        }
        int error = take_member(rest, arena, &object->members[object->count++]);
        if (error != 0) {
            return error;
        }
    } while (take_mark(rest, ','));
    return take_mark(rest, '}') ? 0 : -ERR_SYNTAX;
}

int json_object_parse(struct str text, struct arena *arena, struct json_object *object)
{
    struct str rest = text;
    object->count = 0;
    if (!take_mark(&rest, '{')) {
        return -ERR_SYNTAX;
    }
    int error = take_mark(&rest, '}') ? 0 : take_members(&rest, arena, object);
    return error == 0 && rest.size > 0 ? -ERR_SYNTAX : error;
}

const struct json_member *json_object_find(const struct json_object *object, struct str name)
{
    for (size_t i = 0; i < object->count; i++) {
        if (str_equal(object->members[i].name, name)) {
            return &object->members[i];
        }
    }
    return NULL;
}
