// SPDX-License-Identifier: ISC
#include "proto/enhanced_status.h"

#include <stdio.h>

#include "base/err.h"

/* Takes one to three digits. */
static bool take_number(struct str *rest, uint16_t *number)
{
    unsigned sum = 0;
    size_t size = 0;

    while (size < rest->size && char_is_digit(rest->data[size])) {
        sum = sum * 10 + (unsigned)(rest->data[size] - '0');
        size++;
        if (size > 3) {
            return false;
        }
    }
    *rest = str_skip(*rest, size);
    *number = (uint16_t)sum;
    return size > 0;
}

static bool take_dot(struct str *rest)
{
    if (rest->size == 0 || rest->data[0] != '.') {
        return false;
    }
    *rest = str_skip(*rest, 1);
    return true;
}

size_t enhanced_status_parse_prefix(struct str text, struct enhanced_status *status)
{
    struct enhanced_status found;
    struct str rest = text;

    if (!take_number(&rest, &found.class) || !take_dot(&rest) ||
        !take_number(&rest, &found.subject) || !take_dot(&rest) ||
        !take_number(&rest, &found.detail)) {
        return 0;
    }
    if (found.class != 2 && found.class != 4 && found.class != 5) {
        return 0;
    }
    if (rest.size > 0 && !char_is_space(rest.data[0])) {
        return 0;
    }
    *status = found;
    return text.size - rest.size;
}

int enhanced_status_parse(struct str text, struct enhanced_status *status)
{
    struct enhanced_status found;

    if (text.size == 0 || enhanced_status_parse_prefix(text, &found) != text.size) {
        return -ERR_SYNTAX;
    }
    *status = found;
    return 0;
}

const char *enhanced_status_text(struct enhanced_status status,
                                 char text[ENHANCED_STATUS_TEXT_SIZE])
{
    text[0] = '\0';
    if (status.class != 0) {
        (void)snprintf(text, ENHANCED_STATUS_TEXT_SIZE, "%u.%u.%u", status.class % 10u,
                       status.subject % 1000u, status.detail % 1000u);
    }
    return text;
}
