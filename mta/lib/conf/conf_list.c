// SPDX-License-Identifier: ISC
#include "conf/conf_list.h"

static bool is_separator(char c)
{
    return c == ',' || char_is_space(c);
}

/* Bytes up to the next separator outside braces. */
static size_t item_size(struct str text)
{
    int depth = 0;
    size_t size = 0;
    for (; size < text.size; size++) {
        char c = text.data[size];
        if (depth == 0 && is_separator(c)) {
            break;
        }
        depth += (c == '{') - (c == '}' && depth > 0);
    }
    return size;
}

/* True when the brace that item begins with is closed by its last character. */
static bool is_one_brace_pair(struct str item)
{
    int depth = 0;
    for (size_t i = 0; i < item.size; i++) {
        depth += (item.data[i] == '{') - (item.data[i] == '}');
        if (depth == 0) {
            return i > 0 && i + 1 == item.size;
        }
    }
    return false;
}

bool conf_list_next(struct str *rest, struct str *item)
{
    while (rest->size > 0 && is_separator(rest->data[0])) {
        *rest = str_skip(*rest, 1);
    }
    if (rest->size == 0) {
        return false;
    }
    *item = str_first(*rest, item_size(*rest));
    *rest = str_skip(*rest, item->size);
    if (is_one_brace_pair(*item)) {
        *item = str_trim_space(str_of(item->data + 1, item->size - 2));
    }
    return true;
}

bool conf_list_has(struct str list, struct str word)
{
    struct str item;
    while (conf_list_next(&list, &item)) {
        if (str_equal_fold(item, word)) {
            return true;
        }
    }
    return false;
}
