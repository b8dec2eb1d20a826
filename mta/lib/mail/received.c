// SPDX-License-Identifier: ISC
#include "mail/received.h"

#include <stdio.h>

#include "proto/date.h"

/* Foreign text inside a header: nothing that could end the line or the comment. */
static void put_word(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        bool is_safe = (char_is_print(c) || (unsigned char)c >= 0x80) && c != '(' && c != ')';
        buf_put_char(out, is_safe ? c : '?');
    }
}

static void put_from(struct buf *out, const struct received *received)
{
    struct str helo = received->helo.size > 0 ? received->helo : received->client_address;
    buf_put_text(out, "from ");
    put_word(out, helo);
    buf_put_text(out, " (");
    put_word(out, received->client_name);
    buf_putf(out, " [%.*s])\n\t", STR_ARG(received->client_address));
}

static void put_by(struct buf *out, const struct received *received)
{
    buf_putf(out, "by %.*s (%.*s", STR_ARG(received->host_name), STR_ARG(received->mail_name));
    if (received->is_submitted) {
        buf_putf(out, ", from userid %u", received->uid);
    }
    buf_put_char(out, ')');
    if (received->protocol.size > 0) {
        buf_putf(out, " with %.*s", STR_ARG(received->protocol));
    }
    buf_putf(out, " id %.*s", STR_ARG(received->queue_id));
}

const char *received_date(int64_t wall_s, int utc_offset_s, char text[RECEIVED_DATE_SIZE])
{
    char date[DATE_TEXT_SIZE];
    date_write(wall_s, utc_offset_s, date);
    snprintf(text, RECEIVED_DATE_SIZE, "%s%s", date, utc_offset_s == 0 ? " (UTC)" : "");
    return text;
}

void received_write(struct buf *out, const struct received *received)
{
    char date[RECEIVED_DATE_SIZE];
    received_date(received->wall_s, received->utc_offset_s, date);
    buf_put_text(out, "Received: ");
    if (received->client_address.size > 0) {
        put_from(out, received);
    }
    put_by(out, received);
    if (received->recipient.size > 0) {
        buf_put_text(out, "\n\tfor <");
        put_word(out, received->recipient);
        buf_putf(out, ">; %s\n", date);
    } else {
        buf_putf(out, ";\n\t%s\n", date);
    }
}
