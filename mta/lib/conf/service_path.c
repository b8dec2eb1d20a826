// SPDX-License-Identifier: ISC
#include "conf/service_path.h"

#include <stdio.h>

/* Sockets that local users' commands may reach lie in public/, all others in private/. */
static bool is_public(enum conf_param name)
{
    static const enum conf_param names[] = {
        CONF_cleanup_service_name, CONF_flush_service_name, CONF_pickup_service_name,
        CONF_postlog_service_name, CONF_queue_service_name, CONF_showq_service_name,
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i] == name) {
            return true;
        }
    }
    return false;
}

struct service_path service_path(const struct conf *conf, enum conf_param name)
{
    struct service_path path;
    snprintf(path.text, sizeof(path.text), "%s/%s", is_public(name) ? "public" : "private",
             conf_text(conf, name).data);
    return path;
}
