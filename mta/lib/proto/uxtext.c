// SPDX-License-Identifier: ISC
#include "proto/uxtext.h"

#include "base/err.h"
#include "base/number.h"
#include "proto/utf8.h"

static bool is_plain(char c)
{
    return c > ' ' && c < 0x7f && c != '+' && c != '=' && c != '\\';
}

void uxtext_write(struct str utf8, struct buf *out)
{
    while (utf8.size > 0) {
        size_t size = utf8_character_size(utf8);
        if (size == 0) {
            buf_put_char(out, '?');
        } else if (is_plain(utf8.data[0])) {
            buf_put_char(out, utf8.data[0]);
        } else {
            buf_putf(out, "\\x{%02X}", (unsigned)utf8_decode(str_first(utf8, size)));
        }
        utf8 = str_skip(utf8, size == 0 ? 1 : size);
    }
}

/* Takes "\x{FC}". */
static int take_encoded(struct str *rest, struct buf *out)
{
    struct str open = STR("\\x{");
    ptrdiff_t close = str_find(*rest, '}');
    uint64_t code = 0;
    if (!str_starts_with(*rest, open) || close < 0 ||
        number_parse_hex(str_skip(str_first(*rest, (size_t)close), open.size), UTF8_CODE_MAX,
                         &code) != 0) {
        return -ERR_SYNTAX;
    }
    *rest = str_skip(*rest, (size_t)close + 1);
    return utf8_encode((uint32_t)code, out);
}

static int take_character(struct str *rest, struct buf *out)
{
    size_t size = utf8_character_size(*rest);
    if (rest->data[0] == '\\') {
        return take_encoded(rest, out);
    }
    if (size == 0 || (size == 1 && !is_plain(rest->data[0]))) {
        return -ERR_SYNTAX;
    }
    buf_put(out, str_first(*rest, size));
    *rest = str_skip(*rest, size);
    return 0;
}

int uxtext_parse(struct str text, struct buf *out)
{
    size_t size_before = out->size;
    while (text.size > 0) {
        int error = take_character(&text, out);
        if (error != 0) {
            buf_truncate(out, size_before);
            return error;
        }
    }
    return 0;
}
