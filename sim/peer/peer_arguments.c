// SPDX-License-Identifier: ISC
#include "peer/peer_arguments.h"

#include "base/number.h"
#include "sys/clock.h"

enum { STATUS_USAGE = 2 };

NORETURN static void usage(struct sys *sys, const char *sentence)
{
    int error = sys_error_output(sys, str_from(sentence));
    (void)error; /* there is nobody else to tell */
    sys_exit(sys, STATUS_USAGE);
}

static bool take_address(struct peer_arguments *arguments, struct str value)
{
    return arguments->address_count < PEER_ADDRESSES_MAX &&
           sys_address_parse(value, 0, &arguments->addresses[arguments->address_count++]) == 0;
}

static bool take_option(struct peer_arguments *arguments, struct str text)
{
    struct str name;
    if (arguments->option_count == PEER_OPTIONS_MAX || !str_next(&text, '=', &name)) {
        return false;
    }
    arguments->options[arguments->option_count++] = (struct peer_option){name, text};
    return true;
}

static bool take(struct peer_arguments *arguments, char letter, struct str value, uint64_t *port)
{
    switch (letter) {
    case 'z':
        return number_parse_i64(value, INT64_MIN, INT64_MAX, &arguments->zero_wall_ns) == 0;
    case 'a':
        return take_address(arguments, value);
    case 'p':
        return number_parse_u64(value, UINT16_MAX, port) == 0;
    case 'o':
        return take_option(arguments, value);
    default:
        return false;
    }
}

void peer_arguments_parse(struct sys *sys, int argc, char *const *argv, uint16_t default_port,
                          struct peer_arguments *arguments)
{
    if (argc < 2) {
        usage(sys, "a peer needs a name\n");
    }
    *arguments = (struct peer_arguments){.name = str_from(argv[1])};
    uint64_t port = default_port;
    int i = 2;
    for (; i + 1 < argc && argv[i][0] == '-' && argv[i][1] != '-'; i += 2) {
        if (!take(arguments, argv[i][1], str_from(argv[i + 1]), &port)) {
            usage(sys, "a peer's options are -z WALL_NS -a IP -p PORT -o NAME=VALUE\n");
        }
    }
    i += i < argc && str_equal(str_from(argv[i]), STR("--")) ? 1 : 0;
    arguments->lines = argv + i;
    arguments->line_count = argc - i;
    for (int k = 0; k < arguments->address_count; k++) {
        arguments->addresses[k].port = (uint16_t)port;
    }
}

struct str peer_arguments_option(const struct peer_arguments *arguments, const char *name)
{
    for (int i = 0; i < arguments->option_count; i++) {
        if (str_equal(arguments->options[i].name, str_from(name))) {
            return arguments->options[i].value;
        }
    }
    return STR("");
}

int64_t peer_now_ns(struct sys *sys, const struct peer_arguments *arguments)
{
    return sys_wall_ns(sys) - arguments->zero_wall_ns;
}

int64_t peer_deadline(struct sys *sys, const struct peer_arguments *arguments, int64_t time_ns)
{
    return time_ns == INT64_MAX ? SYS_FOREVER
                                : sys_deadline(sys, time_ns - peer_now_ns(sys, arguments));
}
