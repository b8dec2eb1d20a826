// SPDX-License-Identifier: ISC
#include "table/table_source.h"

#include "base/err.h"

void table_source_init(struct table_source *source, struct mem *mem, struct str text)
{
    *source = (struct table_source){.rest = text};
    buf_init(&source->line, mem, TABLE_SOURCE_LINE_MAX);
}

void table_source_done(struct table_source *source)
{
    buf_done(&source->line);
}

/* The first physical line of the rest, without its LF, is looked at but not taken. */
static struct str look_at_line(const struct table_source *source)
{
    ptrdiff_t lf = str_find(source->rest, '\n');
    return lf < 0 ? source->rest : str_first(source->rest, (size_t)lf);
}

static void take_line(struct table_source *source, struct str line)
{
    source->rest = str_skip(source->rest, line.size + 1);
    source->lines_read++;
}

static bool line_is_skipped(struct str line)
{
    struct str text = str_trim_space(line);
    return text.size == 0 || text.data[0] == '#';
}

static bool begins_with_space(struct str text)
{
    return text.size > 0 && char_is_space(text.data[0]);
}

static struct str trim_end(struct str text)
{
    while (text.size > 0 && char_is_space(text.data[text.size - 1])) {
        text.size--;
    }
    return text;
}

int table_source_next_line(struct table_source *source, struct str *line)
{
    buf_clear(&source->line);
    bool is_started = false;
    while (source->rest.size > 0) {
        struct str physical = look_at_line(source);
        bool is_skipped = line_is_skipped(physical);
        if (is_started && !is_skipped && !begins_with_space(physical)) {
            break; /* the next logical line begins here */
        }
        take_line(source, physical);
        if (is_skipped) {
            continue;
        }
        if (!is_started) {
            source->line_number = source->lines_read;
            is_started = true;
        }
        buf_put(&source->line, physical);
    }
    *line = trim_end(buf_str(&source->line));
    if (buf_error(&source->line) != 0) {
        return buf_error(&source->line);
    }
    return is_started ? 1 : 0;
}

/* Bytes before the first white space outside double quotes; -1 when a quote stays open. */
static ptrdiff_t key_size(struct str line)
{
    bool is_quoted = false;
    for (size_t i = 0; i < line.size; i++) {
        char c = line.data[i];
        if (c == '"') {
            is_quoted = !is_quoted;
        } else if (c == '\\' && is_quoted) {
            i++;
        } else if (char_is_space(c) && !is_quoted) {
            return (ptrdiff_t)i;
        }
    }
    return is_quoted ? -1 : (ptrdiff_t)line.size;
}

int table_source_next(struct table_source *source, struct table_source_entry *entry)
{
    struct str line;
    int result = table_source_next_line(source, &line);
    if (result <= 0) {
        return result;
    }
    *entry = (struct table_source_entry){.line = line};
    ptrdiff_t size = key_size(line);
    if (size < 0 || begins_with_space(line)) {
        return -ERR_SYNTAX;
    }
    entry->key = str_first(line, (size_t)size);
    entry->value = str_trim_space(str_skip(line, (size_t)size));
    return 1;
}
