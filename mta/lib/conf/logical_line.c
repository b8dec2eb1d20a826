// SPDX-License-Identifier: ISC
#include "conf/logical_line.h"

void logical_line_begin(struct logical_reader *reader, struct str text)
{
    reader->rest = text;
    reader->line = 1;
}

/* The first physical line of text, without its newline. */
static struct str physical_line(struct str text)
{
    ptrdiff_t end = str_find(text, '\n');
    return end < 0 ? text : str_first(text, (size_t)end);
}

static bool is_ignored(struct str line)
{
    struct str visible = str_trim_space(line);
    return visible.size == 0 || visible.data[0] == '#';
}

static void drop_line(struct logical_reader *reader, struct str line)
{
    reader->rest = str_skip(reader->rest, line.size + 1);
    reader->line++;
}

static void trim_end(struct buf *joined)
{
    size_t size = joined->size;
    while (size > 0 && char_is_space(joined->data[size - 1])) {
        size--;
    }
    buf_truncate(joined, size);
}

bool logical_line_next(struct logical_reader *reader, struct logical_line *line, struct buf *joined)
{
    bool found = false;
    buf_clear(joined);
    while (reader->rest.size > 0) {
        struct str physical = physical_line(reader->rest);
        if (is_ignored(physical)) {
            drop_line(reader, physical);
            continue;
        }
        if (!found) {
            line->source = physical;
            line->line = reader->line;
            found = true;
        } else if (!char_is_space(physical.data[0])) {
            break;
        }
        line->source.size = (size_t)(physical.data + physical.size - line->source.data);
        buf_put(joined, physical);
        drop_line(reader, physical);
    }
    trim_end(joined);
    return found;
}

void logical_line_position(const struct logical_line *line, size_t offset, int *row, int *column)
{
    struct logical_reader reader = {line->source, line->line};
    *row = line->line;
    *column = 1;
    while (reader.rest.size > 0) {
        struct str physical = physical_line(reader.rest);
        if (!is_ignored(physical)) {
            *row = reader.line;
            *column = (int)offset + 1;
            if (offset < physical.size) {
                return;
            }
            offset -= physical.size;
        }
        drop_line(&reader, physical);
    }
}
