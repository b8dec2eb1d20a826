// SPDX-License-Identifier: ISC
#include "proto/queue_id.h"

#include <stdio.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/number.h"

enum {
    BASE_TIME = 52,
    BASE_INODE = 51, /* all but the last digit, which is the separator */
    SECONDS_DIGITS_MIN = 6,
    MICROSECONDS_DIGITS = 4,
    SHORT_MICROSECONDS_DIGITS = 5,
};

static const char digits[] = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";

/* ---- writing ------------------------------------------------------------------------------- */

/* Writes value with at least digits_min digits and a NUL; the number of digits. */
static size_t write_number(uint64_t value, unsigned base, size_t digits_min, char *text)
{
    char reversed[16];
    size_t count = 0;

    do {
        reversed[count++] = digits[value % base];
        value /= base;
    } while (value > 0);
    while (count < digits_min) {
        reversed[count++] = digits[0];
    }
    for (size_t i = 0; i < count; i++) {
        text[i] = reversed[count - 1 - i];
    }
    text[count] = '\0';
    return count;
}

static uint64_t seconds_of(int64_t wall_ns)
{
    return wall_ns < 0 ? 0 : (uint64_t)(wall_ns / 1000000000);
}

static uint32_t microseconds_of(int64_t wall_ns)
{
    return wall_ns < 0 ? 0 : (uint32_t)(wall_ns % 1000000000 / 1000);
}

void queue_id_write_long(int64_t wall_ns, uint64_t inode, char id[QUEUE_ID_SIZE])
{
    size_t size = write_number(seconds_of(wall_ns), BASE_TIME, SECONDS_DIGITS_MIN, id);

    size += write_number(microseconds_of(wall_ns), BASE_TIME, MICROSECONDS_DIGITS, id + size);
    id[size++] = digits[BASE_INODE];
    size += write_number(inode, BASE_INODE, 1, id + size);
    assert(size < QUEUE_ID_SIZE);
}

void queue_id_write_short(int64_t wall_ns, uint64_t inode, char id[QUEUE_ID_SIZE])
{
    (void)snprintf(id, QUEUE_ID_SIZE, "%05X%llX", (unsigned)microseconds_of(wall_ns),
                   (unsigned long long)inode);
}

/* ---- reading ------------------------------------------------------------------------------- */

bool queue_id_is_valid(struct str id)
{
    for (size_t i = 0; i < id.size; i++) {
        if (!char_is_alnum(id.data[i]) && id.data[i] != '_') {
            return false;
        }
    }
    return id.size > 0 && id.size <= QUEUE_ID_BYTES_MAX;
}

/* Where the separator of a long id stands, or 0. */
static size_t separator_index(struct str id)
{
    ptrdiff_t index = str_find_last(id, digits[BASE_INODE]);

    return index < SECONDS_DIGITS_MIN + MICROSECONDS_DIGITS ? 0 : (size_t)index;
}

bool queue_id_is_long(struct str id)
{
    return separator_index(id) > 0;
}

static int parse_number(struct str text, unsigned base, uint64_t max, uint64_t *value)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < text.size; i++) {
        ptrdiff_t digit = str_find(str_of(digits, base), text.data[i]);
        if (digit < 0 || (uint64_t)digit > max || sum > (max - (uint64_t)digit) / base) {
            return -ERR_SYNTAX;
        }
        sum = sum * base + (uint64_t)digit;
    }
    *value = sum;
    return text.size > 0 ? 0 : -ERR_SYNTAX;
}

struct long_id {
    struct str seconds;
    struct str microseconds;
    struct str inode;
};

static struct long_id split_long(struct str id, size_t separator)
{
    size_t seconds_size = separator - MICROSECONDS_DIGITS;

    return (struct long_id){
        .seconds = str_first(id, seconds_size),
        .microseconds = str_first(str_skip(id, seconds_size), MICROSECONDS_DIGITS),
        .inode = str_skip(id, separator + 1),
    };
}

static int parse_long(struct long_id id, int64_t *wall_s, uint32_t *microseconds, uint64_t *inode)
{
    uint64_t seconds = 0;
    uint64_t fraction = 0;

    if (parse_number(id.seconds, BASE_TIME, INT64_MAX, &seconds) != 0 ||
        parse_number(id.microseconds, BASE_TIME, 999999, &fraction) != 0 ||
        parse_number(id.inode, BASE_INODE, UINT64_MAX, inode) != 0) {
        return -ERR_SYNTAX;
    }
    *wall_s = (int64_t)seconds;
    *microseconds = (uint32_t)fraction;
    return 0;
}

int queue_id_parse(struct str id, int64_t *wall_s, uint32_t *microseconds, uint64_t *inode)
{
    size_t separator = separator_index(id);
    uint64_t fraction = 0;

    if (separator > 0) {
        return parse_long(split_long(id, separator), wall_s, microseconds, inode);
    }
    if (number_parse_hex(str_first(id, SHORT_MICROSECONDS_DIGITS), 999999, &fraction) != 0 ||
        number_parse_hex(str_skip(id, SHORT_MICROSECONDS_DIGITS), UINT64_MAX, inode) != 0) {
        return -ERR_SYNTAX;
    }
    *wall_s = -1;
    *microseconds = (uint32_t)fraction;
    return 0;
}

/* ---- place in a hashed queue --------------------------------------------------------------- */

/* The digits by which files are put into sub-directories: of a long id they are made here. */
static struct str directory_key(struct str id, char hex[SHORT_MICROSECONDS_DIGITS])
{
    size_t separator = separator_index(id);
    uint64_t microseconds = 0;

    if (separator == 0 || parse_number(split_long(id, separator).microseconds, BASE_TIME, 999999,
                                       &microseconds) != 0) {
        return id;
    }
    for (int i = SHORT_MICROSECONDS_DIGITS; i > 0; i--) {
        hex[i - 1] = "0123456789ABCDEF"[microseconds % 16];
        microseconds /= 16;
    }
    return str_of(hex, SHORT_MICROSECONDS_DIGITS);
}

const char *queue_id_directory(struct str id, int depth, char path[QUEUE_ID_PATH_SIZE])
{
    char hex[SHORT_MICROSECONDS_DIGITS];

    assert(depth >= 0 && depth <= QUEUE_ID_DEPTH_MAX);
    struct str key = depth > 0 ? directory_key(id, hex) : id;
    for (int level = 0; level < depth; level++) {
        path[2 * level] = (size_t)level < key.size ? key.data[level] : '_';
        path[2 * level + 1] = '/';
    }
    path[2 * depth] = '\0';
    return path;
}
