// SPDX-License-Identifier: ISC
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/number.h"
#include "syntax/syntax.h"

#define SECOND_NS INT64_C(1000000000)

/* Longer names first: "ms" is not "m". */
static const struct {
    const char *name;
    int64_t unit_ns;
} units[] = {
    {"ms", SECOND_NS / 1000},     {"us", SECOND_NS / 1000000}, {"s", SECOND_NS},
    {"m", 60 * SECOND_NS},        {"h", 3600 * SECOND_NS},     {"d", 86400 * SECOND_NS},
    {"w", 7 * 86400 * SECOND_NS},
};
enum { UNIT_COUNT = sizeof(units) / sizeof(units[0]) };

static size_t digit_count(struct str text)
{
    size_t count = 0;
    while (count < text.size && char_is_digit(text.data[count])) {
        count++;
    }
    return count;
}

/* Takes one number with its unit off the front of *rest and adds it. */
static int add_part(struct str *rest, int64_t *sum_ns)
{
    size_t digits = digit_count(*rest);
    uint64_t number = 0;
    int error = number_parse_u64(str_first(*rest, digits), INT64_MAX / 2, &number);
    if (error != 0) {
        return error;
    }
    struct str after = str_skip(*rest, digits);
    for (int i = 0; i < UNIT_COUNT; i++) {
        struct str name = str_from(units[i].name);
        if (str_starts_with(after, name)) {
            int64_t part_ns;
            if (__builtin_mul_overflow((int64_t)number, units[i].unit_ns, &part_ns) ||
                __builtin_add_overflow(*sum_ns, part_ns, sum_ns)) {
                return -ERR_LIMIT;
            }
            *rest = str_skip(after, name.size);
            return 0;
        }
    }
    return -ERR_SYNTAX;
}

int syntax_time_parse(struct str text, int64_t *time_ns)
{
    bool negative = text.size > 0 && text.data[0] == '-';
    struct str rest = str_skip(text, negative ? 1 : 0);
    int64_t sum_ns = 0;
    do {
        int error = add_part(&rest, &sum_ns);
        if (error != 0) {
            return error;
        }
    } while (rest.size > 0);
    *time_ns = negative ? -sum_ns : sum_ns;
    return 0;
}

const char *syntax_time_text(int64_t time_ns, char text[SYNTAX_TIME_TEXT_MAX])
{
    const char *sign = time_ns < 0 ? "-" : "";
    int64_t size_ns = time_ns < 0 ? -time_ns : time_ns;
    const char *unit = "d";
    int64_t unit_ns = 86400 * SECOND_NS;
    if (size_ns % SECOND_NS != 0) {
        unit = "us";
        unit_ns = SECOND_NS / 1000000;
    } else if (size_ns == 0 || size_ns % unit_ns != 0) {
        unit = "s";
        unit_ns = SECOND_NS;
    }
    snprintf(text, SYNTAX_TIME_TEXT_MAX, "%s%lld%s", sign, (long long)(size_ns / unit_ns), unit);
    return text;
}
