// SPDX-License-Identifier: ISC
#include <string.h>

#include "syntax/syntax.h"

enum { NEAREST_WORD_MAX = 32 };

static struct str source_line(struct str source, int number)
{
    struct str line = STR("");
    for (int i = 0; i < number; i++) {
        if (!str_next(&source, '\n', &line)) {
            return STR("");
        }
    }
    return line;
}

/* Tabs keep their place, so that the caret stands right below what it points at. */
static void put_caret(struct buf *out, struct str line, int column)
{
    for (int i = 1; i < column; i++) {
        size_t index = (size_t)i - 1;
        buf_put_char(out, index < line.size && line.data[index] == '\t' ? '\t' : ' ');
    }
    buf_put_text(out, "^\n");
}

void syntax_problem(struct syntax_problems *problems, int line, int column, const char *hint,
                    const char *format, ...)
{
    problems->count++;
    if (problems->count > SYNTAX_PROBLEMS_MAX) {
        return;
    }
    struct buf *out = problems->report;
    buf_putf(out, "%s:%d:%d: ", problems->file, line, column);
    va_list arguments;
    va_start(arguments, format);
    buf_putv(out, format, arguments);
    va_end(arguments);
    buf_put_char(out, '\n');
    struct str text = source_line(problems->source, line);
    if (text.size > 0) {
        buf_put(out, text);
        buf_put_char(out, '\n');
        put_caret(out, text, column);
    }
    if (hint != NULL) {
        buf_putf(out, "  %s\n", hint);
    }
}

static size_t minimum(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters must be changed, added or left out to get from a to b. */
static size_t edit_distance(struct str a, struct str b)
{
    size_t row[NEAREST_WORD_MAX + 1];
    for (size_t j = 0; j <= b.size; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            size_t above = row[j];
            size_t change = diagonal + (a.data[i - 1] == b.data[j - 1] ? 0 : 1);
            row[j] = minimum(change, minimum(above, row[j - 1]) + 1);
            diagonal = above;
        }
    }
    return row[b.size];
}

struct str syntax_nearest(struct str word, const char *list)
{
    struct str best = STR("");
    size_t best_distance = word.size / 3 + 2; /* farther is another word, not a slip */
    struct str rest = str_from(list);
    struct str candidate;
    while (word.size <= NEAREST_WORD_MAX && str_next_token(&rest, " ", &candidate)) {
        if (candidate.size > NEAREST_WORD_MAX) {
            continue;
        }
        size_t distance = edit_distance(word, candidate);
        if (distance < best_distance && distance < candidate.size) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}
