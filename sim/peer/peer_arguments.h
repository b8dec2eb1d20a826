// SPDX-License-Identifier: ISC
/* sim/peer/peer_arguments - the command line that all peers share
 *
 *     NAME -z WALL_NS [-a IP]... [-p PORT] [-o OPTION=VALUE]... [--] LINE...
 *
 *     -z   wall time of time 0 of the scenario
 *     -a   an address to serve, or of the server to talk to
 *     -p   its port
 *     -o   what only some peers know
 *
 * The lines are the peer's script: rules, zones, recipients.
 *
 * Blocks    never
 */
#ifndef PEER_PEER_ARGUMENTS_H
#define PEER_PEER_ARGUMENTS_H

#include "sys/net.h"
#include "sys/sys.h"

enum { PEER_ADDRESSES_MAX = 64, PEER_OPTIONS_MAX = 24 };

struct peer_option {
    struct str name;
    struct str value;
};

struct peer_arguments {
    struct str name;
    int64_t zero_wall_ns;
    struct sys_address addresses[PEER_ADDRESSES_MAX];
    int address_count;
    struct peer_option options[PEER_OPTIONS_MAX];
    int option_count;
    char *const *lines;
    int line_count;
};

/* Ends the process with status 2 after a word on standard error when they are wrong. */
void peer_arguments_parse(struct sys *sys, int argc, char *const *argv, uint16_t default_port,
                          struct peer_arguments *arguments);

/* The value of an option, or the empty view. */
struct str peer_arguments_option(const struct peer_arguments *arguments, const char *name);

/* Now, in nanoseconds after time 0 of the scenario. Instant. */
int64_t peer_now_ns(struct sys *sys, const struct peer_arguments *arguments);
/* The deadline of a time of the scenario, by the clock of this process. Instant. */
int64_t peer_deadline(struct sys *sys, const struct peer_arguments *arguments, int64_t time_ns);

#endif
