// SPDX-License-Identifier: ISC
/* smtpd/smtpd_resolve - what the rewrite service says of a recipient, remembered for a while
 *
 * A resolver asks private/rewrite and keeps good answers for SMTPD_RESOLVE_NS, so that a busy
 * recipient costs no conversation for each message. A reload of the configuration starts new
 * processes, which remember nothing.
 *
 * Limits    the SMTPD_RESOLVE_MAX newest answers
 * Errors    those of ipc_resolve(); a reply other than IPC_OK is not kept
 * Memory    on the process's heap; a reply's text lives in the caller's arena
 * Blocks    the question, for the service
 */
#ifndef SMTPD_SMTPD_RESOLVE_H
#define SMTPD_SMTPD_RESOLVE_H

#include "base/map.h"
#include "conf/conf.h"
#include "ipc/ipc.h"

enum { SMTPD_RESOLVE_MAX = 1000 };

#define SMTPD_RESOLVE_NS (30 * SYS_SECOND_NS)

struct smtpd_resolver {
    struct sys *sys;
    struct ipc_pool rewrite;
    struct map answers; /* of sender and recipient; oldest first */
};

void smtpd_resolver_init(struct smtpd_resolver *resolver, struct sys *sys, const struct conf *conf);
void smtpd_resolver_done(struct smtpd_resolver *resolver);

MUST_USE int smtpd_resolve(struct smtpd_resolver *resolver, struct arena *arena,
                           const struct ipc_resolve_request *request,
                           struct ipc_resolve_reply *reply);

#endif
