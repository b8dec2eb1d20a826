// SPDX-License-Identifier: ISC
/* base/str - a borrowed view of bytes
 *
 * Shape     data may contain NUL and need not end with one; data may be NULL when size is 0
 * Memory    never owned, never freed; lives as long as what it looks at
 * Blocks    never
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    const char *data;
    size_t size;
};

/* The view of a string literal, also as an initialiser of static tables. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_INIT(literal)               \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }
/* For printf: "%.*s", STR_ARG(s). */
#define STR_ARG(s) (int)(s).size, (s).data

struct str str_from(const char *text); /* up to its NUL; NULL gives the empty view */
struct str str_of(const void *data, size_t size);

bool str_equal(struct str a, struct str b);
bool str_equal_fold(struct str a, struct str b); /* ASCII case is ignored */
int str_compare(struct str a, struct str b);     /* total order by unsigned byte, then size */
bool str_starts_with(struct str s, struct str prefix);
bool str_starts_with_fold(struct str s, struct str prefix);
bool str_ends_with(struct str s, struct str suffix);
bool str_ends_with_fold(struct str s, struct str suffix);

bool str_is_ascii(struct str s);

/* Index of the first / last occurrence, or -1. */
ptrdiff_t str_find(struct str s, char byte);
ptrdiff_t str_find_last(struct str s, char byte);
ptrdiff_t str_find_str(struct str s, struct str needle);

/* Both clamp to what is there, so that they cannot reach outside s. */
struct str str_first(struct str s, size_t size); /* the first size bytes */
struct str str_skip(struct str s, size_t size);  /* all after the first size bytes */
struct str str_trim(struct str s);               /* without space and tab at both ends */
struct str str_trim_space(struct str s);         /* the same, also without CR, LF, VT, FF */

/* Takes the part before the next separator out of *rest, and the separator with it; without a
 * separator the part is all of *rest. False when *rest was exhausted before. A text of n
 * separators gives n + 1 parts; the state is kept in rest->data == NULL for "exhausted". */
bool str_next(struct str *rest, char separator, struct str *part);

/* Takes the next non-empty part between any of the separator bytes; false when none is left. */
bool str_next_token(struct str *rest, const char *separators, struct str *part);

/* ASCII only, whatever the locale. */
bool char_is_digit(char c);
bool char_is_alpha(char c);
bool char_is_alnum(char c);
bool char_is_space(char c); /* space, tab, CR, LF, VT, FF */
bool char_is_print(char c); /* 0x20..0x7e */
char char_lower(char c);
char char_upper(char c);

#endif
