// SPDX-License-Identifier: ISC
/* mail/service_pool - connections to a service that main.cf names
 *
 * Blocks    never
 * See       ipc/ipc, conf/service_path
 */
#ifndef MAIL_SERVICE_POOL_H
#define MAIL_SERVICE_POOL_H

#include "conf/conf.h"
#include "ipc/ipc.h"

/* name is CONF_rewrite_service_name and such. Of the service the path is set here, and timeout_ns,
 * when it is 0, from ipc_timeout. ipc_pool_done() ends it. */
void service_pool_init(struct ipc_pool *pool, struct sys *sys, const struct conf *conf,
                       enum conf_param name, const struct ipc_service *service);

#endif
