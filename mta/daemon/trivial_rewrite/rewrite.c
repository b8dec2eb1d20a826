// SPDX-License-Identifier: ISC
#include "trivial_rewrite/rewrite.h"

#include "proto/address.h"

static struct str drop_source_route(struct str address)
{
    ptrdiff_t colon = str_find(address, ':');
    bool is_routed = colon >= 0 && address.data[0] == '@';
    return is_routed ? str_skip(address, (size_t)colon + 1) : address;
}

bool rewrite_split_route(const struct rewrite_rules *rules, struct str address,
                         struct str *local_part, struct str *domain)
{
    ptrdiff_t bang = rules->swap_bangpath ? str_find(address, '!') : -1;
    if (bang >= 0) {
        *domain = str_first(address, (size_t)bang);
        *local_part = str_skip(address, (size_t)bang + 1);
        return true;
    }
    ptrdiff_t percent = rules->allow_percent_hack ? str_find_last(address, '%') : -1;
    if (percent >= 0) {
        *local_part = str_first(address, (size_t)percent);
        *domain = str_skip(address, (size_t)percent + 1);
        return true;
    }
    return false;
}

struct str rewrite_trim_domain(struct str domain)
{
    bool has_dot = domain.size > 1 && str_ends_with(domain, STR("."));
    bool has_two = has_dot && domain.data[domain.size - 2] == '.';
    return str_first(domain, domain.size - (has_dot && !has_two));
}

static bool is_short_name(struct str domain)
{
    return domain.size > 0 && domain.data[0] != '[' && str_find(domain, '.') < 0;
}

void rewrite_address(const struct rewrite_rules *rules, struct str address, struct buf *out)
{
    struct address parts = address_split(drop_source_route(address));
    if (parts.domain.data == NULL) {
        struct str whole = parts.local_part;
        if (!rewrite_split_route(rules, whole, &parts.local_part, &parts.domain)) {
            bool is_null = whole.size == 0;
            parts.domain = is_null || rules->origin.size == 0 ? (struct str){0} : rules->origin;
        }
    }
    buf_put(out, parts.local_part);
    if (parts.domain.data == NULL) {
        return;
    }
    buf_put_char(out, '@');
    buf_put(out, rewrite_trim_domain(parts.domain));
    if (is_short_name(parts.domain) && rules->dot_domain.size > 0) {
        buf_put_char(out, '.');
        buf_put(out, rules->dot_domain);
    }
}
