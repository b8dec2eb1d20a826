// SPDX-License-Identifier: ISC
#include "explore/shrink.h"

#include <stdint.h>
#include <stdio.h>

#include "base/number.h"

enum { TEXT_MAX = 64 << 20, NUMBER_BYTES = 24, SPAN_MAX = 4 };

/* ---- candidates ---------------------------------------------------------------------------- */

/* Keeps the text without the bytes from `from` up to `to`, with others in their place, if it
 * still fails. */
static bool try_instead(const struct shrink *s, struct buf *text, size_t from, size_t to,
                        struct str instead)
{
    struct buf candidate;
    if (s->is_enough(s->argument)) {
        return false;
    }
    buf_init(&candidate, s->mem, TEXT_MAX);
    buf_put(&candidate, str_first(buf_str(text), from));
    buf_put(&candidate, instead);
    buf_put(&candidate, str_skip(buf_str(text), to));
    bool fails = s->fails(s->argument, buf_str(&candidate));
    if (fails) {
        buf_clear(text);
        buf_put(text, buf_str(&candidate));
    }
    buf_done(&candidate);
    return fails;
}

/* ---- lines --------------------------------------------------------------------------------- */

static size_t line_end(struct str text, size_t at)
{
    ptrdiff_t size = str_find(str_skip(text, at), '\n');
    return size < 0 ? text.size : at + (size_t)size + 1;
}

static bool is_indented(struct str text, size_t at)
{
    return at < text.size && text.data[at] == ' ';
}

/* The end of the line that begins there; of a block: with what is indented below it. */
static size_t unit_end(struct str text, size_t at, bool block)
{
    size_t end = line_end(text, at);
    while (block && end < text.size && is_indented(text, end)) {
        end = line_end(text, end);
    }
    return end;
}

static size_t skip_units(struct str text, size_t at, size_t count, bool blocks)
{
    for (; count > 0 && at < text.size; count--) {
        at = unit_end(text, at, blocks);
    }
    return at;
}

static size_t count_units(struct str text, bool blocks)
{
    size_t count = 0;
    for (size_t at = 0; at < text.size; at = unit_end(text, at, blocks)) {
        count++;
    }
    return count;
}

/* Leaves out ever smaller groups of neighbours, from the end on: what stands behind uses what
 * stands before. */
static bool drop_units(const struct shrink *s, struct buf *text, bool blocks)
{
    bool changed = false;
    for (size_t size = count_units(buf_str(text), blocks) / 2; size > 0; size /= 2) {
        size_t position = count_units(buf_str(text), blocks);
        while (position > 0) {
            position = position > size ? position - size : 0;
            size_t from = skip_units(buf_str(text), 0, position, blocks);
            size_t to = skip_units(buf_str(text), from, size, blocks);
            changed |= try_instead(s, text, from, to, STR(""));
        }
    }
    return changed;
}

/* ---- words --------------------------------------------------------------------------------- */

/* The end of the word that begins there; quotes hold it together. */
static size_t word_end(struct str text, size_t at)
{
    bool quoted = false;
    for (; at < text.size && text.data[at] != '\n' && (quoted || text.data[at] != ' '); at++) {
        if (text.data[at] == '\\' && at + 1 < text.size) {
            at++;
        } else if (text.data[at] == '"') {
            quoted = !quoted;
        }
    }
    return at;
}

static size_t next_word(struct str text, size_t at)
{
    while (at < text.size && (text.data[at] == ' ' || text.data[at] == '\n')) {
        at++;
    }
    return at;
}

/* The end of `count` words of one line; 0: there are not so many. */
static size_t span_end(struct str text, size_t at, int count)
{
    size_t end = word_end(text, at);
    for (int i = 1; i < count; i++) {
        if (end >= text.size || text.data[end] == '\n') {
            return 0;
        }
        end = word_end(text, next_word(text, end));
    }
    return end;
}

/* Leaves out `count` words from here on, with the space behind them or, at the end of a line, the
 * space before. */
static bool drop_span(const struct shrink *s, struct buf *text, size_t at, int count)
{
    struct str all = buf_str(text);
    size_t from = at;
    size_t to = span_end(all, at, count);
    if (to == 0) {
        return false;
    }
    if (to < all.size && all.data[to] == ' ') {
        to = next_word(all, to);
    } else {
        while (from > 0 && all.data[from - 1] == ' ') {
            from--;
        }
    }
    return try_instead(s, text, from, to, STR(""));
}

static bool drop_words(const struct shrink *s, struct buf *text)
{
    bool changed = false;
    for (int count = SPAN_MAX; count > 0; count--) {
        size_t at = next_word(buf_str(text), 0);
        while (at < text->size && !s->is_enough(s->argument)) {
            if (drop_span(s, text, at, count)) {
                changed = true;
                at = next_word(buf_str(text), at);
            } else {
                at = next_word(buf_str(text), word_end(buf_str(text), at));
            }
        }
    }
    return changed;
}

/* ---- numbers ------------------------------------------------------------------------------- */

static size_t digits_end(struct str text, size_t at)
{
    while (at < text.size && char_is_digit(text.data[at])) {
        at++;
    }
    return at;
}

/* A plainer number below this one, the plainest first. */
static uint64_t plainer(uint64_t number, int attempt)
{
    static const uint64_t round_ones[] = {1000000, 100000, 86400, 10000, 3600,
                                          1000,    600,    100,   60,    10};
    enum { ROUND_COUNT = sizeof(round_ones) / sizeof(round_ones[0]) };
    switch (attempt) {
    case 0:
        return 0;
    case 1:
        return 1;
    case 2:
        return number / 2;
    default:
        return attempt - 3 < ROUND_COUNT
                   ? number / round_ones[attempt - 3] * round_ones[attempt - 3]
                   : number;
    }
}

enum { ATTEMPTS = 13 };

static bool lower_number(const struct shrink *s, struct buf *text, size_t at)
{
    uint64_t number = 0;
    size_t end = digits_end(buf_str(text), at);
    if (number_parse_u64(str_first(str_skip(buf_str(text), at), end - at), UINT64_MAX, &number) !=
        0) {
        return false;
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        uint64_t value = plainer(number, attempt);
        char digits[NUMBER_BYTES];
        snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
        if (value < number && try_instead(s, text, at, end, str_from(digits))) {
            return true;
        }
    }
    return false;
}

/* Numbers that begin a word: 300s, 2, 450. Addresses and names keep theirs. */
static bool lower_numbers(const struct shrink *s, struct buf *text)
{
    bool changed = false;
    for (size_t at = next_word(buf_str(text), 0); at < text->size;
         at = next_word(buf_str(text), word_end(buf_str(text), at))) {
        struct str word = str_first(str_skip(buf_str(text), at), word_end(buf_str(text), at) - at);
        if (char_is_digit(word.data[0]) && str_find(word, '.') < 0) {
            changed |= lower_number(s, text, at);
        }
    }
    return changed;
}

/* ---- all of it ----------------------------------------------------------------------------- */

void shrink_text(const struct shrink *s, struct buf *text)
{
    bool changed = true;
    while (changed && !s->is_enough(s->argument)) {
        changed = drop_units(s, text, true);
        changed |= drop_units(s, text, false);
        changed |= drop_words(s, text);
        changed |= lower_numbers(s, text);
    }
}

/* "FILE:LINE: " before the failure of an expectation. */
static struct str without_place(struct str failure)
{
    ptrdiff_t expect = str_find_str(failure, STR(": expect "));
    return expect < 0 ? failure : str_skip(failure, (size_t)expect + 2);
}

/* An assertion is told apart by its text, other failures by the check that found them. */
struct str shrink_kind(struct str failure)
{
    struct str line;
    struct str kind = without_place(failure);
    str_next(&kind, '\n', &line);
    if (str_starts_with(line, STR("assertion ")) || str_starts_with(line, STR("expect "))) {
        return line;
    }
    ptrdiff_t colon = str_find(line, ':');
    return colon < 0 ? line : str_first(line, (size_t)colon);
}
