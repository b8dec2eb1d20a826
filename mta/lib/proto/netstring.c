// SPDX-License-Identifier: ISC
#include "proto/netstring.h"

enum parse netstring_parse_head(struct str input, size_t content_bytes_max, size_t *content_bytes,
                                size_t *used_bytes)
{
    size_t sum = 0;
    size_t i = 0;

    for (; i < input.size && char_is_digit(input.data[i]); i++) {
        size_t digit = (size_t)(input.data[i] - '0');
        if (i > 0 && sum == 0) {
            return PARSE_BAD; /* a zero in front */
        }
        if (digit > content_bytes_max || sum > (content_bytes_max - digit) / 10) {
            return PARSE_BAD;
        }
        sum = sum * 10 + digit;
    }
    if (i == input.size) {
        return PARSE_MORE;
    }
    if (i == 0 || input.data[i] != ':') {
        return PARSE_BAD;
    }
    *content_bytes = sum;
    *used_bytes = i + 1;
    return PARSE_OK;
}

enum parse netstring_parse(struct str input, size_t content_bytes_max, struct str *content,
                           size_t *used_bytes)
{
    size_t content_bytes = 0;
    size_t head_bytes = 0;
    enum parse parse = netstring_parse_head(input, content_bytes_max, &content_bytes, &head_bytes);

    if (parse != PARSE_OK) {
        return parse;
    }
    struct str rest = str_skip(input, head_bytes);
    if (rest.size <= content_bytes) {
        return PARSE_MORE;
    }
    if (rest.data[content_bytes] != ',') {
        return PARSE_BAD;
    }
    *content = str_first(rest, content_bytes);
    *used_bytes = head_bytes + content_bytes + 1;
    return PARSE_OK;
}

void netstring_write_head(struct buf *out, size_t content_bytes)
{
    buf_putf(out, "%zu:", content_bytes);
}

void netstring_write(struct buf *out, struct str content)
{
    netstring_write_head(out, content.size);
    buf_put(out, content);
    buf_put_char(out, ',');
}
