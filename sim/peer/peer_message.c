// SPDX-License-Identifier: ISC
#include "peer/peer_message.h"

#include <stdio.h>

#include "base/number.h"

#define ID_DOMAIN "@postsim.test"

enum { FILL_LINE_BYTES = 72 };

const char *peer_message_id(struct str label, int copy, char id[PEER_MESSAGE_ID_MAX])
{
    snprintf(id, PEER_MESSAGE_ID_MAX, "<%.*s.%d" ID_DOMAIN ">", STR_ARG(label), copy);
    return id;
}

bool peer_message_id_parse(struct str id, struct str *label, int *copy)
{
    struct str domain = STR(ID_DOMAIN ">");
    if (!str_starts_with(id, STR("<")) || !str_ends_with(id, domain)) {
        return false;
    }
    struct str inside = str_of(id.data + 1, id.size - 1 - domain.size);
    ptrdiff_t dot = str_find_last(inside, '.');
    uint64_t number = 0;
    if (dot <= 0 || number_parse_u64(str_skip(inside, (size_t)dot + 1), INT32_MAX, &number) != 0) {
        return false;
    }
    *label = str_first(inside, (size_t)dot);
    *copy = (int)number;
    return true;
}

static void put_usual_body(struct buf *out, const struct peer_message *message)
{
    buf_putf(out, "This is message %.*s, copy %d.\r\n", STR_ARG(message->label), message->copy);
    buf_put_text(out, ".a line that begins with a dot\r\n"
                      "..\r\n"
                      "\r\n"
                      "blanks at the end: \t \r\n"
                      "From here on it is as dull as mail can be.\r\n");
}

static void fill_up(struct buf *out, size_t size)
{
    for (int line = 0; out->size < size && buf_error(out) == 0; line++) {
        for (int column = 0; column < FILL_LINE_BYTES; column++) {
            buf_put_char(out, (char)('a' + (line + column) % 26));
        }
        buf_put_text(out, "\r\n");
    }
}

void peer_message_write(const struct peer_message *message, struct buf *out)
{
    char id[PEER_MESSAGE_ID_MAX];
    buf_putf(out, "From: <%.*s>\r\n", STR_ARG(message->sender));
    buf_putf(out, "To: <%.*s>\r\n", STR_ARG(message->recipient));
    buf_putf(out, "Subject: message %.*s\r\n", STR_ARG(message->label));
    buf_putf(out, "Message-Id: %s\r\n", peer_message_id(message->label, message->copy, id));
    buf_put_text(out, "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n\r\n");
    for (int i = 0; i < message->line_count; i++) {
        buf_put(out, message->lines[i]);
        buf_put_text(out, "\r\n");
    }
    if (message->line_count == 0) {
        put_usual_body(out, message);
    }
    fill_up(out, message->size);
}
