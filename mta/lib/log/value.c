// SPDX-License-Identifier: ISC
#include "log/value.h"

#include <stdio.h>

#include "base/err.h"
#include "base/number.h"
#include "proto/utf8.h"

enum { NUMBER_TEXT_SIZE = 32, SECOND_NS = 1000000000 };

#define SECONDS_MAX UINT64_C(9000000000) /* nanoseconds in 64 bits, and room to round up */

/* ---- foreign text ---------------------------------------------------------------------------- */

/* C1 controls, and the two characters beyond ASCII that end a line. */
static bool is_invisible(struct str character)
{
    uint8_t second = (uint8_t)character.data[1];
    if (character.size == 2) {
        return (uint8_t)character.data[0] == 0xc2 && second < 0xa0;
    }
    return str_equal(character, STR("\xe2\x80\xa8")) || str_equal(character, STR("\xe2\x80\xa9"));
}

static const uint8_t forbidden_in[128] = {
    [' '] = LOG_IN_NAME | LOG_IN_ID,
    [','] = LOG_IN_NAME | LOG_IN_ID,
    [';'] = LOG_IN_NAME,
    [':'] = LOG_IN_ID,
    ['('] = LOG_IN_NAME | LOG_IN_ID,
    [')'] = LOG_IN_NAME | LOG_IN_ID,
    ['<'] = LOG_IN_ADDRESS | LOG_IN_NAME | LOG_IN_ID,
    ['>'] = LOG_IN_ADDRESS | LOG_IN_NAME | LOG_IN_ID,
};

bool log_may_stand(char c, enum log_place place)
{
    return !char_is_print(c) || (forbidden_in[(uint8_t)c] & place) == 0;
}

/* Bytes of the character at the start of text when it may stay as it is, else 0. */
static size_t good_character_size(struct str text, enum log_place place)
{
    if (char_is_print(text.data[0])) {
        return log_may_stand(text.data[0], place) ? 1 : 0;
    }
    size_t size = utf8_character_size(text);
    return size > 1 && !is_invisible(str_first(text, size)) ? size : 0;
}

size_t log_harmless_size(struct str text, enum log_place place)
{
    size_t size = 0;
    while (size < text.size) {
        size_t character_size = good_character_size(str_skip(text, size), place);
        if (character_size == 0) {
            break;
        }
        size += character_size;
    }
    return size;
}

void log_put_harmless(struct buf *out, struct str text, enum log_place place)
{
    text = str_first(text, LOG_LINE_MAX);
    for (;;) {
        size_t good = log_harmless_size(text, place);
        buf_put(out, str_first(text, good));
        text = str_skip(text, good);
        if (text.size == 0) {
            return;
        }
        size_t bad = utf8_character_size(text);
        buf_put_char(out, '?');
        text = str_skip(text, bad == 0 ? 1 : bad);
    }
}

void log_put_text(struct buf *out, struct str text)
{
    log_put_harmless(out, text, LOG_IN_TEXT);
}

void log_cut(struct buf *text, size_t size_max)
{
    if (text->size <= size_max) {
        return;
    }
    size_t size = size_max - 3;
    while (size > 0 && ((uint8_t)text->data[size] & 0xc0) == 0x80) {
        size--;
    }
    buf_truncate(text, size);
    buf_put_text(text, "...");
}

void log_put_json_string(struct buf *out, struct str text)
{
    text = str_first(text, LOG_LINE_MAX);
    buf_put_char(out, '"');
    while (text.size > 0) {
        size_t size = utf8_character_size(text);
        char first = text.data[0];
        if (size == 0) {
            buf_put(out, STR("\\ufffd"));
        } else if (first == '"' || first == '\\') {
            buf_putf(out, "\\%c", first);
        } else if (size == 1 && !char_is_print(first)) {
            buf_putf(out, "\\u%04x", (unsigned)first);
        } else {
            buf_put(out, str_first(text, size));
        }
        text = str_skip(text, size == 0 ? 1 : size);
    }
    buf_put_char(out, '"');
}

/* ---- numbers --------------------------------------------------------------------------------- */

static const char *write_int(int64_t value, char text[NUMBER_TEXT_SIZE])
{
    (void)snprintf(text, NUMBER_TEXT_SIZE, "%lld", (long long)value);
    return text;
}

/* value / 10^decimals without zeros at the end. */
static const char *write_decimal(int64_t value, int decimals, char text[NUMBER_TEXT_SIZE])
{
    int64_t scale = decimals == 2 ? 100 : 10;
    int64_t fraction = value % scale;
    if (fraction == 0) {
        return write_int(value / scale, text);
    }
    while (fraction % 10 == 0) {
        fraction /= 10;
        decimals--;
    }
    (void)snprintf(text, NUMBER_TEXT_SIZE, "%lld.%0*lld", (long long)(value / scale), decimals,
                   (long long)fraction);
    return text;
}

static const char *write_delay(int64_t delay_ns, char text[NUMBER_TEXT_SIZE])
{
    const int64_t milli_ns = 1000000;
    int64_t shown_ns = delay_ns < 0 ? 0 : delay_ns;
    int64_t hundredths = (shown_ns + 5 * milli_ns) / (10 * milli_ns);
    int64_t tenths = (shown_ns + 50 * milli_ns) / (100 * milli_ns);
    if (hundredths < 100) {
        return write_decimal(hundredths, 2, text);
    }
    if (tenths < 100) {
        return write_decimal(tenths, 1, text);
    }
    return write_int((shown_ns + 500 * milli_ns) / (1000 * milli_ns), text);
}

void log_put_delay(struct buf *out, int64_t delay_ns)
{
    char text[NUMBER_TEXT_SIZE];
    buf_put_text(out, write_delay(delay_ns, text));
}

void log_put_seconds(struct buf *out, int64_t delay_ns)
{
    int64_t micro_s = delay_ns < 0 ? 0 : delay_ns / 1000;
    buf_putf(out, "%lld.%06lld", (long long)(micro_s / 1000000), (long long)(micro_s % 1000000));
}

int log_parse_int(struct str text, int64_t *value)
{
    char again[NUMBER_TEXT_SIZE];
    int64_t number = 0;
    if (number_parse_i64(text, INT64_MIN, INT64_MAX, &number) != 0 ||
        !str_equal(str_from(write_int(number, again)), text)) {
        return -ERR_SYNTAX;
    }
    *value = number;
    return 0;
}

int log_parse_seconds(struct str text, int64_t *delay_ns)
{
    struct str decimals = text;
    struct str whole = STR("");
    uint64_t seconds = 0;
    uint64_t fraction = 0;
    bool has_point = str_find(text, '.') >= 0;
    (void)str_next(&decimals, '.', &whole);
    if (number_parse_u64(whole, SECONDS_MAX, &seconds) != 0 || decimals.size > 9 ||
        (has_point && number_parse_u64(decimals, SECOND_NS - 1, &fraction) != 0)) {
        return -ERR_SYNTAX;
    }
    for (size_t i = decimals.size; i < 9; i++) {
        fraction *= 10;
    }
    *delay_ns = (int64_t)(seconds * SECOND_NS + fraction);
    return 0;
}

int log_parse_delay(struct str text, int64_t *delay_ns)
{
    char again[NUMBER_TEXT_SIZE];
    int64_t read_ns = 0;
    if (log_parse_seconds(text, &read_ns) != 0 ||
        !str_equal(str_from(write_delay(read_ns, again)), text)) {
        return -ERR_SYNTAX;
    }
    *delay_ns = read_ns;
    return 0;
}
