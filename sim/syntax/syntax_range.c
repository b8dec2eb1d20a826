// SPDX-License-Identifier: ISC
#include "base/number.h"
#include "syntax/syntax.h"

/* An address around its number, which is as large as may be. */
struct parts {
    struct str before;
    struct str digits;
    struct str behind;
};

/* Where two addresses begin to differ, or where the number begins that holds this place. */
static size_t number_start(struct str first, struct str last)
{
    size_t at = 0;
    while (at < first.size && at < last.size && first.data[at] == last.data[at]) {
        at++;
    }
    while (at > 0 && char_is_digit(first.data[at - 1])) {
        at--;
    }
    return at;
}

static struct parts cut(struct str address, size_t start)
{
    size_t end = start;
    while (end < address.size && char_is_digit(address.data[end])) {
        end++;
    }
    return (struct parts){
        .before = str_first(address, start),
        .digits = str_of(address.data + start, end - start),
        .behind = str_skip(address, end),
    };
}

/* As many digits as the first one has: 007, 008 ... 120. */
static struct str address_with(struct arena *arena, const struct parts *first, int64_t number)
{
    return arena_printf(arena, "%.*s%0*lld%.*s", STR_ARG(first->before), (int)first->digits.size,
                        (long long)number, STR_ARG(first->behind));
}

/* The last address is the first with another number. */
static bool parse(struct arena *arena, struct str first, struct str last, struct parts *parts,
                  int64_t *low, int64_t *high)
{
    size_t start = number_start(first, last);
    *parts = cut(first, start);
    return number_parse_i64(parts->digits, 0, INT64_MAX, low) == 0 &&
           number_parse_i64(cut(last, start).digits, 0, INT64_MAX, high) == 0 &&
           str_equal(address_with(arena, parts, *high), last);
}

struct str syntax_range_expand(struct arena *arena, struct str last, struct syntax_value *value)
{
    struct parts parts;
    int64_t low;
    int64_t high;
    struct str first = value->text;
    if (!parse(arena, first, last, &parts, &low, &high)) {
        return arena_printf(arena, "<%.*s> with another number", STR_ARG(first));
    }
    if (high < low) {
        return arena_printf(arena, "a number from %lld on", (long long)low);
    }
    if (high - low >= SYNTAX_RANGE_MAX) {
        return arena_printf(arena, "a range of at most %d addresses", SYNTAX_RANGE_MAX);
    }
    for (int64_t number = low + 1; number <= high; number++) {
        struct syntax_value *next = arena_alloc(arena, sizeof(*next));
        struct str text = address_with(arena, &parts, number);
        if (next == NULL || text.data == NULL) {
            return STR("fewer addresses in the file");
        }
        *next = (struct syntax_value){.text = text, .column = value->column};
        value->next = next;
        value = next;
    }
    return STR("");
}
