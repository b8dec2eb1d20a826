// SPDX-License-Identifier: ISC
/* master/master_command - the command line and environment of a child
 *
 * Shape     service/service_arguments.h, service/service_environment.h
 * Limits    MASTER_COMMAND_WORDS_MAX words; further ones are -ERR_LIMIT
 * Memory    everything in the arena given
 * Blocks    never
 */
#ifndef MASTER_MASTER_COMMAND_H
#define MASTER_MASTER_COMMAND_H

#include "base/arena.h"
#include "master/master_service.h"

enum { MASTER_COMMAND_WORDS_MAX = 500 };

struct master_command {
    const char *path;
    const char *const *argv;
    const char *const *environment;
};

/* 0, or -ERR_LIMIT when arena or words do not suffice. */
MUST_USE int master_command_build(struct arena *arena, const struct master_service *service,
                                  int session_count, struct master_command *command);

#endif
