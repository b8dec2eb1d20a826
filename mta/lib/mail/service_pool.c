// SPDX-License-Identifier: ISC
#include "mail/service_pool.h"

#include "conf/service_path.h"

void service_pool_init(struct ipc_pool *pool, struct sys *sys, const struct conf *conf,
                       enum conf_param name, const struct ipc_service *service)
{
    struct service_path path = service_path(conf, name);
    struct ipc_service named = *service;
    named.path = path.text;
    if (named.timeout_ns == 0) {
        named.timeout_ns = conf_time_ns(conf, CONF_ipc_timeout);
    }
    ipc_pool_init(pool, sys, &named);
}
