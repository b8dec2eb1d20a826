// SPDX-License-Identifier: ISC
#include "base/str.h"

#include <string.h>

struct str str_from(const char *text)
{
    return (struct str){text, text == NULL ? 0 : strlen(text)};
}

struct str str_of(const void *data, size_t size)
{
    return (struct str){data, size};
}

/* ---- comparison ---------------------------------------------------------------------------- */

bool str_equal(struct str a, struct str b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool str_equal_fold(struct str a, struct str b)
{
    if (a.size != b.size) {
        return false;
    }
    for (size_t i = 0; i < a.size; i++) {
        if (char_lower(a.data[i]) != char_lower(b.data[i])) {
            return false;
        }
    }
    return true;
}

int str_compare(struct str a, struct str b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common == 0 ? 0 : memcmp(a.data, b.data, common);

    if (order != 0) {
        return order < 0 ? -1 : 1;
    }
    return a.size == b.size ? 0 : a.size < b.size ? -1 : 1;
}

bool str_starts_with(struct str s, struct str prefix)
{
    return s.size >= prefix.size && str_equal(str_first(s, prefix.size), prefix);
}

bool str_starts_with_fold(struct str s, struct str prefix)
{
    return s.size >= prefix.size && str_equal_fold(str_first(s, prefix.size), prefix);
}

bool str_ends_with(struct str s, struct str suffix)
{
    return s.size >= suffix.size && str_equal(str_skip(s, s.size - suffix.size), suffix);
}

bool str_ends_with_fold(struct str s, struct str suffix)
{
    return s.size >= suffix.size && str_equal_fold(str_skip(s, s.size - suffix.size), suffix);
}

/* ---- search -------------------------------------------------------------------------------- */

bool str_is_ascii(struct str s)
{
    for (size_t i = 0; i < s.size; i++) {
        if ((uint8_t)s.data[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

ptrdiff_t str_find(struct str s, char byte)
{
    const char *found = s.size == 0 ? NULL : memchr(s.data, byte, s.size);

    return found == NULL ? -1 : found - s.data;
}

ptrdiff_t str_find_last(struct str s, char byte)
{
    for (size_t i = s.size; i > 0; i--) {
        if (s.data[i - 1] == byte) {
            return (ptrdiff_t)(i - 1);
        }
    }
    return -1;
}

ptrdiff_t str_find_str(struct str s, struct str needle)
{
    for (size_t i = 0; i + needle.size <= s.size; i++) {
        ptrdiff_t next = needle.size == 0 ? 0 : str_find(str_skip(s, i), needle.data[0]);
        if (next < 0) {
            return -1;
        }
        i += (size_t)next;
        if (str_starts_with(str_skip(s, i), needle)) {
            return (ptrdiff_t)i;
        }
    }
    return -1;
}

/* ---- parts --------------------------------------------------------------------------------- */

struct str str_first(struct str s, size_t size)
{
    return str_of(s.data, size < s.size ? size : s.size);
}

struct str str_skip(struct str s, size_t size)
{
    size_t skipped = size < s.size ? size : s.size;

    return str_of(skipped == 0 ? s.data : s.data + skipped, s.size - skipped);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct str trim(struct str s, bool (*is_outside)(char c))
{
    while (s.size > 0 && is_outside(s.data[0])) {
        s = str_skip(s, 1);
    }
    while (s.size > 0 && is_outside(s.data[s.size - 1])) {
        s.size--;
    }
    return s;
}

struct str str_trim(struct str s)
{
    return trim(s, is_blank);
}

struct str str_trim_space(struct str s)
{
    return trim(s, char_is_space);
}

bool str_next(struct str *rest, char separator, struct str *part)
{
    if (rest->data == NULL) {
        return false;
    }
    ptrdiff_t end = str_find(*rest, separator);
    if (end < 0) {
        *part = *rest;
        *rest = str_of(NULL, 0);
        return true;
    }
    *part = str_first(*rest, (size_t)end);
    *rest = str_skip(*rest, (size_t)end + 1);
    return true;
}

/* Sets are of a few bytes: a loop is done before a call of memchr() would be. */
static bool is_one_of(const char *set, char c)
{
    while (*set != '\0' && *set != c) {
        set++;
    }
    return *set != '\0';
}

bool str_next_token(struct str *rest, const char *separators, struct str *part)
{
    size_t begin = 0;
    while (begin < rest->size && is_one_of(separators, rest->data[begin])) {
        begin++;
    }
    size_t end = begin;
    while (end < rest->size && !is_one_of(separators, rest->data[end])) {
        end++;
    }
    *part = str_skip(str_first(*rest, end), begin);
    *rest = str_skip(*rest, end);
    return end > begin;
}

/* ---- bytes --------------------------------------------------------------------------------- */

bool char_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool char_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool char_is_alnum(char c)
{
    return char_is_digit(c) || char_is_alpha(c);
}

bool char_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool char_is_print(char c)
{
    return c >= 0x20 && c <= 0x7e;
}

char char_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

char char_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}
