// SPDX-License-Identifier: ISC
#include "base/number.h"

#include "base/err.h"

/* Value of a digit in any base up to 16, or 255. */
static unsigned digit_value(char c)
{
    if (char_is_digit(c)) {
        return (unsigned)(c - '0');
    }
    char lower = char_lower(c);
    return lower >= 'a' && lower <= 'f' ? (unsigned)(lower - 'a' + 10) : 255;
}

static int parse_digits(struct str text, unsigned base, uint64_t max, uint64_t *value)
{
    uint64_t sum = 0;
    bool too_large = false;

    if (text.size == 0) {
        return -ERR_SYNTAX;
    }
    for (size_t i = 0; i < text.size; i++) {
        unsigned digit = digit_value(text.data[i]);
        if (digit >= base) {
            return -ERR_SYNTAX;
        }
        if (digit > max || sum > (max - digit) / base) {
            too_large = true; /* a later byte may still be a syntax error */
        } else {
            sum = sum * base + digit;
        }
    }
    if (too_large) {
        return -ERR_LIMIT;
    }
    *value = sum;
    return 0;
}

int number_parse_u64(struct str text, uint64_t max, uint64_t *value)
{
    return parse_digits(text, 10, max, value);
}

int number_parse_hex(struct str text, uint64_t max, uint64_t *value)
{
    return parse_digits(text, 16, max, value);
}

int number_parse_i64(struct str text, int64_t min, int64_t max, int64_t *value)
{
    bool is_negative = text.size > 0 && text.data[0] == '-';
    uint64_t magnitude_max = is_negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t magnitude = 0;
    int error = parse_digits(str_skip(text, is_negative ? 1 : 0), 10, magnitude_max, &magnitude);

    if (error != 0) {
        return error;
    }
    int64_t number = is_negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    if (number < min || number > max) {
        return -ERR_LIMIT;
    }
    *value = number;
    return 0;
}
