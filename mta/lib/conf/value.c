// SPDX-License-Identifier: ISC
#include "conf/value.h"

#include "base/err.h"
#include "base/number.h"

static const int64_t second_ns = INT64_C(1000000000);

int value_parse_bool(struct str text, bool *value)
{
    if (str_equal_fold(text, STR("yes"))) {
        *value = true;
        return 0;
    }
    if (str_equal_fold(text, STR("no"))) {
        *value = false;
        return 0;
    }
    return -ERR_SYNTAX;
}

int value_parse_int(struct str text, int64_t *value)
{
    return number_parse_i64(text, 0, INT32_MAX, value);
}

/* Takes a letter off the end of *text; 0 when there is none. */
static char take_unit(struct str *text)
{
    if (text->size == 0 || !char_is_alpha(text->data[text->size - 1])) {
        return 0;
    }
    text->size--;
    return char_lower(text->data[text->size]);
}

static int64_t size_factor(char unit)
{
    switch (unit) {
    case 0:
        return 1;
    case 'k':
        return INT64_C(1) << 10;
    case 'm':
        return INT64_C(1) << 20;
    case 'g':
        return INT64_C(1) << 30;
    }
    return 0;
}

static int64_t time_factor_s(char unit)
{
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    case 'w':
        return 604800;
    }
    return 0;
}

/* Digits times factor, which is 0 for a unit that does not exist. */
static int parse_scaled(struct str digits, int64_t factor, int64_t max, int64_t *value)
{
    if (factor == 0) {
        return -ERR_SYNTAX;
    }
    int64_t number = 0;
    int error = number_parse_i64(digits, 0, max / factor, &number);
    if (error == 0) {
        *value = number * factor;
    }
    return error;
}

int value_parse_size(struct str text, int64_t *bytes)
{
    char unit = take_unit(&text);
    return parse_scaled(text, size_factor(unit), INT64_MAX, bytes);
}

int value_parse_time(struct str text, char unit, int64_t *time_ns)
{
    char given = take_unit(&text);
    int64_t seconds = 0;
    int error = parse_scaled(text, time_factor_s(given == 0 ? unit : given), INT32_MAX, &seconds);
    if (error == 0) {
        *time_ns = seconds * second_ns;
    }
    return error;
}
