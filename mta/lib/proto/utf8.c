// SPDX-License-Identifier: ISC
#include "proto/utf8.h"

#include "base/err.h"

enum { TAIL_BITS = 6, TAIL_MASK = 0x3f, TAIL_MARK = 0x80, BYTES_MAX = 4 };

/* Bytes of a character that begins so; 0: none does. */
static size_t size_of_first(uint8_t first)
{
    return first < 0x80   ? 1
           : first < 0xc2 ? 0
           : first < 0xe0 ? 2
           : first < 0xf0 ? 3
           : first < 0xf5 ? 4
                          : 0;
}

/* Bytes of the shortest form; 0: no character has that number. */
static size_t size_of_code(uint32_t code)
{
    bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
    return is_surrogate || code > UTF8_CODE_MAX ? 0
           : code < 0x80                        ? 1
           : code < 0x800                       ? 2
           : code < 0x10000                     ? 3
                                                : 4;
}

uint32_t utf8_decode(struct str character)
{
    uint32_t code = (uint8_t)character.data[0];
    if (character.size > 1) {
        code &= 0x7fu >> character.size;
    }
    for (size_t i = 1; i < character.size; i++) {
        code = code << TAIL_BITS | ((uint8_t)character.data[i] & TAIL_MASK);
    }
    return code;
}

int utf8_encode(uint32_t code, struct buf *out)
{
    static const uint8_t marks[BYTES_MAX + 1] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t size = size_of_code(code);
    if (size == 0) {
        return -ERR_SYNTAX;
    }
    size_t shift = TAIL_BITS * (size - 1);
    buf_put_char(out, (char)(marks[size] | code >> shift));
    while (shift > 0) {
        shift -= TAIL_BITS;
        buf_put_char(out, (char)(TAIL_MARK | (code >> shift & TAIL_MASK)));
    }
    return 0;
}

size_t utf8_character_size(struct str text)
{
    size_t size = text.size > 0 ? size_of_first((uint8_t)text.data[0]) : 0;
    if (size > text.size) {
        return 0;
    }
    for (size_t i = 1; i < size; i++) {
        if (((uint8_t)text.data[i] & ~TAIL_MASK & 0xff) != TAIL_MARK) {
            return 0;
        }
    }
    return size <= 1 || size_of_code(utf8_decode(str_first(text, size))) == size ? size : 0;
}

bool utf8_is_valid(struct str text)
{
    while (text.size > 0) {
        size_t size = utf8_character_size(text);
        if (size == 0) {
            return false;
        }
        text = str_skip(text, size);
    }
    return true;
}
