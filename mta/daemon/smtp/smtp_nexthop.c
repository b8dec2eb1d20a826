// SPDX-License-Identifier: ISC
#include "smtp/smtp_nexthop.h"

#include "base/err.h"
#include "base/number.h"

static const struct {
    struct str name;
    uint16_t port;
} port_names[] = {
    {STR_INIT("smtp"), 25},         {STR_INIT("smtps"), 465}, {STR_INIT("submission"), 587},
    {STR_INIT("submissions"), 465}, {STR_INIT("lmtp"), 24},
};

int smtp_nexthop_port(struct str text, uint16_t *port)
{
    for (size_t i = 0; i < sizeof(port_names) / sizeof(port_names[0]); i++) {
        if (str_equal(port_names[i].name, text)) {
            *port = port_names[i].port;
            return 0;
        }
    }
    uint64_t number;
    if (number_parse_u64(text, UINT16_MAX, &number) != 0 || number == 0) {
        return -ERR_SYNTAX;
    }
    *port = (uint16_t)number;
    return 0;
}

/* "[host]" in front of *rest: takes it out. */
static bool take_bracketed(struct str *rest, struct str *host)
{
    ptrdiff_t end = str_find(*rest, ']');
    if (end < 0) {
        return false;
    }
    *host = str_skip(str_first(*rest, (size_t)end), 1);
    if (str_starts_with_fold(*host, STR("ipv6:"))) {
        *host = str_skip(*host, 5);
    }
    *rest = str_skip(*rest, (size_t)end + 1);
    return true;
}

static void take_domain(struct str *rest, struct str *host)
{
    ptrdiff_t colon = str_find(*rest, ':');
    *host = colon < 0 ? *rest : str_first(*rest, (size_t)colon);
    *rest = str_skip(*rest, host->size);
}

int smtp_nexthop_parse(struct str text, uint16_t default_port, struct smtp_nexthop *nexthop)
{
    struct str rest = text;
    *nexthop = (struct smtp_nexthop){.text = text, .port = default_port};
    if (!str_starts_with(text, STR("["))) {
        nexthop->looks_up_mx = true;
        take_domain(&rest, &nexthop->host);
    } else if (!take_bracketed(&rest, &nexthop->host)) {
        return -ERR_SYNTAX;
    }
    if (nexthop->host.size == 0) {
        return -ERR_SYNTAX;
    }
    if (rest.size == 0) {
        return 0;
    }
    return rest.data[0] == ':' ? smtp_nexthop_port(str_skip(rest, 1), &nexthop->port) : -ERR_SYNTAX;
}

bool smtp_nexthop_next(struct str *rest, struct str *text)
{
    return str_next_token(rest, ", \t\r\n", text);
}
