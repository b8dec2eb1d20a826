// SPDX-License-Identifier: ISC
#include "proto/xtext.h"

#include "base/err.h"
#include "base/number.h"

static bool is_plain(char c)
{
    return c > ' ' && c < 0x7f && c != '+' && c != '=';
}

void xtext_write(struct str bytes, struct buf *out)
{
    for (size_t i = 0; i < bytes.size; i++) {
        if (is_plain(bytes.data[i])) {
            buf_put_char(out, bytes.data[i]);
        } else {
            buf_putf(out, "+%02X", (unsigned char)bytes.data[i]);
        }
    }
}

/* Takes one byte, plain or encoded. */
static int take_byte(struct str *rest, char *byte)
{
    uint64_t value = 0;

    if (rest->data[0] != '+') {
        *byte = rest->data[0];
        *rest = str_skip(*rest, 1);
        return is_plain(*byte) ? 0 : -ERR_SYNTAX;
    }
    if (rest->size < 3 || number_parse_hex(str_of(rest->data + 1, 2), 255, &value) != 0) {
        return -ERR_SYNTAX;
    }
    *byte = (char)value;
    *rest = str_skip(*rest, 3);
    return 0;
}

int xtext_parse(struct str text, struct buf *out)
{
    size_t size_before = out->size;
    struct str rest = text;

    while (rest.size > 0) {
        char byte = '\0';
        int error = take_byte(&rest, &byte);
        if (error != 0) {
            buf_truncate(out, size_before);
            return error;
        }
        buf_put_char(out, byte);
    }
    return 0;
}
