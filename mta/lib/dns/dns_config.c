// SPDX-License-Identifier: ISC
#include "dns/dns_config.h"

#include "base/number.h"

static const char BLANKS[] = " \t\r\f\v";

static void add_server(struct dns_config *config, struct str rest)
{
    struct str text;
    if (config->server_count == DNS_SERVERS_MAX || !str_next_token(&rest, BLANKS, &text)) {
        return;
    }
    struct sys_address *server = &config->servers[config->server_count];
    if (sys_address_parse(text, DNS_PORT, server) == 0) {
        config->server_count++;
    }
}

/* "name:number" with that name: true, and the number cut to 1..max. */
static bool option_number(struct str option, struct str name, uint64_t max, uint64_t *number)
{
    if (!str_starts_with(option, name)) {
        return false;
    }
    int error = number_parse_u64(str_skip(option, name.size), UINT64_MAX, number);
    if (error != 0) {
        return false;
    }
    *number = *number < 1 ? 1 : *number > max ? max : *number;
    return true;
}

static void set_options(struct dns_config *config, struct str rest)
{
    struct str option;
    uint64_t number;
    while (str_next_token(&rest, BLANKS, &option)) {
        if (option_number(option, STR("timeout:"), DNS_TIMEOUT_S_MAX, &number)) {
            config->timeout_ns = (int64_t)number * SYS_SECOND_NS;
        } else if (option_number(option, STR("attempts:"), DNS_ATTEMPTS_MAX, &number)) {
            config->attempts = (int)number;
        }
    }
}

void dns_config_parse(struct str text, struct dns_config *config)
{
    *config = (struct dns_config){.timeout_ns = 5 * SYS_SECOND_NS, .attempts = 2};
    struct str line;
    while (str_next(&text, '\n', &line)) {
        struct str keyword;
        if (!str_next_token(&line, BLANKS, &keyword)) {
            continue;
        }
        if (str_equal(keyword, STR("nameserver"))) {
            add_server(config, line);
        } else if (str_equal(keyword, STR("options"))) {
            set_options(config, line);
        }
    }
    if (config->server_count == 0) {
        add_server(config, STR("127.0.0.1"));
    }
}

bool dns_config_next_host(struct str *rest, struct sys_address *address, struct str *names)
{
    struct str line;
    while (str_next(rest, '\n', &line)) {
        struct str text;
        if (!str_next(&line, '#', names)) {
            continue; /* an empty line */
        }
        if (str_next_token(names, BLANKS, &text) && sys_address_parse(text, 0, address) == 0) {
            return true;
        }
    }
    return false;
}
