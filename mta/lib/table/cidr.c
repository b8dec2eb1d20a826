// SPDX-License-Identifier: ISC
#include "table/cidr.h"

#include <string.h>

#include "base/number.h"

static unsigned family_bits(enum sys_family family)
{
    return family == SYS_FAMILY_IPV4 ? 32 : 128;
}

/* The first count bits of ip, the others 0. */
static void keep_bits(const uint8_t ip[16], unsigned count, uint8_t kept[16])
{
    memset(kept, 0, 16);
    memcpy(kept, ip, count / 8);
    if (count % 8 != 0) {
        kept[count / 8] = (uint8_t)(ip[count / 8] & (0xff00 >> (count % 8)));
    }
}

static struct str strip_brackets(struct str text)
{
    bool has_both = text.size >= 2 && text.data[0] == '[' && text.data[text.size - 1] == ']';
    return has_both ? str_of(text.data + 1, text.size - 2) : text;
}

int cidr_parse(struct str text, struct cidr *cidr)
{
    struct str bits_text = text;
    struct str address;
    if (!str_next(&bits_text, '/', &address)) {
        return -ERR_SYNTAX;
    }
    int error = sys_address_parse(strip_brackets(address), 0, &cidr->network);
    if (error != 0) {
        return error;
    }
    uint64_t bits = family_bits(cidr->network.family);
    if (bits_text.data != NULL && number_parse_u64(bits_text, bits, &bits) != 0) {
        return -ERR_SYNTAX;
    }
    cidr->bits = (unsigned)bits;
    uint8_t kept[16];
    keep_bits(cidr->network.ip, cidr->bits, kept);
    return memcmp(kept, cidr->network.ip, sizeof(kept)) == 0 ? 0 : -ERR_SYNTAX;
}

bool cidr_contains(const struct cidr *cidr, const struct sys_address *address)
{
    if (address->family != cidr->network.family) {
        return false;
    }
    uint8_t kept[16];
    keep_bits(address->ip, cidr->bits, kept);
    return memcmp(kept, cidr->network.ip, sizeof(kept)) == 0;
}
