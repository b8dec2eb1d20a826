// SPDX-License-Identifier: ISC
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "sys/net.h"

enum { WORD_COUNT = 8, WORD_DIGITS_MAX = 4, BYTE_DIGITS_MAX = 3 };

/* ---- to text: RFC 5952 ------------------------------------------------------------------------ */

static unsigned word_at(const uint8_t ip[16], int index)
{
    return (unsigned)ip[2 * index] << 8 | ip[2 * index + 1];
}

/* The first longest run of two or more zero words, which "::" stands for; count 0 when none. */
static void find_zeros(const uint8_t ip[16], int *start, int *count)
{
    int run = 0;
    *start = 0;
    *count = 0;
    for (int i = 0; i < WORD_COUNT; i++) {
        run = word_at(ip, i) == 0 ? run + 1 : 0;
        if (run > *count) {
            *count = run;
            *start = i + 1 - run;
        }
    }
    if (*count < 2) {
        *count = 0;
    }
}

static void ipv4_text(const uint8_t ip[4], char *text, size_t size)
{
    (void)snprintf(text, size, "%u.%u.%u.%u", ip[0], ip[1], ip[2], ip[3]);
}

static bool is_mapped_ipv4(const uint8_t ip[16])
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(ip, prefix, sizeof(prefix)) == 0;
}

static void ipv6_text(const uint8_t ip[16], char text[SYS_ADDRESS_TEXT_MAX])
{
    int zeros_start;
    int zeros_count;
    size_t size = 0;
    find_zeros(ip, &zeros_start, &zeros_count);
    for (int i = 0; i < WORD_COUNT; i++) {
        if (zeros_count > 0 && i == zeros_start) {
            size += (size_t)snprintf(text + size, SYS_ADDRESS_TEXT_MAX - size, "::");
            i += zeros_count - 1;
            continue;
        }
        const char *colon = size == 0 || text[size - 1] == ':' ? "" : ":";
        size += (size_t)snprintf(text + size, SYS_ADDRESS_TEXT_MAX - size, "%s%x", colon,
                                 word_at(ip, i));
    }
}

const char *sys_address_text(const struct sys_address *address, char text[SYS_ADDRESS_TEXT_MAX])
{
    static const char mapped[] = "::ffff:";
    switch (address->family) {
    case SYS_FAMILY_NONE:
        text[0] = '\0';
        break;
    case SYS_FAMILY_IPV4:
        ipv4_text(address->ip, text, SYS_ADDRESS_TEXT_MAX);
        break;
    case SYS_FAMILY_IPV6:
        if (is_mapped_ipv4(address->ip)) {
            memcpy(text, mapped, sizeof(mapped));
            ipv4_text(address->ip + 12, text + sizeof(mapped) - 1, SYS_ADDRESS_TEXT_MAX / 2);
        } else {
            ipv6_text(address->ip, text);
        }
        break;
    case SYS_FAMILY_UNIX:
        (void)snprintf(text, SYS_ADDRESS_TEXT_MAX, "%s", address->path);
        break;
    }
    return text;
}

/* ---- from text -------------------------------------------------------------------------------- */

/* A decimal byte without leading zeros, which some read as octal. */
static int parse_byte(struct str text, uint8_t *byte)
{
    uint64_t value;
    if (text.size > BYTE_DIGITS_MAX || (text.size > 1 && text.data[0] == '0')) {
        return -ERR_SYNTAX;
    }
    if (number_parse_u64(text, UINT8_MAX, &value) != 0) {
        return -ERR_SYNTAX;
    }
    *byte = (uint8_t)value;
    return 0;
}

static int parse_ipv4(struct str text, uint8_t ip[4])
{
    struct str part;
    int count = 0;
    while (str_next(&text, '.', &part)) {
        if (count == 4 || parse_byte(part, &ip[count]) != 0) {
            return -ERR_SYNTAX;
        }
        count++;
    }
    return count == 4 ? 0 : -ERR_SYNTAX;
}

/* Colon-separated words, the last two perhaps written as IPv4: how many words, or an error. */
static int parse_words(struct str text, uint8_t ip[16])
{
    struct str part;
    int count = 0;
    while (text.size > 0 && str_next(&text, ':', &part)) {
        uint64_t word;
        bool last = text.data == NULL;
        if (last && count <= WORD_COUNT - 2 && parse_ipv4(part, ip + 2 * count) == 0) {
            return count + 2;
        }
        if (count == WORD_COUNT || part.size > WORD_DIGITS_MAX ||
            number_parse_hex(part, UINT16_MAX, &word) != 0 || (!last && text.size == 0)) {
            return -ERR_SYNTAX;
        }
        ip[2 * count] = (uint8_t)(word >> 8);
        ip[2 * count + 1] = (uint8_t)word;
        count++;
    }
    return count;
}

/* "::" stands for at least one zero word between what is left and right of it. */
static int parse_ipv6(struct str text, uint8_t ip[16])
{
    uint8_t right[16] = {0};
    ptrdiff_t gap = str_find_str(text, STR("::"));
    if (gap < 0) {
        return parse_words(text, ip) == WORD_COUNT ? 0 : -ERR_SYNTAX;
    }
    struct str after = str_skip(text, (size_t)gap + 2);
    struct str before = str_first(text, (size_t)gap);
    int left_count = parse_words(before, ip);
    int right_count = parse_words(after, right);
    bool ipv4_on_left = str_find(before, '.') >= 0;
    if (left_count < 0 || right_count < 0 || left_count + right_count >= WORD_COUNT ||
        ipv4_on_left) {
        return -ERR_SYNTAX;
    }
    memcpy(ip + 16 - 2 * right_count, right, 2 * (size_t)right_count);
    return 0;
}

int sys_address_parse(struct str text, uint16_t port, struct sys_address *address)
{
    bool is_ipv6 = str_find(text, ':') >= 0;
    struct sys_address parsed = {.family = is_ipv6 ? SYS_FAMILY_IPV6 : SYS_FAMILY_IPV4,
                                 .port = port};
    int error = is_ipv6 ? parse_ipv6(text, parsed.ip) : parse_ipv4(text, parsed.ip);
    if (error == 0) {
        *address = parsed;
    }
    return error;
}

int sys_address_unix(struct str path, struct sys_address *address)
{
    if (path.size == 0 || memchr(path.data, '\0', path.size) != NULL) {
        return -ERR_INVALID;
    }
    if (path.size >= SYS_UNIX_PATH_MAX) {
        return -ERR_NAME_TOO_LONG;
    }
    memset(address, 0, sizeof(*address));
    address->family = SYS_FAMILY_UNIX;
    memcpy(address->path, path.data, path.size);
    return 0;
}

bool sys_address_equal_ip(const struct sys_address *a, const struct sys_address *b)
{
    return a->family == b->family && memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}
