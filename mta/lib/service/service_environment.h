// SPDX-License-Identifier: ISC
/* service/service_environment - what programs of this system find in their environment
 *
 * Shape     MAIL_CONFIG, GENERATION when there is one, and what import_environment names:
 *           name=value as it is, or the name of a variable that this process has
 * Limits    SERVICE_ENVIRONMENT_MAX variables; import_environment's further items are -ERR_LIMIT
 * Memory    everything in the arena given
 * Blocks    never
 */
#ifndef SERVICE_SERVICE_ENVIRONMENT_H
#define SERVICE_SERVICE_ENVIRONMENT_H

#include "base/arena.h"
#include "conf/conf.h"
#include "sys/sys.h"

enum { SERVICE_ENVIRONMENT_MAX = 200 };

/* *environment ends with NULL, as sys_spawn() wants it. generation 0: none. Instant. */
MUST_USE int service_environment(struct sys *sys, const struct conf *conf, const char *directory,
                                 uint32_t generation, struct arena *arena,
                                 const char *const **environment);

#endif
