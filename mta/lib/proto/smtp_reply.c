// SPDX-License-Identifier: ISC
#include "proto/smtp_reply.h"

#include "base/assert.h"

enum { CODE_SIZE = 3 };

void smtp_reply_init(struct smtp_reply *reply, struct mem *mem)
{
    *reply = (struct smtp_reply){0};
    buf_init(&reply->text, mem, SMTP_REPLY_TEXT_MAX);
}

void smtp_reply_done(struct smtp_reply *reply)
{
    buf_done(&reply->text);
}

void smtp_reply_clear(struct smtp_reply *reply)
{
    reply->code = 0;
    reply->status = (struct enhanced_status){0};
    reply->line_count = 0;
    buf_clear(&reply->text);
}

/* ---- reading ------------------------------------------------------------------------------- */

/* The code of a reply line, or 0. */
static int line_code(struct str line)
{
    int code = 0;

    if (line.size < CODE_SIZE) {
        return 0;
    }
    for (int i = 0; i < CODE_SIZE; i++) {
        if (!char_is_digit(line.data[i])) {
            return 0;
        }
        code = code * 10 + (line.data[i] - '0');
    }
    return code >= 200 && code <= 599 ? code : 0;
}

static void put_clean(struct buf *text, struct str line)
{
    for (size_t i = 0; i < line.size && text->size < text->max; i++) {
        char c = line.data[i];
        bool is_control = (c >= 0 && c < ' ') || c == 0x7f;
        buf_put_char(text, is_control ? '?' : c);
    }
}

static void keep_line(struct buf *text, struct str line)
{
    if (text->size > 0 && text->size < text->max) {
        buf_put_char(text, '\n');
    }
    put_clean(text, line);
}

enum parse smtp_reply_feed(struct smtp_reply *reply, struct str line)
{
    int code = line_code(line);
    char separator = line.size > CODE_SIZE ? line.data[CODE_SIZE] : ' ';

    if (code == 0 || (separator != ' ' && separator != '-')) {
        return PARSE_BAD;
    }
    if (reply->line_count == SMTP_REPLY_LINES_MAX) {
        return PARSE_BAD;
    }
    reply->line_count++;
    keep_line(&reply->text, line);
    if (separator == '-') {
        return PARSE_MORE;
    }
    reply->code = code;
    (void)enhanced_status_parse_prefix(str_skip(line, CODE_SIZE + 1), &reply->status);
    return PARSE_OK;
}

bool smtp_reply_next_line(struct str *rest, struct str *text)
{
    struct str line;

    if (!str_next(rest, '\n', &line)) {
        return false;
    }
    *text = str_skip(line, CODE_SIZE + 1);
    return true;
}

/* ---- writing ------------------------------------------------------------------------------- */

void smtp_reply_write(struct buf *out, int code, const char *status, struct str text)
{
    struct str rest = text.data == NULL ? STR("") : text;
    struct str line;

    assert(code >= 200 && code <= 599);
    while (str_next(&rest, '\n', &line)) {
        bool is_last = rest.data == NULL;
        buf_putf(out, "%03d%c", code, is_last ? ' ' : '-');
        if (status != NULL) {
            buf_putf(out, "%s ", status);
        }
        buf_put(out, line);
        buf_put_text(out, "\r\n");
    }
}
