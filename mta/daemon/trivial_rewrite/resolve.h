// SPDX-License-Identifier: ISC
/* trivial_rewrite/resolve - address class, transport and next hop of a recipient
 *
 * The domain decides the class, in this order: local (mydestination and our own addresses in
 * brackets), virtual alias, virtual mailbox, relay, default. The class gives the transport; the
 * next hop is the one of the transport parameter, else, for relay and default, that of
 * sender_dependent_relayhost_maps or relayhost, else the domain. transport_maps may then change
 * both; relocated_maps turn the recipient into an error.
 *
 * An address of ours that is a route (user%host, host!user, a@b before our own domain) is
 * followed; one that still looks like a route then is reported as IPC_RESOLVE_ROUTED. A domain that cannot exist gives
 * IPC_RESOLVE_ERROR, and the error transport.
 *
 * Errors    0; any other: a table did not answer, reply->reason says which
 * Memory    the reply's texts live in the arena given or in the configuration
 * Blocks    for tables
 */
#ifndef TRIVIAL_REWRITE_RESOLVE_H
#define TRIVIAL_REWRITE_RESOLVE_H

#include "base/arena.h"
#include "conf/conf.h"
#include "ipc/messages.h"
#include "log/log.h"
#include "table/match_list.h"
#include "table/table_maps.h"
#include "trivial_rewrite/rewrite.h"

struct resolver {
    struct sys *sys;
    const struct conf *conf;
    struct log *log;
    struct rewrite_rules rules;
    struct match_list *own_addresses;
    struct match_list *mydestination;
    struct match_list *alias_domains;
    struct match_list *mailbox_domains;
    struct match_list *relay_domains;
    struct table_maps *transports;
    struct table_maps *relocated;
    struct table_maps *sender_relayhosts;
    struct table_maps *sender_transports;
};

/* 0, or an error that was logged. */
MUST_USE int resolve_open(struct resolver *resolver, struct sys *sys, const struct conf *conf,
                          struct log *log);
void resolve_close(struct resolver *resolver); /* also after resolve_open() has failed */

/* Fills the reply: status IPC_OK, or IPC_TRY_AGAIN and a reason. */
void resolve_recipient(struct resolver *resolver, struct arena *arena, struct str sender,
                       struct str recipient, struct ipc_resolve_reply *reply);

#endif
