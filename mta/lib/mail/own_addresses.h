// SPDX-License-Identifier: ISC
/* mail/own_addresses - the addresses that mean this machine: inet_interfaces, proxy_interfaces
 *
 * Errors    as table/match_list
 * Memory    the list hangs on the process's heap, until match_list_close()
 * Blocks    for files named in proxy_interfaces
 */
#ifndef MAIL_OWN_ADDRESSES_H
#define MAIL_OWN_ADDRESSES_H

#include "conf/conf.h"
#include "table/match_list.h"

/* A list to be asked with match_list_has_address(). */
MUST_USE int own_addresses_open(struct sys *sys, const struct conf *conf, struct match_list **list,
                                char why[TABLE_WHY_MAX]);

#endif
