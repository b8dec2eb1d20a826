// SPDX-License-Identifier: ISC
/* conf/service_path - where the services that main.cf names listen
 *
 * Shape     "public/NAME" or "private/NAME" below the queue directory, where NAME is the value of
 *           a parameter *_service_name
 * Limits    SYS_UNIX_PATH_MAX; a longer path is cut off, and nobody can listen there
 * Blocks    never
 */
#ifndef CONF_SERVICE_PATH_H
#define CONF_SERVICE_PATH_H

#include "conf/conf.h"
#include "sys/net.h"

struct service_path {
    char text[SYS_UNIX_PATH_MAX];
};

/* CONF_cleanup_service_name and such. */
struct service_path service_path(const struct conf *conf, enum conf_param name);

#endif
