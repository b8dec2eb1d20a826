// SPDX-License-Identifier: ISC
/* service/service_arguments - what master tells a daemon on its command line
 *
 * Grammar   FILE -n NAME -t TRANSPORT [-u] [-R] [-l SESSIONS] [-s LISTENERS] [-v]...
 *           [-o NAME=VALUE]... [ARGUMENT]...
 *           options end at the first argument that does not begin with "-", or behind "--"
 * Limits    SERVICE_OVERRIDES_MAX times -o, SERVICE_LISTENERS_MAX listeners
 * Errors    SYNTAX with `complaint` set; LIMIT for too many -o
 * Memory    all texts point into argv
 * Blocks    never
 */
#ifndef SERVICE_SERVICE_ARGUMENTS_H
#define SERVICE_SERVICE_ARGUMENTS_H

#include <stdbool.h>

#include "base/attribute.h"

enum { SERVICE_OVERRIDES_MAX = 100, SERVICE_LISTENERS_MAX = 64, SERVICE_SESSIONS_MAX = 1000000 };

struct service_arguments {
    const char *name;
    const char *transport;
    bool unprivileged; /* drop to mail_owner */
    bool chroot;       /* queue_directory becomes the root */
    int sessions_max;  /* 0 = no limit */
    int listener_count;
    int verbose_count;
    const char *overrides[SERVICE_OVERRIDES_MAX]; /* name=value */
    int override_count;
    char *const *rest;
    int rest_count;
    const char *complaint; /* what is wrong, for a log line */
};

MUST_USE int service_arguments_parse(struct service_arguments *arguments, int argc, char **argv);

#endif
