// SPDX-License-Identifier: ISC
#include "proto/smtp_data.h"

#include "base/assert.h"

/* ---- reading ------------------------------------------------------------------------------- */

void smtp_data_reader_init(struct smtp_data_reader *reader, size_t line_bytes_max)
{
    assert(line_bytes_max > 0);
    *reader = (struct smtp_data_reader){.line_bytes_max = line_bytes_max, .after_crlf = true};
}

/* A line with its line ending: takes the ending off, sees whether it was a proper one. */
static bool take_line_ending(struct str *line)
{
    line->size--;
    if (line->size == 0 || line->data[line->size - 1] != '\r') {
        return false;
    }
    line->size--;
    return true;
}

enum smtp_data_result smtp_data_read(struct smtp_data_reader *reader, struct str input,
                                     struct str *text, size_t *used_bytes)
{
    bool has_dot = !reader->inside_line && input.size > 0 && input.data[0] == '.';
    struct str window = str_first(str_skip(input, has_dot ? 1 : 0), reader->line_bytes_max + 2);
    ptrdiff_t line_feed = str_find(window, '\n');

    if (line_feed < 0 && window.size < reader->line_bytes_max + 2) {
        return SMTP_DATA_MORE;
    }
    *text = str_first(window, line_feed < 0 ? reader->line_bytes_max : (size_t)line_feed + 1);
    *used_bytes = (has_dot ? 1 : 0) + text->size;
    if (line_feed < 0) {
        reader->inside_line = true;
        return SMTP_DATA_PART;
    }
    bool ends_in_crlf = take_line_ending(text);
    if (has_dot && text->size == 0 && ends_in_crlf && reader->after_crlf) {
        return SMTP_DATA_END;
    }
    if (text->size > reader->line_bytes_max) {
        text->size = reader->line_bytes_max;
        *used_bytes = (has_dot ? 1 : 0) + text->size;
        reader->inside_line = true;
        return SMTP_DATA_PART;
    }
    reader->saw_bare_lf = reader->saw_bare_lf || !ends_in_crlf;
    reader->after_crlf = ends_in_crlf;
    reader->inside_line = false;
    return SMTP_DATA_LINE;
}

/* ---- writing ------------------------------------------------------------------------------- */

void smtp_data_writer_init(struct smtp_data_writer *writer, size_t line_bytes_max)
{
    assert(line_bytes_max == 0 || line_bytes_max > 1);
    *writer = (struct smtp_data_writer){.line_bytes_max = line_bytes_max};
}

static void put_piece(struct smtp_data_writer *writer, struct buf *out, struct str piece)
{
    if (writer->line_bytes == 0 && piece.size > 0 && piece.data[0] == '.') {
        buf_put_char(out, '.');
    }
    buf_put(out, piece);
    writer->line_bytes += piece.size;
}

void smtp_data_write(struct smtp_data_writer *writer, struct buf *out, struct str text,
                     bool ends_line)
{
    size_t line_bytes_max = writer->line_bytes_max;

    while (line_bytes_max > 0 && text.size > line_bytes_max - writer->line_bytes) {
        size_t room = line_bytes_max - writer->line_bytes;
        put_piece(writer, out, str_first(text, room));
        text = str_skip(text, room);
        buf_put_text(out, "\r\n ");
        writer->line_bytes = 1;
    }
    put_piece(writer, out, text);
    if (ends_line) {
        buf_put_text(out, "\r\n");
        writer->line_bytes = 0;
    }
}

void smtp_data_write_end(struct smtp_data_writer *writer, struct buf *out)
{
    if (writer->line_bytes > 0) {
        buf_put_text(out, "\r\n");
        writer->line_bytes = 0;
    }
    buf_put_text(out, ".\r\n");
}
