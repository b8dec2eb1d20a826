// SPDX-License-Identifier: ISC
#include "proto/base64.h"

#include "base/err.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_write(struct str bytes, struct buf *out)
{
    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t count = bytes.size - i < 3 ? bytes.size - i : 3;
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++) {
            group = group << 8 | (k < count ? (uint8_t)bytes.data[i + k] : 0u);
        }
        buf_put_char(out, digits[group >> 18]);
        buf_put_char(out, digits[group >> 12 & 63]);
        buf_put_char(out, count > 1 ? digits[group >> 6 & 63] : '=');
        buf_put_char(out, count > 2 ? digits[group & 63] : '=');
    }
}

/* The value of a digit, or -1. */
static int digit_value(char c)
{
    ptrdiff_t value = str_find(str_of(digits, 64), c);

    return (int)value;
}

/* Digits of a group of four before its padding: 2, 3 or 4; only the last group has padding. */
static size_t digit_count(struct str group, bool is_last)
{
    if (is_last && group.data[3] == '=') {
        return group.data[2] == '=' ? 2 : 3;
    }
    return 4;
}

static int parse_group(struct str group, bool is_last, struct buf *out)
{
    size_t count = digit_count(group, is_last);
    uint32_t bits = 0;

    for (size_t k = 0; k < 4; k++) {
        int value = k < count ? digit_value(group.data[k]) : 0;
        if (value < 0) {
            return -ERR_SYNTAX;
        }
        bits = bits << 6 | (uint32_t)value;
    }
    uint32_t stray = count == 2 ? bits & 0xffff : count == 3 ? bits & 0xff : 0;
    if (stray != 0) {
        return -ERR_SYNTAX;
    }
    for (size_t k = 0; k + 1 < count; k++) {
        buf_put_char(out, (char)(bits >> (16 - 8 * k) & 0xff));
    }
    return 0;
}

int base64_parse(struct str text, struct buf *out)
{
    size_t size_before = out->size;

    if (text.size % 4 != 0) {
        return -ERR_SYNTAX;
    }
    for (size_t i = 0; i < text.size; i += 4) {
        int error = parse_group(str_first(str_skip(text, i), 4), i + 4 == text.size, out);
        if (error != 0) {
            buf_truncate(out, size_before);
            return error;
        }
    }
    return 0;
}
